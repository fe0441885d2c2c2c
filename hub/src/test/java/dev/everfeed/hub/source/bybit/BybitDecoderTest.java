package dev.everfeed.hub.source.bybit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.Shared;
import dev.everfeed.hub.source.Undecodable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Beside the golden payloads, which GoldenTest runs.
class BybitDecoderTest {
  private static final BybitDecoder BYBIT = new BybitDecoder();
  private static final DecodeContext HOURS = new DecodeContext(null, Interval.H1, List.of());

  @Test
  void aRecordedBookIsReadAndGivesNothing() throws Exception {
    byte[] book = Files.readAllBytes(Shared.wire("cases/bybit/rest_book/0002.json"));
    assertThat(BYBIT.decode("rest_book", book, DecodeContext.NONE)).isEmpty();
    assertThatThrownBy(() -> decode("rest_book", "{'retCode':0,'result':{'b':[]}}"))
        .isInstanceOf(Undecodable.class)
        .hasMessageContaining("\"a\" is missing");
  }

  /// The same name is spot, linear or inverse by its category alone; without one, the name
  /// decides, and what it leaves open is spot.
  @ParameterizedTest
  @CsvSource({
    "spot, BTCUSDT, BTC/USDT",
    "linear, BTCUSDT, BTC/USDT:USDT",
    "linear, BTCPERP, BTC/USDC:USDC",
    "linear, BTC-29DEC23, BTC/USDC:USDC-231229",
    "linear, BTCUSDT-29DEC23, BTC/USDT:USDT-231229",
    "inverse, BTCUSD, BTC/USD:BTC",
    "inverse, BTCUSDU23, BTC/USD:BTC-230929",
    "option, BTC-30DEC22-18000-C, BTC/USDC:USDC-221230-18000-C",
    "option, BTC-6JAN23-17500-C-USDT, BTC/USDT:USDT-230106-17500-C",
    ", BTCUSD, BTC/USD",
    ", BTCUSDZ24, BTC/USD:BTC-241227",
    ", BTC-6JAN23-17500-C, BTC/USDC:USDC-230106-17500-C",
    "spot, BTC-6JAN23-17500-C, BTC-6JAN23-17500-C",
    "spot, WHAT, WHAT"
  })
  void namesFollowTheUnifiedForm(String category, String name, String symbol) throws Exception {
    assertThat(trade(BYBIT, category, name, DecodeContext.NONE).symbol())
        .isEqualTo(Symbol.of(symbol));
  }

  /// `USDTUSD` ends with a longer known quote than its own.
  @Test
  void aGluedNameIsSplitAsListedElseAsAskedElseByTheLongestQuote() throws Exception {
    Symbol odd = Symbol.of("USDT/USD");
    Symbol worse = Symbol.of("USDTU/SD");
    assertThat(trade(BYBIT, "spot", "DAIUSDTUSD", DecodeContext.NONE).symbol())
        .isEqualTo(Symbol.of("DAIUSD/TUSD"));
    assertThat(trade(BYBIT, "spot", "USDTUSD", DecodeContext.of(odd)).symbol()).isEqualTo(odd);
    assertThat(trade(BYBIT, "spot", "USDTUSD", new DecodeContext(null, null, List.of(odd)))
            .symbol())
        .isEqualTo(odd);
    BybitDecoder listing = new BybitDecoder(Map.of("USDTUSD", odd));
    assertThat(trade(listing, "spot", "USDTUSD", DecodeContext.of(worse)).symbol())
        .isEqualTo(odd);
    assertThat(trade(listing, "linear", "USDTUSD", DecodeContext.of(odd)).symbol())
        .isEqualTo(Symbol.of("USDT/USD:USDT"));
  }

  /// The documented sample of an inverse contract: 268,611 dollars, 15.7 bitcoin.
  @Test
  void volumesAreInBaseUnits() throws Exception {
    String answer =
        "{'retCode':0,'retMsg':'OK','result':{'symbol':'BTCUSD','category':'%s','list':["
            + "['1670608800000','17071','17073','17027','17055.5','268611','15.74462667'],"
            + "['1670605200000','17071.5','17071.5','17061','17071','4177','0.24469757']]},"
            + "'retExtInfo':{},'time':1672025956592}";
    List<Event> inverse = decode("rest_bars", answer.formatted("inverse"), HOURS);
    assertThat(inverse)
        .extracting(e -> ((Event.Bar) e).volume())
        .containsExactly(Decimal.parse("0.24469757"), Decimal.parse("15.74462667"));
    assertThat(inverse)
        .extracting(e -> ((Event.Bar) e).time())
        .isSorted()
        .first()
        .isEqualTo(Instant.ofEpochMilli(1_670_605_200_000L));
    Event.Bar spot =
        (Event.Bar) decode("rest_bars", answer.formatted("spot"), HOURS).getFirst();
    assertThat(spot.volume()).isEqualTo(Decimal.of(4_177));
    assertThat(spot.complete()).isNull();
  }

