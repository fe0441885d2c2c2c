package dev.everfeed.simulator.world;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.time.AnchoredClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// One source: says what the market does, unless something is wrong with it. Knows nothing of
/// the hub but the calls that arrive.
final class SimulatedProvider {
  /// What a healthy provider never exceeds.
  static final long HEALTHY_LATENCY_NANOS = 600_000_000L;

  /// A minute's weight after healing: more than users and schedule can use.
  static final int HEALED_WEIGHT_LIMIT = 12_000;

  private static final long MINUTE = 60_000_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final long MOOD_NANOS = 600 * SECOND;

  /// Takes what comes back.
  interface Answers {
    void later(long afterNanos, Input input);
  }

  final ProviderPlan plan;
  private final List<Fault> faults;
  private final Market market;
  private final AnchoredClock clock;
  private final SplittableRandom random;

  private long minute = Long.MIN_VALUE;
  private int weightLimit;
  private int othersPercent;
  private int usedByUs;
  private int usedByOthers;

  /// The minute of a restart, of which our new process does not know what is used up.
  private long crowdedFrom = Long.MAX_VALUE;

  private long crowdedTo = Long.MIN_VALUE;

  SimulatedProvider(
      ProviderPlan plan,
      List<Fault> faults,
      Market market,
      AnchoredClock clock,
      SplittableRandom random) {
    this.plan = plan;
    this.weightLimit = plan.weightLimit();
    this.othersPercent = plan.othersPercent();
    this.faults = faults;
    this.market = market;
    this.clock = clock;
    this.random = random;
  }

  /// How long the next call takes to arrive: a third of its whole time.
  long transitNanos() {
    double normal = 0;
    for (int i = 0; i < 12; i++) {
      normal += random.nextDouble();
    }
    double nanos = plan.latencyNanos() * StrictMath.exp((normal - 6) * plan.latencySpread());
    return Math.min(HEALTHY_LATENCY_NANOS, Math.round(nanos)) / 3;
  }

  /// Counts a call's weight in the provider's own minute.
  ///
  /// @return what we have used of it
  int count(int weight, long now) {
    long current = Math.floorDiv(now + plan.windowNanos(), MINUTE);
    if (current != minute) {
      minute = current;
      usedByUs = 0;
      usedByOthers = weightLimit * othersPercent / 100;
    }
    usedByUs += weight;
    return usedByUs;
  }

  int weightLimit() {
    return weightLimit;
  }

  /// Our process has ended: what it used is a stranger's to the next one.
  void forgotten(long now) {
    boolean muchUsed = usedByUs > 0 && (weightLimit < 1_000 || usedByUs * 4 > weightLimit);
    usedByOthers += usedByUs;
    usedByUs = 0;
    if (muchUsed) {
      crowdedFrom = Math.min(crowdedFrom, now);
      crowdedTo = now + MINUTE;
    }
  }

  /// Counts what a process sent that has ended meanwhile.
  void countForgotten(int weight, long now) {
    count(0, now);
    usedByOthers += weight;
  }

  void heal() {
    weightLimit = HEALED_WEIGHT_LIMIT;
    othersPercent = 0;
    usedByOthers = 0;
  }

  boolean healthy(long from, long to) {
    for (Fault fault : faults) {
      if (fault.overlaps(from, to)) {
        return false;
      }
    }
    return othersPercent == 0 && !(crowdedFrom <= to && crowdedTo >= from);
  }

  boolean tellsRightLimit() {
    return faults.stream().noneMatch(fault -> fault.kind().tellsWrongWeight());
  }

  /// Answers a call that has arrived and was counted.
  void answer(Happening.Arrival call, long timeoutNanos, long now, Answers answers) {
    long healthy = 2 * (now - call.sentAtNanos());
    Fault late = active(Fault.Kind.LATE, now);
    long delay = healthy;
    if (late != null) {
      delay = timeoutNanos + random.nextLong(50_000_000L, 2 * SECOND);
    } else if (active(Fault.Kind.SLOW, now) != null) {
      delay = random.nextLong(2 * SECOND, 5 * SECOND);
    } else if (active(Fault.Kind.SPIKES, now) != null && Seeds.chance(random, 20)) {
      delay = Math.min(1_900_000_000L, healthy * 10);
    }
    Input answer = content(call, now);
    if (answer == null) {
      return;
    }
    boolean connected = !(answer instanceof Input.Failed failed)
        || failed.failure().kind() != Failure.Kind.CONNECTION;
    if (connected && plan.tellsWeight()) {
      answers.later(delay, weight(now));
    }
    answers.later(delay, answer);
    if (active(Fault.Kind.DUPLICATE, now) != null) {
      Input again = Seeds.chance(random, 50)
          ? answer
          : failed(call, Failure.Kind.CONNECTION, "reset after the answer");
      answers.later(delay + random.nextLong(500_000_000L), again);
    }
  }

