package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.Failover;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/// What the engine costs, and what it decides: how long it takes for what it hears, how long that
/// has waited for it, the processor time of its loop, failovers and how gateways change.
///
/// Owned by the tick loop; the meters are read by any thread. For a tick nothing is measured but
/// for one in [#SAMPLED], since two looks at the clock cost as much as the tick itself.
final class EngineMeters {
  static final int SAMPLED = 256;

  private static final Duration[] STEPS = {
    Duration.ofNanos(1_000),
    Duration.ofNanos(10_000),
    Duration.ofNanos(100_000),
    Duration.ofMillis(1),
    Duration.ofMillis(10),
    Duration.ofMillis(100),
    Duration.ofSeconds(1)
  };

  private static final Duration[] LONG_STEPS = {
    Duration.ofMillis(1),
    Duration.ofMillis(10),
    Duration.ofMillis(50),
    Duration.ofMillis(200),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5),
    Duration.ofSeconds(30)
  };

  private final MeterRegistry registry;
  private final IntFunction<String> idOf;
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final Timer decision;
  private final Timer tick;
  private final Timer wait;
  private final Timer pause;
  private final Timer detection;
  private final Timer switched;
  private volatile long cpuNanos;
  private volatile long stateBytes;
  private int ticks;

  /// @param idOf the id of a gateway
  EngineMeters(MeterRegistry registry, IntFunction<String> idOf) {
    this.registry = registry;
    this.idOf = idOf;
    decision = timer(
        "everfeed.engine.decision",
        "From an input of the control to all that follows from it",
        STEPS);
    tick = timer(
        "everfeed.engine.tick",
        "From a decoded event to its publication, of one event in " + SAMPLED,
        STEPS);
    wait = timer(
        "everfeed.engine.inbox.wait",
        "How long what comes waits for the loop, asked of it 50 times a second",
        STEPS);
    pause = timer(
        "everfeed.engine.pause",
        "How long the loop stood still, each time that it did: meanwhile, and as long after it,"
            + " nobody is judged",
        LONG_STEPS);
    detection = timer(
        "everfeed.failover.detection", "From the last sign of life to the knowledge", LONG_STEPS);
    switched = timer(
        "everfeed.failover.switch",
        "From the decision to the first contract that moved",
        LONG_STEPS);
    FunctionCounter.builder("everfeed.engine.cpu.seconds", this, it -> it.cpuNanos / 1e9)
        .description("Processor time of the loop that has sockets, decoding and engine")
        .register(registry);
    Gauge.builder("everfeed.engine.state", this, it -> it.stateBytes)
        .description("What the engine keeps of streams, contracts and what waits")
        .baseUnit("bytes")
        .register(registry);
  }

  private Timer timer(String name, String description, Duration... steps) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(steps)
        .register(registry);
  }

  boolean measuresThisTick() {
    return (++ticks & SAMPLED - 1) == 0;
  }

  void tick(long nanos) {
    tick.record(nanos, TimeUnit.NANOSECONDS);
  }

  void decision(long nanos) {
    decision.record(nanos, TimeUnit.NANOSECONDS);
  }

  /// @param late how much later than it was to come a beat of the loop has come
  void beat(long late) {
    wait.record(Math.max(0, late), TimeUnit.NANOSECONDS);
  }

  /// @param nanos for so long the loop stood still, beyond what is usual
  void paused(long nanos) {
    pause.record(nanos, TimeUnit.NANOSECONDS);
  }

  /// Called by the loop, of whose thread it is.
  ///
  /// @param bytes of the engine's state
  void look(long bytes) {
    stateBytes = bytes;
    cpuNanos = threads.getCurrentThreadCpuTime();
  }

  void became(ControlDecision.Became became) {
    Counter.builder("everfeed.gateway.changes")
        .description("How often a gateway became what it is")
        .tag("gateway", idOf.apply(became.gateway()))
        .tag("to", became.to().name())
        .register(registry)
        .increment();
  }

  void ended(Failover failover) {
    Counter.builder("everfeed.failovers")
        .description("Failovers that are over")
        .tag("kind", lower(failover.kind()))
        .tag("result", lower(failover.result()))
        .tag("from", idOf.apply(failover.from()))
        .register(registry)
        .increment();
    if (failover.migrated().isEmpty()) {
      return;
    }
    if (failover.kind() == Failover.Kind.FAIL_OVER) {
      detection.record(failover.detectionNanos(), TimeUnit.NANOSECONDS);
    }
    switched.record(Math.max(0, failover.switchNanos()), TimeUnit.NANOSECONDS);
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
