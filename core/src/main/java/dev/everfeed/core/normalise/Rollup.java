package dev.everfeed.core.normalise;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Span;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Longer bars built from shorter ones of one series.
///
/// A long bar is built only where its whole beginning is known: of the first one the short bars
/// must be there from its open on (by `covered`, since a venue may leave out what did not
/// trade). It is complete when everything up to its end is known. Its volume is the sum, and
/// null when one of the volumes is.
public final class Rollup {
  private static final long LONGEST_MONTH_SECONDS = 31 * 86_400L;

  private Rollup() {}

  /// The longest of the given intervals that a long one is made of: it is the same, or every
  /// long bar begins with a short one and holds whole ones only. Empty when there is none.
  public static Optional<Interval> basis(Interval wanted, Iterable<Interval> offered) {
    Interval best = null;
    for (Interval candidate : offered) {
      if (divides(candidate, wanted)
          && (best == null || candidate.duration().compareTo(best.duration()) > 0)) {
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  /// How many short bars the longest long bar has.
  public static int parts(Interval wanted, Interval basis) {
    if (wanted == basis) {
      return 1;
    }
    long seconds =
        wanted == Interval.MONTH ? LONGEST_MONTH_SECONDS : wanted.duration().toSeconds();
    return (int) (seconds / basis.duration().toSeconds());
  }

  /// Weeks begin on Monday and months on the first, so both are made of days or of what a day
  /// is made of; all others are counted from the epoch.
  private static boolean divides(Interval basis, Interval wanted) {
    if (basis == wanted) {
      return true;
    }
    long basisSeconds = basis.duration().toSeconds();
    long whole = wanted == Interval.W1 || wanted == Interval.MONTH
        ? Interval.D1.duration().toSeconds()
        : wanted.duration().toSeconds();
    return basis != Interval.MONTH
        && basis != Interval.W1
        && basisSeconds <= whole
        && whole % basisSeconds == 0;
  }

  /// @param bars    of one shorter interval, oldest first
  /// @param covered the time for which they are all there are
  public static List<Event.Bar> of(List<Event.Bar> bars, Interval wanted, Span covered) {
    List<Event.Bar> built = new ArrayList<>();
    int begin = 0;
    while (begin < bars.size()) {
      Instant open = wanted.openOf(bars.get(begin).time());
      Instant end = wanted.next(open);
      int after = begin;
      while (after < bars.size() && bars.get(after).time().isBefore(end)) {
        after++;
      }
      if (!open.isBefore(covered.from())) {
        built.add(together(bars.subList(begin, after), wanted, open, !end.isAfter(covered.to())));
      }
      begin = after;
    }
    return built;
  }

  private static Event.Bar together(
      List<Event.Bar> parts, Interval wanted, Instant open, boolean complete) {
    Event.Bar first = parts.getFirst();
    Decimal high = first.high();
    Decimal low = first.low();
    Decimal volume = Decimal.ZERO;
    for (Event.Bar part : parts) {
      high = part.high().compareTo(high) > 0 ? part.high() : high;
      low = part.low().compareTo(low) < 0 ? part.low() : low;
      volume = sum(volume, part.volume());
    }
    return new Event.Bar(
        first.symbol(),
        first.exchange(),
        first.source(),
        wanted,
        open,
        first.open(),
        high,
        low,
        parts.getLast().close(),
        volume,
        complete);
  }

  private static @Nullable Decimal sum(@Nullable Decimal one, @Nullable Decimal other) {
    return one == null || other == null ? null : one.plus(other);
  }
}
