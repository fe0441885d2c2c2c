package dev.everfeed.core.normalise;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// Whether the exchanges of one instrument tell the same story.
///
/// Compared are the closes of complete bars of one interval, at each time at which at least
/// [#WITNESSES] exchanges have one, against their median; the newest [#COMPARED_MAX] of such
/// times. An exchange disagrees when one of its closes is further from the median than
/// [#ONE_PPM], or half of them are further than [#USUAL_PPM]. Values of exchanges are never
/// averaged: one that disagrees is passed over where exchanges stand in for each other, and
/// keeps its own name where it is asked by it.
///
/// The figures are ours. One: two sources of an instrument that agree are at most 5 % apart, as
/// for prices ([Plausibility]). Usual: arbitrage keeps the large pairs of these exchanges within
/// some tenths of a per cent; a venue that is wrong by a per cent for long trades something
/// else.
public final class Consistency {
  /// Of two who differ nobody can tell who is wrong.
  public static final int WITNESSES = 3;

  public static final int COMPARED_MAX = 500;
  public static final long ONE_PPM = Plausibility.AGREEMENT_PPM;
  public static final long USUAL_PPM = 10_000;

  /// How far an exchange is from the others.
  ///
  /// @param compared   bars
  /// @param usualPpm   half of them are at most so far from the median
  /// @param worstPpm   the one that is furthest
  /// @param worstAt    its open
  /// @param worstClose its close
  /// @param median     of all exchanges there
  public record Deviation(
      int compared,
      long usualPpm,
      long worstPpm,
      Instant worstAt,
      Decimal worstClose,
      Decimal median) {

    public boolean disagrees() {
      return worstPpm > ONE_PPM || usualPpm > USUAL_PPM;
    }

    /// For people.
    public String text() {
      return "the close of %s at %s is %.2f %% from the median %s of the exchanges, half of %,d bars are %.2f %% or more"
          .formatted(
              worstClose, worstAt, worstPpm / 10_000.0, median, compared, usualPpm / 10_000.0);
    }
  }

  private Consistency() {}

  /// How far each exchange is from the median; those that had nothing to compare are absent.
  ///
  /// @param series bars of one symbol and interval by exchange, each rising in time
  public static Map<String, Deviation> of(Map<String, ? extends Collection<Event.Bar>> series) {
    NavigableMap<Instant, Map<String, Decimal>> closes = new TreeMap<>();
    series.forEach((exchange, bars) -> {
      for (Event.Bar bar : bars) {
        if (!Boolean.FALSE.equals(bar.complete())) {
          closes.computeIfAbsent(bar.time(), _ -> new TreeMap<>()).put(exchange, bar.close());
        }
      }
    });
    Map<String, Tally> tallies = new TreeMap<>();
    int compared = 0;
    for (Map.Entry<Instant, Map<String, Decimal>> at : closes.descendingMap().entrySet()) {
      Map<String, Decimal> there = at.getValue();
      if (there.size() < WITNESSES) {
        continue;
      }
      if (compared++ == COMPARED_MAX) {
        break;
      }
      Decimal median = median(there.values());
      there.forEach((exchange, close) ->
          tallies.computeIfAbsent(exchange, _ -> new Tally()).add(at.getKey(), close, median));
    }
    Map<String, Deviation> deviations = new TreeMap<>();
    tallies.forEach((exchange, tally) -> deviations.put(exchange, tally.deviation()));
    return deviations;
  }

  /// How far one exchange is, or empty when there was nothing to compare.
  public static Optional<Deviation> of(
      String exchange, Map<String, ? extends Collection<Event.Bar>> series) {
    return Optional.ofNullable(of(series).get(exchange));
  }

  /// Of an even number the lower of the middle two: it is a price that somebody has told.
  private static Decimal median(Collection<Decimal> closes) {
    List<Decimal> sorted = new ArrayList<>(closes);
    sorted.sort(null);
    return sorted.get((sorted.size() - 1) / 2);
  }

  private static final class Tally {
    private final List<Long> ppm = new ArrayList<>();
    private long worst = -1;
    private Instant worstAt = Instant.EPOCH;
    private Decimal worstClose = Decimal.ZERO;
    private Decimal worstMedian = Decimal.ZERO;

    void add(Instant time, Decimal close, Decimal median) {
      long away = close.partsPerMillionFrom(median);
      ppm.add(away);
      if (away > worst) {
        worst = away;
        worstAt = time;
        worstClose = close;
        worstMedian = median;
      }
    }

    Deviation deviation() {
      ppm.sort(null);
      return new Deviation(
          ppm.size(), ppm.get((ppm.size() - 1) / 2), worst, worstAt, worstClose, worstMedian);
    }
  }
}