  private Input weight(long now) {
    if (active(Fault.Kind.ODD_HEADERS, now) != null) {
      return switch (random.nextInt(5)) {
        case 0 -> new Input.WeightReported(plan.id(), -1, 0);
        case 1 -> new Input.WeightReported(plan.id(), Integer.MAX_VALUE, -1);
        case 2 -> new Input.WeightReported(plan.id(), 0, Integer.MAX_VALUE);
        case 3 -> new Input.WeightReported(plan.id(), -7, -7);
        default -> new Input.WeightReported(plan.id(), 0, weightLimit);
      };
    }
    return new Input.WeightReported(plan.id(), usedByUs + usedByOthers, weightLimit);
  }

  /// Null when nothing ever comes back.
  private @Nullable Input content(Happening.Arrival call, long now) {
    boolean probe = call.query() == null;
    for (Fault fault : faults) {
      if (!fault.overlaps(now, now)) {
        continue;
      }
      switch (fault.kind()) {
        case REFUSE -> {
          return failed(call, Failure.Kind.CONNECTION, "connection refused");
        }
        case RESET -> {
          return failed(call, Failure.Kind.CONNECTION, "connection reset");
        }
        case BLACKHOLE -> {
          return null;
        }
        case SERVER_ERROR -> {
          return failed(call, Failure.Kind.SERVER_ERROR, "HTTP 503");
        }
        case RATE_LIMIT -> {
          return limited(call, Failure.Kind.RATE_LIMITED, 1 + Math.floorMod(fault.salt(), 30L));
        }
        case RATE_LIMIT_MUTE -> {
          return limited(call, Failure.Kind.RATE_LIMITED, 0);
        }
        case BAN -> {
          long seconds = (fault.salt() & 1) == 0 ? 0 : 120;
          return limited(call, Failure.Kind.BANNED, seconds);
        }
        case UNDECODABLE -> {
          if (!probe) {
            return failed(call, Failure.Kind.UNDECODABLE, "HTML instead of JSON");
          }
        }
        case PROBE_ONLY -> {
          if (!probe) {
            return failed(call, Failure.Kind.SERVER_ERROR, "HTTP 500");
          }
        }
        case PROBE_LOST -> {
          if (probe) {
            return null;
          }
        }
        case DELISTED -> {
          if (!probe && asksFor(call.query(), fault)) {
            return failed(call, Failure.Kind.CALLER, "HTTP 400: invalid symbol");
          }
        }
        case SLOW, SPIKES, WRONG_PRICE, NEGATIVE_PRICE, FROZEN, FROZEN_SYMBOL -> {}
        case TRUNCATED, LATE, DUPLICATE, ODD_HEADERS -> {}
      }
    }
    if (usedByUs + usedByOthers > weightLimit) {
      long left = MINUTE - Math.floorMod(now + plan.windowNanos(), MINUTE);
      return limited(call, Failure.Kind.RATE_LIMITED, Math.ceilDiv(left, SECOND));
    }
    List<Event> events =
        probe ? List.of(new Event.ServerTime(plan.id(), clock.at(now))) : events(call.query(), now);
    return new Input.Answered(call.callId(), events);
  }

  private static boolean asksFor(@Nullable Query query, Fault fault) {
    return switch (query) {
      case Query.Prices prices ->
        prices.symbols().stream().anyMatch(symbol -> fault.concerns(symbol.text()));
      case Query.Bars bars -> fault.concerns(bars.symbol().text());
      case null, default -> false;
    };
  }

  private static Input failed(Happening.Arrival call, Failure.Kind kind, String message) {
    return new Input.Failed(call.callId(), Failure.of(kind, message));
  }

  private static Input limited(Happening.Arrival call, Failure.Kind kind, long seconds) {
    return new Input.Failed(
        call.callId(), new Failure(kind, "HTTP 4xx, Retry-After: " + seconds, seconds * SECOND));
  }

  private @Nullable Fault active(Fault.Kind kind, long now) {
    for (Fault fault : faults) {
      if (fault.kind() == kind && fault.overlaps(now, now)) {
        return fault;
      }
    }
    return null;
  }

  // ---- what it says

