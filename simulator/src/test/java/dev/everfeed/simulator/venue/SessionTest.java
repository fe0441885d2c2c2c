package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Recorded sessions played by the simulated venues, against the recording itself.
@Timeout(30)
class SessionTest {
  private static final String BINANCE = "binance/ws_session/0003.ndjson";
  private static final String COINBASE = "coinbase_exchange/ws_session/0002.ndjson";

  private final HandClock clock = new HandClock();

  @Test
  void aCombinedConnectionGetsEveryFrameAsItWasRecorded() throws IOException {
    List<String> recorded = recorded(BINANCE);
    try (var venues = playing("binance", Session.of(WireCases.file(BINANCE), 0));
        var client = new StreamClient(venues.baseUrl("binance"), "/stream?streams=x@trade")) {
      for (String frame : recorded) {
        assertThat(client.next()).isEqualTo(frame);
      }
    }
  }

  @Test
  void aRawConnectionGetsThemWithoutTheWrapperAfterItsSubscription() throws IOException {
    List<String> recorded = recorded(BINANCE);
    try (var venues = playing("binance", Session.of(WireCases.file(BINANCE), 0));
        var client = new StreamClient(venues.baseUrl("binance"), "/ws")) {
      client.send("{\"method\":\"SUBSCRIBE\",\"params\":[\"lrcbtc@trade\"],\"id\":1}");
      assertThat(client.next()).isEqualTo("{\"result\":null,\"id\":1}");
      for (String frame : recorded) {
        assertThat(client.json()).isEqualTo(Asking.JSON.readTree(frame).get("data"));
      }
    }
  }

  @Test
  void oneFrameCanBeLeftOut() throws IOException {
    List<String> recorded = recorded(COINBASE);
    recorded.remove(99);
    Session session = Session.of(WireCases.file(COINBASE), 0).without(100);
    try (var venues = playing("coinbase_exchange", session);
        var client = new StreamClient(venues.baseUrl("coinbase_exchange"), "/")) {
      client.send(CoinbaseStreamsTest.subscribe("\"matches\"", "\"SKL-USD\""));
      assertThat(client.json().get("type").asText()).isEqualTo("subscriptions");
      for (String frame : recorded) {
        assertThat(client.next()).isEqualTo(frame);
      }
    }
  }

  /// The recording lasts some 40 s; at twice the speed, half of that.
  @Test
  void itIsPlayedAtTheGivenSpeedToEachConnectionFromItsOwnStart() throws IOException {
    Session session = Session.of(WireCases.file(BINANCE), 2);
    long first = session.frames().stream().filter(f -> f.atMillis() <= 4_000).count();
    try (var venues = playing("binance", session);
        var one = new StreamClient(venues.baseUrl("binance"), "/stream?streams=x@trade")) {
      one.next();
      clock.advance(Duration.ofSeconds(2));
      for (int i = 1; i < first; i++) {
        one.next();
      }
      try (var two = new StreamClient(venues.baseUrl("binance"), "/stream?streams=x@trade")) {
        assertThat(two.next()).isEqualTo(session.frames().getFirst().raw());
        assertThat(one.waiting()).isZero();
      }
    }
  }

  /// As the recorder writes it: a line about the recording, and both clocks.
  @Test
  void aPackedRecordingIsASessionToo(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("one.ndjson.gz");
    try (var packed = new GZIPOutputStream(Files.newOutputStream(file))) {
      packed.write("""
          {"dir":"header","everfeed_recording":1,"id":"x","part":1}
          {"dir":"client","t":1795000000.100000001,"mono":1,"c":1,"raw":"{}"}
          {"dir":"server","t":1795000000.200000001,"mono":2,"c":1,"raw":"{\\"result\\":null,\\"id\\":1}"}
          {"dir":"server","t":1795000001.000000001,"mono":3,"c":1,"raw":"one"}
          {"dir":"server","t":1795000001.100000001,"mono":4,"c":1,"base64":"AA=="}
          {"dir":"server","t":1795000001.250000001,"mono":5,"c":1,"raw":"two"}
          """.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(Session.of(file, 1).frames())
        .containsExactly(new Session.Frame(0, "one"), new Session.Frame(250, "two"));
  }

  @Test
  void whatIsNoSessionIsRefused(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("x.ndjson"), "{\"dir\":\"client\"}\n");
    assertThatThrownBy(() -> Session.of(file, 1)).hasMessageContaining("has no line");
    Path broken = Files.writeString(folder.resolve("y.ndjson"), "{\n");
    assertThatThrownBy(() -> Session.of(broken, 1))
        .hasMessageContaining("y.ndjson:1: not a line of a recorded session");
    var session = new Session(List.of(new Session.Frame(0, "{}")), 1);
    assertThatThrownBy(() -> session.without(2)).hasMessageContaining("must be 1 to 1, was 2");
    assertThatThrownBy(() -> playing("coingecko", session)).hasMessageContaining("was coingecko");
  }

  private Venues playing(String venue, Session session) throws IOException {
    return Venues.start(VenuesConfig.onFreePorts(clock)
        .withStreams(StreamsConfig.DEFAULT.withSession(venue, session)));
  }

  /// The server's frames but its acknowledgements.
  private static List<String> recorded(String name) throws IOException {
    List<String> frames = new ArrayList<>();
    for (String line : Files.readAllLines(WireCases.file(name))) {
      JsonNode frame = Asking.JSON.readTree(line);
      String raw = frame.path("raw").asText();
      if (frame.get("dir").asText().equals("server")
          && !raw.startsWith("{\"type\":\"subscriptions\"")) {
        frames.add(raw);
      }
    }
    return frames;
  }
}
