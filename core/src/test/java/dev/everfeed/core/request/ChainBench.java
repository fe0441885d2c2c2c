package dev.everfeed.core.request;

import dev.everfeed.core.guard.GuardPolicy;
import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.core.time.NextRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An engine on a bench: the test moves the time, answers the calls and reads the decisions.
final class ChainBench {
  static final SourceId EXCHANGE = new SourceId("binance");
  static final SourceId AGGREGATE = new SourceId("coingecko");
  static final Symbol BTC = Symbol.of("BTC/USDT");
  static final Symbol BTC_USD = Symbol.of("BTC/USD");
  static final Symbol ETH = Symbol.of("ETH/USDT");
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  final List<Decision> decisions = new ArrayList<>();
  final List<SourceGuard> guards;
  final AnchoredClock clock = new AnchoredClock(START, 0);
  final PullEngine engine;
  long nowNanos;

  /// Otherwise it says at once that it has none, and the test need not answer.
  boolean historyHasWholeSeries;

  private long nextRequestId = 1;

  ChainBench() {
    this(List.of(), ChainBench.route());
  }

  ChainBench(List<Query> plan, Route prices) {
    this(plan, prices, 0);
  }

  /// @param askAgainAfterNanos of the aggregate
  ChainBench(List<Query> plan, Route prices, long askAgainAfterNanos) {
    this(plan.stream().map(Planned::everyRun).toList(), prices, askAgainAfterNanos, 10_000);
  }

  /// A schedule that asks every `runMillis`, first now.
  static ChainBench planned(long runMillis, Planned... plan) {
    ChainBench bench = new ChainBench(List.of(plan), ChainBench.route(), 0, runMillis);
    bench.nowNanos = 0;
    return bench;
  }

  private ChainBench(List<Planned> plan, Route prices, long askAgainAfterNanos, long runMillis) {
    GuardPolicy policy = GuardPolicy.defaults();
    guards = List.of(
        new SourceGuard(EXCHANGE, policy, new SplittableRandom(1), 0),
        new SourceGuard(AGGREGATE, policy, new SplittableRandom(2), 0));
    Map<Query.Kind, Route> routes = new EnumMap<>(Query.Kind.class);
    routes.put(Query.Kind.PRICE, prices);
    routes.put(Query.Kind.BARS, exchangeOnly());
    routes.put(Query.Kind.TRADES, exchangeOnly());
    routes.put(Query.Kind.SENTIMENT, exchangeOnly());
    if (!plan.isEmpty()) {
      routes.put(Query.Kind.LISTINGS, exchangeOnly());
    }
    engine = new PullEngine(
        guards,
        routes,
        catalogue(askAgainAfterNanos),
        plan,
        NextRun.every(Duration.ofMillis(runMillis)),
        clock,
        new SplittableRandom(3),
        0);
    if (!plan.isEmpty()) {
      nowNanos = -1;
    }
  }

  private static Route exchangeOnly() {
    return new Route(
        List.of(EXCHANGE),
        new TreeMap<>(),
        ms(0),
        ms(0),
        ms(60_000),
        ms(3_600_000),
        ms(100),
        ms(1_000));
  }

  static Route route() {
    TreeMap<Symbol, java.util.SortedMap<SourceId, Symbol>> equivalents = new TreeMap<>();
    equivalents.put(BTC, new TreeMap<>(Map.of(AGGREGATE, BTC_USD)));
    equivalents.put(ETH, new TreeMap<>(Map.of(AGGREGATE, Symbol.of("ETH/USD"))));
    return new Route(
        List.of(EXCHANGE, AGGREGATE),
        equivalents,
        ms(0),
        ms(0),
        ms(60_000),
        ms(3_600_000),
        ms(100),
        ms(1_000));
  }

