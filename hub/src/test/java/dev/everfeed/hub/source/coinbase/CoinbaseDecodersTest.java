package dev.everfeed.hub.source.coinbase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Event.Listing.Trading;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.Shared;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.WireDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each rule by which the two interfaces differ from everybody else's, on recorded payloads
/// where there are any.
class CoinbaseDecodersTest {
  private static final Symbol BTC = Symbol.of("BTC/USD");
  private static final WireDecoder EXCHANGE = new CoinbaseExchangeDecoder();
  private static final WireDecoder ADVANCED = new CoinbaseAdvancedDecoder();

  /// Low and high stand before open and close, and bars come newest first.
  @Test
  void barsOfTheExchangeHaveTheirOwnColumnsAndOrder() throws Exception {
    List<Event.Bar> bars = bars(recorded(EXCHANGE, "rest_bars", "0001", Interval.D1));
    assertThat(bars).hasSize(10).isSortedAccordingTo((a, b) -> a.time().compareTo(b.time()));
    Event.Bar newest = bars.getLast();
    assertThat(newest.time()).isEqualTo(Instant.ofEpochSecond(1_786_320_000));
    assertThat(newest.low()).isEqualTo(Decimal.parse("63733.03"));
    assertThat(newest.high()).isEqualTo(Decimal.parse("65341.83"));
    assertThat(newest.open()).isEqualTo(Decimal.parse("64848.68"));
    assertThat(newest.close()).isEqualTo(Decimal.parse("63911.88"));
    assertThat(newest.volume()).isEqualTo(Decimal.parse("6197.02944527"));
    for (Event.Bar bar : bars) {
      assertThat(bar.low()).isLessThanOrEqualTo(bar.open()).isLessThanOrEqualTo(bar.close());
      assertThat(bar.high()).isGreaterThanOrEqualTo(bar.open());
      assertThat(bar.complete()).isNull();
    }
  }

  /// The time of an Advanced bar is a string of seconds.
  @Test
  void barsOfAdvancedAreStampedInSecondsAsText() throws Exception {
    List<Event.Bar> bars = bars(recorded(ADVANCED, "rest_bars", "0001", Interval.H1));
    assertThat(bars)
        .extracting(Event.Bar::time)
        .containsExactly(
            Instant.parse("2024-04-04T00:00:00Z"), Instant.parse("2024-04-04T01:00:00Z"));
  }

  @Test
  void barsThatComeOldestFirstAreLeftAsTheyAre() throws Exception {
    List<Event.Bar> bars = bars(EXCHANGE.decode(
        "rest_bars",
        bytes("[[60,1,3,2,2,9],[120,1,3,2,2,9]]"),
        DecodeContext.of(BTC, Interval.M1)));
    assertThat(bars).extracting(b -> b.time().getEpochSecond()).containsExactly(60L, 120L);
  }

