package dev.everfeed.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.hub.access.CurveKeys;
import dev.everfeed.hub.access.KeyFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class KeysCommandTest {
  @TempDir
  Path folder;

  private record Ran(int status, String out, String err) {}

  private Ran keys(String... arguments) {
    CommandLine line = Everfeed.commandLine();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    List<String> all = new ArrayList<>(List.of("keys"));
    all.addAll(List.of(arguments));
    int status = line.execute(all.toArray(new String[0]));
    return new Ran(status, out.toString(), err.toString());
  }

  private Ran here(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of(command, "--data", folder.toString()));
    all.addAll(List.of(arguments));
    return keys(all.toArray(new String[0]));
  }

  @Test
  void aKeyIsPrintedOnceAloneAndLivesInTheListUntilItIsRevoked() throws Exception {
    Ran made = here("create", "--name", "grafana", "--role", "READER", "--good-for", "90d");
    assertThat(made.status()).isZero();
    assertThat(made.out()).matches("everfeed_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}\\R");
    assertThat(made.err()).contains("grafana", "reader", "the only time", "good to ");
    String id = made.out().substring(9, 17);
    assertThat(new KeyFile(KeyFile.under(folder)).read().byId(id)).isPresent();

    Ran listed = here("list");
    assertThat(listed.out()).contains(id, "reader", "good", "grafana", "(1 key in ");
    assertThat(listed.out()).doesNotContain(made.out().substring(18).strip());

    Ran rotated = here("rotate", id, "--overlap", "2h");
    assertThat(rotated.status()).isZero();
    assertThat(rotated.out()).startsWith("everfeed_").isNotEqualTo(made.out());
    assertThat(here("revoke", id).err()).contains("is revoked");
    assertThat(here("list").out()).contains("revoked", "(2 keys in ");
    assertThat(here("rotate", id).status()).isEqualTo(1);
  }

  @Test
  void theConfigurationSaysWhereTheKeysAre() throws Exception {
    Path config = folder.resolve("everfeed.yaml");
    Path file = folder.resolve("elsewhere").resolve("keys.json");
    Files.writeString(config, "http: {keys_file: \"%s\"}".formatted(file));

    Ran made = keys("create", "--config", config.toString(), "--name", "desk", "--role", "admin");

    assertThat(made.status()).isZero();
    assertThat(made.err()).contains("good until it is revoked", file.toString());
    assertThat(file).exists();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "create --name a",
        "create --role reader",
        "create --name a --role root",
        "create --name a --role reader --good-for soon",
        "rotate abcdefgh --overlap never",
        "revoke"
      })
  void wrongUsageIsTwoAndMakesNothing(String line) {
    List<String> arguments = new ArrayList<>(line.isEmpty() ? List.of() : List.of(line.split(" ")));
    if (!arguments.isEmpty()) {
      arguments.addAll(List.of("--data", folder.toString()));
    }
    assertThat(keys(arguments.toArray(new String[0])).status()).isEqualTo(2);
    assertThat(KeyFile.under(folder)).doesNotExist();
  }

  @Test
  void whatCannotBeDoneIsSaidAndIsOne() throws Exception {
    assertThat(here("revoke", "nobody00").err()).contains("no key has the id");
    assertThat(here("create", "--name", "a\"b", "--role", "reader").status()).isEqualTo(1);
    Path inTheWay = Files.writeString(folder.resolve("file"), "x");
    Ran blocked = keys("create", "--data", inTheWay.toString(), "--name", "a", "--role", "reader");
    assertThat(blocked.status()).isEqualTo(1);
    assertThat(blocked.err()).contains(inTheWay.toString());
  }

  @Test
  void aPairForCurveIsWrittenOnceAndItsPublicHalfPrinted() throws Exception {
    Path file = folder.resolve("hub.curve");
    Ran made = keys("curve", file.toString());
    assertThat(made.status()).isZero();
    assertThat(made.out().strip()).isEqualTo(CurveKeys.read(file).publicKey());
    assertThat(keys("curve", file.toString()).err()).contains("is there already");
    assertThat(keys("curve", folder.resolve("no/where").toString()).status()).isEqualTo(1);
  }

  private static List<String> shown(Map<String, String> environment) throws IOException {
    return HubKey.shownBy(HttpRequest.newBuilder(URI.create("http://localhost")), environment)
        .build()
        .headers()
        .allValues("authorization");
  }

  @Test
  void commandsShowTheKeyOfTheEnvironmentOrOfAFile() throws Exception {
    Path file = Files.writeString(folder.resolve("key"), "everfeed_b\n");
    assertThat(shown(Map.of())).isEmpty();
    assertThat(shown(Map.of(HubKey.VARIABLE, "everfeed_a"))).containsExactly("Bearer everfeed_a");
    assertThat(shown(Map.of(HubKey.FILE, file.toString()))).containsExactly("Bearer everfeed_b");
    assertThatThrownBy(() -> shown(Map.of(HubKey.FILE, folder.resolve("none").toString())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("EVERFEED_API_KEY_FILE");
    assertThatThrownBy(() -> shown(Map.of(HubKey.VARIABLE, "a\r\nb")))
        .isInstanceOf(IOException.class);
  }
}
