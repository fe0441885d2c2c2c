package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.api.BackfillView.ExchangeState;
import dev.everfeed.hub.api.BackfillView.State;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What can be ordered over HTTP, and what of it is refused; each answer is held against the
/// document.
@Timeout(60)
class BackfillingTest {
  private static final Instant FROM = Instant.parse("2024-01-01T00:00:00Z");
  private static final String ORDER =
      "{\"symbol\": \"BTC/USDT\", \"interval\": \"1m\", \"from\": \"2024-01-01\"}";

  private final List<BackfillOrder> ordered = new ArrayList<>();
  private final RunningServer hub = new RunningServer();
  private volatile @Nullable BackfillRefused refusal;
  private volatile boolean joined;

  @BeforeEach
  void open() {
    hub.desk.backfiller = new Backfiller() {
      @Override
      public Started start(BackfillOrder order) throws BackfillRefused {
        BackfillRefused refused = refusal;
        if (refused != null) {
          throw refused;
        }
        ordered.add(order);
        return new Started(running(order), joined);
      }

      @Override
      public List<BackfillView> all() {
        return List.of(done(), running(done().order()));
      }

      @Override
      public Optional<BackfillView> find(String id) {
        return id.equals("1f0c22aa") ? Optional.of(done()) : Optional.empty();
      }

      @Override
      public Optional<BackfillView> cancel(String id) {
        return find(id);
      }
    };
  }

  @AfterEach
  void close() {
    hub.close();
  }

  private static BackfillView running(BackfillOrder order) {
    return new BackfillView(
        "0000000b",
        order,
        State.WAITING,
        "the database is not there",
        FROM,
        FROM.plusSeconds(600),
        FROM,
        null,
        List.of());
  }

  private static BackfillView done() {
    BackfillOrder order = new BackfillOrder(
        Symbol.of("BTC/USDT"), Interval.M1, FROM, null, List.of("kraken", "binanse"));
    BackfillView.Report report = new BackfillView.Report(
        5,
        1,
        1,
        2,
        1,
        List.of(new BackfillView.Gap(FROM, FROM.plusSeconds(60), 1, "missing", "<no> answer")),
        4);
    return new BackfillView(
        "1f0c22aa",
        order,
        State.DONE,
        null,
        FROM,
        FROM.plusSeconds(600),
        FROM,
        FROM.plusSeconds(700),
        List.of(
            new BackfillView.Exchange(
                "binanse", ExchangeState.REFUSED, "no such", 10, 0, 0, 0, 0, 0, null),
            new BackfillView.Exchange(
                "kraken", ExchangeState.DONE, null, 10, 2, 9, 7, 5, 3, report)));
  }

  @Test
  void anOrderBeginsABackfillOrJoinsTheSameOne() {
    RunningServer.Got begun = hub.post("/v1/backfills", ORDER);
    assertThat(begun.status()).isEqualTo(202);
    assertThat(begun.json().path("state").asText()).isEqualTo("waiting");
    joined = true;
    assertThat(hub.post("/v1/backfills", ORDER).status()).isEqualTo(200);
    assertThat(hub.post(
                "/v1/backfills",
                "{\"symbol\":\"ETH/USD\",\"interval\":\"1M\",\"from\":\"1704067200000\","
                    + "\"to\":\"2024-06-01T00:00:00+02:00\",\"exchange\":\"kraken, okx\"}")
            .status())
        .isEqualTo(200);
    hub.post("/v1/backfills", ORDER.replace("}", ", \"exchange\": \"all\", \"to\": null}"));

    assertThat(ordered.get(0))
        .isEqualTo(new BackfillOrder(Symbol.of("BTC/USDT"), Interval.M1, FROM, null, List.of()));
    assertThat(ordered.get(2))
        .isEqualTo(new BackfillOrder(
            Symbol.of("ETH/USD"),
            Interval.MONTH,
            FROM,
            Instant.parse("2024-05-31T22:00:00Z"),
            List.of("kraken", "okx")));
    assertThat(ordered.get(3).wantsAll()).isTrue();
    hub.post("/v1/backfills", ORDER.replace("}", ", \"again\": true}"));
    assertThat(ordered.get(3).again()).isFalse();
    assertThat(ordered.get(4).again()).isTrue();
  }

