package dev.everfeed.simulator.world;

import dev.everfeed.core.guard.CircuitBreaker.State;
import dev.everfeed.core.guard.GuardPolicy;
import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Decision.Purpose;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.PullEngine;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.request.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// A mistake that somebody could make, and the invariant that must find it.
@SuppressWarnings("ImmutableEnumChecker") // What it supplies is mutable, the enum is not.
enum PlantedBug {
  LOSES_AN_ANSWER("P1", () -> everyTenthAnswer((answer, world) -> {})),
  ANSWERS_TWICE(
      "P1",
      () -> everyTenthAnswer((answer, world) -> {
        world.accept(answer);
        world.accept(answer);
      })),
  FORGETS_WHAT_IT_REMEMBERS(
      "P2",
      () -> values(value -> value.status() == ValueStatus.CACHED
          ? new Reply.Unavailable(value.query(), value.tried())
          : value)),
  GIVES_UP_AFTER_THE_FIRST(
      "P3",
      () -> values(value ->
          value.tried().isEmpty() ? value : new Reply.Unavailable(value.query(), value.tried()))),
  CALLS_AN_OPEN_SOURCE(
      "P4",
      () -> calls((call, engine, world) -> {
        for (SourceGuard guard : engine.guards()) {
          if (guard.breaker().state() == State.OPEN) {
            world.accept(new Decision.Call(
                call.callId(),
                guard.source(),
                call.query(),
                call.purpose(),
                call.weight(),
                call.timeoutNanos()));
            return;
          }
        }
        world.accept(call);
      })),
  ADMITS_MORE_TO_HALF_OPEN(
      "P5",
      () -> calls((call, engine, world) -> {
        world.accept(call);
        if (stateOf(call, engine) == State.HALF_OPEN) {
          for (int i = 1; i <= 3; i++) {
            world.accept(again(call, i, call.purpose()));
          }
        }
      })),
  CLOSES_AT_ONCE(
      "P6",
      () -> decisions((decision, world) -> {
        world.accept(decision);
        if (decision instanceof Decision.CircuitChanged changed
            && changed.to() == State.HALF_OPEN) {
          world.accept(new Decision.CircuitChanged(
              changed.source(), changed.to(), State.CLOSED, changed.cooldownNanos(), "planted"));
        }
      })),
  ASKS_THE_SAME_TWICE(
      "P7",
      () -> calls((call, engine, world) -> {
        world.accept(call);
        if (call.purpose() == Purpose.FIRST) {
          world.accept(again(call, 1, Purpose.FIRST));
        }
      })),
  LOSES_ITS_RETRY_BUDGET(
      "P8",
      () -> calls((call, engine, world) -> {
        world.accept(call);
        if (call.purpose() == Purpose.NEXT) {
          world.accept(again(call, 1, Purpose.RETRY));
        }
      })),
  BELIEVES_IN_A_LARGER_BUDGET("P9", () -> new Distortion() {
    @Override
    public GuardPolicy policy(GuardPolicy policy) {
      return new GuardPolicy(
          policy.breaker(),
          policy.retry(),
          policy.weightLimit() * 4,
          policy.weightWindowNanos(),
          policy.timeoutNanos(),
          policy.hedgeFloorNanos());
    }

    @Override
    public void input(Input input, PullEngine engineAsItIs, Consumer<Input> engine) {
      if (!(input instanceof Input.WeightReported)) {
        engine.accept(input);
      }
    }
  }),
  IGNORES_RETRY_AFTER(
      "P10",
      () -> inputs(
          input -> input instanceof Input.Failed failed && failed.failure().retryAfterNanos() > 0
              ? new Input.Failed(
                  failed.callId(),
                  Failure.of(Failure.Kind.SERVER_ERROR, failed.failure().message()))
              : input)),
  CALLS_EVERYTHING_LIVE(
      "P11",
      () -> values(value -> new Reply.Value(
          value.query(), value.served(), ValueStatus.LIVE, value.ageNanos(), value.tried()))),
  BELIEVES_ANYTHING("P12", () -> values(value -> withServed(value, tenfold(value.served())))),
  HIDES_WHO_WAS_TRIED(
      "P13",
      () -> values(value -> new Reply.Value(
          value.query(), value.served(), value.status(), value.ageNanos(), List.of()))),
  ASKS_IN_THE_WRONG_ORDER("P13", () -> new Distortion() {
    @Override
    public SortedMap<Query.Kind, Route> routes(SortedMap<Query.Kind, Route> routes) {
      SortedMap<Query.Kind, Route> reversed = new TreeMap<>();
      routes.forEach((kind, route) -> reversed.put(
          kind,
          new Route(
              route.providers().reversed(),
              route.equivalents(),
              route.freshForNanos(),
              route.staleWhileRevalidateNanos(),
              route.staleAfterNanos(),
              route.staleIfErrorNanos(),
              route.patienceNanos(),
              route.deadlineNanos())));
      return reversed;
    }
  }),
  TELLS_EVERY_SKIP(
      "P15",
      () -> decisions((decision, world) -> {
        world.accept(decision);
        if (decision instanceof Decision.SkippedDueToCircuit) {
          world.accept(decision);
        }
      })),
  FORGETS_THE_END_OF_A_CALL(
      "P16",
      () -> decisions((decision, world) -> {
        boolean forgotten =
            decision instanceof Decision.CallEnded ended && ended.callId() % 50 == 0;
        if (!forgotten) {
          world.accept(decision);
        }
      })),
  HIDES_THE_EQUIVALENT(
      "P17",
      () -> values(value -> {
        Served served = value.served();
        return withServed(
            value,
            new Served(
                served.query(), served.source(), served.events(), served.receivedAtNanos(), false));
      })),
  CONVICTS_THE_INNOCENT(
      "P18",
      () -> inputs(input -> input instanceof Input.Answered answered && answered.callId() % 2 == 0
          ? new Input.Failed(
              answered.callId(), Failure.of(Failure.Kind.UNDECODABLE, "a decoder's mistake"))
          : input)),
  SERVES_WHAT_STANDS_STILL(
      "P19",
      () -> values(value -> new Reply.Value(
          value.query(), value.served(), ValueStatus.STALE, value.ageNanos(), value.tried()))),
  FORGETS_THE_TIME("P20", () -> new Distortion() {
    @Override
    public void input(Input input, PullEngine engineAsItIs, Consumer<Input> engine) {
      if (!(input instanceof Input.TimePassed)) {
        engine.accept(input);
      }
    }
  }),
  LETS_HISTORY_GO_FIRST(
      "P21",
      () -> inputs(input -> input instanceof Input.Ask ask && ask.priority() == Priority.BACKFILL
          ? new Input.Ask(ask.requestId(), ask.query(), Priority.USER)
          : input)),
  INVENTS_A_BAR(
      "P22", () -> values(value -> withServed(value, withCloses(value.served(), Decimal.ONE)))),
  FORGETS_TO_KEEP(
      "P22",
      () -> decisions((decision, world) -> {
        if (!(decision instanceof Decision.Keep)) {
          world.accept(decision);
        }
      })),
  LOSES_WHAT_HISTORY_SAID(
      "P23",
      () -> inputs(input ->
          input instanceof Input.Recalled recalled && recalled.past().size() > 1
              ? new Input.Recalled(
                  recalled.callId(), recalled.past().subList(1, recalled.past().size()))
              : input)),
  FORGETS_HISTORY(
      "P24",
      () -> inputs(input ->
          input instanceof Input.HistoryAvailable ? new Input.HistoryAvailable(false) : input)),
  CALLS_THE_RESTORED_LIVE(
      "P25",
      () -> values(value -> value.served().receivedAtNanos() < 0
          ? new Reply.Value(
              value.query(), value.served(), ValueStatus.LIVE, value.ageNanos(), value.tried())
          : value)),
  ASKS_HISTORY_FIRST(
      "P26",
      () -> calls((call, engine, world) -> {
        if (call.purpose() == Purpose.FIRST && call.query() instanceof Query.Bars) {
          world.accept(new Decision.Recall(
              call.callId() + 1_000_000_000L, call.query(), false, 1_000_000_000L));
        }
        world.accept(call);
      })),
  KEEPS_ASKING_WITHOUT_DUTY(
      "P27", () -> inputs(input -> input instanceof Input.Duty ? new Input.Duty(true) : input)),
  FORGETS_WHAT_WAS_ASKED(
      "P28",
      () -> inputs(input ->
          input instanceof Input.AskedBefore ? new Input.AskedBefore(new TreeMap<>()) : input)),
  NEVER_HEARS_A_PROBE("L1", NeverHearsAProbe::new),
  NEVER_FORGIVES_A_SYMBOL(
      "L3",
      () -> inputs(input -> input instanceof Input.Answered answered
              && answered.events().stream().anyMatch(Event.Sentiment.class::isInstance)
          ? new Input.Failed(answered.callId(), Failure.of(Failure.Kind.CALLER, "planted"))
          : input));

