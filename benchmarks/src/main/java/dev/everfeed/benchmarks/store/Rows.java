package dev.everfeed.benchmarks.store;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Positioned;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A batch of rows in two forms: as entries of the journal, and as bytes ready for COPY. Built
/// before anything is timed, so that the bare way has nothing left to do but send them.
record Rows(List<Positioned> entries, byte[] copy) {
  private static final SourceId BINANCE = new SourceId("binance");
  private static final Instant T0 = Instant.parse("2026-03-02T00:00:00Z");

  /// Complete bars of one minute, of one symbol.
  ///
  /// @param state another one has other values
  static Rows bars(String symbol, int first, int count, int state) {
    Random random = new Random(first + 31L * state);
    List<Positioned> entries = new ArrayList<>(count);
    StringBuilder copy = new StringBuilder(count * 160);
    Instant seen = T0.plusSeconds(86_400L * 40 + state);
    for (int i = 0; i < count; i++) {
      Instant time = T0.plusSeconds(60L * ((first + i) % 40_000));
      Decimal low = Decimal.of(3_000_000_000_000L + random.nextInt(1_000_000_000), 8);
      Decimal high = low.plus(Decimal.of(1_234_500_000L, 8));
      Decimal volume = Decimal.of(random.nextInt(1_000_000_000), 5);
      entries.add(new Positioned(
          i,
          new Entry.Received(
              new Event.Bar(
                  Symbol.of(symbol),
                  "binance",
                  BINANCE,
                  Interval.M1,
                  time,
                  low,
                  high,
                  low,
                  high,
                  volume,
                  true),
              seen)));
      copy.append("binance\t").append(symbol).append("\t1m\t").append(time).append('\t');
      copy.append(low).append('\t').append(high).append('\t').append(low).append('\t');
      copy.append(high).append('\t').append(volume).append("\tt\tbinance\t").append(seen);
      copy.append('\n');
    }
    return new Rows(entries, copy.toString().getBytes(StandardCharsets.UTF_8));
  }

  /// Deals of one symbol, one a millisecond, with rising ids.
  static Rows trades(String symbol, int first, int count) {
    Random random = new Random(first);
    List<Positioned> entries = new ArrayList<>(count);
    StringBuilder copy = new StringBuilder(count * 120);
    for (int i = 0; i < count; i++) {
      Instant time = T0.plusMillis(first + i);
      String id = Integer.toString(1_000_000 + first + i);
      Decimal price = Decimal.of(3_000_000_000_000L + random.nextInt(1_000_000_000), 8);
      Decimal size = Decimal.of(random.nextInt(1_000_000), 5);
      Side side = random.nextBoolean() ? Side.BUY : Side.SELL;
      entries.add(new Positioned(
          i,
          new Entry.Received(
              new Event.Trade(Symbol.of(symbol), "binance", BINANCE, price, size, side, id, time),
              time)));
      copy.append("binance\t").append(symbol).append('\t').append(id).append('\t');
      copy.append(time.getEpochSecond() * 1_000_000_000L + time.getNano()).append('\t');
      copy.append(price).append('\t').append(size).append('\t').append(side.text());
      copy.append("\tbinance\t").append(time).append('\n');
    }
    return new Rows(entries, copy.toString().getBytes(StandardCharsets.UTF_8));
  }
}
