package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.simulator.venue.Recording;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Klines recorded from Binance go through simulator, adapter, chain and API, and come out digit
/// for digit: the text of every number is compared, not its value.
@Timeout(120)
class RecordedKlinesTest {
  private static final Path RECORDED = Path.of(System.getProperty("everfeed.project"))
      .resolve("../shared/wire/cases/binance/rest_bars")
      .normalize();

  @Test
  void barsEqualTheRecordingDigitForDigit() throws Exception {
    boolean there = Files.isDirectory(RECORDED);
    assertThat(there || System.getenv("CI") == null)
        .as("recorded payloads at %s, which CI must have", RECORDED)
        .isTrue();
    assumeTrue(there, "skipped: no recorded payloads at " + RECORDED);

    assertThat(compare("0006.json", "1h", "BTC/USDT", "BTCUSDT")).isEqualTo(1_000);
    assertThat(compare("0002.json", "1d", "BTC/USDT", "BTCUSDT")).isEqualTo(365);
    assertThat(compare("0012.json", "1d", "ETH/BTC", "ETHBTC")).isEqualTo(366);
  }

  private static int compare(String file, String interval, String symbol, String nativeName)
      throws Exception {
    Path recorded = RECORDED.resolve(file);
    List<List<String>> expected = rows(Files.readString(recorded));
    VenuesConfig config = VenuesConfig.onFreePorts(InstantSource.system())
        .withRecordings(
            "binance",
            List.of(Recording.of(
                "/api/v3/klines", Map.of("symbol", nativeName, "interval", interval), recorded)));
    try (Venues venues = Venues.start(config);
        Hub hub = Hub.start(
            Settings.parse("""
            http: {port: 0}
            stream: {enabled: false}
            store: {enabled: false}
            symbols: [%s]
            sources:
            %s
            refresh: {intervals: []}
            """.formatted(symbol, OwnSources.of(venues, "binance")), Map.of()))) {
      long from = Long.parseLong(expected.getFirst().getFirst());
      List<List<String>> served = bars(
          hub.port(), "symbol=%s&interval=%s&from=%d&limit=1000".formatted(symbol, interval, from));
      assertThat(served).hasSize(expected.size());
      for (int i = 0; i < served.size(); i++) {
        assertThat(served.get(i)).as("bar %d of %s", i, file).isEqualTo(expected.get(i));
      }
      return served.size();
    }
  }

  /// Open time in milliseconds, then the text of open, high, low, close, volume.
  private static List<List<String>> rows(String recorded) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    for (var row : new ObjectMapper().readTree(recorded)) {
      List<String> texts = new ArrayList<>();
      for (int column = 0; column <= 5; column++) {
        texts.add(row.get(column).asText());
      }
      rows.add(texts);
    }
    return rows;
  }

  private static List<List<String>> bars(int port, String query)
      throws IOException, InterruptedException {
    String body;
    try (HttpClient client = HttpClient.newHttpClient()) {
      body = client
          .send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:%d/v1/bars?%s".formatted(port, query)))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
    List<List<String>> bars = new ArrayList<>();
    try (JsonParser json = new ObjectMapper().createParser(body)) {
      while (json.nextToken() != null) {
        if ("bars".equals(json.currentName()) && json.currentToken() == JsonToken.START_ARRAY) {
          while (json.nextToken() == JsonToken.START_OBJECT) {
            bars.add(bar(json));
          }
        }
      }
    }
    assertThat(bars).as("the answer: %.500s", body).isNotEmpty();
    return bars;
  }

  /// The parser's text of a number is what was written, with every zero.
  private static List<String> bar(JsonParser json) throws IOException {
    String[] texts = new String[6];
    List<String> names = List.of("time", "open", "high", "low", "close", "volume");
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      json.nextToken();
      int column = names.indexOf(name);
      if (column == 0) {
        texts[0] = Long.toString(Instant.parse(json.getText()).toEpochMilli());
      } else if (column > 0) {
        texts[column] = json.getText();
      }
    }
    return List.of(texts);
  }
}
