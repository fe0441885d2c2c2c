package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.hub.config.Settings;
import io.vertx.core.http.ServerWebSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A venue whose two connections of the overlap are apart from one another, as the test wants.
@Timeout(60)
class RenewalTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REPLAY = "/v1/replay?stream=%s&epoch=%d&from_seq=1";

  private static final String BARS = "bar%7CBTC/USDT%7C1m";

  private final HttpClient client = HttpClient.newHttpClient();
  private RenewedVenue venue;
  private Hub hub;

  @BeforeEach
  void start() throws Exception {
    venue = new RenewedVenue();
    hub =
        Hub.start(Settings.parse("""
        http: {port: 0}
        store: {enabled: false}
        symbols: [BTC/USDT]
        sources:
        %s
        stream: {sources: [binance], channels: [trade, quote, bar], intervals: [1m]}
        refresh: {every: 1d, intervals: []}
        """.formatted(OwnSources.of("binance", venue.port())), Map.of()));
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
    client.close();
    venue.close();
  }

  @Test
  void aSuccessorThatIsAheadOpensNoGapAndOneThatIsBehindRepeatsNothing() throws Exception {
    ServerWebSocket first = venue.next();
    RenewedVenue.trades(first, 1, 5);
    RenewedVenue.announceEnd(first);
    ServerWebSocket second = venue.next();
    RenewedVenue.trades(second, 8, 9); // ahead: the first has not sent 6 yet
    RenewedVenue.quote(second, 70);
    RenewedVenue.trades(first, 6, 10);
    RenewedVenue.quote(first, 71);
    RenewedVenue.trades(second, 10, 12); // behind with 10, ahead with the rest
    venue.awaitClosed();
    RenewedVenue.trades(second, 13, 15);
    RenewedVenue.quote(second, 72);
    awaitPublished("quote", 2);
    assertThat(published("trade").stream().map(m -> m.get("trade_id").asLong()))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 15).boxed().toList());
    assertThat(published("quote").stream().map(m -> m.get("bid").asInt())).containsExactly(71, 72);
    assertThat(metrics()).contains("everfeed_engine_gaps_total 0");
  }

  @Test
  void whatAnEndedPredecessorHasNotSentComesFromItsSuccessor() throws Exception {
    ServerWebSocket first = venue.next();
    RenewedVenue.trades(first, 1, 5);
    RenewedVenue.announceEnd(first);
    ServerWebSocket second = venue.next();
    RenewedVenue.trades(second, 5, 9);
    first.close().await(10, TimeUnit.SECONDS);
    awaitPublished("trade", 9);
    assertThat(metrics()).contains("everfeed_engine_gaps_total 0");
  }

  /// A venue sends a final bar once, and a quote may be the last one for an hour.
  @Test
  void whatASilentPredecessorHasNotSentComesFromItsSuccessorWithTheTimeAtWhichItCame()
      throws Exception {
    ServerWebSocket first = venue.next();
    RenewedVenue.trades(first, 1, 1);
    RenewedVenue.quote(first, 1);
    RenewedVenue.bar(first, "1.0", false);
    RenewedVenue.announceEnd(first);
    ServerWebSocket second = venue.next(); // and over the first nothing more comes
    RenewedVenue.quote(second, 2);
    RenewedVenue.bar(second, "2.0", true);
    RenewedVenue.trades(second, 2, 2);
    venue.awaitClosed();
    Instant takenOver = Instant.now();
    awaitPublished(BARS, 2);
    awaitPublished("quote", 2);
    awaitPublished("trade", 2);
    assertThat(published("quote").stream().map(m -> m.get("bid").asInt())).containsExactly(1, 2);
    assertThat(bars()).containsExactly("1.0 false", "2.0 true");
    for (String stream : List.of("quote", "trade", BARS)) {
      assertThat(Instant.parse(published(stream).getLast().get("received_at").asText()))
          .as(stream)
          .isBefore(takenOver.minusMillis(100)); // the overlap is a second
    }
  }

  @Test
  void aFinalBarOutlivesAPredecessorThatIsBehind() throws Exception {
    ServerWebSocket first = venue.next();
    RenewedVenue.bar(first, "1.0", false);
    RenewedVenue.announceEnd(first);
    ServerWebSocket second = venue.next();
    RenewedVenue.bar(second, "3.0", true);
    RenewedVenue.bar(first, "2.0", false); // came later, and is older
    venue.awaitClosed();
    awaitPublished(BARS, 3);
    assertThat(bars()).containsExactly("1.0 false", "2.0 false", "3.0 true");
  }

  @Test
  void aSuccessorThatIsBehindDoesNotTakeAFinalBarBack() throws Exception {
    ServerWebSocket first = venue.next();
    RenewedVenue.bar(first, "1.0", false);
    RenewedVenue.announceEnd(first);
    ServerWebSocket second = venue.next();
    RenewedVenue.bar(first, "3.0", true);
    awaitPublished(BARS, 2);
    RenewedVenue.bar(second, "2.0", false);
    RenewedVenue.bar(second, "3.0", true);
    venue.awaitClosed();
    RenewedVenue.quote(second, 7);
    awaitPublished("quote", 1);
    assertThat(bars()).containsExactly("1.0 false", "3.0 true");
  }

  @Test
  void theNewestQuoteOutlivesAPredecessorThatIsBehind() throws Exception {
    ServerWebSocket first = venue.next();
    RenewedVenue.announceEnd(first);
    ServerWebSocket second = venue.next();
    for (int bid = 1; bid <= 4; bid++) {
      RenewedVenue.quote(second, bid);
    }
    RenewedVenue.quote(first, 1);
    RenewedVenue.quote(first, 2); // 3 and 4 lie unread in it as it ends
    venue.awaitClosed();
    awaitPublished("quote", 4);
    RenewedVenue.quote(second, 5);
    awaitPublished("quote", 5);
    assertThat(published("quote").stream().map(m -> m.get("bid").asInt()))
        .containsExactly(1, 2, 3, 4, 5);
  }

  private List<String> bars() throws Exception {
    return published(BARS).stream()
        .map(bar -> bar.get("close").asText() + " " + bar.get("complete").asBoolean())
        .toList();
  }

  private void awaitPublished(String channel, int count) throws Exception {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (published(channel).size() < count) {
      assertThat(System.nanoTime()).as("%d of %s", count, channel).isLessThan(until);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private List<JsonNode> published(String channel) throws Exception {
    JsonNode snapshot = JSON.readTree(get("/v1/snapshot?symbol=BTC/USDT"));
    List<JsonNode> messages = new ArrayList<>();
    if (snapshot.findValue("epoch") != null) {
      JSON.readTree(get(REPLAY.formatted(
              channel.equals(BARS) ? channel : channel + "%7CBTC/USDT",
              snapshot.findValue("epoch").asLong())))
          .path("messages")
          .forEach(messages::add);
    }
    return messages;
  }

  private String metrics() throws Exception {
    return get("/metrics");
  }

  private String get(String path) throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + hub.port() + path))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
