package dev.everfeed.core.request;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.Symbol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// The last answers, by question: latest prices by symbol, bars by series, the rest by the
/// question itself. It is the provider of last resort until there is a store.
///
/// Bounds: [#MAX_ANSWERS] symbols and questions each, and [BarMemory]'s own; what was not used
/// for longest goes first. Owned by the chain's thread.
final class Memory {
  static final int MAX_ANSWERS = 10_000;

  private final Map<Symbol, Served> prices = bounded(MAX_ANSWERS);
  private final Map<Query, Served> answers = bounded(MAX_ANSWERS / 10);
  private final BarMemory bars = new BarMemory();

  /// Keeps an answer.
  ///
  /// @param askedAs for a price query, each wanted symbol and the one that was asked for it
  void remember(Served served, SortedMap<Symbol, Symbol> askedAs) {
    switch (served.query()) {
      case Query.Prices _ -> {
        for (Served part : parts(served, askedAs).values()) {
          Query.Prices single = (Query.Prices) part.query();
          prices.put(single.symbols().first(), part);
        }
      }
      case Query.Bars asked -> {
        answers.put(asked, served);
        bars.remember(asked, served);
      }
      case Query.Trades _, Query.Sentiments _, Query.Listings _ ->
        answers.put(served.query(), served);
    }
  }

  /// The last answer to this very question; for prices of several symbols, to each of them.
  @Nullable
  Served recallExactly(Query query) {
    return query instanceof Query.Prices wanted ? recallPrices(wanted) : answers.get(query);
  }

  /// The best there is, if need be put together from answers to other questions. May cover less
  /// than was asked.
  @Nullable
  Served recall(Query query) {
    return query instanceof Query.Bars wanted ? bars.recall(wanted) : recallExactly(query);
  }

  /// The last believed price of a symbol, or null.
  @Nullable
  Served recallPrice(Symbol symbol) {
    return prices.get(symbol);
  }

  int size() {
    return prices.size() + answers.size();
  }

  int barCount() {
    return bars.size();
  }

  /// One answer to several symbols, taken apart: a symbol that the answer says nothing of is
  /// absent.
  static Map<Symbol, Served> parts(Served served, SortedMap<Symbol, Symbol> askedAs) {
    Map<Symbol, Served> parts = new LinkedHashMap<>();
    askedAs.forEach((wanted, asked) -> {
      List<Event> own = new ArrayList<>();
      for (Event event : served.events()) {
        if (asked.equals(symbolOf(event))) {
          own.add(event);
        }
      }
      if (priceOf(own) != null) {
        parts.put(
            wanted,
            new Served(
                Query.Prices.of(wanted),
                served.source(),
                own,
                served.receivedAtNanos(),
                !wanted.equals(asked)));
      }
    });
    return parts;
  }

  /// The price in an answer, or null.
  static @Nullable Decimal priceOf(List<Event> events) {
    for (Event event : events) {
      if (event instanceof Event.Price price) {
        return price.price();
      }
    }
    return null;
  }

  private static @Nullable Symbol symbolOf(Event event) {
    return switch (event) {
      case Event.Price price -> price.symbol();
      case Event.Quote quote -> quote.symbol();
      default -> null;
    };
  }

  private @Nullable Served recallPrices(Query.Prices wanted) {
    if (wanted.symbols().size() == 1) {
      return prices.get(wanted.symbols().first());
    }
    List<Event> events = new ArrayList<>();
    Served oldest = null;
    boolean equivalent = false;
    for (Symbol symbol : wanted.symbols()) {
      Served one = prices.get(symbol);
      if (one == null) {
        return null;
      }
      events.addAll(one.events());
      equivalent |= one.equivalent();
      if (oldest == null || one.receivedAtNanos() < oldest.receivedAtNanos()) {
        oldest = one;
      }
    }
    return oldest == null
        ? null
        : new Served(wanted, oldest.source(), events, oldest.receivedAtNanos(), equivalent);
  }

  /// Iterates in order of use, so that no decision hangs on a hash.
  static <K, V> Map<K, V> bounded(int most) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
      }
    };
  }
}
