package dev.everfeed.hub.source.okx;

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
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Beside the golden payloads, which GoldenTest runs.
class OkxDecoderTest {
  private static final OkxDecoder OKX = new OkxDecoder();
  private static final DecodeContext BTC_HOURS =
      DecodeContext.of(Symbol.of("BTC/USDT"), Interval.H1);

  @Test
  void recordedBooksAreReadAndGiveNothing() throws Exception {
    for (String file : List.of("0002", "0004", "0006")) {
      Path book = Shared.wire("cases/okx/rest_book/" + file + ".json");
      assertThat(OKX.decode("rest_book", Files.readAllBytes(book), DecodeContext.NONE))
          .isEmpty();
    }
    assertThatThrownBy(() -> decode("rest_book", "{'code':'0','data':[{'asks':[]}]}"))
        .isInstanceOf(Undecodable.class)
        .hasMessageContaining("\"bids\" is missing");
  }

  @ParameterizedTest
  @CsvSource({
    "BTC-USDT, BTC/USDT",
    "BTC-USDT-SWAP, BTC/USDT:USDT",
    "BTC-USD-SWAP, BTC/USD:BTC",
    "BTC-USD-220527, BTC/USD:BTC-220527",
    "BTC-USD-220624-50000-C, BTC/USD:BTC-220624-50000-C",
    "BTC, BTC",
    "BTC-USDT-OTHER, BTC-USDT-OTHER",
    "-USDT, -USDT"
  })
  void namesFollowTheUnifiedForm(String name, String symbol) throws Exception {
    Event.Trade trade = (Event.Trade) decode(
            "rest_trades_element",
            "{'instId':'" + name + "','side':'buy','sz':'1','px':'2','tradeId':'3','ts':'4'}")
        .getFirst();
    assertThat(trade.symbol()).isEqualTo(Symbol.of(symbol));
    assertThat(trade.time()).isEqualTo(Instant.ofEpochMilli(4));
  }

  /// The documented sample of the contract is newest first, an edited one oldest first.
  @Test
  void barsComeOldestFirstWhateverTheirOrder() throws Exception {
    String older = "['3600000','1','1','1','1','5','6','7','1']";
    String newer = "['7200000','1','1','1','1','5','6','7','0']";
    for (String rows : List.of(older + "," + newer, newer + "," + older)) {
      List<Event> bars =
          decode("rest_bars", "{'code':'0','msg':'','data':[" + rows + "]}", BTC_HOURS);
      assertThat(bars).extracting(e -> ((Event.Bar) e).complete()).containsExactly(true, false);
      assertThat(bars)
          .extracting(e -> ((Event.Bar) e).time().toEpochMilli())
          .containsExactly(3_600_000L, 7_200_000L);
    }
  }

  @Test
  void aBarWithoutTheNinthColumnDoesNotSayWhetherItIsOver() throws Exception {
    Event.Bar bar = bar("['0','1','1','1','1','','6']", BTC_HOURS);
    assertThat(bar.complete()).isNull();
    assertThat(bar.volume()).isNull();
    assertThatThrownBy(() -> bar("['0','1','1','1','1','5','6','7','2']", BTC_HOURS))
        .isInstanceOf(Undecodable.class)
        .hasMessageContaining("\"confirm\" must be 0 or 1, was 2");
  }

  /// Contracts are counted in column 5, their base units in column 6.
  @Test
  void volumesAreInBaseUnits() throws Exception {
    String row = "['0','1','1','1','1','500','5','70','1']";
    DecodeContext swap = DecodeContext.of(Symbol.of("BTC/USDT:USDT"), Interval.H1);
    assertThat(bar(row, BTC_HOURS).volume()).isEqualTo(Decimal.of(500));
    assertThat(bar(row, swap).volume()).isEqualTo(Decimal.of(5));
  }

