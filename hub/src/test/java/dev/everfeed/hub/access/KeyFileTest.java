package dev.everfeed.hub.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFileTest {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

  @TempDir
  Path folder;

  private KeyFile file() {
    return new KeyFile(KeyFile.under(folder));
  }

  @Test
  void aKeyIsFoundByItsTextAndNothingOfItIsInTheFile() throws Exception {
    IssuedKey made = file().create("grafana", Role.READER, NOON, null);
    String text = made.text().reveal();

    assertThat(text).hasSize(61).startsWith("everfeed_" + made.kept().id() + "_");
    assertThat(file().read().holder(text)).contains(made.kept());
    String kept = Files.readString(file().path());
    assertThat(kept).contains("grafana", "reader", made.kept().id());
    assertThat(kept).doesNotContain(text, text.substring(text.length() - 43));
    assertThat(made.toString()).doesNotContain(text.substring(text.length() - 43));
  }

  @Test
  void noOtherTextIsAKey() throws Exception {
    String text = file().create("a", Role.ADMIN, NOON, null).text().reveal();
    char last = text.charAt(text.length() - 1);
    List<String> wrong = new ArrayList<>(List.of(
        "",
        "everfeed_",
        text.substring(1),
        text + "x",
        text.toLowerCase(java.util.Locale.ROOT) + "",
        text.substring(0, text.length() - 1) + (last == 'a' ? 'b' : 'a'),
        "everfeed_00000000_" + text.substring(18),
        text.replace("everfeed_", "everfeed\u0000"),
        "x".repeat(10_000_000)));
    wrong.remove(text); // a text without upper case letters would be its own

    for (String each : wrong) {
      assertThat(file().read().holder(each))
          .as(each.length() > 99 ? "long" : each)
          .isEmpty();
    }
  }

  @Test
  void theFileAndItsFolderAreTheOwnersAlone() throws Exception {
    file().create("a", Role.READER, NOON, null);

    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(file().path())))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(
            Files.getPosixFilePermissions(file().path().getParent())))
        .isEqualTo("rwx------");
  }

  /// Who owns the folder had root give it any file.
  @Test
  void noLinkIsFollowedToAFileOfOthers() throws Exception {
    Path victim = Files.writeString(folder.resolve("victim"), "x");
    Files.createDirectories(file().path().getParent());
    Files.createSymbolicLink(
        file().path().resolveSibling(file().path().getFileName() + ".lock"), victim);

    assertThatThrownBy(() -> file().create("a", Role.READER, NOON, null))
        .isInstanceOf(IOException.class);
    assertThat(Files.readString(victim)).isEqualTo("x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r--r--", "rw----r--", "rw--w----", "rw-----w-", "rwxrwxrwx"})
  void aFileThatOthersCanReadOrChangeIsRefusedByName(String permissions) throws Exception {
    file().create("a", Role.READER, NOON, null);
    Files.setPosixFilePermissions(file().path(), PosixFilePermissions.fromString(permissions));

    if (permissions.equals("rw-r--r--") || !permissions.startsWith("rw-r-----")) {
      assertThatThrownBy(() -> file().read())
          .isInstanceOf(AccessException.class)
          .hasMessageContaining(permissions)
          .hasMessageContaining("chmod 600 " + file().path());
    }
    Files.setPosixFilePermissions(file().path(), PosixFilePermissions.fromString("rw-r-----"));
    assertThat(file().read().all()).hasSize(1);
  }

  @Test
  void aRevokedKeyStaysInTheListAndIsGoodNoMore() throws Exception {
    IssuedKey made = file().create("a", Role.READER, NOON, null);

    ApiKey revoked = file().revoke(made.kept().id(), NOON.plusSeconds(9));

    assertThat(revoked.at(NOON.plusSeconds(9))).isEqualTo(ApiKey.State.REVOKED);
    assertThat(file().read().all()).containsExactly(revoked);
    assertThat(file().revoke(made.kept().id(), NOON.plusSeconds(99)).revokedAt())
        .isEqualTo(NOON.plusSeconds(9));
    assertThatThrownBy(() -> file().revoke("nobody00", NOON))
        .isInstanceOf(AccessException.class)
        .hasMessageContaining("no key has the id \"nobody00\"");
  }

  @Test
  void aKeyIsOverAtItsMomentAndNotBefore() throws Exception {
    ApiKey key = file().create("a", Role.READER, NOON, Duration.ofDays(1)).kept();

    assertThat(key.at(NOON.plusSeconds(86_399))).isEqualTo(ApiKey.State.GOOD);
    assertThat(key.at(NOON.plusSeconds(86_400))).isEqualTo(ApiKey.State.EXPIRED);
  }

  @Test
  void rotatingGivesANewKeyOfTheSameRoleAndLetsTheOldOneGoOnForAWhile() throws Exception {
    ApiKey old = file().create("desk", Role.OPERATOR, NOON, Duration.ofDays(90)).kept();
    Instant later = NOON.plus(Duration.ofDays(80));

    IssuedKey made = file().rotate(old.id(), later, Duration.ofDays(1));

    assertThat(made.kept().name()).isEqualTo("desk");
    assertThat(made.kept().role()).isEqualTo(Role.OPERATOR);
    assertThat(made.kept().expiresAt()).isEqualTo(later.plus(Duration.ofDays(90)));
    ApiKey before = file().read().byId(old.id()).orElseThrow();
    assertThat(before.expiresAt()).isEqualTo(later.plus(Duration.ofDays(1)));
    // never longer than it would have been good anyway
    file().rotate(before.id(), later, Duration.ofDays(30));
    assertThat(file().read().byId(old.id()).orElseThrow().expiresAt())
        .isEqualTo(later.plus(Duration.ofDays(1)));
    assertThatThrownBy(() -> file().rotate(old.id(), later.plus(Duration.ofDays(2)), Duration.ZERO))
        .isInstanceOf(AccessException.class)
        .hasMessageContaining("is expired");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":[{}]}",
        "{\"keys\":[]} x",
        "{\"keys\":[{\"id\":\"abcdefgh\",\"name\":\"a\",\"role\":\"root\",\"hash\":\"sha256:00\"}]}"
      })
  void aDamagedFileIsRefusedAndNotTakenForNone(String text) throws Exception {
    Files.createDirectories(file().path().getParent());
    Files.writeString(file().path(), text);
    Files.setPosixFilePermissions(file().path(), PosixFilePermissions.fromString("rw-------"));

    assertThatThrownBy(() -> file().read())
        .isInstanceOf(AccessException.class)
        .hasMessageContaining(file().path().toString());
    assertThatThrownBy(() -> file().create("b", Role.ADMIN, NOON, null))
        .isInstanceOf(AccessException.class);
    assertThat(Files.readString(file().path())).isEqualTo(text);
  }

  @Test
  void aFileOfManyMegabytesIsNotRead() throws Exception {
    Files.createDirectories(file().path().getParent());
    Files.write(file().path(), new byte[(1 << 20) + 1]);
    Files.setPosixFilePermissions(file().path(), PosixFilePermissions.fromString("rw-------"));

    assertThatThrownBy(() -> file().read()).hasMessageContaining("1,048,577");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " a",
        "a\nb",
        "a\"b",
        "0123456789012345678901234567890123456789012345678901234567890"
      })
  void aNameThatWouldNotBeReadableIsRefused(String name) {
    assertThatThrownBy(() -> file().create(name, Role.READER, NOON, null))
        .isInstanceOf(AccessException.class)
        .hasMessageContaining("a key's name must be");
  }

  @Test
  void keysThatAreMadeAtTheSameTimeAreAllKept() throws Exception {
    List<Future<IssuedKey>> making = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 40; i++) {
        String name = "key " + i;
        making.add(threads.submit(() -> file().create(name, Role.READER, NOON, null)));
      }
    }
    ApiKeys all = file().read();
    for (Future<IssuedKey> made : making) {
      assertThat(all.holder(made.get().text().reveal())).isPresent();
    }
    assertThat(all.all()).hasSize(40);
  }

  @Test
  void keysThatAreGoodNoMoreMakeRoomForNewOnes() throws Exception {
    List<ApiKey> many = new ArrayList<>();
    for (int i = 0; i < ApiKeys.MAX; i++) {
      ApiKey key = IssuedKey.make("k" + i, Role.READER, NOON, null).kept();
      many.add(i == 500 ? key.revoked(NOON) : key);
    }
    ApiKeys room = new ApiKeys(many).forgetting(NOON);

    assertThat(room.all()).hasSize(ApiKeys.MAX - 1).doesNotContain(many.get(500));
    many.remove(500);
    many.add(IssuedKey.make("last", Role.READER, NOON, null).kept());
    assertThat(new ApiKeys(many).forgetting(NOON).all()).hasSize(ApiKeys.MAX);
  }

  @Test
  void aFileThatIsNotThereHasNoKeys() throws IOException, AccessException {
    assertThat(file().read().all()).isEmpty();
  }
}
