package dev.everfeed.hub.source.kraken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Event.SourceStatus.Condition;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.Shared;
import dev.everfeed.hub.source.Undecodable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The rules that are Kraken's own; all recorded answers together are in GoldenTest.
class KrakenRestDecoderTest {
  private static final KrakenRestDecoder DECODER = new KrakenRestDecoder();
  private static final DecodeContext MINUTES = new DecodeContext(null, Interval.M1, List.of());

  /// The sixth column is the average price, the seventh the volume: taken for each other, a
  /// minute without trades would have none where it has the price, and any other the price as
  /// volume.
  @Test
  void theVolumeStandsAfterTheAveragePrice() throws Exception {
    Event.Bar bar = (Event.Bar) recorded("rest_bars", "0002.json", MINUTES).getFirst();
    assertThat(bar.volume()).isEqualTo(Decimal.parse("18.75430110"));
    assertThat(bar.close()).isEqualTo(Decimal.parse("43361.1"));
  }

  @Test
  void onlyTheLastRowIsUnfinished() throws Exception {
    List<Event> bars = recorded("rest_bars", "0004.json", MINUTES);
    assertThat(bars).hasSize(721);
    assertThat(bars.subList(0, 720)).allMatch(e -> Boolean.TRUE.equals(((Event.Bar) e).complete()));
    assertThat(((Event.Bar) bars.getLast()).complete()).isFalse();
  }

  /// A minute without trades has a flat bar of volume 0 at the last close: the recorded 12 hours
  /// have 216 of them and no hole.
  @Test
  void aMinuteWithoutTradesHasAFlatBar() throws Exception {
    List<Event> bars = recorded("rest_bars", "0004.json", MINUTES);
    int quiet = 0;
    for (int i = 1; i < bars.size(); i++) {
      Event.Bar bar = (Event.Bar) bars.get(i);
      Event.Bar before = (Event.Bar) bars.get(i - 1);
      assertThat(bar.time()).isEqualTo(before.time().plusSeconds(60));
      if (bar.volume() != null && bar.volume().signum() == 0) {
        quiet++;
        assertThat(bar.open()).isEqualTo(before.close());
        assertThat(bar.high()).isEqualTo(bar.low());
      }
    }
    assertThat(quiet).isEqualTo(215); // the first row is quiet too, and has none before it
  }

  /// Seconds with a fraction, which must not pass through a double.
  @Test
  void tradesKeepEveryDigitOfTheirTime() throws Exception {
    Event.Trade trade =
        (Event.Trade) recorded("rest_trades", "0003.json", DecodeContext.NONE).getFirst();
    assertThat(trade.time()).isEqualTo(Instant.parse("2024-03-13T11:05:59.1733468Z"));
    assertThat(trade.tradeId()).isEqualTo("6324366");
    assertThat(trade.side()).isEqualTo(Side.BUY);
    assertThat(trades("[[\"1\",\"2\",1385579841.123456789,\"s\",\"l\",\"\"]]").time())
        .isEqualTo(Instant.ofEpochSecond(1_385_579_841, 123_456_789));
    assertThat(trades("[[\"1\",\"2\",1385579841,\"\",\"l\",\"\",null]]").side()).isNull();
  }

  private static Event.Trade trades(String rows) throws Undecodable {
    return (Event.Trade) decoded("rest_trades", "{\"XXBTZUSD\":" + rows + "}", DecodeContext.NONE)
        .getFirst();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[\"1\",\"2\",-1,\"b\",\"l\",\"\",1]",
        "[\"1\",\"2\",100000000000,\"b\",\"l\",\"\",1]",
        "[\"1\",\"2\",1e60,\"b\",\"l\",\"\",1]",
        "[\"1\",\"2\",\"soon\",\"b\",\"l\",\"\",1]",
        "[\"1\",\"2\",1,\"x\",\"l\",\"\",1]",
        "[\"1\",\"2\",1,\"b\",\"l\",\"\",-1]",
        "[\"1\",\"\",1,\"b\",\"l\",\"\",1]",
        "[null,\"2\",1,\"b\",\"l\",\"\",1]",
        "[\"1\",\"2\",1]",
        "{}"
      })
  void aTradeThatIsNoneIsUndecodable(String row) {
    assertThatThrownBy(() -> trades("[" + row + "]")).isInstanceOf(Undecodable.class);
  }

