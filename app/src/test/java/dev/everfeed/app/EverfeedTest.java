package dev.everfeed.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.simulator.world.stream.StreamOutcome;
import dev.everfeed.simulator.world.stream.StreamWorld;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// The commands in this process, as the launcher would call them.
@Timeout(120)
class EverfeedTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir
  Path folder;

  private int run(String... arguments) {
    CommandLine line = Everfeed.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  @Test
  void helpNamesEveryCommand() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString())
        .contains(
            "demo",
            "run",
            "doctor",
            "status",
            "decode",
            "fault",
            "heal",
            "simulate",
            "sql",
            "backfill",
            "record",
            "replay");
  }

  @Test
  void anUnknownCommandIsWrongUsage() {
    assertThat(run("dmeo")).isEqualTo(2);
    assertThat(err.toString()).contains("demo");
  }

  @Test
  void aConfigurationWithMistakesIsRefusedWithAllOfThem() throws IOException {
    Path config = folder.resolve("everfeed.yaml");
    Files.writeString(config, "http: {port: 99999}\nsymbols: []\nrefresh: {evry: 1s}\n");
    assertThat(run("run", "--config", config.toString())).isEqualTo(Everfeed.MISCONFIGURED);
    assertThat(err.toString())
        .contains("http.port")
        .contains("99999")
        .contains("symbols")
        .contains("evry")
        .doesNotContain("\tat ");
  }

  @Test
  void aConfigurationThatIsNotThereIsSaidWithoutAStackTrace() {
    assertThat(run("run", "--config", folder.resolve("none.yaml").toString()))
        .isEqualTo(Everfeed.MISCONFIGURED);
    assertThat(err.toString()).contains("none.yaml").doesNotContain("\tat ");
  }

  @Test
  void anAddressOfTheStoreThatIsNoneIsAMistakeToldWithoutThePassword() throws IOException {
    Path config = folder.resolve("everfeed.yaml");
    Files.writeString(config, "store: {url: 'mysql://bob:s3cretPW@127.0.0.1:1/db'}\n");

    assertThat(run("run", "--config", config.toString())).isEqualTo(Everfeed.MISCONFIGURED);
    assertThat(run("sql", "--config", config.toString(), "SELECT 1"))
        .isEqualTo(Everfeed.MISCONFIGURED);
    assertThat(err.toString())
        .contains("store.url", "nothing was started")
        .doesNotContain("s3cretPW")
        .doesNotContain("\tat ");
  }

  @Test
  void sqlWithoutATimeIsWrongUsage() {
    assertThat(run("sql", "--timeout", "0", "SELECT 1")).isEqualTo(2);
    assertThat(err.toString()).contains("at least 1 second");
  }

  @Test
  void aPortInUseIsSaid() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      Path config = folder.resolve("everfeed.yaml");
      Files.writeString(config, """
          http: {port: %d}
          store: {enabled: false}
          symbols: [BTC/USDT]
          sources:
            binance: {base_url: "http://127.0.0.1:9"}
            coingecko: {enabled: false}
            alternative_me: {enabled: false}
          """.formatted(taken.getLocalPort()));
      assertThat(run("run", "--config", config.toString())).isEqualTo(Everfeed.TAKEN);
      assertThat(err.toString()).contains("http.port: " + taken.getLocalPort() + " is in use");
    }
  }

  @Test
  void theDoctorTellsEveryMistakeOfAConfigurationAndLooksAtTheMachineAllTheSame()
      throws IOException {
    Path config = folder.resolve("everfeed.yaml");
    Files.writeString(config, "http: {port: 99999}\nsymbols: []\nrefresh: {evry: 1s}\n");
    assertThat(run("doctor", "--config", config.toString())).isEqualTo(Everfeed.MISCONFIGURED);
    assertThat(out.toString())
        .contains("http.port", "99999", "symbols", "evry", "Java 25", "docs/configuration.md")
        .contains("skipped the rest");
  }

  @Test
  void theDoctorsStatusIsThatOfTheWorstFindingAndJsonHoldsThemAll() throws IOException {
    Path config = folder.resolve("everfeed.yaml");
    String yaml = """
        http: {port: %d, max_connections: 100}
        stream: {zeromq: {enabled: false}}
        store: {enabled: false}
        """;
    Files.writeString(config, yaml.formatted(0));
    assertThat(run("doctor", "--offline", "--config", config.toString())).isZero();
    assertThat(out.toString()).contains("0 fail");
    out.getBuffer().setLength(0);
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      Files.writeString(config, yaml.formatted(taken.getLocalPort()));
      assertThat(run("doctor", "--offline", "--json", "--config", config.toString()))
          .isEqualTo(1);
    }
    JsonNode told = new ObjectMapper().readTree(out.toString());
    assertThat(told.path("status").asText()).isEqualTo("fail");
    assertThat(told.path("findings")).anySatisfy(finding -> {
      assertThat(finding.path("check").asText()).isEqualTo("ports");
      assertThat(finding.path("status").asText()).isEqualTo("fail");
      assertThat(finding.path("message").asText()).contains("is taken by process");
      assertThat(finding.path("remedy").asText()).isNotBlank();
    });
  }

  @Test
  void decodeTellsUndecodableBytesAndWrongUsageByItsStatus() throws IOException {
    Path good = folder.resolve("good.json");
    Files.writeString(good, "[[1546300800000,\"1.5\",\"2.50\",\"1\",\"2\",\"10\",1546387199999]]");
    Path bad = folder.resolve("bad.json");
    Files.writeString(bad, "<html>502</html>");
    assertThat(run(
            "decode",
            "binance",
            "rest_bars",
            good.toString(),
            bad.toString(),
            "--symbol",
            "BTC/USDT",
            "--interval",
            "1d"))
        .isEqualTo(65);
    assertThat(run("decode", "kraken", "rest_bars", good.toString())).isEqualTo(2);
  }

  @Test
  void simulateReplaysOneSeedWithTheSameHash() {
    assertThat(run("simulate", "--seed", "5")).isZero();
    String first = out.toString();
    assertThat(first).contains("trace hash").contains("no invariant broken");
    out.getBuffer().setLength(0);
    assertThat(run("simulate", "--seed", "5")).isZero();
    assertThat(out.toString()).isEqualTo(first);
  }

  @Test
  void simulateRunsARangeAndTracesOneSeed() {
    assertThat(run("simulate", "--seed", "1", "--seeds", "3")).isZero();
    assertThat(out.toString()).contains("3");
    assertThat(run("simulate", "--seed", "1", "--seeds", "0")).isEqualTo(2);
    out.getBuffer().setLength(0);
    assertThat(run("simulate", "--seed", "2", "--trace")).isZero();
    assertThat(out.toString().lines().count()).isGreaterThan(1_000);
  }

  @Test
  void simulateReplaysTheSeedThatAFailureOfThePushSidesWorldNames() {
    StreamOutcome outcome = StreamWorld.seeded(3).run();
    String[] command = outcome.replay().split(" ");
    assertThat(command).startsWith("./everfeed");
    assertThat(run(Arrays.copyOfRange(command, 1, command.length))).isZero();
    assertThat(out.toString())
        .contains("seed 3")
        .contains("trace hash " + outcome.hashText())
        .contains("no invariant broken");
    out.getBuffer().setLength(0);
    assertThat(run("simulate", "--streams", "--seed", "1", "--seeds", "2")).isZero();
    assertThat(out.toString()).contains("2 seeds").contains("0 seeds broke an invariant");
    out.getBuffer().setLength(0);
    assertThat(run("simulate", "--streams", "--seed", "2", "--trace")).isZero();
    assertThat(out.toString().lines().count()).isGreaterThan(1_000);
  }

  @Test
  void aVenuesPortThatCannotBeIsWrongUsageAndATakenOneIsSaid() throws IOException {
    assertThat(run("demo", "--port", "0", "--venues-port", "65535")).isEqualTo(2);
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      int port = Math.min(taken.getLocalPort(), 65_525);
      String given = Integer.toString(port);
      assertThat(run("demo", "--port", "0", "--venues-port", given, "--data", "none"))
          .isEqualTo(Everfeed.TAKEN);
      Matcher said = Pattern.compile(
              "cannot listen on 127.0.0.1 port ([0-9]+): Address already in use")
          .matcher(err.toString());
      assertThat(said.find()).as(err.toString()).isTrue();
      // others may have one of the next
      assertThat(Integer.parseInt(said.group(1))).isBetween(port, port + 10);
      assertThat(err.toString()).doesNotContain("\tat ");
    }
  }

  @Test
  void statusSaysWhenNoHubAnswers() {
    assertThat(run("status", "--url", "http://127.0.0.1:9")).isEqualTo(1);
    assertThat(err.toString()).contains("no hub answers").contains("everfeed demo");
  }

  @Test
  void runServesUntilItIsStopped() throws Exception {
    Path config = folder.resolve("everfeed.yaml");
    Files.writeString(config, """
        http: {port: 0}
        store: {enabled: false}
        symbols: [BTC/USDT]
        sources:
          binance: {base_url: "http://127.0.0.1:9"}
          coingecko: {enabled: false}
          alternative_me: {enabled: false}
        """);
    Thread hub =
        new Thread(() -> run("run", "--config", config.toString(), "--log", "json"), "run");
    hub.start();
    while (hub.getState() != Thread.State.WAITING) { // it waits to be stopped once it is up
      assertThat(hub.isAlive()).as("it said %s", err).isTrue();
      hub.join(20);
    }
    hub.interrupt();
    hub.join(15_000);
    assertThat(hub.isAlive()).isFalse();
  }

  /// The demo in a thread of this process: it is up, can be asked, and ends when it is stopped.
  @Test
  void theDemoSaysWhatToTryAndEndsWhenItIsStopped() throws Exception {
    Thread demo = new Thread(
        () -> run("demo", "--port", "0", "--venues-port", "0", "--data", "none"), "demo");
    demo.start();
    Pattern address = Pattern.compile("open +(http://127\\.0\\.0\\.1:[0-9]+)");
    Matcher said = address.matcher(out.toString());
    while (!said.find()) {
      assertThat(demo.isAlive()).as("the demo goes on; it said %s %s", out, err).isTrue();
      demo.join(50);
      said = address.matcher(out.toString());
    }
    URI hub = URI.create(said.group(1));
    assertThat(run("status", "--url", hub.toString())).isZero();
    assertThat(out.toString()).contains("binance").contains("coingecko").contains("curl");
    String port = Integer.toString(hub.getPort());
    assertThat(run("demo", "--port", port, "--venues-port", "0", "--data", "none"))
        .isEqualTo(Everfeed.TAKEN);

    Matcher console =
        Pattern.compile("(http://127\\.0\\.0\\.1:[0-9]+) +the venues").matcher(out.toString());
    assertThat(console.find()).isTrue();
    assertThat(out.toString()).contains("each with faults of its own: binance_2 binance_3");
    assertThat(run("fault", "binance_3", "silent", "--console", console.group(1)))
        .isZero();
    assertThat(run("fault", "binance", "refuse", "--console", console.group(1))).isZero();
    Pattern left =
        Pattern.compile("failover \\d+-\\d+ .*: executed from binance to binance_2, 4 of 4");
    Pattern taken = Pattern.compile("binance_2 +HEALTHY +hot +2 +4");
    while (!left.matcher(out.toString()).find()
        || !taken.matcher(out.toString()).find()) {
      assertThat(run("status", "--url", hub.toString())).isZero();
      demo.join(100);
    }
    Pattern failed = Pattern.compile("  binance BTC/USDT: (connection|circuit_open): ");
    while (!failed.matcher(out.toString()).find()) {
      assertThat(run("status", "--url", hub.toString())).isZero();
      demo.join(100);
    }

    demo.interrupt();
    demo.join(15_000);
    assertThat(demo.isAlive()).isFalse();
    assertThat(out.toString()).contains("everfeed: stopped");
  }
}
