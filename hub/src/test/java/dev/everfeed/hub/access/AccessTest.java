package dev.everfeed.hub.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.hub.config.ConfigurationException;
import dev.everfeed.hub.config.Settings;
import io.netty.pkitesting.CertificateBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
  private static final Instant NEXT_YEAR = NOON.plus(Duration.ofDays(365));

  @TempDir
  Path folder;

  private Settings settings(String http) {
    return Settings.parse(
        "{data_dir: \"%s\", http: {port: 0, %s}}".formatted(folder, http), Map.of());
  }

  private Access open(String http) {
    return Access.open(settings(http), "everfeed.yaml");
  }

  private String tls(Pem pem) {
    return "tls: {certificate_file: \"%s\", key_file: \"%s\"}".formatted(pem.chain(), pem.key());
  }

  private IssuedKey key(Role role) throws Exception {
    return new KeyFile(KeyFile.under(folder)).create("k", role, NOON, null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "\"::\"", "192.0.2.7"})
  void whereOthersCanReachItNothingStartsWithoutAKey(String host) {
    assertThatThrownBy(() -> open("host: " + host))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("http.host")
        .hasMessageContaining("everfeed keys create")
        .hasMessageContaining(KeyFile.under(folder).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "\"::1\"", "127.8.9.1"})
  void onLoopbackNobodyNeedsAKeyUntilThereIsOne(String host) throws Exception {
    Access access = open("host: " + host);

    assertThat(access.isKeyNeeded()).isFalse();
    assertThat(access.isLocal()).isTrue();
    IssuedKey made = key(Role.READER);
    assertThat(access.holder(made.text().reveal())).isEmpty();
    access.refresh();
    assertThat(access.isKeyNeeded()).isTrue();
    assertThat(access.holder(made.text().reveal())).contains(made.kept());
  }

  @Test
  void onceKeysWereNeededTheyAreEvenWhenTheFileIsGoneOrDamaged() throws Exception {
    IssuedKey made = key(Role.READER);
    Access access = open("host: 127.0.0.1");
    Path file = KeyFile.under(folder);
    String text = Files.readString(file);

    Files.delete(file);
    access.refresh();
    assertThat(access.isKeyNeeded()).isTrue();
    assertThat(access.holder(made.text().reveal())).isPresent();
    assertThat(access.faults(NOON)).singleElement().asString().contains("is gone");

    Files.writeString(file, "half of i");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    access.refresh();
    assertThat(access.holder(made.text().reveal())).isPresent();
    assertThat(access.faults(NOON)).singleElement().asString().contains("is not JSON");

    Files.writeString(file, text);
    access.refresh();
    assertThat(access.faults(NOON)).isEmpty();
  }

  /// It is the very file that was seen before, to the nanosecond.
  @Test
  void aFileThatWasAwayAndIsBackIsNoFaultAnyMore() throws Exception {
    key(Role.READER);
    Access access = open("host: 127.0.0.1");
    Path file = KeyFile.under(folder);

    Files.move(file, folder.resolve("away"));
    access.refresh();
    assertThat(access.faults(NOON)).isNotEmpty();
    Files.move(folder.resolve("away"), file);
    access.refresh();
    assertThat(access.faults(NOON)).isEmpty();
  }

  @Test
  void behindAProxyItIsOthersWhoAskWhereverItListens() throws Exception {
    assertThatThrownBy(() -> open("host: 127.0.0.1, behind_proxy: true"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("behind_proxy");
    key(Role.ADMIN);
    Access access = open("host: 127.0.0.1, behind_proxy: true");
    assertThat(access.isKeyNeeded()).isTrue();
    assertThat(access.isPlain()).isFalse();
  }

  @Test
  void aFileOfKeysThatIsNamedMustHaveSome() {
    assertThatThrownBy(() -> open("keys_file: \"%s\"".formatted(folder.resolve("none.json"))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("would leave everything open");
  }

  @Test
  void aRevokedKeyIsKnownAsRevokedAfterTheNextLook() throws Exception {
    IssuedKey made = key(Role.READER);
    Access access = open("host: 127.0.0.1");

    new KeyFile(KeyFile.under(folder)).revoke(made.kept().id(), NOON);
    access.refresh();

    assertThat(access.key(made.kept().id()).orElseThrow().at(NOON)).isEqualTo(ApiKey.State.REVOKED);
  }

  @Test
  void aKeyFileThatIsOpenToOthersStopsTheStart() throws Exception {
    key(Role.READER);
    Files.setPosixFilePermissions(
        KeyFile.under(folder), PosixFilePermissions.fromString("rw-r--r--"));

    assertThatThrownBy(() -> open("host: 127.0.0.1"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("http.keys_file")
        .hasMessageContaining("rw-r--r--");
  }

  @Test
  void whatIsSentIsPlainWithoutTlsAndWithoutAProxy() throws Exception {
    key(Role.READER);
    Pem pem = Pem.write(folder, "a", NOON, NEXT_YEAR);

    assertThat(open("host: 0.0.0.0").isPlain()).isTrue();
    assertThat(open("host: 0.0.0.0, behind_proxy: true").isPlain()).isFalse();
    assertThat(open("host: 0.0.0.0, " + tls(pem)).isPlain()).isFalse();
    assertThat(open("host: 127.0.0.1").isPlain()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(names = {"ecp256", "ecp384", "rsa2048"})
  void certificatesOfTheUsualKindsAreTaken(CertificateBuilder.Algorithm algorithm)
      throws Exception {
    Pem pem = Pem.write(folder, "a", NOON, NEXT_YEAR, algorithm);

    Certificate shown = Certificate.read(pem.chain(), pem.key());

    assertThat(shown.notAfter()).isEqualTo(NEXT_YEAR);
    assertThat(shown.subject()).isEqualTo("CN=a");
    assertThat(shown.toString()).doesNotContain("PRIVATE");
  }

  /// The server cannot show them.
  @Test
  void certificatesOfOtherKindsAreRefusedByName() throws Exception {
    Pem pem = Pem.write(folder, "a", NOON, NEXT_YEAR, CertificateBuilder.Algorithm.ed25519);

    assertThatThrownBy(() -> Certificate.read(pem.chain(), pem.key()))
        .isInstanceOf(AccessException.class)
        .hasMessageContaining("RSA or an elliptic curve");
  }

  @Test
  void aCertificateAndAKeyThatDoNotBelongTogetherStopTheStart() throws Exception {
    Pem one = Pem.write(folder, "one", NOON, NEXT_YEAR);
    Pem other = Pem.write(folder, "other", NOON, NEXT_YEAR);

    assertThatThrownBy(() -> open(tls(new Pem(one.chain(), other.key(), one.bundle()))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("is not that of the first certificate");
  }

  @Test
  void zeroMqPublishesToOtherMachinesOnlyWithCurve() throws Exception {
    Path own = folder.resolve("own.key");
    CurveKeys made = CurveKeys.make();
    String zeromq = "{data_dir: \"%s\", http: {port: 0}, stream: {zeromq: {host: 0.0.0.0, %%s}}}"
        .formatted(folder);
    assertThatThrownBy(
            () -> Access.open(Settings.parse(zeromq.formatted(""), Map.of()), "everfeed.yaml"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("stream.zeromq.host")
        .hasMessageContaining("keys curve");
    Settings curved = Settings.parse(
        zeromq.formatted(
            "curve: {key_file: '%s', readers: ['%s']}".formatted(own, made.publicKey())),
        Map.of());
    assertThatThrownBy(() -> Access.open(curved, "everfeed.yaml"))
        .hasMessageContaining("there is no such file");
    CurveKeys.make().write(own);
    assertThat(Access.open(curved, "everfeed.yaml").isLocal()).isTrue();
    assertThatThrownBy(() -> CurveKeys.make().write(own)).hasMessageContaining("is there already");
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> Access.open(curved, "everfeed.yaml"))
        .hasMessageContaining("chmod 600");
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(own, "secret");
    assertThatThrownBy(() -> CurveKeys.read(own)).hasMessageContaining("keys curve");
    assertThat(CurveKeys.make().toString()).contains("(secret)");
  }

  @Test
  void whatIsWrongWithTheFilesOfACertificateIsSaid() throws Exception {
    Pem pem = Pem.write(folder, "a", NOON, NEXT_YEAR);
    Path none = folder.resolve("none.pem");
    Path rubbish = Files.writeString(folder.resolve("rubbish.pem"), "not a certificate");

    assertThatThrownBy(() -> Certificate.read(none, pem.key()))
        .hasMessageContaining("no such file");
    assertThatThrownBy(() -> Certificate.read(rubbish, pem.key()))
        .hasMessageContaining("has none that can be read");
    Path old = Files.writeString(
        folder.resolve("old.key"),
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n");
    Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rw-------"));
    assertThatThrownBy(() -> Certificate.read(pem.chain(), old))
        .hasMessageContaining("BEGIN RSA PRIVATE KEY")
        .hasMessageContaining("openssl pkcs8");
    Files.setPosixFilePermissions(pem.key(), PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> Certificate.read(pem.chain(), pem.key()))
        .hasMessageContaining("chmod 600");
  }

  @Test
  void aNewCertificateIsTakenAndABrokenOneIsNot() throws Exception {
    Pem pem = Pem.write(folder, "a", NOON, NEXT_YEAR);
    Access access = open(tls(pem));

    assertThat(access.refresh()).isFalse();
    Instant later = NEXT_YEAR.plus(Duration.ofDays(90));
    Pem other = Pem.write(folder, "b", NOON, later);
    Files.writeString(pem.chain(), Files.readString(other.chain()));
    touch(pem.chain());
    assertThat(access.refresh()).isFalse(); // the key is not there yet
    assertThat(access.certificate().orElseThrow().notAfter()).isEqualTo(NEXT_YEAR);
    assertThat(access.faults(NOON)).singleElement().asString().contains("stays in use");

    Files.writeString(pem.key(), Files.readString(other.key()));
    touch(pem.key());
    assertThat(access.refresh()).isTrue();
    access.notTaken("no");
    assertThat(access.certificate().orElseThrow().notAfter()).isEqualTo(NEXT_YEAR);
    assertThat(access.faults(NOON)).singleElement().asString().contains("cannot be used: no");
    assertThat(access.refresh()).as("offered again").isTrue();
    access.taken();
    assertThat(access.certificate().orElseThrow().notAfter()).isEqualTo(later);
    assertThat(access.faults(NOON)).isEmpty();
    assertThat(access.refresh()).isFalse();
  }

  /// As if it had been written later than the file before it, however fast the test is.
  private static void touch(Path file) throws Exception {
    FileTime was = Files.getLastModifiedTime(file);
    Files.setLastModifiedTime(file, FileTime.from(was.toInstant().plusSeconds(2)));
  }

  @Test
  void aCertificateThatIsOverOrNotYetGoodIsTold() throws Exception {
    Pem pem = Pem.write(folder, "a", NOON, NEXT_YEAR);
    Access access = open(tls(pem));

    assertThat(access.faults(NOON)).isEmpty();
    assertThat(access.faults(NEXT_YEAR)).singleElement().asString().contains("is over since");
    assertThat(access.faults(NOON.minusSeconds(1)))
        .singleElement()
        .asString()
        .contains("begins only at");
  }
}