  private List<Event> events(@Nullable Query query, long now) {
    List<Event> events = new ArrayList<>();
    switch (query) {
      case Query.Prices prices -> {
        for (Symbol symbol : prices.symbols()) {
          if (plan.offered().contains(symbol) && !isCut(symbol.text(), now)) {
            events.add(price(symbol, now));
          }
        }
      }
      case Query.Bars bars -> bars(bars, now, events);
      case Query.Sentiments sentiments -> {
        long at = now - Math.floorMod(now, MOOD_NANOS);
        events.add(new Event.Sentiment(
            plan.id(),
            plan.aggregate() ? "votes_up" : "fear_greed",
            plan.aggregate() ? sentiments.symbol() : null,
            Decimal.of(Math.floorMod(TraceHash.mix(at), 101L)),
            null,
            plan.aggregate() ? null : clock.at(at)));
      }
      case null, default ->
        throw new IllegalArgumentException(plan.id() + " cannot be asked " + query);
    }
    return events;
  }

  private boolean isCut(String symbol, long now) {
    Fault fault = active(Fault.Kind.TRUNCATED, now);
    return fault != null && fault.concerns(symbol);
  }

  private Event price(Symbol symbol, long now) {
    long at = standingAt(symbol, now);
    if (plan.aggregate()) {
      at -= Math.floorMod(at, MINUTE);
    }
    long cents = market.cents(symbol, at);
    cents += cents * plan.skewPpm() / 1_000_000;
    Fault wrong = active(Fault.Kind.WRONG_PRICE, now);
    if (wrong != null && wrong.concerns(symbol.text())) {
      cents *= wrong.timesTooHigh();
    }
    Fault negative = active(Fault.Kind.NEGATIVE_PRICE, now);
    if (negative != null && negative.concerns(symbol.text())) {
      cents = -cents;
    }
    String exchange = plan.aggregate() ? null : plan.id().name();
    return new Event.Price(symbol, exchange, plan.id(), Decimal.of(cents, 2), clock.at(at));
  }

  /// The moment that is shown as now.
  private long standingAt(Symbol symbol, long now) {
    long at = now;
    for (Fault fault : faults) {
      boolean stands = fault.overlaps(now, now)
          && (fault.kind() == Fault.Kind.FROZEN
              || (fault.kind() == Fault.Kind.FROZEN_SYMBOL && fault.concerns(symbol.text())));
      if (stands) {
        at = Math.min(at, fault.fromNanos());
      }
    }
    return at;
  }

  private void bars(Query.Bars asked, long now, List<Event> events) {
    long length = asked.interval().duration().toNanos();
    long end = clock.nanosAt(asked.interval().openOf(clock.at(now))) + length;
    if (asked.to() != null) {
      end = Math.min(end, opensFrom(asked.interval(), asked.to()));
    }
    long first = asked.from() == null
        ? end - asked.limit() * length
        : opensFrom(asked.interval(), asked.from());
    boolean negative = active(Fault.Kind.NEGATIVE_PRICE, now) != null;
    long open = first;
    for (int i = 0; i < asked.limit() && open < end; i++, open += length) {
      if (i > 0 && isCut(asked.symbol().text(), now)) {
        return;
      }
      Event.Bar bar = bar(plan.id(), asked.symbol(), asked.interval(), open, now, market, clock);
      events.add(negative ? withLow(bar, Decimal.of(-1, 2)) : bar);
    }
  }

  /// The first open at or after `time`.
  private long opensFrom(Interval interval, Instant time) {
    Instant open = interval.openOf(time);
    return clock.nanosAt(open.equals(time) ? open : interval.next(open));
  }

  /// What the market did from `openNanos` on.
  static Event.Bar bar(
      SourceId source,
      Symbol symbol,
      Interval interval,
      long openNanos,
      long now,
      Market market,
      AnchoredClock clock) {
    long end = openNanos + interval.duration().toNanos();
    long first = market.cents(symbol, openNanos);
    long last = market.cents(symbol, Math.min(now, end));
    return new Event.Bar(
        symbol,
        source.name(),
        source,
        interval,
        clock.at(openNanos),
        Decimal.of(first, 2),
        Decimal.of(Math.max(first, last), 2),
        Decimal.of(Math.min(first, last), 2),
        Decimal.of(last, 2),
        Decimal.ONE,
        end <= now);
  }

  private static Event.Bar withLow(Event.Bar bar, Decimal low) {
    return new Event.Bar(
        bar.symbol(),
        bar.exchange(),
        bar.source(),
        bar.interval(),
        bar.time(),
        bar.open(),
        bar.high(),
        low,
        bar.close(),
        bar.volume(),
        bar.complete());
  }
}