  /// Of the invariant that must find it.
  final String foundBy;

  /// Each run needs its own: some count.
  final Supplier<Distortion> distortion;

  PlantedBug(String foundBy, Supplier<Distortion> distortion) {
    this.foundBy = foundBy;
    this.distortion = distortion;
  }

  /// Changes or swallows one decision.
  private interface Change<D> {
    void make(D decision, Consumer<Decision> world);
  }

  private interface CallChange {
    void make(Decision.Call call, PullEngine engine, Consumer<Decision> world);
  }

  private static Distortion decisions(Change<Decision> change) {
    return new Distortion() {
      @Override
      public void decision(Decision decision, PullEngine engineAsItIs, Consumer<Decision> world) {
        change.make(decision, world);
      }
    };
  }

  private static Distortion calls(CallChange change) {
    return new Distortion() {
      @Override
      public void decision(Decision decision, PullEngine engineAsItIs, Consumer<Decision> world) {
        if (decision instanceof Decision.Call call) {
          change.make(call, engineAsItIs, world);
        } else {
          world.accept(decision);
        }
      }
    };
  }

  private static Distortion inputs(UnaryOperator<Input> change) {
    return new Distortion() {
      @Override
      public void input(Input input, PullEngine engineAsItIs, Consumer<Input> engine) {
        engine.accept(change.apply(input));
      }
    };
  }

