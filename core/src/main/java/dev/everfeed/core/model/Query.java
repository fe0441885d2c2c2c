package dev.everfeed.core.model;

import java.time.Instant;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What is asked of a polled source, in the domain's words. Equal queries are one question: they
/// are coalesced, and their answers remembered, by equality.
public sealed interface Query {

  /// The kind of data, which decides who is asked.
  enum Kind {
    PRICE,
    BARS,
    TRADES,
    SENTIMENT,
    LISTINGS;

    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  Kind kind();

  /// The one exchange that may answer, or null for any on the route.
  default @Nullable String exchange() {
    return null;
  }

  /// Latest prices (with best bid and ask where the source has them) of one or more symbols: a
  /// batch, because venues charge less for one. Answered by [Event.Price] and [Event.Quote]
  /// events.
  ///
  /// @param symbols 1 to [#MAX_SYMBOLS], in order
  record Prices(SortedSet<Symbol> symbols) implements Query {
    /// A batch that stays in the cheapest weight class of Binance's 24 h ticker (up to 20
    /// symbols weigh 2).
    public static final int MAX_SYMBOLS = 20;

    public Prices {
      if (symbols.isEmpty() || symbols.size() > MAX_SYMBOLS) {
        throw new IllegalArgumentException(
            "a price query takes 1 to %d symbols, had %d".formatted(MAX_SYMBOLS, symbols.size()));
      }
      symbols = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(symbols));
    }

    public static Prices of(Symbol symbol) {
      return new Prices(new TreeSet<>(java.util.List.of(symbol)));
    }

    public static Prices of(Collection<Symbol> symbols) {
      return new Prices(new TreeSet<>(symbols));
    }

    @Override
    public Kind kind() {
      return Kind.PRICE;
    }
  }

  /// Bars that open in `[from, to)`, oldest first; the newest `limit` of them when `from` is
  /// null.
  ///
  /// @param from     inclusive open of the first bar, or null for the most recent ones
  /// @param to       exclusive, or null for no end
  /// @param limit    1 to [#MAX_LIMIT]
  /// @param exchange whose bars, or null for those of the first exchange on the route that can
  ///     answer: an answer has the bars of one exchange, never a mixture
  record Bars(
      Symbol symbol,
      Interval interval,
      @Nullable Instant from,
      @Nullable Instant to,
      int limit,
      @Nullable String exchange)
      implements Query {
    /// Five pages of the largest page that a venue serves (1,000).
    public static final int MAX_LIMIT = 5_000;

    public Bars {
      if (limit < 1 || limit > MAX_LIMIT) {
        throw new IllegalArgumentException(
            "limit must be 1 to %d, was %d".formatted(MAX_LIMIT, limit));
      }
      if (from != null && to != null && !from.isBefore(to)) {
        throw new IllegalArgumentException(
            "from must be before to, was %s and %s".formatted(from, to));
      }
    }

    public Bars(
        Symbol symbol, Interval interval, @Nullable Instant from, @Nullable Instant to, int limit) {
      this(symbol, interval, from, to, limit, null);
    }

    /// Whether no bar can open in the range: it ends before the next interval begins, or before
    /// the first one since 1970.
    public boolean isEmpty() {
      Instant begin = interval.firstOpen(from == null ? Instant.EPOCH : from);
      return to != null && !begin.isBefore(interval.firstOpen(to));
    }

    /// The same question to one exchange, or to any when it is null.
    public Bars at(@Nullable String other) {
      return new Bars(symbol, interval, from, to, limit, other);
    }

    @Override
    public Kind kind() {
      return Kind.BARS;
    }
  }

  /// Trades, oldest first: from the id `fromId` or the moment `from` on, or the newest `limit`
  /// when both are null.
  ///
  /// @param fromId   of the exchange that is asked: ids of two exchanges have nothing in common
  /// @param from     inclusive; not together with `fromId`
  /// @param limit    1 to [#MAX_LIMIT]
  /// @param exchange whose trades, or null for those of the first on the route that can answer
  record Trades(
      Symbol symbol,
      @Nullable String fromId,
      @Nullable Instant from,
      int limit,
      @Nullable String exchange)
      implements Query {
    public static final int MAX_LIMIT = 1_000;

    public Trades {
      if (limit < 1 || limit > MAX_LIMIT) {
        throw new IllegalArgumentException(
            "limit must be 1 to %d, was %d".formatted(MAX_LIMIT, limit));
      }
      if (fromId != null && from != null) {
        throw new IllegalArgumentException(
            "trades are asked from an id or from a moment, not both, were %s and %s"
                .formatted(fromId, from));
      }
    }

    public Trades(Symbol symbol, @Nullable String fromId, int limit) {
      this(symbol, fromId, null, limit, null);
    }

    @Override
    public Kind kind() {
      return Kind.TRADES;
    }
  }

  /// The mood of the market (`symbol` null) or of one symbol's base asset. A source that knows
  /// only the market's answers with that.
  record Sentiments(@Nullable Symbol symbol) implements Query {
    @Override
    public Kind kind() {
      return Kind.SENTIMENT;
    }
  }

  /// Everything that one source lists. Nobody else can answer for it.
  record Listings(SourceId source) implements Query {
    @Override
    public Kind kind() {
      return Kind.LISTINGS;
    }
  }
}
