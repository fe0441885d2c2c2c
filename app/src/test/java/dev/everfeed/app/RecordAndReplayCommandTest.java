package dev.everfeed.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/// `record` and `replay` in this process, as the launcher would call them.
@Timeout(120)
class RecordAndReplayCommandTest {
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
  void aVenueIsRecordedAndPlayedAgain() throws Exception {
    try (Venues venues = Venues.start(VenuesConfig.onFreePorts(InstantSource.system())
        .withTradesPerSecond(Symbol.of("BTC/USDT"), 100))) {
      String url = venues.baseUrl("binance").toString().replaceFirst("http", "ws") + "/ws";
      String file = folder.resolve("one.ndjson.gz").toString();
      assertThat(run(
              "record",
              "--source",
              "binance",
              "--symbol",
              "BTC/USDT,ETH/USDT",
              "--channel",
              "trade,quote",
              "--url",
              url,
              "--for",
              "3s",
              "--out",
              file))
          .as("it said %s %s", out, err)
          .isZero();
      assertThat(out.toString())
          .contains("Recording trade|BTC/USDT, quote|BTC/USDT, trade|ETH/USDT, quote|ETH/USDT")
          .containsPattern("Recorded [0-9,]+ frames .* over 1 connection; 0 lost")
          .contains("./everfeed replay " + file);

      // The same name again is refused rather than written over.
      assertThat(run(
              "record",
              "--source",
              "binance",
              "--symbol",
              "BTC/USDT",
              "--url",
              url,
              "--for",
              "1s",
              "--out",
              file))
          .isEqualTo(73);
      assertThat(err.toString()).contains("is there already").doesNotContain("\tat ");

      assertThat(run("replay", file, "--speed", "max", "--port", "0", "--exit"))
          .as("it said %s %s", out, err)
          .isZero();
      assertThat(out.toString())
          .contains("Everfeed replays binance-")
          .containsPattern("Replayed [0-9,]+ frames of .* events published, 0 gaps of 0 trades");

      byte[] whole = Files.readAllBytes(Path.of(file));
      Path cut = folder.resolve("cut.ndjson.gz");
      Files.write(cut, java.util.Arrays.copyOf(whole, whole.length - 5));
      assertThat(run("replay", cut.toString(), "--speed", "max", "--port", "0", "--exit"))
          .isEqualTo(1);
      assertThat(err.toString()).contains("cut.ndjson.gz: damaged: the file ends within the block");
    }
  }

  @Test
  void nobodyAtTheAddressIsSaidAndIsNoSuccess() {
    assertThat(run(
            "record",
            "--source",
            "binance",
            "--symbol",
            "BTC/USDT",
            "--url",
            "ws://127.0.0.1:9",
            "--for",
            "500ms",
            "--out",
            folder.resolve("none").toString()))
        .isEqualTo(1);
    assertThat(err.toString()).contains("nothing came from binance");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "record --symbol BTC/USDT; --source",
        "record --source binance; --symbol",
        "record --source coingecko --symbol BTC/USDT; binance, coinbase_exchange",
        "record --source binance --symbol btcusdt; BASE/QUOTE",
        "record --source binance --symbol BTC/USDT --channel book; trade, quote or bar",
        "record --source binance --symbol BTC/USDT --interval 7m; --interval must be one of",
        "record --source coinbase_exchange --symbol BTC/USD --channel bar; quote, trade",
        "record --source binance --symbol BTC/USDT --for 0s; above 0",
        "record --source binance --symbol BTC/USDT --max 1MiB; at least 16MiB",
        "record --source binance --symbol BTC/USDT --max lots; 500MiB",
        "record --source binance --symbol BTC/USDT --url ftp://x; ws://",
        "replay; FILE",
        "replay x --speed 0; must be 0.001 to 1000000",
        "replay x --speed -1; must be 0.001 to 1000000",
        "replay x --speed NaN; must be 0.001 to 1000000",
        "replay x --speed 1e-300; must be 0.001 to 1000000",
        "replay x --speed fast; or max",
        "replay x --wait soon; 500ms",
        "replay no-such-file.ndjson.gz; no-such-file.ndjson.gz does not exist"
      })
  void wrongUsageIsToldWithWhatWouldBeRight(String arguments, String said) {
    assertThat(run(arguments.split(" "))).isEqualTo(2);
    assertThat(err.toString()).contains(said).doesNotContain("\tat ");
  }

  @Test
  void whatCannotBeReplayedIsSaid() throws Exception {
    Path later = Files.writeString(
        folder.resolve("later.ndjson"), "{\"dir\":\"header\",\"everfeed_recording\":9}\n");
    assertThat(run("replay", later.toString(), "--port", "0", "--exit")).isEqualTo(65);
    assertThat(err.toString()).contains("version 9").contains("reads version 1");

    Path notes = Files.writeString(folder.resolve("notes.txt"), "hello\n");
    assertThat(run("replay", notes.toString(), "--port", "0", "--exit")).isEqualTo(65);
    assertThat(err.toString()).contains("notes.txt").doesNotContain("\tat ");
  }
}