  private static Catalogue catalogue(long askAgainAfterNanos) {
    return new Catalogue() {
      @Override
      public int weight(SourceId source, Query query) {
        boolean dollars = query instanceof Query.Prices prices
            && prices.symbols().stream()
                .allMatch(symbol -> symbol.quote().orElse("").equals("USD"));
        if (source.equals(AGGREGATE)) {
          return dollars ? 1 : NOT_OFFERED;
        }
        return dollars ? NOT_OFFERED : 2;
      }

      @Override
      public long askAgainAfterNanos(SourceId source) {
        return source.equals(AGGREGATE) ? askAgainAfterNanos : 0;
      }

      @Override
      public @Nullable String exchangeOf(SourceId source) {
        return source.equals(AGGREGATE) ? null : source.name();
      }

      @Override
      public int probeWeight(SourceId source) {
        return 1;
      }

      @Override
      public long usualIntervalNanos(SourceId source) {
        return source.equals(AGGREGATE) ? ms(90_000) : ms(5_000);
      }
    };
  }

  static long ms(long millis) {
    return millis * 1_000_000L;
  }

  // ---- what happens

  long ask(Query query) {
    long id = nextRequestId++;
    on(new Input.Ask(id, query, Priority.USER));
    return id;
  }

  long askPrice() {
    return ask(Query.Prices.of(BTC));
  }

  void answer(Decision.Call call, String price) {
    answer(call, price, clock.at(nowNanos));
  }

  void answer(Decision.Call call, String price, Instant time) {
    List<Event> events = new ArrayList<>();
    for (Symbol symbol : ((Query.Prices) call.query()).symbols()) {
      events.add(new Event.Price(symbol, null, call.source(), Decimal.parse(price), time));
    }
    on(new Input.Answered(call.callId(), events));
  }

  void answer(Decision.Call call, List<? extends Event> events) {
    on(new Input.Answered(call.callId(), List.copyOf(events)));
  }

  void fail(Decision.Call call, Failure.Kind kind) {
    fail(call.callId(), kind);
  }

  void fail(long callId, Failure.Kind kind) {
    on(new Input.Failed(callId, Failure.of(kind, kind.text())));
  }

  void on(Input input) {
    List<Decision.Recall> first = new ArrayList<>();
    engine.on(input, nowNanos, decision -> {
      if (!historyHasWholeSeries && decision instanceof Decision.Recall recall && recall.whole()) {
        first.add(recall);
      } else {
        decisions.add(decision);
      }
    });
    first.forEach(recall -> on(new Input.Recalled(recall.callId(), List.of())));
  }

  /// Lets time pass, stopping at every moment at which the engine wants to be called.
  void pass(Duration length) {
    long until = nowNanos + length.toNanos();
    while (engine.nextDeadlineNanos() <= until) {
      nowNanos = Math.max(nowNanos, engine.nextDeadlineNanos());
      on(new Input.TimePassed());
    }
    nowNanos = until;
  }

  void passMillis(long millis) {
    pass(Duration.ofMillis(millis));
  }

  /// Every provider says that it cannot answer this; none is asked again.
  void failAllProviders() {
    int handled = 0;
    while (engine.callCount() > 0 && handled++ < 50) {
      fail(lastCall(), Failure.Kind.CALLER);
    }
  }

  // ---- what was decided

  <T extends Decision> List<T> all(Class<T> kind) {
    return decisions.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  List<Decision.Call> calls() {
    return all(Decision.Call.class);
  }

  Decision.Recall lastRecall() {
    return all(Decision.Recall.class).getLast();
  }

  Decision.Call lastCall() {
    return calls().getLast();
  }

  Reply replyTo(long requestId) {
    List<Reply> replies = all(Decision.Answer.class).stream()
        .filter(answer -> answer.requestId() == requestId)
        .map(Decision.Answer::reply)
        .toList();
    if (replies.size() != 1) {
      throw new AssertionError("request %d has %d replies".formatted(requestId, replies.size()));
    }
    return replies.getFirst();
  }

  boolean isAnswered(long requestId) {
    return all(Decision.Answer.class).stream().anyMatch(a -> a.requestId() == requestId);
  }

  Reply.Value valueOf(long requestId) {
    return (Reply.Value) replyTo(requestId);
  }

  Reply.Unavailable refusalOf(long requestId) {
    return (Reply.Unavailable) replyTo(requestId);
  }

  static String priceIn(Reply.Value value) {
    return value.served().events().stream()
        .filter(Event.Price.class::isInstance)
        .map(event -> ((Event.Price) event).price().toString())
        .findFirst()
        .orElseThrow();
  }
}
