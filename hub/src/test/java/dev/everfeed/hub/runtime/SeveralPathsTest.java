package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.hub.config.Settings;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.ServerWebSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A venue in the words of OKX: its channels are on two paths, its answers name what they are
/// about, and it wants to be pinged with a message.
@Timeout(60)
class SeveralPathsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TRADES = "/ws/v5/business";
  private static final String QUOTES = "/ws/v5/public";

  /// What came over a connection, and over which.
  private record Heard(String path, String text, ServerWebSocket socket) {}

  /// The first request of each connection.
  private record Asked(Heard trades, Heard quotes) {}

  private final HttpClient client = HttpClient.newHttpClient();
  private final Vertx vertx = Vertx.vertx();
  private final BlockingQueue<Heard> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> pings = new LinkedBlockingQueue<>();
  private Hub hub;

  @BeforeEach
  void start() throws Exception {
    HttpServer server = vertx
        .createHttpServer()
        .requestHandler(request -> request.response().setStatusCode(503).end())
        .webSocketHandler(socket -> socket.textMessageHandler(text -> {
          if (text.equals("ping")) {
            pings.add(socket.path());
            socket.writeTextMessage("pong");
          } else {
            requests.add(new Heard(socket.path(), text, socket));
          }
        }))
        .listen(0, "127.0.0.1")
        .await(10, TimeUnit.SECONDS);
    hub = Hub.start(
        Settings.parse("""
        http: {port: 0}
        store: {enabled: false}
        symbols: [BTC/USDT, ETH/USDT]
        sources:
        %s
        stream: {sources: [okx], channels: [trade, quote]}
        refresh: {every: 1d, intervals: []}
        """.formatted(OwnSources.of("okx", server.actualPort())), Map.of()));
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
    client.close();
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void eachPathHasAConnectionAndIsAskedForItsOwnChannels() throws Exception {
    Asked asked = asked();

    assertThat(channels(asked.trades())).containsExactly("trades-all", "trades-all");
    assertThat(channels(asked.quotes())).containsExactly("bbo-tbt", "bbo-tbt");
    acknowledge(asked.trades(), Set.of());
    acknowledge(asked.quotes(), Set.of());
    awaitState("HEALTHY");

    send(asked.trades(), """
        {"arg":{"channel":"trades-all","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"7","px":"60000.1","sz":"0.5","side":"buy","ts":"1770123456789"}]}""");
    send(asked.quotes(), """
        {"arg":{"channel":"bbo-tbt","instId":"BTC-USDT"},"data":[{"asks":[["60001","1","0","1"]],"bids":[["60000","2","0","1"]],"ts":"1770123456789","seqId":9}]}""");
    awaitPublished("trade");
    awaitPublished("quote");
  }

  @Test
  void whatAVenueRefusesByNameCostsTheOthersNothing() throws Exception {
    Asked asked = asked();
    acknowledge(asked.trades(), Set.of());
    acknowledge(asked.quotes(), Set.of("ETH-USDT"));
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!gateway().toString().contains("quote|ETH/USDT is refused: 60018 Wrong URL")) {
      assertThat(System.nanoTime()).as(gateway().toString()).isLessThan(until);
      TimeUnit.MILLISECONDS.sleep(20);
    }
    awaitState("HEALTHY");

    assertThat(requests).as("nothing is asked for again").isEmpty();
  }

  @Test
  void everyConnectionIsPingedInTheVenuesWords() throws Exception {
    Asked asked = asked();
    acknowledge(asked.trades(), Set.of());
    acknowledge(asked.quotes(), Set.of());
    awaitState("HEALTHY");
    Set<String> pinged = new TreeSet<>();
    while (pinged.size() < 2) {
      pinged.add(Objects.requireNonNull(pings.poll(20, TimeUnit.SECONDS), "nobody pings"));
    }

    assertThat(pinged).containsExactly(TRADES, QUOTES);
    assertThat(state()).as("an answer that is no JSON is no error").isEqualTo("HEALTHY");
  }

  private Asked asked() throws InterruptedException {
    Heard one = next();
    Heard other = next();
    assertThat(List.of(one.path(), other.path())).containsExactlyInAnyOrder(TRADES, QUOTES);
    return one.path().equals(TRADES) ? new Asked(one, other) : new Asked(other, one);
  }

  private Heard next() throws InterruptedException {
    return Objects.requireNonNull(requests.poll(20, TimeUnit.SECONDS), "nobody asks");
  }

  private static List<String> channels(Heard heard) throws Exception {
    return JSON.readTree(heard.text()).get("args").findValuesAsText("channel");
  }

  private static void acknowledge(Heard heard, Set<String> refused) throws Exception {
    for (JsonNode arg : JSON.readTree(heard.text()).get("args")) {
      boolean isRefused = refused.contains(arg.get("instId").asText());
      send(
          heard,
          isRefused
              ? "{\"event\":\"error\",\"arg\":%s,\"code\":\"60018\",\"msg\":\"Wrong URL\"}"
                  .formatted(arg)
              : "{\"event\":\"subscribe\",\"arg\":%s,\"connId\":\"x\"}".formatted(arg));
    }
  }

  private static void send(Heard to, String text) throws Exception {
    to.socket().writeTextMessage(text).await(10, TimeUnit.SECONDS);
  }

  private JsonNode gateway() throws Exception {
    for (JsonNode gateway : JSON.readTree(get("/v1/gateways")).get("gateways")) {
      if (gateway.has("stream")) {
        return gateway;
      }
    }
    throw new AssertionError("nobody is listened to");
  }

  private String state() throws Exception {
    return gateway().get("state").asText();
  }

  private void awaitState(String wanted) throws Exception {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!state().equals(wanted)) {
      assertThat(System.nanoTime()).as(get("/v1/gateways")).isLessThan(until);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private void awaitPublished(String channel) throws Exception {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!get("/v1/snapshot?symbol=BTC/USDT").contains("\"type\":\"%s\"".formatted(channel))) {
      assertThat(System.nanoTime()).as("no %s", channel).isLessThan(until);
      TimeUnit.MILLISECONDS.sleep(20);
    }
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
