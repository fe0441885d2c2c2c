package dev.everfeed.core.request;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.normalise.Consistency;
import dev.everfeed.core.normalise.Plausibility;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The last answers, by question: latest prices by symbol, bars by series, the rest by the
/// question itself.
///
/// What was received before this process began was restored: it stands in when nobody answers,
/// and is never young.
///
/// Bounds: [#MAX_ANSWERS] prices, a tenth as many other answers with [#MAX_EVENTS] in them, and
/// [BarMemory]'s own; what was not used for longest goes first. Owned by the chain's thread.
final class Memory {
  static final int MAX_ANSWERS = 10_000;

  /// Bars, trades and the like in all answers together, most of which [BarMemory] shares. With
  /// those it is an eighth of a heap of 512 MiB: one takes some 280 bytes (a histogram of the
  /// heap during `benchmarks/run merged`).
  static final int MAX_EVENTS = 75_000;

  /// What was received by so much later than now was received at the end of the process before:
  /// the clocks of two processes differ. More than that, and a clock has stepped back.
  static final long CLOCKS_DIFFER_NANOS = 60_000_000_000L;

  private final long beganAtNanos;
  private final Map<Symbol, Served> prices = bounded(MAX_ANSWERS);
  private final Map<Query, Served> answers = new LinkedHashMap<>(16, 0.75f, true);

  /// Events of all answers together.
  private int answered;

  private final BarMemory bars;

  /// @param beganAtNanos when this process began to remember
  /// @param exchanges    whose bars stand for all, the best first
  Memory(long beganAtNanos, List<String> exchanges) {
    this.beganAtNanos = beganAtNanos;
    this.bars = new BarMemory(exchanges);
  }

  /// Keeps an answer.
  ///
  /// @param askedAs for a price query, each wanted symbol and the one that was asked for it
  /// @return what of it is remembered: all but what was not asked, in the same order
  Served remember(Served served, SortedMap<Symbol, Symbol> askedAs) {
    switch (served.query()) {
      case Query.Prices _ -> {
        int kept = 0;
        Map<Symbol, Served> parts = parts(served, askedAs);
        for (Map.Entry<Symbol, Served> part : parts.entrySet()) {
          prices.put(part.getKey(), part.getValue());
          kept += part.getValue().events().size();
        }
        return kept == served.events().size() ? served : without(served, parts, askedAs);
      }
      case Query.Bars asked -> {
        keep(asked, served);
        String exchange = exchangeOf(served);
        if (exchange != null && asked.exchange() == null) {
          keep(asked.at(exchange), served); // who asks for that exchange has it too
        }
        bars.remember(asked, served);
      }
      case Query.Trades _, Query.Sentiments _, Query.Listings _ -> keep(served.query(), served);
    }
    return served;
  }

  private void keep(Query query, Served served) {
    Served before = answers.put(query, served);
    answered += served.events().size() - (before == null ? 0 : before.events().size());
    Iterator<Served> eldest = answers.values().iterator();
    while ((answers.size() > MAX_ANSWERS / 10 || answered > MAX_EVENTS) && answers.size() > 1) {
      answered -= eldest.next().events().size();
      eldest.remove();
    }
  }

  private void keepIfNewest(Query query, Served served) {
    Served known = answers.get(query);
    boolean room =
        answers.size() < MAX_ANSWERS / 10 && answered + served.events().size() <= MAX_EVENTS;
    boolean newest = known == null ? room : known.receivedAtNanos() < served.receivedAtNanos();
    if (newest) {
      keep(query, served);
    }
  }

  private static @Nullable String exchangeOf(Served served) {
    return !served.events().isEmpty() && served.events().getFirst() instanceof Event.Bar bar
        ? bar.exchange()
        : null;
  }

  /// Bars that are right for their exchange, and not for others: they are kept under its name
  /// alone.
  void rememberApart(Query.Bars asked, Served served) {
    bars.remember(asked, served);
  }

  /// How far bars are from those of the other exchanges, or empty when there is nothing to
  /// compare.
  Optional<Consistency.Deviation> deviation(Query.Bars asked, List<Event> answer) {
    return bars.deviation(asked, answer);
  }

  /// Without what is in none of its parts.
  private static Served without(
      Served served, Map<Symbol, Served> parts, SortedMap<Symbol, Symbol> askedAs) {
    TreeSet<Symbol> own = new TreeSet<>();
    parts.keySet().forEach(wanted -> own.add(askedAs.get(wanted)));
    List<Event> events = new ArrayList<>();
    for (Event event : served.events()) {
      Symbol symbol = symbolOf(event);
      if (symbol != null && own.contains(symbol)) {
        events.add(event);
      }
    }
    return new Served(
        served.query(), served.source(), events, served.receivedAtNanos(), served.equivalent());
  }

  /// Takes what was remembered before this process began, where nothing younger is. It pushes
  /// out nothing, and what cannot be true does not come back.
  void restore(List<Served> restored, long nowNanos) {
    for (Served answer : restored) {
      boolean believable = answer.events().stream()
          .allMatch(event -> Plausibility.impossible(event).isEmpty());
      if (answer.receivedAtNanos() > nowNanos + CLOCKS_DIFFER_NANOS || !believable) {
        continue;
      }
      Served before = new Served(
          answer.query(),
          answer.source(),
          answer.events(),
          Math.min(answer.receivedAtNanos(), beganAtNanos - 1),
          answer.equivalent(),
          answer.covered());
      switch (before.query()) {
        case Query.Prices wanted -> {
          if (priceOf(before.events()) != null) {
            putIfNewest(prices, MAX_ANSWERS, wanted.symbols().first(), before);
          }
        }
        case Query.Bars asked -> {
          keepIfNewest(asked, before);
          bars.remember(asked, before);
        }
        case Query.Trades _, Query.Sentiments _ -> keepIfNewest(before.query(), before);
        case Query.Listings _ -> {} // refused by Input.Restored
      }
    }
  }

  private static <K> void putIfNewest(Map<K, Served> map, int most, K key, Served before) {
    Served known = map.get(key);
    boolean newest =
        known == null ? map.size() < most : known.receivedAtNanos() < before.receivedAtNanos();
    if (newest) {
      map.put(key, before);
    }
  }

  /// Whether any part of it was received before this process began.
  boolean isRestored(Served served) {
    return served.receivedAtNanos() < beganAtNanos;
  }

  /// The last answer to this very question; for prices of several symbols, to each of them.
  @Nullable
  Served recallExactly(Query query) {
    return query instanceof Query.Prices wanted ? recallPrices(wanted) : answers.get(query);
  }

  /// The best there is, if need be put together from answers to other questions. May cover less
  /// than was asked.
  @Nullable
  Remembered recall(Query query) {
    if (query instanceof Query.Bars wanted) {
      return bars.recall(wanted);
    }
    Served exact = recallExactly(query);
    return exact == null ? null : Remembered.of(exact);
  }

  /// The same, together with what history has. Bars are one series; of trades that have none in
  /// common the newer ones stand, so that no gap is hidden between them.
  @Nullable
  Remembered recallWith(Query query, List<Input.Past> past) {
    return switch (query) {
      case Query.Bars wanted -> bars.recallWith(wanted, past);
      case Query.Trades wanted -> PastTrades.with(wanted, past, answers.get(wanted));
      case Query.Prices _, Query.Sentiments _, Query.Listings _ -> recall(query);
    };
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
