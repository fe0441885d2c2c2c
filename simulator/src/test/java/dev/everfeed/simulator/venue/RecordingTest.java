package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Recorded klines over real HTTP, digit for digit.
class RecordingTest {
  private static final String KLINES = "/api/v3/klines";
  private static final Map<String, String> BTC_1H = Map.of("symbol", "BTCUSDT", "interval", "1h");

  @Test
  void recordedRowsComeBackAsTheyWereWritten() throws IOException {
    String recorded =
        Files.readString(WireCases.file("binance/rest_bars/0006.json")).strip();
    String[] rows = recorded.substring(2, recorded.length() - 2).split("\\],\\[");
    assertThat(rows).hasSize(1_000);
    try (Venues venues =
        start(Recording.of(KLINES, BTC_1H, WireCases.file("binance/rest_bars/0006.json")))) {
      URI url = venues.baseUrl("binance");
      String one = KLINES + "?symbol=BTCUSDT&interval=1h";
      assertThat(RawClient.body(url, one + "&startTime=1588280400000&limit=1000"))
          .isEqualTo(recorded);
      assertThat(RawClient.body(url, one + "&startTime=1588284000000&limit=2"))
          .isEqualTo("[[" + rows[1] + "],[" + rows[2] + "]]");
      assertThat(RawClient.body(url, one + "&limit=2"))
          .isEqualTo("[[" + rows[998] + "],[" + rows[999] + "]]");
      assertThat(RawClient.body(url, one + "&startTime=1588280400000&endTime=1588280400000"))
          .isEqualTo("[[" + rows[0] + "]]");
      assertThat(RawClient.body(url, one + "&endTime=1588284000000&limit=1"))
          .isEqualTo("[[" + rows[1] + "]]");
      assertThat(RawClient.body(url, one + "&startTime=1700000000000")).isEqualTo("[]");
      assertThat(RawClient.body(url, one)).startsWith("[[" + rows[500] + "],");
      assertThat(RawClient.get(url, one + "&limit=0")).contains("-1130");
      assertThat(RawClient.body(url, KLINES + "?symbol=ETHUSDT&interval=1h&limit=1"))
          .as("what is not recorded is generated")
          .doesNotContain(rows[999]);
    }
  }

  /// Blanks between the numbers are the recorder's, and stay.
  @Test
  void everyRecordedFileCanBeServed() throws IOException {
    Path folder = WireCases.file("binance/rest_bars/0006.json").resolveSibling("");
    try (var files = Files.list(folder)) {
      List<Path> recorded =
          files.filter(f -> f.toString().matches(".*/[0-9]+\\.json")).sorted().toList();
      assertThat(recorded).hasSizeGreaterThanOrEqualTo(8);
      for (Path file : recorded) {
        Recording recording = Recording.of(KLINES, BTC_1H, file);
        var ask = new Ask(
            KLINES,
            Map.of("symbol", "BTCUSDT", "interval", "1h", "startTime", "0", "limit", "1000"));
        assertThat(recording.matches(ask)).isTrue();
        assertThat(new String(recording.body(ask), StandardCharsets.UTF_8).replace("],[", "], ["))
            .isEqualTo(Files.readString(file).strip().replace("],[", "], ["));
      }
    }
  }

  @Test
  void otherPayloadsAreServedWhole(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("time.json"), "{\"serverTime\": 1}\n");
    try (Venues venues = start(Recording.of("/api/v3/time", Map.of(), file))) {
      assertThat(RawClient.body(venues.baseUrl("binance"), "/api/v3/time"))
          .isEqualTo("{\"serverTime\": 1}\n");
    }
  }

  @Test
  void whatIsNotARecordingIsRefusedAtTheStart(@TempDir Path folder) throws IOException {
    for (String text : List.of("", "[]", "{}", "[[1],[2]", "[[2,1],[1,1]]", "[[\"x\",1]]")) {
      Path file = Files.writeString(folder.resolve("x.json"), text);
      assertThatThrownBy(() -> Recording.of(KLINES, BTC_1H, file))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("x.json");
    }
  }

  private static Venues start(Recording recording) throws IOException {
    return Venues.start(
        VenuesConfig.onFreePorts(new HandClock()).withRecordings("binance", List.of(recording)));
  }
}