  private static Distortion everyTenthAnswer(Change<Decision.Answer> change) {
    return decisions((decision, world) -> {
      if (decision instanceof Decision.Answer answer && answer.requestId() % 10 == 0) {
        change.make(answer, world);
      } else {
        world.accept(decision);
      }
    });
  }

  private interface ValueChange {
    Reply make(Reply.Value value);
  }

  private static Distortion values(ValueChange change) {
    return decisions((decision, world) -> world.accept(
        decision instanceof Decision.Answer(long id, Reply.Value value)
            ? new Decision.Answer(id, change.make(value))
            : decision));
  }

  private static State stateOf(Decision.Call call, PullEngine engine) {
    return engine.guards().stream()
        .filter(guard -> guard.source().equals(call.source()))
        .map(guard -> guard.breaker().state())
        .findFirst()
        .orElse(State.CLOSED);
  }

  private static Decision.Call again(Decision.Call call, int number, Purpose purpose) {
    return new Decision.Call(
        call.callId() + number * 1_000_000_000L,
        call.source(),
        call.query(),
        purpose,
        call.weight(),
        call.timeoutNanos());
  }

  private static Reply.Value withServed(Reply.Value value, Served served) {
    return new Reply.Value(value.query(), served, value.status(), value.ageNanos(), value.tried());
  }

  private static Served withCloses(Served served, Decimal close) {
    List<Event> events = new ArrayList<>();
    for (Event event : served.events()) {
      events.add(
          event instanceof Event.Bar b
              ? new Event.Bar(
                  b.symbol(),
                  b.exchange(),
                  b.source(),
                  b.interval(),
                  b.time(),
                  b.open(),
                  b.high(),
                  b.low(),
                  close,
                  b.volume(),
                  b.complete())
              : event);
    }
    return new Served(
        served.query(), served.source(), events, served.receivedAtNanos(), served.equivalent());
  }

  private static Served tenfold(Served served) {
    List<Event> events = new ArrayList<>();
    for (Event event : served.events()) {
      events.add(
          event instanceof Event.Price p
              ? new Event.Price(
                  p.symbol(), p.exchange(), p.source(), p.price().times(Decimal.of(10)), p.time())
              : event);
    }
    return new Served(
        served.query(), served.source(), events, served.receivedAtNanos(), served.equivalent());
  }

  private static final class NeverHearsAProbe implements Distortion {
    private final Set<Long> probes = new TreeSet<>();

    @Override
    public void decision(Decision decision, PullEngine engineAsItIs, Consumer<Decision> world) {
      if (decision instanceof Decision.Probe probe) {
        probes.add(probe.callId());
      }
      world.accept(decision);
    }

    @Override
    public void input(Input input, PullEngine engineAsItIs, Consumer<Input> engine) {
      boolean lost = input instanceof Input.Answered answered && probes.contains(answered.callId());
      if (!lost) {
        engine.accept(input);
      }
    }
  }
}