  /// The size of a best side stands third; the second is rounded to whole lots.
  @Test
  void aTickerIsAPriceAndAQuoteWithoutATime() throws Exception {
    List<Event> events = recorded("rest_ticker", "0002.json", DecodeContext.NONE);
    assertThat(events)
        .containsExactly(
            new Event.Price(
                Symbol.of("BTC/USDT"),
                "kraken",
                KrakenRestDecoder.SOURCE,
                Decimal.parse("73380.6"),
                null),
            new Event.Quote(
                Symbol.of("BTC/USDT"),
                "kraken",
                KrakenRestDecoder.SOURCE,
                Decimal.parse("73380.6"),
                Decimal.parse("1.000"),
                Decimal.parse("73380.7"),
                Decimal.parse("1.000"),
                null));
    assertThat(decoded(
            "rest_ticker",
            "{\"XBTUSDT\":{\"a\":[\"2\",\"0\",\"0.3\"],\"c\":[null,\"1\"]}}",
            DecodeContext.NONE))
        .containsExactly(new Event.Quote(
            Symbol.of("BTC/USDT"),
            "kraken",
            KrakenRestDecoder.SOURCE,
            null,
            null,
            Decimal.parse("2"),
            Decimal.parse("0.3"),
            null));
  }

  /// The key of a sole pair is not looked at when the caller says which it is.
  @Test
  void theSymbolThatWasAskedForGoesBeforeTheKey() throws Exception {
    Symbol asked = Symbol.of("USDT/USD");
    byte[] body = envelope("{\"WEIRD\":[[60,\"1\",\"1\",\"1\",\"1\",\"1\",\"0\",0]],\"last\":0}");
    Event.Bar bar = (Event.Bar)
        DECODER.decode("rest_bars", body, DecodeContext.of(asked, Interval.M1)).getFirst();
    assertThat(bar.symbol()).isEqualTo(asked);
  }

  /// A key of the venue's list is read as the list says, whatever it looks like.
  @Test
  void aListedKeyIsReadAsListed() throws Exception {
    KrakenRestDecoder knowing = new KrakenRestDecoder(Map.of("ODDUSD", Symbol.of("OD/DUSD")));
    Event.Price price = (Event.Price) knowing
        .decode("rest_ticker", envelope("{\"ODDUSD\":{\"c\":[\"1\",\"1\"]}}"), DecodeContext.NONE)
        .getFirst();
    assertThat(price.symbol()).isEqualTo(Symbol.of("OD/DUSD"));
  }

  @Test
  void warningsBesideAResultAreNoErrors() throws Exception {
    String body = "{\"error\":[\"WGeneral:Old\"],\"result\":{\"unixtime\":1}}";
    assertThat(DECODER.decode("rest_time", bytes(body), DecodeContext.NONE))
        .containsExactly(new Event.ServerTime(KrakenRestDecoder.SOURCE, Instant.ofEpochSecond(1)));
  }

