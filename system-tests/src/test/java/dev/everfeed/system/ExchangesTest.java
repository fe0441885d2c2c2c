package dev.everfeed.system;

import static dev.everfeed.system.Asking.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Five exchanges side by side, with real processes: what is fetched and stored of each, what a
/// reader sees of them, and who stands in for whom when they fail one after another
/// (REQUIREMENTS B1 to B8).
@Timeout(300)
class ExchangesTest {
  private static final List<String> EXCHANGES =
      List.of("binance", "coinbase", "kraken", "okx", "bybit");

  /// Venues in the order of the route, and the exchange of each.
  private static final Map<String, String> ROUTE = route();

  /// The paths of bars at those that are not Binance.
  private static final Pattern BARS_ELSEWHERE = Pattern.compile("candles|OHLC|kline");

  /// As a user writes it.
  private static final String COUNTED =
      "SELECT exchange, symbol, COUNT(*) FROM ohlcv WHERE symbol = '%s' GROUP BY exchange, symbol";

  /// Slower than the demo's bars grow old: more questions would only use up budgets.
  private static final Duration EVERY = Duration.ofMillis(400);

  /// Who looks into the store is a process of his own, which takes a second of a processor.
  private static final Duration LOOKS_EVERY = Duration.ofSeconds(3);

  @Test
  void barsOfAllExchangesAreKeptApartAndEachStandsInForTheOnesBeforeIt() throws Exception {
    List<String> providers = new ArrayList<>(ROUTE.keySet());
    providers.add(1, "nobody");
    Map<String, String> environment =
        Map.of("EVERFEED_ROUTES_BARS_PROVIDERS", String.join(", ", providers));
    try (DemoProcess demo = new DemoProcess("exchanges", environment, "--fetch", "all")) {
      anUnknownSourceIsToldAndTheOthersAnswer(demo);
      eachIsStoredUnderItsOwnName(demo);
      oneThatDoesNotListTheSymbolSaysSoBesideTheOthers(demo);
      theFirstThatLivesIsServed(demo);
      theLastValuesAreServedWhenNobodyLives(demo);
      everyOneComesBack(demo);
    }
  }

  private static void anUnknownSourceIsToldAndTheOthersAnswer(DemoProcess demo) throws Exception {
    assertThat(demo.output())
        .contains("left out: routes.bars.providers[1] (EVERFEED_ROUTES_BARS_PROVIDERS)")
        .contains("found \"nobody\"");
    eventually("five exchanges with bars", EVERY, () -> {
      JsonNode all = bars(demo, "BTC/USDT", "&exchange=all");
      return names(all.path("exchanges")).equals(EXCHANGES)
          && EXCHANGES.stream().allMatch(name -> isLive(all.path("exchanges").path(name)));
    });
    assertThat(bars(demo, "BTC/USDT", "&exchange=all").path("merged").asText())
        .isEqualTo("binance");
  }

  private static void eachIsStoredUnderItsOwnName(DemoProcess demo) throws Exception {
    // The three bars that this test asks for are stored too, at times before the schedule's.
    eventually("200 bars of each of five exchanges in the store", LOOKS_EVERY, () -> {
      Map<String, Long> rows = stored(demo, "BTC/USDT");
      return EXCHANGES.stream().allMatch(name -> rows.getOrDefault(name, 0L) >= 200);
    });
    assertThat(stored(demo, "BTC/USDT")).containsOnlyKeys(EXCHANGES);
    eventually(
        "told in the log",
        EVERY,
        () -> demo.output().contains("5 exchanges returned data for BTC/USDT 1"));
  }

  /// BNB trades neither at Coinbase nor at Kraken.
  private static void oneThatDoesNotListTheSymbolSaysSoBesideTheOthers(DemoProcess demo)
      throws Exception {
    JsonNode all = bars(demo, "BNB/USDT", "&exchange=all").path("exchanges");
    assertThat(names(all)).isEqualTo(EXCHANGES);
    for (String exchange : EXCHANGES) {
      boolean lists = !exchange.equals("coinbase") && !exchange.equals("kraken");
      assertThat(all.path(exchange).has("error")).as(exchange).isEqualTo(!lists);
      assertThat(all.path(exchange).path("bars").size()).as(exchange).isEqualTo(lists ? 3 : 0);
    }
    assertThat(all.path("kraken").path("error").path("detail").asText()).contains("BNB/USDT");
    assertThat(stored(demo, "BNB/USDT")).containsOnlyKeys("binance", "okx", "bybit");
  }

  /// Coinbase has two doors, so it stays until both are shut.
  private static void theFirstThatLivesIsServed(DemoProcess demo) throws Exception {
    for (Map.Entry<String, String> venue : ROUTE.entrySet()) {
      eventually("served by " + venue.getKey(), EVERY, () -> {
        JsonNode bars = bars(demo, "BTC/USDT", "");
        return isLive(bars)
            && bars.path("source").asText().equals(venue.getKey())
            && bars.path("exchange").asText().equals(venue.getValue());
      });
      if (venue.getKey().equals("kraken")) {
        assertThat(bars(demo, "BNB/USDT", "").path("exchange").asText())
            .as("who stands in for binance where coinbase and kraken do not list it")
            .isEqualTo("okx");
      }
      demo.fault(venue.getKey(), "refuse");
    }
  }

