package dev.everfeed.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.runtime.Hub;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// History filled in through a hub that runs, and without one; a real store, simulated venues.
@Timeout(180)
class BackfillCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant TO = Instant.now().truncatedTo(ChronoUnit.HOURS);

  @TempDir
  static Path folder;

  private static Venues venues;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void start() throws IOException {
    venues = Venues.start(VenuesConfig.onFreePorts(InstantSource.system()));
  }

  @AfterAll
  static void stop() throws IOException {
    venues.close();
  }

  private int run(String... arguments) {
    CommandLine line = Everfeed.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  private static String configuration(String data, int port) {
    return """
        http: {port: %d}
        data_dir: "%s"
        symbols: [BTC/USDT]
        sources:
          binance: {base_url: "%s"}
          coingecko: {enabled: false}
          alternative_me: {enabled: false}
          coinbase_exchange: {enabled: false}
          coinbase_advanced: {enabled: false}
          kraken: {enabled: false}
          okx: {enabled: false}
          bybit: {enabled: false}
        refresh: {every: 1h, intervals: []}
        breaker: {open: 1s, open_max: 2s}
        """.formatted(port, folder.resolve(data), venues.baseUrl("binance"));
  }

  private static String file(String data, int port) throws IOException {
    LentPrograms.to(folder.resolve(data));
    Path config = folder.resolve(data + ".yaml");
    Files.writeString(config, configuration(data, port));
    return config.toString();
  }

  private int backfill(String config, int hours, String... more) {
    List<String> arguments = new ArrayList<>(List.of(
        "backfill",
        "--symbol",
        "BTC/USDT",
        "--interval",
        "1m",
        "--from",
        TO.minus(hours, ChronoUnit.HOURS).toString(),
        "--to",
        TO.toString(),
        "--config",
        config));
    arguments.addAll(Arrays.asList(more));
    return run(arguments.toArray(String[]::new));
  }

  @Test
  void withoutAHubTheStoreIsFilledHereAndTheSameAgainHasNothingToAsk() throws Exception {
    String config = file("own", 0);
    assertThat(backfill(config, 50)).as("%s", err).isZero();
    assertThat(out.toString())
        .contains("BTC/USDT 1m from")
        .contains(": done")
        .containsPattern("binance +3,000 +0 +0 +0 +0");
    assertThat(err.toString())
        .contains("no hub runs, so the store is opened here")
        .contains("100.0 %  3,000 of 3,000 intervals, 3,000 bars");

    venues.fault("binance", FaultOrder.of(FaultKind.REFUSE)); // nobody has to be asked
    try {
      assertThat(backfill(config, 50)).isZero();
    } finally {
      venues.heal("binance");
    }
    out.getBuffer().setLength(0);
    assertThat(run("sql", "--config", config, "--csv", "SELECT count(*) FROM ohlcv"))
        .isZero();
    assertThat(out.toString()).contains("3000");
  }

  @Test
  void aHubThatRunsDoesItAndWhatIsMissingDecidesTheStatus() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    String config = file("running", port);
    try (Hub hub = Hub.start(Settings.parse(configuration("running", port), Map.of()))) {
      assertThat(backfill(config, 5)).as("%s", err).isZero();
      assertThat(err.toString()).doesNotContain("no hub runs");
      assertThat(out.toString()).containsPattern("binance +300 +0 +0 +0 +0");
      assertThat(hub.backfills().orElseThrow().all()).hasSize(1);

      assertThat(backfill(config, 5, "--exchange", "binance,krakn")).isEqualTo(1);
      assertThat(out.toString()).contains("krakn        unknown: no exchange of this name");
      assertThat(run(
              "backfill",
              "--symbol",
              "NO/SUCH",
              "--interval",
              "1h",
              "--from",
              "2024-01-01",
              "--to",
              "2024-01-02",
              "--url",
              "http://127.0.0.1:" + port))
          .isEqualTo(1);
      assertThat(out.toString()).contains("binance: does not list NO/SUCH");

      assertThat(run(
              "backfill",
              "--symbol",
              "BTC/USDT",
              "--interval",
              "1h",
              "--from",
              "2024-01-02",
              "--to",
              "2024-01-01",
              "--url",
              "http://127.0.0.1:" + port))
          .isEqualTo(2);
      assertThat(err.toString()).contains("from must be before to");

      // another address, and the same folder
      String other = file("other", 0);
      Files.writeString(Path.of(other), configuration("running", 0));
      assertThat(backfill(other, 5)).isEqualTo(Everfeed.NO_STORAGE);
      assertThat(err.toString()).contains(Long.toString(ProcessHandle.current().pid()));
    }
  }

  @Test
  void whoStopsFollowingIsToldHowToGoOn() throws Exception {
    String config = file("stopped", 0);
    venues.fault("binance", FaultOrder.of(FaultKind.REFUSE));
    int[] status = new int[1];
    Thread following = new Thread(() -> status[0] = backfill(config, 50), "following");
    try {
      following.start();
      while (!err.toString().contains("binance ")) {
        assertThat(following.isAlive()).as("%s", err).isTrue();
        following.join(20);
      }
      following.interrupt();
      following.join(30_000);
    } finally {
      venues.heal("binance");
    }
    assertThat(following.isAlive()).isFalse();
    assertThat(status[0]).isEqualTo(BackfillCommand.INTERRUPTED);
    assertThat(err.toString()).contains("The same command goes on").doesNotContain("\tat ");
  }

  @Test
  void mistakesAreSaidWithTheUsualStatus() throws Exception {
    assertThat(run("backfill", "--symbol", "BTC/USDT")).isEqualTo(2);
    assertThat(run("backfill", "--symbol", "BTC/USDT", "--interval", "7m", "--from", "2024-01-01"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("there are 1s 1m 3m");
    assertThat(run("backfill", "--symbol", "BTC/USDT", "--interval", "1m", "--from", "yesterday"))
        .isEqualTo(2);
    assertThat(run(
            "backfill",
            "--symbol",
            "BTC/USDT",
            "--interval",
            "1m",
            "--from",
            "2024-01-01",
            "--url",
            "http://127.0.0.1:9"))
        .isEqualTo(1);
    assertThat(err.toString()).contains("no hub answers at http://127.0.0.1:9");

    Path config = folder.resolve("nothing.yaml");
    Files.writeString(config, "http: {port: 0}\nstore: {enabled: false}\n");
    assertThat(backfill(config.toString(), 5)).isEqualTo(Everfeed.MISCONFIGURED);
    Files.writeString(config, "http: {prt: 0}\n");
    assertThat(backfill(config.toString(), 5)).isEqualTo(Everfeed.MISCONFIGURED);
    Files.writeString(config, "http: {port: %d}\n".formatted(venues.console().getPort()));
    assertThat(backfill(config.toString(), 5)).isEqualTo(1);
    assertThat(err.toString()).contains("POST /v1/backfills is not known");
  }

  private static JsonNode job(String state, long covered, String reason) throws IOException {
    return JSON.readTree("""
        {"state": "%s", "reason": null, "exchanges": [
          {"exchange": "kraken", "state": "waiting", "reason": %s, "total": 10000,
           "covered": %d, "bars": %d, "report": null}]}""".formatted(state, reason, covered, covered));
  }

  @Test
  void progressTellsShareRateAndTimeLeft() throws Exception {
    BackfillProgress progress = new BackfillProgress();
    progress.lines(job("running", 0, "null"), 0, true);
    assertThat(progress.lines(job("running", 5_000, "\"budget\""), 10_000_000_000L, true))
        .containsExactly("kraken     [############------------]  50.0 %  5,000 of 10,000 intervals,"
            + " 5,000 bars, 500/s, 10 s left; waiting: budget");
    assertThat(progress.lines(job("verifying", 10_000, "null"), 20_000_000_000L, false))
        .containsExactly(
            "kraken     100.0 %  10,000 of 10,000 intervals, 10,000 bars; waiting", "verifying");
    assertThat(BackfillProgress.length(3_700)).isEqualTo("1 h 01 min");
    assertThat(BackfillProgress.length(80)).isEqualTo("1 min 20 s");
  }

  private static BackfillReport report(String state, String... exchanges) throws IOException {
    return new BackfillReport(JSON.readTree("""
        {"symbol": "BTC/USD", "interval": "1m", "from": "a", "to": "b", "state": "%s",
         "reason": null, "exchanges": [%s]}""".formatted(state, String.join(",", exchanges))));
  }

  private static String part(String state, long missing) {
    return """
        {"exchange": "kraken", "state": "%s", "reason": null, "report": {"bars": 1200,
         "no_trades": 1, "venue_has_none": 2, "unavailable": 3, "missing": %d, "gap_count": 2,
         "gaps": [{"from": "c", "to": "d", "intervals": 3, "kind": "unavailable",
                   "reason": "knows only its newest 720"},
                  {"from": "e", "to": "f", "intervals": 1, "kind": "no_trades", "reason": null}]}}
        """.formatted(state, missing);
  }

  @Test
  void theReportIsGoodWhenOnlyThatIsMissingWhichNobodyHas() throws Exception {
    String refused = "{\"exchange\": \"okx\", \"state\": \"refused\", \"reason\": \"none\"}";
    assertThat(report("done", part("done", 0)).isWhole()).isTrue();
    assertThat(report("done", part("done", 0), refused).isWhole()).isTrue();
    assertThat(report("done", part("done", 1)).isWhole()).isFalse();
    assertThat(report("cancelled", part("done", 0)).isWhole()).isFalse();
    assertThat(report("done", refused).isWhole()).isFalse();
    assertThat(
            report("done", part("done", 0), refused.replace("refused", "done")).isWhole())
        .isFalse();

    report("done", part("done", 0), refused).print(new PrintWriter(out, true));
    assertThat(out.toString())
        .containsPattern("kraken +1,200 +1 +2 +3 +0")
        .contains("okx          refused: none")
        .contains("  kraken c to d: 3 unavailable: knows only its newest 720")
        .doesNotContain("e to f");
  }
}