  @Test
  void everyErrorOfTheListIsTold() throws Exception {
    String body = "{\"error\":[\"EQuery:Unknown asset pair\",\"EService:Unavailable\"]}";
    for (String kind : KrakenRestDecoder.KINDS) {
      assertThat(DECODER.decode(kind, bytes(body), MINUTES))
          .containsExactly(
              new Event.ProviderError(KrakenRestDecoder.SOURCE, null, "EQuery:Unknown asset pair"),
              new Event.ProviderError(KrakenRestDecoder.SOURCE, null, "EService:Unavailable"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"result\":{\"unixtime\":1,\"status\":\"online\"}}",
        "{\"error\":[]}",
        "{\"error\":\"EQuery\",\"result\":{}}",
        "{\"error\":[1],\"result\":{}}",
        "{\"error\":[],\"result\":[]}",
        "{\"error\":[],\"result\":{\"last\":1}}",
        "{\"error\":[],\"result\":null}"
      })
  void anEnvelopeWithoutErrorsOrAResultIsUndecodable(String body) {
    for (String kind : KrakenRestDecoder.KINDS) {
      if (!kind.equals("rest_instruments") || !body.contains("last")) {
        assertThatThrownBy(() -> DECODER.decode(kind, bytes(body), MINUTES))
            .as(kind)
            .isInstanceOf(Undecodable.class);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "online, ONLINE",
    "maintenance, MAINTENANCE",
    "cancel_only, DEGRADED",
    "post_only, DEGRADED",
    "limit_only, DEGRADED"
  })
  void theVenuesOwnStatus(String status, Condition condition) throws Exception {
    String result = "{\"status\":\"%s\",\"timestamp\":\"2023-07-06T18:52:00Z\"}".formatted(status);
    assertThat(decoded("rest_status", result, DecodeContext.NONE))
        .containsExactly(new Event.SourceStatus(KrakenRestDecoder.SOURCE, condition));
    assertThatThrownBy(() -> decoded("rest_status", "{\"status\":\"?\"}", DecodeContext.NONE))
        .isInstanceOf(Undecodable.class);
  }

  @ParameterizedTest
  @CsvSource({
    "online, TRADING",
    "limit_only, TRADING",
    "cancel_only, OTHER",
    "post_only, OTHER",
    "reduce_only, OTHER",
    "delisted, OTHER",
    "maintenance, HALTED",
    "'',"
  })
  void theStatusOfAPair(String status, Event.Listing.Trading trading) throws Exception {
    String result =
        "{\"XXBTZUSD\":{\"base\":\"XXBT\",\"quote\":\"ZUSD\",\"status\":\"%s\"}}".formatted(status);
    assertThat(decoded("rest_instruments", result, DecodeContext.NONE))
        .containsExactly(new Event.Listing(
            Symbol.of("BTC/USD"),
            "kraken",
            KrakenRestDecoder.SOURCE,
            "XXBTZUSD",
            "BTC",
            "USD",
            trading));
  }

  /// Dark pools (`XXBTZUSD.d`) are left out of the recorded list of 86.
  @Test
  void darkPoolsAreSkipped() throws Exception {
    List<Event> listings = recorded("rest_instruments", "0001.json", DecodeContext.NONE);
    assertThat(listings).hasSize(75);
    assertThat(listings).noneMatch(e -> ((Event.Listing) e).nativeName().endsWith(".d"));
  }

  @Test
  void booksAndSpreadsGiveNothingButAreRead() throws Exception {
    assertThat(recorded("rest_book", "0002.json", DecodeContext.NONE)).isEmpty();
    assertThat(recorded("rest_spread", "0001.json", DecodeContext.NONE)).isEmpty();
    assertThatThrownBy(() -> decoded("rest_book", "{\"XXBTZUSD\":{}}", DecodeContext.NONE))
        .isInstanceOf(Undecodable.class);
    assertThatThrownBy(() -> decoded("rest_spread", "{\"XXBTZUSD\":{}}", DecodeContext.NONE))
        .isInstanceOf(Undecodable.class);
  }

  private static List<Event> recorded(String kind, String file, DecodeContext context)
      throws Exception {
    Path path = Shared.wire("cases/kraken_rest").resolve(kind).resolve(file);
    return DECODER.decode(kind, Files.readAllBytes(path), context);
  }

  private static List<Event> decoded(String kind, String result, DecodeContext context)
      throws Undecodable {
    return DECODER.decode(kind, envelope(result), context);
  }

  private static byte[] envelope(String result) {
    return bytes("{\"error\":[],\"result\":" + result + "}");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
