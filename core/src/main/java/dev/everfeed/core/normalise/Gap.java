package dev.everfeed.core.normalise;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Span;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// A stretch of a series in which there is no bar.
///
/// @param span whole intervals
/// @param bars how many intervals
public record Gap(Span span, long bars, Kind kind) {

  /// Why there is no bar.
  public enum Kind {
    /// The venue was asked, and has no bar for an interval without trades: nobody traded.
    NO_TRADES,
    /// The venue was asked and had none, though it has a bar for every interval: it has lost it,
    /// or stood still. Asking again is of no use.
    VENUE_HAS_NONE,
    /// We lack it: the venue was not asked, or did not answer.
    MISSING;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The gaps between bars.
  ///
  /// @param opens          of the bars, rising
  /// @param range          whole intervals; nothing before or after it is a gap
  /// @param covered        rising and apart: for what the venue has told all it has
  /// @param emptyIntervals whether the venue has a bar for an interval without trades
  public static List<Gap> between(
      Collection<Instant> opens,
      Interval interval,
      Span range,
      List<Span> covered,
      boolean emptyIntervals) {
    List<Gap> gaps = new ArrayList<>();
    Instant next = range.from();
    for (Instant open : opens) {
      if (open.isAfter(next)) {
        addAll(new Span(next, open), interval, covered, emptyIntervals, gaps);
      }
      next = interval.next(open);
    }
    if (next.isBefore(range.to())) {
      addAll(new Span(next, range.to()), interval, covered, emptyIntervals, gaps);
    }
    return gaps;
  }

  /// What a stretch without bars is: by the parts of it that are covered.
  public static void addAll(
      Span absent, Interval interval, List<Span> covered, boolean emptyIntervals, List<Gap> out) {
    Kind told = emptyIntervals ? Kind.VENUE_HAS_NONE : Kind.NO_TRADES;
    Instant at = absent.from();
    for (Span span : covered) {
      if (!span.to().isAfter(at) || !span.from().isBefore(absent.to())) {
        continue;
      }
      if (span.from().isAfter(at)) {
        out.add(of(at, span.from(), interval, Kind.MISSING));
        at = span.from();
      }
      Instant end = span.to().isBefore(absent.to()) ? span.to() : absent.to();
      out.add(of(at, end, interval, told));
      at = end;
    }
    if (at.isBefore(absent.to())) {
      out.add(of(at, absent.to(), interval, Kind.MISSING));
    }
  }

  private static Gap of(Instant from, Instant to, Interval interval, Kind kind) {
    long bars;
    if (interval == Interval.MONTH) {
      bars = 0;
      for (Instant open = from; open.isBefore(to); open = interval.next(open)) {
        bars++;
      }
    } else {
      bars = Math.ceilDiv(
          Duration.between(from, to).toSeconds(), interval.duration().toSeconds());
    }
    return new Gap(new Span(from, to), bars, kind);
  }
}
