package dev.everfeed.hub.api;

import static dev.everfeed.hub.api.CannedDesk.ALTERNATIVE_ME;
import static dev.everfeed.hub.api.CannedDesk.BINANCE;
import static dev.everfeed.hub.api.CannedDesk.BTC;
import static dev.everfeed.hub.api.CannedDesk.COINGECKO;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Reply;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SentimentAndListsTest {
  private static RunningServer hub;

  @BeforeAll
  static void start() {
    hub = new RunningServer();
  }

  @AfterAll
  static void stop() {
    hub.close();
  }

  @BeforeEach
  void usual() {
    hub.desk.view = new CannedDesk.Picture().view();
  }

  @Test
  void theMoodSaysWhatItMeasures() {
    hub.desk.answer = query -> Future.succeededFuture(CannedDesk.value(
        query,
        ALTERNATIVE_ME,
        List.of(new Event.Sentiment(
            ALTERNATIVE_ME,
            "fear_greed",
            null,
            Decimal.parse("67"),
            "Greed",
            Instant.parse("2024-05-01T00:00:00Z"))),
        ValueStatus.LIVE,
        43_000_000_000L));

    RunningServer.Got got = hub.get("/v1/sentiment");

    assertThat(got.body())
        .isEqualTo("{\"symbol\":null,\"measure\":\"fear_greed\",\"value\":67,\"label\":\"Greed\","
            + "\"source\":\"alternative_me\",\"status\":\"live\",\"age_ms\":43000,"
            + "\"time\":\"2024-05-01T00:00:00Z\",\"received_at\":\"2024-05-01T12:01:39.5Z\","
            + "\"tried\":[]}");
    assertThat(hub.desk.asked.getLast()).isEqualTo(new Query.Sentiments(null));
  }

  /// Requirement A2: sentiment never breaks anything.
  @Test
  void aFailingProviderIsNoErrorButAnUnavailableMood() {
    hub.desk.answer = query -> Future.succeededFuture(new Reply.Unavailable(
        query,
        List.of(
            CannedDesk.tried(ALTERNATIVE_ME, Failure.Kind.TIMEOUT, "no answer after 3,000 ms"),
            CannedDesk.tried(COINGECKO, Failure.Kind.SERVER_ERROR, "HTTP 500"))));

    RunningServer.Got got = hub.get("/v1/sentiment?symbol=BTC/USDT");

    assertThat(got.status()).isEqualTo(200);
    assertThat(got.json().get("status").asText()).isEqualTo("unavailable");
    assertThat(got.json().get("tried")).hasSize(2);
    assertThat(hub.desk.asked.getLast()).isEqualTo(new Query.Sentiments(BTC));
  }

  @Test
  void sourcesTellTheirPlaceInEachRouteAndWhomToCredit() {
    JsonNode coingecko = hub.get("/v1/sources").json().get("sources").get(1);

    assertThat(coingecko.toString())
        .isEqualTo("{\"id\":\"coingecko\",\"exchange\":null,\"content\":\"aggregate\","
            + "\"attribution\":\"Data provided by CoinGecko\",\"host\":\"api.coingecko.com:443\","
            + "\"enabled\":true,\"offers\":{\"price\":{\"priority\":2},"
            + "\"sentiment\":{\"priority\":2}},\"bars\":null,\"usual_interval_ms\":60000}");
    assertThat(hub.get("/v1/sources")
            .json()
            .at("/sources/0/offers/listings/priority")
            .isNull())
        .isTrue();
  }

  @Test
  void aPolledSourceIsAGateway() {
    assertThat(hub.get("/v1/gateways").json().at("/gateways/0").toString())
        .isEqualTo("{\"id\":\"binance\",\"source\":\"binance\",\"type\":\"exchange\","
            + "\"transport\":\"poll\",\"priority\":1,\"enabled\":true,\"state\":\"HEALTHY\","
            + "\"status\":\"ok\",\"reason\":null}");
  }

  @Test
  void aSourceThatIsListenedToIsAnotherGateway() {
    CannedDesk.Picture picture = new CannedDesk.Picture();
    picture.streaming = List.of(CannedDesk.stream(BINANCE, GatewayState.HEALTHY, "subscribed", 2));
    hub.desk.view = picture.view();

    assertThat(hub.get("/v1/gateways").json().at("/gateways/3").toString())
        .isEqualTo("{\"id\":\"binance\",\"source\":\"binance\",\"type\":\"binance\","
            + "\"transport\":\"stream\",\"priority\":1,\"enabled\":true,\"state\":\"HEALTHY\","
            + "\"status\":\"ok\",\"reason\":null,\"stream\":{"
            + "\"since\":\"2024-05-01T12:01:30Z\",\"standby\":\"warm\",\"active_contracts\":1,\"streams\":2,"
            + "\"channels\":[\"trade\",\"quote\"],\"symbols\":[\"BTC/USDT\"],"
            + "\"suspected\":[],\"convicted\":[],\"failovers\":[],\"messages\":1234,\"last_message_age_ms\":500,\"reconnects\":3,"
            + "\"unreadable\":1,\"last_error\":\"Connection reset\","
            + "\"last_error_at\":\"2024-05-01T12:01:20Z\"}}");
  }

  @Test
  void pagesOfInstrumentsHoldEachOneOnce() {
    instruments(CannedDesk.listings(250));
    Set<String> seen = new LinkedHashSet<>();
    String cursor = "";
    int pages = 0;
    do {
      JsonNode page = hub.get("/v1/instruments?quote=USDT&limit=50" + cursor).json();
      page.get("instruments")
          .forEach(i -> assertThat(seen.add(i.get("native").asText())).isTrue());
      cursor = page.get("next_cursor").isNull()
          ? ""
          : "&cursor=" + page.get("next_cursor").asText();
      pages++;
    } while (!cursor.isEmpty());

    assertThat(seen).hasSize(125).allMatch(name -> name.endsWith("USDT"));
    assertThat(pages).isEqualTo(3);
  }

  /// The list was replaced between two pages, and the last one seen is gone from it.
  @Test
  void aCursorOutlivesTheInstrumentItNames() {
    instruments(CannedDesk.listings(6));
    JsonNode first = hub.get("/v1/instruments?limit=3").json();
    assertThat(first.at("/instruments/2/base").asText()).isEqualTo("C0002");

    instruments(
        CannedDesk.listings(6).stream().filter(l -> !l.base().equals("C0002")).toList());

    assertThat(
            hub.get("/v1/instruments?limit=3&cursor=" + first.get("next_cursor").asText())
                .json()
                .at("/instruments/0/base")
                .asText())
        .isEqualTo("C0003");
  }

  private static void instruments(List<Event.Listing> listings) {
    CannedDesk.Picture picture = new CannedDesk.Picture();
    picture.instruments = Map.of(BINANCE, listings);
    hub.desk.view = picture.view();
  }

  @Test
  void instrumentsRefuseWhatDoesNotExist() {
    assertThat(hub.get("/v1/instruments").json().get("instruments")).isEmpty();
    RunningServer.Got unknown = hub.get("/v1/instruments?source=kraken");
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.json().get("detail").asText())
        .isEqualTo("source \"kraken\" is not known; known: binance, coingecko, alternative_me");
    for (String cursor : List.of("x", "====", "bm9uc2Vuc2U")) {
      assertThat(hub.get("/v1/instruments?cursor=" + cursor).status()).isEqualTo(400);
    }
    assertThat(hub.get("/v1/instruments?limit=1001").status()).isEqualTo(400);
  }
}