  private static void theLastValuesAreServedWhenNobodyLives(DemoProcess demo) throws Exception {
    eventually(
        "cached",
        EVERY,
        () -> bars(demo, "BTC/USDT", "").path("status").asText().equals("cached"));
    JsonNode last = bars(demo, "BTC/USDT", "");
    assertThat(last.path("bars").size()).isEqualTo(3);
    assertThat(last.path("age_ms").asLong()).isPositive();
    assertThat(last.path("tried").findValuesAsText("source")).containsAll(ROUTE.keySet());
  }

  private static void everyOneComesBack(DemoProcess demo) throws Exception {
    Asking.everfeed(0, "heal", "--console", demo.console().toString());
    eventually("served by binance again", EVERY, () -> {
      JsonNode bars = bars(demo, "BTC/USDT", "");
      return isLive(bars) && bars.path("source").asText().equals("binance");
    });
    eventually("five exchanges with bars again", EVERY, () -> {
      JsonNode all = bars(demo, "BTC/USDT", "&exchange=all").path("exchanges");
      return EXCHANGES.stream().allMatch(name -> isLive(all.path(name)));
    });
    for (JsonNode venue : Asking.get(demo.console().resolve("/venues")).path("venues")) {
      assertThat(demo.output())
          .as("nobody is asked more often than it allows")
          .doesNotContain("source %s: call failed, rate_limited"
              .formatted(venue.path("name").asText()));
    }
  }

  /// The first call of a cold process may take seconds, and a source that took too long would be
  /// rightly stood in for by the next one. So this hub waits longer than others.
  @Test
  void byDefaultNobodyButTheFirstExchangeIsAskedForBars() throws Exception {
    Map<String, String> patient = Map.of(
        "EVERFEED_SOURCES_BINANCE_TIMEOUT", "60s",
        "EVERFEED_SOURCES_BINANCE_BREAKER_SLOW_CALL", "60s",
        "EVERFEED_ROUTES_BARS_DEADLINE", "60s");
    try (DemoProcess demo = new DemoProcess("primary", patient)) {
      eventually(
          "in the store",
          LOOKS_EVERY,
          () -> stored(demo, "BTC/USDT").getOrDefault("binance", 0L) >= 400);

      assertThat(stored(demo, "BTC/USDT")).containsOnlyKeys("binance");
      for (JsonNode venue : Asking.get(demo.console().resolve("/venues")).path("venues")) {
        String name = venue.path("name").asText();
        List<String> paths = names(venue.path("paths"));
        if (name.equals("binance")) {
          assertThat(paths).contains("/api/v3/klines");
        } else {
          assertThat(paths)
              .as("what %s was asked", name)
              .noneMatch(path -> BARS_ELSEWHERE.matcher(path).find());
        }
      }
      aFaultIsForASimulatedVenueAndSaysWhatIsValid(demo);
    }
  }

  private static void aFaultIsForASimulatedVenueAndSaysWhatIsValid(DemoProcess demo)
      throws IOException, InterruptedException {
    String console = demo.console().toString();
    assertThat(Asking.everfeed(1, "fault", "nobody", "refuse", "--console", console))
        .contains("binance")
        .contains(ROUTE.keySet());
    assertThat(Asking.everfeed(2, "fault", "binance", "sulk", "--console", console))
        .contains("blackhole");
    assertThat(Asking.everfeed(0, "status", "--url", demo.hub().toString()))
        .contains("coingecko")
        .contains(ROUTE.keySet());
  }

  private static JsonNode bars(DemoProcess demo, String symbol, String more)
      throws IOException, InterruptedException {
    return Asking.get(
        demo.hub().resolve("/v1/bars?symbol=%s&interval=1m&limit=3%s".formatted(symbol, more)));
  }

  /// Rows by exchange; empty as long as the database is not up.
  private static Map<String, Long> stored(DemoProcess demo, String symbol)
      throws IOException, InterruptedException {
    if (!Asking.get(demo.hub().resolve("/health")).toString().contains("\"state\":\"up\"")) {
      return Map.of();
    }
    String csv = Asking.everfeed(
        0, "sql", "--csv", COUNTED.formatted(symbol), "--data", demo.data().toString());
    Map<String, Long> rows = new LinkedHashMap<>();
    csv.lines()
        .map(line -> line.split(","))
        .filter(cells -> cells.length == 3 && cells[1].equals(symbol))
        .forEach(cells -> rows.put(cells[0], Long.parseLong(cells[2])));
    return rows;
  }

  private static boolean isLive(JsonNode bars) {
    return bars.path("status").asText().equals("live") && bars.path("bars").size() == 3;
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static Map<String, String> route() {
    Map<String, String> route = new LinkedHashMap<>();
    route.put("binance", "binance");
    route.put("coinbase_exchange", "coinbase");
    route.put("coinbase_advanced", "coinbase");
    route.put("kraken", "kraken");
    route.put("okx", "okx");
    route.put("bybit", "bybit");
    return route;
  }
}
