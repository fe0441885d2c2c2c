package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.Route;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.hub.store.History;
import dev.everfeed.hub.store.PastBars;
import dev.everfeed.hub.store.Stored;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What the database remembers, in the words of `core`: the answer to a question that no
/// provider answered, and the memory of the hub before its start. Blocks; any thread may call
/// it.
final class Recall {
  /// A stand-in's value must be younger by this to be preferred to the first provider's.
  private static final long MUCH_NANOS = 60_000_000_000L;

  private static final Answer NOTHING = new Answer(List.of(), null);

  private final Map<Query.Kind, Route> routes;
  private final Map<Query.Kind, List<String>> exchanges = new EnumMap<>(Query.Kind.class);
  private final List<Symbol> symbols;
  private final AnchoredClock clock;
  private final PastBars pastBars;

  /// Looks at the plan once: its sources change later, on the loop.
  ///
  /// @param nanos monotonic
  Recall(PullPlan plan, AnchoredClock clock, LongSupplier nanos) {
    this.pastBars = new PastBars(nanos);
    this.routes = plan.routes();
    this.symbols = plan.symbols();
    this.clock = clock;
    routes.forEach((kind, route) -> exchanges.put(
        kind,
        route.providers().stream()
            .map(id -> plan.source(id).exchange())
            .filter(Objects::nonNull)
            .distinct()
            .toList()));
  }

  /// What history has of a question.
  ///
  /// @param past    oldest first; of bars those of each exchange, one after the other
  /// @param covered of a whole series, the time for which it is all there is
  record Answer(List<Input.Past> past, @Nullable Span covered) {}

  /// Bars and trades of the exchange that is asked, or of those on the question's route.
  Answer answer(Decision.Recall recall, History history) throws SQLException {
    Query query = recall.query();
    List<String> asked = query.exchange() == null
        ? exchanges.getOrDefault(query.kind(), List.of())
        : List.of(query.exchange());
    if (asked.isEmpty()) {
      return NOTHING;
    }
    return switch (query) {
      case Query.Bars q -> recall.whole() ? whole(asked, q, history) : bars(asked, q, history);
      case Query.Trades q ->
        new Answer(
            past(history.trades(asked, q.symbol(), q.fromId(), q.from(), null, q.limit())), null);
      case Query.Prices _, Query.Sentiments _, Query.Listings _ ->
        throw new IllegalArgumentException("nobody recalls " + query + " from the database");
    };
  }

  private Answer bars(List<String> asked, Query.Bars q, History history) throws SQLException {
    List<Input.Past> past = new ArrayList<>();
    for (String exchange : asked) {
      past.addAll(past(
          history.bars(List.of(exchange), q.symbol(), q.interval(), q.from(), q.to(), q.limit())));
    }
    return new Answer(past, null);
  }

  /// The first exchange of which everything is there, from the range's first bar to its last,
  /// and which does not disagree with the others; the one that is asked for, whether it does or
  /// not.
  private Answer whole(List<String> asked, Query.Bars q, History history) throws SQLException {
    Span range = range(q);
    if (range == null) {
      return NOTHING;
    }
    List<Stored> bars = pastBars.first(history, asked, q.symbol(), q.interval(), range);
    return bars.isEmpty() ? NOTHING : new Answer(past(bars), range);
  }

  /// The whole intervals that are asked for; null when there is none.
  private static @Nullable Span range(Query.Bars q) {
    Instant asked = q.from();
    if (asked == null) {
      return null;
    }
    Instant from = q.interval().firstOpen(asked);
    Instant end = q.interval().moved(from, q.limit());
    Instant to = q.to() == null ? end : q.interval().firstOpen(q.to());
    return Span.between(from, to.isBefore(end) ? to : end);
  }

  private List<Input.Past> past(List<Stored> stored) {
    return stored.stream()
        .map(one -> new Input.Past(one.event(), clock.nanosAt(one.receivedAt())))
        .toList();
  }

  /// Prices and sentiment as they were last known: of each configured symbol that of the first
  /// provider of the route which is not much older than the youngest, under the symbol that the
  /// provider is asked for.
  List<Served> lastKnown(History history) throws SQLException {
    List<Served> answers = new ArrayList<>();
    List<Stored> latest = history.latest();
    Route route = routes.get(Query.Kind.PRICE);
    if (route != null) {
      for (Symbol symbol : symbols) {
        Served best = null;
        for (SourceId source : route.providers()) {
          Served one = price(symbol, route.symbolAt(source, symbol), source, latest);
          boolean younger = one != null
              && (best == null || one.receivedAtNanos() - best.receivedAtNanos() > MUCH_NANOS);
          best = younger ? one : best;
        }
        if (best != null) {
          answers.add(best);
        }
      }
    }
    answers.addAll(moods(history.sentiment()));
    return answers;
  }

  private @Nullable Served price(
      Symbol wanted, Symbol asked, SourceId source, List<Stored> latest) {
    List<Event> events = new ArrayList<>();
    long receivedAt = Long.MAX_VALUE;
    boolean hasPrice = false;
    for (Stored one : latest) {
      Symbol symbol = switch (one.event()) {
        case Event.Price price -> price.symbol();
        case Event.Quote quote -> quote.symbol();
        default -> null;
      };
      if (asked.equals(symbol) && one.event().source().equals(source)) {
        events.add(one.event());
        hasPrice |= one.event() instanceof Event.Price;
        receivedAt = Math.min(receivedAt, clock.nanosAt(one.receivedAt()));
      }
    }
    return hasPrice
        ? new Served(Query.Prices.of(wanted), source, events, receivedAt, !wanted.equals(asked))
        : null;
  }

  /// Of the market and of each symbol the newest, from a source that the route names.
  private List<Served> moods(List<Stored> stored) {
    Route route = routes.get(Query.Kind.SENTIMENT);
    Map<Query, Served> newest = new LinkedHashMap<>();
    for (Stored one : stored) {
      if (route != null
          && one.event() instanceof Event.Sentiment mood
          && route.providers().contains(mood.source())) {
        Query query = new Query.Sentiments(mood.symbol());
        Served served =
            new Served(query, mood.source(), List.of(mood), clock.nanosAt(one.receivedAt()), false);
        newest.merge(query, served, (a, b) -> a.receivedAtNanos() >= b.receivedAtNanos() ? a : b);
      }
    }
    return List.copyOf(newest.values());
  }
}
