package dev.everfeed.core.normalise;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import java.util.List;
import java.util.Optional;

/// Whether what a source said can be true, by itself and against the last price that was
/// believed.
///
/// A price may have moved by 10 % since the last one, and by 10 % more for each minute since
/// then. A larger move is doubtful, not impossible: the chain asks another provider, and
/// believes the move when that one saw it too. The figures are ours: the largest one-minute
/// move of BTC/USDT in the recorded daily and hourly bars stays below them by a factor of two.
public final class Plausibility {
  /// Two sources of one instrument that agree are at most this far apart.
  static final long AGREEMENT_PPM = 50_000;

  private static final long BASE_PPM = 100_000;
  private static final long PPM_PER_MINUTE = 100_000;
  private static final long MINUTE_NANOS = 60_000_000_000L;

  private Plausibility() {}

  /// Why an event cannot be true whatever the market did, or empty.
  public static Optional<String> impossible(Event event) {
    return switch (event) {
      case Event.Price p
      when p.price().signum() <= 0 ->
        Optional.of("%s: price must be above 0, was %s".formatted(p.symbol(), p.price()));
      case Event.Trade t
      when t.price().signum() <= 0 || t.size().signum() < 0 ->
        Optional.of("%s: trade of %s at %s".formatted(t.symbol(), t.size(), t.price()));
      case Event.Bar b -> impossible(b);
      case Event.Quote q
      when isNegative(q.bid()) || isNegative(q.ask()) ->
        Optional.of("%s: quote %s / %s below 0".formatted(q.symbol(), q.bid(), q.ask()));
      default -> Optional.empty();
    };
  }

  private static boolean isNegative(@org.jspecify.annotations.Nullable Decimal value) {
    return value != null && value.signum() < 0;
  }

  private static Optional<String> impossible(Event.Bar b) {
    boolean inOrder = b.low().compareTo(b.high()) <= 0
        && within(b.open(), b)
        && within(b.close(), b)
        && b.low().signum() > 0;
    return inOrder
        ? Optional.empty()
        : Optional.of("%s bar of %s: open %s, high %s, low %s, close %s cannot be"
            .formatted(b.symbol(), b.time(), b.open(), b.high(), b.low(), b.close()));
  }

  private static boolean within(Decimal value, Event.Bar b) {
    return value.compareTo(b.low()) >= 0 && value.compareTo(b.high()) <= 0;
  }

  /// Why bars cannot be one series, or empty: they must rise in time.
  public static Optional<String> outOfOrder(List<Event> events) {
    Event.Bar before = null;
    for (Event event : events) {
      if (event instanceof Event.Bar bar) {
        if (before != null && !before.time().isBefore(bar.time())) {
          return Optional.of("%s: bar of %s comes after the bar of %s"
              .formatted(bar.symbol(), bar.time(), before.time()));
        }
        before = bar;
      }
    }
    return Optional.empty();
  }

  /// Whether a price is doubtful after the one believed `sinceNanos` ago.
  public static boolean isDoubtful(Decimal price, Decimal believed, long sinceNanos) {
    long minutes = Math.max(0, sinceNanos) / MINUTE_NANOS;
    return price.partsPerMillionFrom(believed) > BASE_PPM + minutes * PPM_PER_MINUTE;
  }

  /// Whether two sources mean the same price.
  public static boolean agree(Decimal one, Decimal other) {
    return one.partsPerMillionFrom(other) <= AGREEMENT_PPM;
  }
}
