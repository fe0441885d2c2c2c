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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
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
  private static final String REPLAY = "/v1/replay?stream=%s%%7CBTC/USDT&epoch=%d&from_seq=1";

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();
  private final BlockingQueue<ServerWebSocket> subscribed = new LinkedBlockingQueue<>();
  private final BlockingQueue<Boolean> closed = new LinkedBlockingQueue<>();
  private Hub hub;

  @BeforeEach
  void start() throws Exception {
    HttpServer venue = vertx
        .createHttpServer()
        .requestHandler(request -> request.response().setStatusCode(503).end())
        .webSocketHandler(socket -> {
          socket.closeHandler(_ -> closed.add(true));
          socket.textMessageHandler(request -> {
            String id = request.replaceAll(".*\"id\":(\\d+).*", "$1");
            socket.writeTextMessage("{\"result\":null,\"id\":" + id + "}");
            subscribed.add(socket);
          });
        })
        .listen(0, "127.0.0.1")
        .await(10, TimeUnit.SECONDS);
    hub = Hub.start(Settings.parse("""
        http: {port: 0}
        store: {enabled: false}
        symbols: [BTC/USDT]
        sources:
          binance: {base_url: "http://127.0.0.1:%d"}
        stream: {sources: [binance]}
        refresh: {every: 1d, intervals: []}
        """.formatted(venue.actualPort()), Map.of()));
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
    client.close();
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  @Test
  void aSuccessorThatIsAheadOpensNoGapAndOneThatIsBehindRepeatsNothing() throws Exception {
    ServerWebSocket first = next();
    trades(first, 1, 5);
    first.writeTextMessage("{\"e\":\"serverShutdown\",\"E\":1770123456789}");
    ServerWebSocket second = next();
    trades(second, 8, 9); // ahead: the first has not sent 6 yet
    quote(second, 70);
    trades(first, 6, 10);
    quote(first, 71);
    trades(second, 10, 12); // behind with 10, ahead with the rest
    assertThat(closed.poll(20, TimeUnit.SECONDS)).as("the first is closed").isTrue();
    trades(second, 13, 15);
    quote(second, 72);
    awaitPublished("quote", 2);
    assertThat(published("trade").stream().map(m -> m.get("trade_id").asLong()))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 15).boxed().toList());
    assertThat(published("quote").stream().map(m -> m.get("bid").asInt())).containsExactly(71, 72);
    assertThat(metrics()).contains("everfeed_engine_gaps_total 0");
  }

  @Test
  void whatAnEndedPredecessorHasNotSentComesFromItsSuccessor() throws Exception {
    ServerWebSocket first = next();
    trades(first, 1, 5);
    first.writeTextMessage("{\"e\":\"serverShutdown\",\"E\":1770123456789}");
    ServerWebSocket second = next();
    trades(second, 5, 9);
    first.close().await(10, TimeUnit.SECONDS);
    awaitPublished("trade", 9);
    assertThat(metrics()).contains("everfeed_engine_gaps_total 0");
  }

  private ServerWebSocket next() throws InterruptedException {
    ServerWebSocket socket = subscribed.poll(20, TimeUnit.SECONDS);
    if (socket == null) {
      throw new AssertionError("the hub has not subscribed within 20 s");
    }
    return socket;
  }

  private static void trades(ServerWebSocket to, long from, long last) throws Exception {
    for (long id = from; id <= last; id++) {
      to.writeTextMessage("""
              {"e":"trade","E":1770123456789,"s":"BTCUSDT","t":%d,"p":"60000.10","q":"0.5","T":1770123456788,"m":false,"M":true}""".formatted(id)).await(10, TimeUnit.SECONDS);
    }
  }

  private static void quote(ServerWebSocket to, int bid) throws Exception {
    to.writeTextMessage("""
            {"u":%d,"s":"BTCUSDT","b":"%d.00","B":"1","a":"99.00","A":"1"}""".formatted(bid, bid)).await(10, TimeUnit.SECONDS);
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
      JSON.readTree(get(REPLAY.formatted(channel, snapshot.findValue("epoch").asLong())))
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