  @Test
  void aSideThatIsEmptyIsNotThere() throws Exception {
    List<Event> events = decode(
        "rest_ticker",
        "{'code':'0','msg':'','data':[{'instId':'A-B','last':'','bidPx':'','bidSz':'',"
            + "'askPx':'7','askSz':'','ts':'1'}]}");
    assertThat(events).singleElement().isInstanceOfSatisfying(Event.Quote.class, quote -> {
      assertThat(quote.bid()).isNull();
      assertThat(quote.ask()).isEqualTo(Decimal.of(7));
      assertThat(quote.askSize()).isNull();
    });
  }

  @ParameterizedTest
  @CsvSource({"live, TRADING", "suspend, HALTED", "preopen, OTHER", "test, OTHER", "'', OTHER"})
  void theStateOfAnInstrument(String state, Event.Listing.Trading trading) throws Exception {
    Event.Listing listing = (Event.Listing) decode(
            "rest_instruments",
            "{'code':'0','data':[{'instType':'SPOT','instId':'A-B','baseCcy':'A','quoteCcy':'B',"
                + "'state':'" + state + "'}]}")
        .getFirst();
    assertThat(listing.status()).isEqualTo(trading);
    assertThat(listing.nativeName()).isEqualTo("A-B");
  }

  @Test
  void anInstrumentThatIsNoSymbolDoesNotCostUsTheOthers() throws Exception {
    String instrument = "{'instType':'SPOT','instId':'%s','baseCcy':'%s','quoteCcy':'B'}";
    String list = instrument.formatted("A A-B", "A A") + "," + instrument.formatted("C-B", "C");
    assertThat(decode("rest_instruments", "{'code':'0','data':[" + list + "]}"))
        .singleElement()
        .isInstanceOfSatisfying(
            Event.Listing.class, l -> assertThat(l.symbol()).isEqualTo(Symbol.of("C/B")));
  }

  @Test
  void theTimeIsInMilliseconds() throws Exception {
    assertThat(decode("rest_time", "{'code':'0','data':[{'ts':'1597026383085'}],'msg':''}"))
        .containsExactly(
            new Event.ServerTime(OkxDecoder.SOURCE, Instant.parse("2020-08-10T02:26:23.085Z")));
  }

  @Test
  void anErrorIsAnErrorUnderEveryKind() throws Exception {
    for (String kind : OKX.kinds().stream().filter(k -> k.startsWith("rest_")).toList()) {
      assertThat(decode(
              kind, "{'code':'51001','data':[],'msg':'Instrument ID does not exist'}", BTC_HOURS))
          .containsExactly(
              new Event.ProviderError(OkxDecoder.SOURCE, "51001", "Instrument ID does not exist"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rest_bars {'code':'0','data':[['0','1','1','1','1']]}",
        "rest_bars {'code':'0','data':{}}",
        "rest_bars {'data':[]}",
        "rest_trades {'code':'0','data':[{'instId':'A-B','sz':'1'}]}",
        "rest_trades {'code':'0','data':[{'instId':'A-B','px':'1','sz':'1','side':'up'}]}",
        "rest_ticker {'code':'0','data':[{'instId':'A-B'}]}",
        "rest_ticker {'code':'0','data':[{'instId':'A B','last':'1'}]}",
        "rest_time {'code':'0','data':[]}",
        "rest_time {'code':'zero','data':[]}",
        "rest_error {'code':'0','data':[]}"
      })
  void whatIsNoMessageOfItsKindIsUndecodable(String given) {
    int blank = given.indexOf(' ');
    assertThatThrownBy(
            () -> decode(given.substring(0, blank), given.substring(blank + 1), BTC_HOURS))
        .isInstanceOf(Undecodable.class);
  }

  private static Event.Bar bar(String row, DecodeContext context) throws Undecodable {
    return (Event.Bar) decode("rest_bars", "{'code':'0','msg':'','data':[" + row + "]}", context)
        .getFirst();
  }

  private static List<Event> decode(String kind, String json) throws Undecodable {
    return decode(kind, json, DecodeContext.NONE);
  }

  private static List<Event> decode(String kind, String json, DecodeContext context)
      throws Undecodable {
    return OKX.decode(kind, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), context);
  }
}
