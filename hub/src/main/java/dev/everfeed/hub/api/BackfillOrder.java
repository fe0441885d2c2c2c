package dev.everfeed.hub.api;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What history somebody wants to have. Equal orders are one backfill.
///
/// @param from      inclusive
/// @param to        exclusive, or null for everything that is over when it starts
/// @param exchanges by name; [#ALL] alone for all on the route of bars, none for the first of
///     them that lists the symbol
/// @param again     whether what is in the store already is asked for anew and replaced: for
///     bars that an exchange told wrong and has put right since
public record BackfillOrder(
    Symbol symbol,
    Interval interval,
    Instant from,
    @Nullable Instant to,
    List<String> exchanges,
    boolean again) {
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

  /// Of what is not in the store yet.
  public BackfillOrder(
      Symbol symbol,
      Interval interval,
      Instant from,
      @Nullable Instant to,
      List<String> exchanges) {
    this(symbol, interval, from, to, exchanges, false);
  }

  /// As people write it.
  ///
  /// @param from     RFC 3339, a date (its first moment in UTC), or milliseconds since 1970
  /// @param to       the same, or null
  /// @param exchange names with commas between them, `all`, or null
  /// @throws IllegalArgumentException saying what was allowed
  public static BackfillOrder parse(
      String symbol,
      String interval,
      String from,
      @Nullable String to,
      @Nullable String exchange,
      boolean again) {
    Interval length = Interval.parse(interval)
        .orElseThrow(() -> new IllegalArgumentException("interval \"%s\" is none; there are %s"
            .formatted(Parameters.shown(interval), Interval.all())));
    return new BackfillOrder(
        new Symbol(symbol),
        length,
        moment("from", from),
        to == null ? null : moment("to", to),
        exchange == null ? List.of() : exchanges(exchange),
        again);
  }

  private static Instant moment(String name, String text) {
    try {
      return Parameters.time(name, text);
    } catch (Problem e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static List<String> exchanges(String text) {
    List<String> names = new ArrayList<>();
    for (String name : text.split(",", -1)) {
      if (!name.strip().matches("[a-z0-9_]{1,40}")) {
        throw new IllegalArgumentException(
            "exchange must be names with commas between them, or all, was \"%s\""
                .formatted(Parameters.shown(text)));
      }
      names.add(name.strip());
    }
    if (names.size() > 1 && names.contains(ALL)) {
      throw new IllegalArgumentException(
          "exchange: all stands alone, was \"%s\"".formatted(Parameters.shown(text)));
    }
    return names;
  }

  public boolean wantsAll() {
    return exchanges.equals(List.of(ALL));
  }

  /// `BTC/USDT 1m`.
  public String series() {
    return symbol + " " + interval;
  }
}
