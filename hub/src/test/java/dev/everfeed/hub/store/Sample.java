package dev.everfeed.hub.store;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Positioned;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Events and entries for the tests of the store.
final class Sample {
  static final Symbol BTC = Symbol.of("BTC/USDT");
  static final SourceId BINANCE = new SourceId("binance");
  static final SourceId COINGECKO = new SourceId("coingecko");
  static final Instant T0 = Instant.parse("2026-11-20T12:00:00Z");

  private Sample() {}

  static Decimal decimal(String text) {
    return Decimal.parse(text);
  }

  /// Open, high and low follow from the close.
  static Event.Bar bar(Instant time, String close, @Nullable Boolean complete) {
    return bar("binance", BTC, time, close, complete);
  }

  static Event.Bar bar(
      @Nullable String exchange,
      Symbol symbol,
      Instant time,
      String close,
      @Nullable Boolean done) {
    Decimal value = decimal(close);
    return new Event.Bar(
        symbol, exchange, BINANCE, Interval.M1, time, value, value, value, value, null, done);
  }

  static Event.Trade trade(@Nullable String id, Instant time, String price) {
    return new Event.Trade(
        BTC, "binance", BINANCE, decimal(price), decimal("0.5"), Side.BUY, id, time);
  }

  static Event.Price price(String price, @Nullable Instant time) {
    return new Event.Price(BTC, "binance", BINANCE, decimal(price), time);
  }

  static Event.Quote quote(@Nullable String bid, @Nullable String ask, @Nullable Instant time) {
    return new Event.Quote(
        BTC,
        "binance",
        BINANCE,
        bid == null ? null : decimal(bid),
        bid == null ? null : decimal("1"),
        ask == null ? null : decimal(ask),
        ask == null ? null : decimal("2"),
        time);
  }

  static Entry received(Event event, Instant at) {
    return new Entry.Received(event, at);
  }

  /// At positions `from`, `from + 100` and so on.
  static List<Positioned> at(long from, Entry... entries) {
    List<Positioned> positioned = new ArrayList<>();
    for (int i = 0; i < entries.length; i++) {
      positioned.add(new Positioned(from + i * 100L, entries[i]));
    }
    return positioned;
  }
}
