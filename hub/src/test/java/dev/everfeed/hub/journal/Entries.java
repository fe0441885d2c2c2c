package dev.everfeed.hub.journal;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Entries of every kind and form, drawn from a seed.
final class Entries {
  private final Random random;

  Entries(long seed) {
    random = new Random(seed);
  }

  /// A small one, for tests that only count.
  static Entry numbered(int number) {
    return new Entry.Happened("numbered", null, Integer.toString(number), Instant.EPOCH);
  }

  static int numberOf(Entry entry) {
    return Integer.parseInt(((Entry.Happened) entry).detail());
  }

  static Entry trade(long number) {
    return new Entry.Received(
        new Event.Trade(
            Symbol.of("BTC/USDT"),
            "binance",
            new SourceId("binance"),
            Decimal.of(6_500_000 + number % 1_000, 2),
            Decimal.of(100 + number % 1_000, 5),
            number % 2 == 0 ? Side.BUY : Side.SELL,
            Long.toString(3_000_000_000L + number),
            Instant.ofEpochSecond(1_790_000_000L + number / 1_000, number % 1_000 * 1_000_000)),
        Instant.ofEpochSecond(1_790_000_000L + number / 1_000, number % 1_000 * 1_000_000));
  }

  Entry next() {
    return switch (random.nextInt(7)) {
      case 0 -> new Entry.Rejected(event(), text(), instant());
      case 1 -> runEnded();
      case 2 -> new Entry.Happened(text(), maybe(this::source), text(), instant());
      case 3 -> new Entry.Covered(text(), symbol(), any(Interval.values()), span(), instant());
      default -> new Entry.Received(event(), instant());
    };
  }

  private Span span() {
    Instant from = Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
    return new Span(from, from.plusNanos(1 + random.nextLong(Long.MAX_VALUE)));
  }

  private Entry.RunEnded runEnded() {
    List<Entry.RunError> errors = new ArrayList<>();
    List<Entry.Asked> asked = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      errors.add(new Entry.RunError(
          maybe(this::source), text(), any(Failure.Kind.values()), text(), instant()));
      asked.add(new Entry.Asked(text(), instant()));
    }
    return new Entry.RunEnded(
        random.nextLong(),
        instant(),
        instant(),
        random.nextInt(),
        random.nextInt(1_000),
        errors,
        random.nextInt(3),
        asked);
  }

  Event event() {
    return switch (random.nextInt(11)) {
      case 0 ->
        new Event.Trade(
            symbol(),
            maybe(this::text),
            source(),
            decimal(),
            decimal(),
            maybe(() -> any(Side.values())),
            maybe(this::text),
            maybe(this::instant));
      case 1 ->
        new Event.Quote(
            symbol(),
            maybe(this::text),
            source(),
            decimal(),
            maybe(this::decimal),
            maybe(this::decimal),
            maybe(this::decimal),
            maybe(this::instant));
      case 2 ->
        new Event.Price(symbol(), maybe(this::text), source(), decimal(), maybe(this::instant));
      case 3 ->
        new Event.Bar(
            symbol(),
            maybe(this::text),
            source(),
            any(Interval.values()),
            instant(),
            decimal(),
            decimal(),
            decimal(),
            decimal(),
            maybe(this::decimal),
            maybe(random::nextBoolean));
      case 4 ->
        new Event.Listing(
            symbol(),
            maybe(this::text),
            source(),
            text(),
            text(),
            text(),
            maybe(() -> any(Event.Listing.Trading.values())));
      case 5 -> new Event.ServerTime(source(), instant());
      case 6 -> new Event.SourceStatus(source(), any(Event.SourceStatus.Condition.values()));
      case 7 -> new Event.Ack(source(), random.nextBoolean(), maybe(this::text));
      case 8 -> new Event.Heartbeat(source());
      case 9 -> new Event.ProviderError(source(), maybe(this::text), text());
      default ->
        new Event.Sentiment(
            source(),
            text(),
            maybe(this::symbol),
            decimal(),
            maybe(this::text),
            maybe(this::instant));
    };
  }

  private <T> @Nullable T maybe(Supplier<T> value) {
    return random.nextInt(3) == 0 ? null : value.get();
  }

  private <T> T any(T[] values) {
    return values[random.nextInt(values.length)];
  }

  private SourceId source() {
    return new SourceId("s" + random.nextInt(2_000));
  }

  private Symbol symbol() {
    return Symbol.of("B" + random.nextInt(2_000), random.nextBoolean() ? "USDT" : "\u5143");
  }

  Decimal decimal() {
    int scale = random.nextInt(201) - 100;
    return switch (random.nextInt(4)) {
      case 0 -> Decimal.of(random.nextLong(), scale);
      case 1 -> Decimal.of(random.nextInt(200) - 100, scale);
      case 2 -> Decimal.of(new BigDecimal(new BigInteger(random.nextInt(330), random), scale));
      default ->
        Decimal.of(new BigDecimal(new BigInteger(random.nextInt(330), random).negate(), scale));
    };
  }

  private Instant instant() {
    return switch (random.nextInt(4)) {
      case 0 -> Instant.ofEpochSecond(-random.nextInt(1_000_000), random.nextInt(1_000_000_000));
      case 1 -> any(new Instant[] {Instant.MIN, Instant.MAX, Instant.EPOCH});
      default -> Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
    };
  }

  /// From nothing to every kind of character, half surrogate pairs included.
  private String text() {
    int length = random.nextInt(40);
    int top = any(new Integer[] {0x7f, 0xff, 0xffff});
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) random.nextInt(top + 1));
    }
    return text.toString();
  }
}