  @Test
  void aTickerTakesTheTimeOfItsAnswer() throws Exception {
    List<Event> events = decode(
        "rest_ticker",
        "{'retCode':0,'result':{'category':'spot','list':[{'symbol':'BTCUSDT','lastPrice':'',"
            + "'bid1Price':'5','bid1Size':'','ask1Price':''}]},'time':1673859087947}");
    assertThat(events).singleElement().isInstanceOfSatisfying(Event.Quote.class, quote -> {
      assertThat(quote.time()).isEqualTo(Instant.ofEpochMilli(1_673_859_087_947L));
      assertThat(quote.bidSize()).isNull();
      assertThat(quote.ask()).isNull();
    });
  }

  @ParameterizedTest
  @CsvSource({"Trading, TRADING", "PreLaunch, OTHER", "Closed, OTHER", "'', OTHER"})
  void theStatusOfAnInstrument(String status, Event.Listing.Trading trading) throws Exception {
    Event.Listing listing = (Event.Listing) decode(
            "rest_instruments",
            "{'retCode':0,'result':{'category':'spot','list':[{'symbol':'AB','baseCoin':'A',"
                + "'quoteCoin':'B','status':'" + status + "'}]}}")
        .getFirst();
    assertThat(listing.status()).isEqualTo(trading);
  }

  @Test
  void onlySpotIsListedAndWhatIsNoSymbolDoesNotCostUsTheOthers() throws Exception {
    String list = "{'symbol':'X','baseCoin':'A A','quoteCoin':'B'},"
        + "{'symbol':'CB','baseCoin':'C','quoteCoin':'B'},"
        + "{'symbol':'DB','baseCoin':'D','quoteCoin':'B','contractType':'LinearPerpetual'}";
    String answer = "{'retCode':0,'result':{%s'list':[" + list + "]}}";
    assertThat(decode("rest_instruments", answer.formatted(""))).hasSize(1);
    assertThat(decode("rest_instruments", answer.formatted("'category':'linear',")))
        .isEmpty();
  }

  @Test
  void theTimeIsInNanoseconds() throws Exception {
    assertThat(decode(
            "rest_time",
            "{'retCode':0,'retMsg':'OK','result':{'timeSecond':'1688639403',"
                + "'timeNano':'1688639403423213947'},'retExtInfo':{},'time':1688639403423}"))
        .containsExactly(new Event.ServerTime(
            BybitDecoder.SOURCE, Instant.parse("2023-07-06T10:30:03.423213947Z")));
  }

  @Test
  void anErrorIsAnErrorUnderEveryKind() throws Exception {
    for (String kind : BYBIT.kinds().stream().filter(k -> k.startsWith("rest_")).toList()) {
      assertThat(decode(
              kind,
              "{'retCode':10001,'retMsg':'Not supported symbols','result':{},'retExtInfo':{},"
                  + "'time':1672025956592}",
              HOURS))
          .containsExactly(
              new Event.ProviderError(BybitDecoder.SOURCE, "10001", "Not supported symbols"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rest_bars {'retCode':0,'result':{'symbol':'AB','list':[['0','1','1','1','1']]}}",
        "rest_bars {'retCode':0,'result':{'symbol':'AB'}}",
        "rest_bars {'retCode':0,'result':{'list':[]}}",
        "rest_bars {'result':{'symbol':'AB','list':[]}}",
        "rest_trades {'retCode':0,'result':{'list':[{'symbol':'AB','size':'1'}]}}",
        "rest_trades {'retCode':0,'result':{'list':[{'symbol':'AB','price':'1','size':'1',"
            + "'side':'buy'}]}}",
        "rest_trades {'retCode':0,'result':{'list':[{'symbol':'AB','price':'1','size':'1',"
            + "'execId':{}}]}}",
        "rest_ticker {'retCode':0,'result':{'list':[{'symbol':'AB'}]}}",
        "rest_ticker {'retCode':0,'result':{'list':[{'symbol':'A B','lastPrice':'1'}]}}",
        "rest_time {'retCode':0,'result':{}}",
        "rest_time {'retCode':0,'result':{'timeNano':'1'}}",
        "rest_time {'retCode':0,'result':{'timeNano':'999999999999999999999'}}",
        "rest_error {'retCode':0,'result':{}}"
      })
  void whatIsNoMessageOfItsKindIsUndecodable(String given) {
    int blank = given.indexOf(' ');
    assertThatThrownBy(() -> decode(given.substring(0, blank), given.substring(blank + 1), HOURS))
        .isInstanceOf(Undecodable.class);
  }

  private static Event.Trade trade(
      BybitDecoder decoder,
      @org.jspecify.annotations.Nullable String category,
      String name,
      DecodeContext context)
      throws Undecodable {
    String of = category == null ? "" : "'category':'" + category + "',";
    String json = "{'retCode':0,'result':{" + of + "'list':[{'execId':'1','symbol':'" + name
        + "','price':'1','size':'1','side':'Buy','time':'1'}]}}";
    return (Event.Trade) decode(decoder, "rest_trades", json, context).getFirst();
  }

  private static List<Event> decode(String kind, String json) throws Undecodable {
    return decode(kind, json, DecodeContext.NONE);
  }

  private static List<Event> decode(String kind, String json, DecodeContext context)
      throws Undecodable {
    return decode(BYBIT, kind, json, context);
  }

  private static List<Event> decode(
      BybitDecoder decoder, String kind, String json, DecodeContext context) throws Undecodable {
    return decoder.decode(kind, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), context);
  }
}
