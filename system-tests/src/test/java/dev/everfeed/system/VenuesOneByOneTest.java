package dev.everfeed.system;

import static dev.everfeed.system.Asking.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A reader of the demo, which is a process of its own, while its five venues die one after the
/// other and come back: two stand by, two are not even connected.
@Timeout(180)
class VenuesOneByOneTest {
  private static final Duration LOOKS = Duration.ofMillis(20);
  private static final Duration WITHIN = Duration.ofSeconds(90);
  private static final String SYMBOL = "BTC/USDT";

  /// In the order of priority, each with its servers.
  private static final List<List<String>> VENUES = List.of(
      List.of("binance", "binance_2", "binance_3"),
      List.of("coinbase_exchange"),
      List.of("kraken"),
      List.of("okx"),
      List.of("bybit"));

  @Test
  void theReaderFollowsInTheOrderOfPriorityAndBack() throws Exception {
    try (DemoProcess demo = new DemoProcess("venues");
        Reader reader = Reader.of(demo.hub())) {
      looks(demo, "live from " + VENUES.getFirst(), () -> reader.reads(VENUES.getFirst()));
      for (String standby : List.of("coinbase_exchange", "kraken")) {
        looks(demo, standby + " stands by", () -> state(demo, standby).equals("HEALTHY"));
      }
      assertThat(state(demo, "okx")).as("cold").isEqualTo("DISCONNECTED");
      long began = System.nanoTime();
      List<String> took = new ArrayList<>();
      for (int i = 0; i + 1 < VENUES.size(); i++) {
        for (String server : VENUES.get(i)) {
          demo.fault(server, "refuse");
        }
        took.add(follows(demo, reader, VENUES.get(i + 1)));
      }
      // back to those that are connected: that a cold one is well again nobody can know
      demo.heal("okx");
      for (int i = VENUES.indexOf(List.of("kraken")); i >= 0; i--) {
        for (String server : VENUES.get(i)) {
          demo.heal(server);
        }
        took.add(follows(demo, reader, VENUES.get(i)));
      }
      Duration all = Duration.ofNanos(System.nanoTime() - began);
      System.out.printf("venues one by one: %s, all in %d ms%n", took, all.toMillis());
      assertThat(all).isLessThan(WITHIN);

      assertThat(reader.exchanges())
          .containsExactly(
              "binance", "coinbase", "kraken", "okx", "bybit", "kraken", "coinbase", "binance");
      reader.assertThatNothingIsMissing();
      looks(
          demo,
          "told",
          () -> reader.moves("fail_back").stream()
              .anyMatch(move -> move.startsWith("coinbase_exchange -> binance")));
      assertThat(reader.moves("fail_over"))
          .as("the lines of binance first, then the venues")
          .anyMatch(move -> move.matches("binance\\w* -> coinbase_exchange"))
          .containsSubsequence("coinbase_exchange -> kraken", "kraken -> okx", "okx -> bybit");
      // whichever line of binance was well again first
      assertThat(reader.moves("fail_back").stream()
              .map(move -> move.replaceFirst("_[23]$", ""))
              .distinct())
          .containsSubsequence(
              "bybit -> kraken", "kraken -> coinbase_exchange", "coinbase_exchange -> binance");
    }
  }

  private static String follows(DemoProcess demo, Reader reader, List<String> venue)
      throws Exception {
    long began = System.nanoTime();
    // a venue that is killed while contracts are on their way to it is no step of the way
    looks(demo, "live from " + venue, () -> reader.reads(venue) && reader.hasArrived(venue));
    return "%s %d ms".formatted(venue.getFirst(), (System.nanoTime() - began) / 1_000_000);
  }

  private static String state(DemoProcess demo, String id) throws Exception {
    for (JsonNode gateway : Asking.get(demo.hub().resolve("/v1/gateways")).get("gateways")) {
      if (gateway.get("transport").asText().equals("stream")
          && gateway.get("id").asText().equals(id)) {
        return gateway.get("state").asText();
      }
    }
    throw new AssertionError("no gateway that streams is called " + id);
  }

