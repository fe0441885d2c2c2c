package dev.everfeed.hub.api;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What history somebody wants to have. Equal orders are one backfill.
///
/// @param from      inclusive
/// @param to        exclusive, or null for everything that is over when it starts
/// @param exchanges by name; [#ALL] alone for all on the route of bars, none for the first of
///     them that lists the symbol
public record BackfillOrder(
    Symbol symbol,
    Interval interval,
    Instant from,
    @Nullable Instant to,
    List<String> exchanges) {
  public static final String ALL = "all";

  /// More than there are.
  public static final int MAX_EXCHANGES = 20;

  public BackfillOrder {
    exchanges = exchanges.stream().distinct().toList();
    if (exchanges.size() > MAX_EXCHANGES) {
      throw new IllegalArgumentException(
          "at most %d exchanges may be named, were %d".formatted(MAX_EXCHANGES, exchanges.size()));
    }
  }

  public boolean wantsAll() {
    return exchanges.equals(List.of(ALL));
  }

  /// `BTC/USDT 1m`.
  public String series() {
    return symbol + " " + interval;
  }
}
