package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Span;
import dev.everfeed.core.normalise.Gap;
import dev.everfeed.hub.api.BackfillOrder;
import dev.everfeed.hub.api.BackfillView;
import dev.everfeed.hub.runtime.Stretches.Missing;
import dev.everfeed.hub.runtime.Stretches.Reason;
import dev.everfeed.hub.store.History;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What of a series is in the store, and what each gap in it is. For one look; blocks.
final class Verification {
  /// Gaps that are told one by one.
  static final int GAPS_MAX = 100;

  /// Intervals of one question to the database, which must answer in seconds.
  private static final long AT_ONCE = 500_000;

  private final BackfillOrder order;
  private final String exchange;
  private final boolean emptyIntervals;
  private final Span wanted;

  private final List<BackfillView.Gap> gaps = new ArrayList<>();
  private long gapCount;
  private long bars;
  private long noTrades;
  private long venueHasNone;
  private long unavailable;
  private long missing;

  /// The gap that may go on: those of two slices, and of two covered spans, are one.
  private BackfillView.@Nullable Gap last;

  Verification(BackfillOrder order, String exchange, boolean emptyIntervals, Span wanted) {
    this.order = order;
    this.exchange = exchange;
    this.emptyIntervals = emptyIntervals;
    this.wanted = wanted;
  }

  /// @param asked knows why something was not brought
  BackfillView.Report report(History history, Stretches asked) throws SQLException {
    long first = Intervals.number(order.interval(), wanted.from());
    long end = Intervals.number(order.interval(), wanted.to());
    for (long from = first; from < end; from += AT_ONCE) {
      Instant begin = Intervals.open(order.interval(), from);
      Instant to = Intervals.open(order.interval(), Math.min(end, from + AT_ONCE));
      slice(history, new Span(begin, to), asked);
    }
    close();
    return new BackfillView.Report(
        bars, noTrades, venueHasNone, unavailable, missing, List.copyOf(gaps), gapCount);
  }

  private void slice(History history, Span slice, Stretches asked) throws SQLException {
    long found = history.count(exchange, order.symbol(), order.interval(), slice);
    bars += found;
    if (found == Intervals.count(order.interval(), slice)) {
      return;
    }
    List<Span> covered = history.covered(exchange, order.symbol(), order.interval(), slice);
    history.eachGap(
        exchange, order.symbol(), order.interval(), slice, covered, emptyIntervals, gap -> {
          if (gap.kind() == Gap.Kind.MISSING) {
            for (Missing part : asked.explained(gap.span())) {
              lacking(part.span(), part.reason());
            }
          } else {
            told(gap);
          }
        });
  }

  private void told(Gap gap) {
    if (gap.kind() == Gap.Kind.NO_TRADES) {
      noTrades += gap.bars();
    } else {
      venueHasNone += gap.bars();
    }
    add(gap.span(), gap.bars(), gap.kind().text(), null);
  }

  private void lacking(Span span, @Nullable Reason reason) {
    long intervals = Intervals.count(order.interval(), span);
    boolean gone = reason != null && reason.unavailable();
    if (gone) {
      unavailable += intervals;
    } else {
      missing += intervals;
    }
    add(
        span,
        intervals,
        gone ? "unavailable" : Gap.Kind.MISSING.text(),
        reason == null ? "it was not asked for" : reason.text());
  }

  private void add(Span span, long intervals, String kind, @Nullable String reason) {
    BackfillView.Gap open = last;
    if (open != null
        && open.to().equals(span.from())
        && open.kind().equals(kind)
        && Objects.equals(open.reason(), reason)) {
      last =
          new BackfillView.Gap(open.from(), span.to(), open.intervals() + intervals, kind, reason);
      return;
    }
    close();
    last = new BackfillView.Gap(span.from(), span.to(), intervals, kind, reason);
  }

  private void close() {
    if (last != null) {
      gapCount++;
      if (gaps.size() < GAPS_MAX) {
        gaps.add(last);
      }
      last = null;
    }
  }
}
