package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// For which time all bars of a series are on disk, as far as this process has seen to it: so
/// that the same is not written down with every answer, and not asked for twice by two
/// backfills.
///
/// Forgetting costs nothing but that. Bounds: [#MAX_SERIES], the one not used for longest goes
/// first, and [#MAX_SPANS] for each, of which the oldest time goes first. Owned by the loop's
/// context.
final class CoveredOnDisk {
  static final int MAX_SERIES = 10_000;
  static final int MAX_SPANS = 1_000;

  /// Bars of one length, of one symbol at one exchange.
  record Series(String exchange, Symbol symbol, Interval interval) {}

  private final Map<Series, Spans> bySeries = new LinkedHashMap<>(16, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<Series, Spans> eldest) {
      return size() > MAX_SERIES;
    }
  };

  boolean contains(Series series, Span span) {
    Spans known = bySeries.get(series);
    return known != null && known.contains(span);
  }

  void synced(Series series, Span span) {
    Spans known = bySeries.computeIfAbsent(series, _ -> new Spans());
    known.add(span);
    while (known.size() > MAX_SPANS) {
      known.remove(Objects.requireNonNull(known.first()));
    }
  }
}