  private static void looks(DemoProcess demo, String what, Callable<Boolean> condition)
      throws Exception {
    try {
      eventually(what, LOOKS, condition);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "; the demo said: " + demo.output(), e);
    }
  }

  /// Keeps the trades of one symbol, and the events.
  private static final class Reader implements WebSocket.Listener, AutoCloseable {
    private final HttpClient client = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final List<JsonNode> trades = new CopyOnWriteArrayList<>();
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();
    private final List<JsonNode> others = new CopyOnWriteArrayList<>();
    private final StringBuilder part = new StringBuilder();

    // Kept: a socket that nobody refers to may be closed.
    private @Nullable WebSocket socket;

    static Reader of(URI hub) throws Exception {
      Reader reader = new Reader();
      WebSocket socket = reader
          .client
          .newWebSocketBuilder()
          .buildAsync(URI.create(hub.toString().replaceFirst("^http", "ws") + "/v1/stream"), reader)
          .get(10, TimeUnit.SECONDS);
      reader.socket = socket;
      reader.subscribe(
          "{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"trade\"],\"symbols\":[\"%s\"]}"
              .formatted(SYMBOL));
      reader.subscribe(
          "{\"op\":\"subscribe\",\"id\":2,\"channels\":[\"event\"],\"symbols\":[\"*\"]}");
      return reader;
    }

    private void subscribe(String request) throws Exception {
      Objects.requireNonNull(socket).sendText(request, true).get(10, TimeUnit.SECONDS);
    }

    /// Without waiting for the hub to close its side.
    @Override
    public void close() {
      client.shutdownNow();
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      part.append(data);
      if (last) {
        keep(part.toString());
        part.setLength(0);
      }
      from.request(1);
      return null;
    }

    private void keep(String text) {
      try {
        JsonNode message = json.readTree(text);
        switch (message.path("type").asText()) {
          case "trade" -> trades.add(message);
          case "event" -> events.add(message);
          default -> others.add(message);
        }
      } catch (IOException e) {
        throw new AssertionError("not JSON: " + text, e);
      }
    }

    /// Whether the newest trade is one of these gateways', and live.
    boolean reads(List<String> gateways) {
      if (trades.isEmpty()) {
        return false;
      }
      JsonNode newest = trades.getLast();
      return gateways.contains(newest.get("gateway").asText())
          && newest.get("status").asText().equals("live");
    }

    /// Whether the symbol's newest move, which was told when it was over, ended at one of these
    /// gateways; before the first one it is where it begins.
    boolean hasArrived(List<String> gateways) {
      List<String> ends = events.stream()
          .filter(event -> event.get("event_type").asText().equals("failover_executed"))
          .filter(event -> event.get("symbols").toString().contains(SYMBOL))
          .map(event -> event.get("backup_gateway_id").asText())
          .toList();
      return ends.isEmpty() || gateways.contains(ends.getLast());
    }

    /// Where the trades come from, one after the other; what was filled in later tells nothing
    /// of who is listened to.
    List<String> exchanges() {
      List<String> exchanges = new ArrayList<>();
      for (JsonNode trade : trades) {
        String exchange = trade.get("exchange").asText();
        if (!trade.get("status").asText().equals("backfilled")
            && (exchanges.isEmpty() || !exchanges.getLast().equals(exchange))) {
          exchanges.add(exchange);
        }
      }
      return exchanges;
    }

    void assertThatNothingIsMissing() {
      assertThat(others).noneMatch(message -> message.path("type").asText().equals("error"));
      assertThat(others).noneMatch(message -> message.path("type").asText().equals("lagged"));
      long next = trades.getFirst().get("seq").asLong();
      for (JsonNode trade : trades) {
        assertThat(trade.get("seq").asLong()).as("seq of %s", trade).isEqualTo(next++);
      }
    }

    /// The moves of the symbol, as they were told.
    List<String> moves(String kind) {
      return events.stream()
          .filter(event -> event.get("event_type").asText().equals("failover_executed")
              && event.get("kind").asText().equals(kind)
              && event.get("symbols").toString().contains("\"%s\"".formatted(SYMBOL)))
          .map(event -> event.get("failed_gateway_id").asText()
              + " -> "
              + event.get("backup_gateway_id").asText())
          .toList();
    }
  }
}