  @Test
  void howFarItIsAndWhatCameOfItIsTold() {
    JsonNode one = hub.get("/v1/backfills/1f0c22aa").json();
    assertThat(one.path("exchange").asText()).isEqualTo("kraken,binanse");
    assertThat(one.path("again").isBoolean()).isTrue();
    JsonNode kraken = one.path("exchanges").get(1);
    assertThat(kraken.path("covered").asLong()).isEqualTo(9);
    assertThat(kraken.at("/report/unavailable").asLong()).isEqualTo(2);
    assertThat(kraken.at("/report/gaps/0/reason").asText()).isEqualTo("<no> answer");
    assertThat(one.at("/exchanges/0/reason").asText()).isEqualTo("no such");
    assertThat(hub.get("/v1/backfills").json().path("backfills")).hasSize(2);
    assertThat(hub.send("HEAD", "/v1/backfills/1f0c22aa").status()).isEqualTo(200);
    assertThat(hub.send("DELETE", "/v1/backfills/1f0c22aa").status()).isEqualTo(202);

    assertThat(hub.get("/v1/backfills/nobody").status()).isEqualTo(404);
    assertThat(hub.send("DELETE", "/v1/backfills/nobody").json().path("type").asText())
        .endsWith(":unknown-backfill");
    assertThat(hub.get("/v1/backfills/1f0c22aa/more").status()).isEqualTo(404);
    assertThat(hub.get("/v1/backfills/1f0c22aa?id=other").status()).isEqualTo(400);
  }

  @Test
  void eachMethodIsTakenWhereItMeansSomething() {
    assertThat(hub.send("DELETE", "/v1/backfills").header("allow")).isEqualTo("GET, HEAD, POST");
    assertThat(hub.send("POST", "/v1/backfills/1f0c22aa").header("allow"))
        .isEqualTo("GET, HEAD, DELETE");
    assertThat(hub.send("PUT", "/v1/backfills").status()).isEqualTo(405);
  }

  private void assertRefused(String body, String type, String detail) {
    RunningServer.Got got = hub.post("/v1/backfills", body);
    assertThat(got.status()).as(body).isEqualTo(400);
    assertThat(got.json().path("type").asText()).isEqualTo("urn:everfeed:problem:" + type);
    assertThat(got.json().path("detail").asText()).contains(detail);
  }

  @Test
  void anOrderIsReadStrictly() {
    assertRefused("", "invalid-order", "must be a JSON object");
    assertRefused("[]", "invalid-order", "must be a JSON object");
    assertRefused("{\"symbol\":", "invalid-order", "must be one JSON object");
    assertRefused(ORDER + "{}", "invalid-order", "must be one JSON object");
    assertRefused("[".repeat(30_000), "invalid-order", "must be one JSON object");
    assertRefused(
        ORDER.replace("}", ",\"to\":\"2024-01-02\",\"to\":null}"), "invalid-order", "Duplicate");
    assertRefused(ORDER.replace("}", ",\"form\":1}"), "unknown-field", "\"form\" is not known");
    assertRefused("{}", "invalid-order", "interval is required");
    assertRefused(ORDER.replace("BTC/USDT", "B T"), "invalid-order", "symbol must");
    assertRefused(ORDER.replace("\"BTC/USDT\"", "7"), "invalid-order", "symbol must be a text");
    assertRefused(ORDER.replace("1m", "7m"), "unknown-interval", "there are 1s, 1m");
    assertRefused(ORDER.replace("2024-01-01", "soon"), "invalid-order", "from must be a time");
    assertRefused(ORDER.replace("}", ",\"to\":\"1066-10-14\"}"), "invalid-order", "to must be");
    assertRefused(
        ORDER.replace("}", ",\"again\":1}"), "invalid-order", "again must be true or false, was 1");
    for (String exchange : List.of("Kraken", "a,,b", "all,kraken", "x".repeat(41))) {
      assertRefused(
          ORDER.replace("}", ",\"exchange\":\"%s\"}".formatted(exchange)),
          "invalid-order",
          "exchange");
    }
    assertThat(ordered).isEmpty();
  }

