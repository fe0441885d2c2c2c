package dev.everfeed.hub.api;

import static dev.everfeed.hub.api.CannedDesk.BINANCE;
import static dev.everfeed.hub.api.CannedDesk.BTC;
import static dev.everfeed.hub.api.CannedDesk.COINGECKO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Reply;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PriceTest {
  private static RunningServer hub;

  @BeforeAll
  static void start() {
    hub = new RunningServer();
  }

  @AfterAll
  static void stop() {
    hub.close();
  }

  private static void live() {
    hub.desk.answer = query -> Future.succeededFuture(CannedDesk.value(
        query,
        BINANCE,
        List.of(
            CannedDesk.price(BTC, BINANCE, "60123.45000000"),
            CannedDesk.quote("60123.44000000", "60123.45000000")),
        ValueStatus.LIVE,
        285_000_000));
  }

  @Test
  void aPriceSaysWhoToldItHowOldItIsAndHowFarToTrustIt() {
    live();

    RunningServer.Got got = hub.get("/v1/price?symbol=BTC/USDT");

    assertThat(got.status()).isEqualTo(200);
    assertThat(got.body())
        .isEqualTo("{\"symbol\":\"BTC/USDT\",\"equivalent_of\":null,\"price\":60123.45000000,"
            + "\"bid\":60123.44000000,\"ask\":60123.45000000,\"bid_size\":0.10000000,"
            + "\"ask_size\":0.0000001,\"source\":\"binance\",\"exchange\":\"binance\","
            + "\"gateway\":\"binance\",\"content\":\"exchange\",\"status\":\"live\",\"age_ms\":285,"
            + "\"time\":\"2024-05-01T12:01:39.25Z\",\"received_at\":\"2024-05-01T12:01:39.5Z\","
            + "\"tried\":[]}");
    assertThat(hub.desk.asked.getLast()).isEqualTo(Query.Prices.of(BTC));
  }

  /// A reader whose JSON library rounds can ask for texts; an encoded slash is the same symbol.
  @Test
  void numbersCanBeStrings() {
    live();

    RunningServer.Got got = hub.get("/v1/price?symbol=BTC%2FUSDT&numbers=string");

    assertThat(got.json().get("price").isTextual()).isTrue();
    assertThat(got.json().get("price").asText()).isEqualTo("60123.45000000");
    assertThat(got.json().get("ask_size").asText()).isEqualTo("0.0000001");
    assertThat(got.json().get("age_ms").isInt()).isTrue();
  }

  /// Requirement A1: a price of another quote currency is never passed off as the asked one.
  @Test
  void anEquivalentIsNamedByItsOwnSymbol() {
    hub.desk.answer = query -> Future.succeededFuture(CannedDesk.value(
        query,
        COINGECKO,
        List.of(
            CannedDesk.price(Symbol.of("ETH/USD"), COINGECKO, "3000"),
            CannedDesk.price(Symbol.of("BTC/USD"), COINGECKO, "60120")),
        ValueStatus.LIVE,
        20_750_000_000L,
        CannedDesk.tried(BINANCE, Failure.Kind.CONNECTION, "refused \"<b>\"")));

    RunningServer.Got got = hub.get("/v1/price?symbol=BTC/USDT");

    assertThat(got.json().get("symbol").asText()).isEqualTo("BTC/USD");
    assertThat(got.json().get("equivalent_of").asText()).isEqualTo("BTC/USDT");
    assertThat(got.json().get("content").asText()).isEqualTo("aggregate");
    assertThat(got.json().get("exchange").isNull()).isTrue();
    assertThat(got.json().get("bid").isNull()).isTrue();
    assertThat(got.json().get("tried").get(0).get("kind").asText()).isEqualTo("connection");
    assertThat(got.json().get("tried").get(0).get("message").asText()).isEqualTo("refused \"<b>\"");
    assertThat(got.body()).doesNotContain("<b>");
  }

  /// An answer about another symbol must not be served as the asked one, whoever mixed it up.
  @Test
  void anAnswerAboutAnotherSymbolIsAMistakeOfTheHub() {
    hub.desk.answer = query -> Future.succeededFuture(CannedDesk.value(
        query,
        BINANCE,
        List.of(CannedDesk.price(Symbol.of("ETH/USDT"), BINANCE, "3000")),
        ValueStatus.LIVE,
        0));

    RunningServer.Got got = hub.get("/v1/price?symbol=BTC/USDT");

    assertThat(got.status()).isEqualTo(500);
    assertThat(got.json().get("type").asText()).isEqualTo("urn:everfeed:problem:internal-error");
    assertThat(got.body()).doesNotContain("3000").doesNotContain("Exception");
  }

  @Test
  void whenNobodyAnswersTheProblemNamesEachProviderAndWhy() {
    hub.desk.answer = query -> Future.succeededFuture(new Reply.Unavailable(
        query,
        List.of(
            CannedDesk.tried(BINANCE, Failure.Kind.CIRCUIT_OPEN, "circuit open until 12:03:00"),
            CannedDesk.tried(COINGECKO, Failure.Kind.TIMEOUT, "no answer after 3,000 ms"))));

    RunningServer.Got got = hub.get("/v1/price?symbol=BTC/USDT");

    assertThat(got.status()).isEqualTo(503);
    assertThat(got.header("content-type")).isEqualTo("application/problem+json");
    assertThat(got.json().get("type").asText())
        .isEqualTo("urn:everfeed:problem:provider-unavailable");
    assertThat(got.json().get("detail").asText())
        .contains("binance: circuit open until 12:03:00")
        .contains("coingecko: no answer after 3,000 ms");
    assertThat(got.json().get("tried")).hasSize(2);
  }

  @Test
  void theDeskMayAnswerLaterAndFromAnotherThread() {
    hub.desk.answer = query -> {
      Promise<Reply> later = Promise.promise();
      Thread.ofVirtual()
          .start(() -> later.complete(CannedDesk.value(
              query,
              BINANCE,
              List.of(CannedDesk.price(BTC, BINANCE, "1")),
              ValueStatus.CACHED,
              5_000_000_000L)));
      return later.future();
    };

    assertThat(hub.get("/v1/price?symbol=BTC/USDT").json().get("status").asText())
        .isEqualTo("cached");
  }

  @Test
  void anUnknownSymbolListsTheConfigured() {
    RunningServer.Got got = hub.get("/v1/price?symbol=BTC/EUR");

    assertThat(got.status()).isEqualTo(404);
    assertThat(got.json().get("detail").asText())
        .isEqualTo("symbol \"BTC/EUR\" is not configured; configured are 2: BTC/USDT, ETH/USDT");
    assertThat(got.json().get("valid_count").asInt()).isEqualTo(2);
  }

  @Test
  void aLongListOfSymbolsIsCutAndCounted() {
    CannedDesk.Picture picture = new CannedDesk.Picture();
    picture.symbols =
        IntStream.range(0, 120).mapToObj(i -> Symbol.of("S" + i + "/USDT")).toList();
    HubView before = hub.desk.view;
    hub.desk.view = picture.view();
    try {
      RunningServer.Got got = hub.get("/v1/price?symbol=nope");

      assertThat(got.json().get("valid")).hasSize(50);
      assertThat(got.json().get("valid_count").asInt()).isEqualTo(120);
    } finally {
      hub.desk.view = before;
    }
  }

  @Test
  void wrongParametersAreRefusedWithWhatIsRight() {
    assertThat(detailOf("/v1/price"))
        .isEqualTo("parameter symbol is required, as in symbol=BTC/USDT");
    assertThat(detailOf("/v1/price?symbol="))
        .isEqualTo("parameter symbol is required, as in symbol=BTC/USDT");
    assertThat(detailOf("/v1/price?symbol=BTC/USDT&symbl=1"))
        .isEqualTo("parameter \"symbl\" is not known here; known: symbol, numbers");
    assertThat(detailOf("/v1/price?symbol=BTC/USDT&symbol=BTC/USDT"))
        .isEqualTo("parameter symbol must stand once, stood twice");
    assertThat(detailOf("/v1/price?symbol=BTC/USDT&numbers=float"))
        .isEqualTo("numbers must be string or number, was \"float\"");
    assertThat(detailOf("/health?verbose=1"))
        .isEqualTo("parameter \"verbose\" is not known here; known: none");
    assertThat(hub.get("/v1/price?x=1").json().get("valid"))
        .satisfies(valid -> assertThat(
                StreamSupport.stream(valid.spliterator(), false).map(v -> v.asText()))
            .containsExactly("symbol", "numbers"));
  }

  private static String detailOf(String pathAndQuery) {
    RunningServer.Got got = hub.get(pathAndQuery);
    assertThat(got.status()).isEqualTo(400);
    return got.json().get("detail").asText();
  }
}