  /// Milliseconds where seconds are due would be a bar in the year 58,000.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[1786320000000,1,3,2,2,9]]",
        "[[60.5,1,3,2,2,9]]",
        "[[-60,1,3,2,2,9]]",
        "[[60,1,3,2,2]]",
        "[{\"time\":60}]",
        "{}",
        "[60,1,3,2,2,9]"
      })
  void whatIsNoListOfRowsIsRefused(String body) {
    assertRefused(EXCHANGE, "rest_bars", body);
  }

  /// The payload states the maker's side.
  @ParameterizedTest
  @CsvSource({"buy, SELL", "sell, BUY", "BUY, SELL", "SELL, BUY"})
  void theSideOfATradeIsTurnedRound(String stated, Side taker) throws Exception {
    String trade =
        "{\"trade_id\":74,\"price\":\"10\",\"size\":\"0.01\",\"side\":\"%s\",\"time\":\"2014-11-07T22:19:28.578544Z\"}"
            .formatted(stated);
    for (WireDecoder decoder : List.of(EXCHANGE, ADVANCED)) {
      Event.Trade read = (Event.Trade) decoder
          .decode("rest_trades_element", bytes(trade), DecodeContext.of(BTC))
          .getFirst();
      assertThat(read.side()).isEqualTo(taker);
      assertThat(read.tradeId()).isEqualTo("74");
      assertThat(read.time()).isEqualTo(Instant.parse("2014-11-07T22:19:28.578544Z"));
    }
  }

  @Test
  void aSideThatIsNotSaidIsNullAndAnUnknownOneIsRefused() throws Exception {
    for (String side : List.of("", ",\"side\":null", ",\"side\":\"\"")) {
      String trade = "{\"price\":\"10\",\"size\":\"1\"%s}".formatted(side);
      Event.Trade read = (Event.Trade) EXCHANGE
          .decode("rest_trades_element", bytes(trade), DecodeContext.of(BTC))
          .getFirst();
      assertThat(read.side()).isNull();
      assertThat(read.time()).isNull();
    }
    assertRefused(EXCHANGE, "rest_trades", "[{\"price\":\"10\",\"size\":\"1\",\"side\":\"both\"}]");
    assertRefused(EXCHANGE, "rest_trades", "[{\"size\":\"1\"}]");
  }

  /// Two readings of one recorded answer. Of its three trades, two lifted the best ask: what the
  /// payload calls SELL is the maker's side.
  @Test
  void theTickerOfAdvancedHasTheTradesToo() throws Exception {
    List<Event> trades = recorded(ADVANCED, "rest_ticker", "rest_trades", "0001");
    assertThat(trades)
        .extracting(e -> ((Event.Trade) e).side())
        .containsExactly(Side.BUY, Side.BUY, Side.SELL);
    assertThat(trades)
        .extracting(e -> ((Event.Trade) e).tradeId())
        .containsExactly("995098663", "995098662", "995098661");
    List<Event> ticker = recorded(ADVANCED, "rest_ticker", "rest_ticker", "0001");
    assertThat(((Event.Price) ticker.getFirst()).price())
        .isEqualTo(((Event.Trade) trades.getFirst()).price());
    assertThat(((Event.Quote) ticker.get(1)).ask()).isEqualTo(Decimal.parse("68923.67"));
  }

  @Test
  void aTickerWithoutTradesHasAQuoteAlone() throws Exception {
    String body = "{\"trades\":[],\"best_bid\":\"1\",\"best_ask\":\"\"}";
    assertThat(ADVANCED.decode("rest_ticker", bytes(body), DecodeContext.of(BTC)))
        .containsExactly(new Event.Quote(
            BTC, "coinbase", CoinbaseAdvancedDecoder.SOURCE, Decimal.ONE, null, null, null, null));
    assertThatThrownBy(() -> ADVANCED.decode("rest_ticker", bytes(body), DecodeContext.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("give a symbol");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "online   |                        | TRADING",
        "online   | \"limit_only\":true    | TRADING",
        "online   | \"cancel_only\":true   | OTHER",
        "online   | \"post_only\":true     | OTHER",
        "online   | \"auction_mode\":true  | OTHER",
        "online   | \"trading_disabled\":true | HALTED",
        "online   | \"is_disabled\":true   | HALTED",
        "offline  |                        | HALTED",
        "delisted | \"trading_disabled\":true | OTHER",
        "internal |                        | OTHER",
        "''       |                        | OTHER"
      })
  void theStatusOfAProductIsTheStricterOfWordAndFlags(String status, String flag, Trading expected)
      throws Exception {
    String rest = ",\"status\":\"%s\"%s}".formatted(status, flag == null ? "" : "," + flag);
    assertThat(listing(
            EXCHANGE,
            "[{\"id\":\"BTC-USD\",\"base_currency\":\"BTC\",\"quote_currency\":\"USD\"" + rest
                + "]"))
        .containsExactly(expected);
    assertThat(listing(
            ADVANCED,
            "{\"products\":[{\"product_id\":\"BTC-USD\",\"base_currency_id\":\"BTC\",\"quote_currency_id\":\"USD\""
                + rest
                + "]}"))
        .containsExactly(expected);
  }

  /// `BTC-USDC` has no book: it is another name for that of `BTC-USD`.
  @Test
  void futuresAndAliasesAreNotListed() throws Exception {
    String product =
        "{\"product_id\":\"%s\",\"base_currency_id\":\"BTC\",\"quote_currency_id\":\"%s\",\"product_type\":\"%s\",\"alias\":\"%s\",\"status\":\"online\"}";
    String body = "{\"products\":["
        + product.formatted("BTC-USD", "USD", "SPOT", "")
        + ","
        + product.formatted("BTC-USDC", "USDC", "SPOT", "BTC-USD")
        + ","
        + product.formatted("BTC-PERP-INTX", "USDC", "FUTURE", "")
        + "],\"num_products\":3}";
    List<Event> listed = ADVANCED.decode("rest_instruments", bytes(body), DecodeContext.NONE);
    assertThat(listed).extracting(e -> ((Event.Listing) e).symbol()).containsExactly(BTC);
  }

  @Test
  void theClockIsReadInIsoForm() throws Exception {
    Instant time = Instant.parse("2015-01-07T23:47:25.201Z");
    assertThat(EXCHANGE.decode(
            "rest_time",
            bytes("{\"iso\":\"2015-01-07T23:47:25.201Z\",\"epoch\":1420674445.201}"),
            DecodeContext.NONE))
        .containsExactly(new Event.ServerTime(CoinbaseExchangeDecoder.SOURCE, time));
    assertThat(ADVANCED.decode(
            "rest_time",
            bytes(
                "{\"iso\":\"2015-01-07T23:47:25.201Z\",\"epochSeconds\":\"1420674445\",\"epochMillis\":\"1420674445201\"}"),
            DecodeContext.NONE))
        .containsExactly(new Event.ServerTime(CoinbaseAdvancedDecoder.SOURCE, time));
    assertRefused(EXCHANGE, "rest_time", "{}");
    assertRefused(ADVANCED, "rest_time", "{\"iso\":\"today\"}");
  }

  /// Nothing is published of these, but what is none of them must not pass for one.
  @Test
  void statsAndBooksAreChecked() throws Exception {
    assertThat(recorded(EXCHANGE, "rest_stats", "rest_stats", "0001")).isEmpty();
    assertThat(recorded(ADVANCED, "rest_book", "rest_book", "0001")).isEmpty();
    String book = "{\"bids\":[[\"1\",\"2\",3]],\"asks\":[],\"sequence\":3}";
    assertThat(EXCHANGE.decode("rest_book", bytes(book), DecodeContext.NONE)).isEmpty();
    assertRefused(EXCHANGE, "rest_stats", "{\"open\":\"1\"}");
    assertRefused(EXCHANGE, "rest_book", "{\"bids\":[[\"1\"]],\"asks\":[]}");
    assertRefused(EXCHANGE, "rest_book", "{\"bids\":[]}");
    assertRefused(ADVANCED, "rest_book", "{\"pricebook\":{\"bids\":[],\"asks\":[]}}");
    assertRefused(
        ADVANCED,
        "rest_book",
        "{\"pricebook\":{\"product_id\":\"BTC-USD\",\"bids\":[{\"price\":\"1\"}],\"asks\":[]}}");
  }

  @Test
  void anErrorIsOneUnderEveryKind() throws Exception {
    for (String kind : EXCHANGE.kinds()) {
      assertThat(EXCHANGE.decode(
              kind, bytes("{\"message\":\"NotFound\"}"), DecodeContext.of(BTC, Interval.M1)))
          .containsExactly(
              new Event.ProviderError(CoinbaseExchangeDecoder.SOURCE, null, "NotFound"));
    }
    String unknown =
        "{\"error\":\"NOT_FOUND\",\"error_details\":\"valid product_id is required\",\"message\":\"valid product_id is required\"}";
    for (String kind : ADVANCED.kinds()) {
      assertThat(ADVANCED.decode(kind, bytes(unknown), DecodeContext.of(BTC, Interval.M1)))
          .containsExactly(new Event.ProviderError(
              CoinbaseAdvancedDecoder.SOURCE, "NOT_FOUND", "valid product_id is required"));
    }
    assertThat(ADVANCED.decode("rest_error", bytes("{\"error\":\"x\"}"), DecodeContext.NONE))
        .containsExactly(new Event.ProviderError(CoinbaseAdvancedDecoder.SOURCE, "x", "x"));
    assertRefused(ADVANCED, "rest_error", "{\"error\":\"\"}");
    assertRefused(ADVANCED, "rest_error", "{}");
    assertRefused(EXCHANGE, "rest_error", "{}");
    assertRefused(EXCHANGE, "rest_error", "{\"message\":7}");
  }

  @Test
  void aKindThatIsNotKnownIsTheCallersMistake() {
    for (WireDecoder decoder : List.of(EXCHANGE, ADVANCED)) {
      assertThatThrownBy(() -> decoder.decode("ws_nothing", bytes("{}"), DecodeContext.NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("rest_bars");
      assertThatThrownBy(
              () -> decoder.decode("rest_bars", bytes("{\"candles\":[]}"), DecodeContext.of(BTC)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("interval");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"BTCUSD", "-USD", "BTC-", "BTC-PERP-INTX", "B TC-USD", ""})
  void aProductThatIsNotSpotIsRefused(String product) {
    assertRefused(
        ADVANCED,
        "rest_trades",
        "{\"trades\":[{\"product_id\":\"%s\",\"price\":\"1\",\"size\":\"1\"}]}".formatted(product));
  }

  private static List<Trading> listing(WireDecoder decoder, String body) throws Undecodable {
    List<Trading> all = new ArrayList<>();
    for (Event event : decoder.decode("rest_instruments", bytes(body), DecodeContext.NONE)) {
      all.add(((Event.Listing) event).status());
    }
    return all;
  }

  private static void assertRefused(WireDecoder decoder, String kind, String body) {
    assertThatThrownBy(() -> decoder.decode(kind, bytes(body), DecodeContext.of(BTC, Interval.M1)))
        .as(body)
        .isInstanceOf(Undecodable.class);
  }

  private static List<Event> recorded(
      WireDecoder decoder, String kind, String number, Interval interval)
      throws IOException, Undecodable {
    return decoder.decode(kind, file(decoder, kind, number), DecodeContext.of(BTC, interval));
  }

  private static List<Event> recorded(
      WireDecoder decoder, String folder, String kind, String number)
      throws IOException, Undecodable {
    return decoder.decode(kind, file(decoder, folder, number), DecodeContext.NONE);
  }

  private static byte[] file(WireDecoder decoder, String folder, String number) throws IOException {
    String source = decoder == EXCHANGE ? "coinbase_exchange" : "coinbase_advanced";
    return Files.readAllBytes(Shared.wire("cases/%s/%s/%s.json".formatted(source, folder, number)));
  }

  private static List<Event.Bar> bars(List<Event> events) {
    return events.stream().map(Event.Bar.class::cast).toList();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