  @Test
  void whatIsRefusedSaysWhatCanBeDone() {
    refusal = new BackfillRefused(BackfillRefused.Reason.MISTAKEN, "from must lie in the past");
    assertThat(hub.post("/v1/backfills", ORDER).status()).isEqualTo(400);
    refusal = new BackfillRefused(BackfillRefused.Reason.BUSY, "4 are under way");
    assertThat(hub.post("/v1/backfills", ORDER).status()).isEqualTo(429);
    refusal = new BackfillRefused(BackfillRefused.Reason.IMPOSSIBLE, "the hub is stopping");
    assertThat(hub.post("/v1/backfills", ORDER).status()).isEqualTo(503);
    hub.desk.backfiller = null;
    assertThat(hub.post("/v1/backfills", ORDER).status()).isEqualTo(409);
    assertThat(hub.get("/v1/backfills").json().path("backfills")).isEmpty();
    assertThat(hub.get("/v1/backfills/1f0c22aa").status()).isEqualTo(404);
  }

  /// A page of another origin can have a browser send these types without asking.
  @Test
  void aBodyThatDoesNotSayThatItIsJsonIsNotTaken() {
    for (String type :
        List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data")) {
      RunningServer.Got got = hub.send("POST", "/v1/backfills", "content-type", type);
      assertThat(got.status()).isEqualTo(415);
      assertThat(got.json().path("detail").asText()).contains(type);
    }
    assertThat(hub.send("POST", "/v1/backfills").status()).isEqualTo(415);
    assertThat(hub.send("OPTIONS", "/v1/backfills").status()).isEqualTo(405);
    assertThat(ordered).isEmpty();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static final String HEAD =
      "POST /v1/backfills HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

  @Test
  void aBodyIsBoundedInSizeAndTime() throws Exception {
    assertThat(hub.raw(bytes(HEAD + "Content-Length: 70000\r\n\r\n{"))).startsWith("HTTP/1.1 413");
    try (Socket socket = hub.socket()) {
      OutputStream out = socket.getOutputStream();
      out.write(bytes(HEAD + "Transfer-Encoding: chunked\r\n\r\n"));
      for (int i = 0; i < 20; i++) {
        out.write(bytes("1000\r\n" + " ".repeat(4_096) + "\r\n"));
      }
      assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 413");
    }
    assertThat(hub.raw(bytes(HEAD + "Content-Length: 10\r\n\r\n{"))).startsWith("HTTP/1.1 408");
    try (Socket socket = hub.socket()) {
      socket.getOutputStream().write(bytes(HEAD + "Content-Length: 10\r\n\r\n{"));
    }
    assertThat(hub.get("/health/live").status()).isEqualTo(200);
    assertThat(ordered).isEmpty();
  }

  @Test
  void severalOrdersOnOneConnectionAreAnsweredInOrder() throws Exception {
    String first = HEAD + "Content-Length: %d\r\n\r\n%s".formatted(ORDER.length(), ORDER);
    String chunked = HEAD + "Transfer-Encoding: chunked\r\n\r\n"
        + Integer.toHexString(ORDER.length()) + "\r\n" + ORDER + "\r\n0\r\n\r\n";
    String answers = hub.raw(bytes(first + chunked)); // one in chunks is the last
    assertThat(answers.split("HTTP/1.1 202", -1)).hasSize(3);
    assertThat(ordered).hasSize(2);
  }
}
