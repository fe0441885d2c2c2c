package dev.everfeed.core.request;

import dev.everfeed.core.guard.Admission;
import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.guard.WeightBudget;
import dev.everfeed.core.model.SourceId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/// The guards of the sources: sees every change of a circuit and has it probed when its
/// cooldown is over.
final class Circuits {
  /// When a probe is tried again that the source's budget or pause did not allow.
  private static final long PROBE_REFUSED_NANOS = 1_000_000_000L;

  /// How long a half-open circuit waits for others to call its source.
  private static final long TRIAL_NANOS = 1_000_000_000L;

  private final Map<SourceId, SourceGuard> guards = new LinkedHashMap<>();
  private final Map<SourceId, CircuitBreaker.State> seen = new TreeMap<>();
  private final Map<SourceId, Long> probeAlarms = new TreeMap<>();
  private final Catalogue catalogue;
  private final Timers<Alarm> timers;

  Circuits(List<SourceGuard> guards, Catalogue catalogue, Timers<Alarm> timers) {
    guards.forEach(guard -> this.guards.put(guard.source(), guard));
    this.catalogue = catalogue;
    this.timers = timers;
  }

  SourceGuard guard(SourceId source) {
    SourceGuard guard = guards.get(source);
    if (guard == null) {
      throw new IllegalArgumentException(
          "no guard for " + source + ", known are " + guards.keySet());
    }
    return guard;
  }

  /// To be called after everything that may have moved a circuit.
  ///
  /// @return whether it has just opened
  boolean note(SourceId source, String reason, long nowNanos, Consumer<Decision> out) {
    CircuitBreaker breaker = guard(source).breaker();
    CircuitBreaker.State state = breaker.state();
    CircuitBreaker.State before = seen.getOrDefault(source, CircuitBreaker.State.CLOSED);
    setProbeAlarm(source);
    if (state == before) {
      return false;
    }
    seen.put(source, state);
    out.accept(new Decision.CircuitChanged(source, before, state, breaker.cooldownNanos(), reason));
    setTrialAlarm(source, nowNanos);
    return state == CircuitBreaker.State.OPEN;
  }

  void weightReported(Input.WeightReported report, long nowNanos) {
    SourceGuard guard = guard(report.source());
    if (report.limit() >= 1 && report.limit() <= WeightBudget.MAX_LIMIT) {
      guard.weightLimit(report.limit());
    }
    if (report.used() >= 0) {
      guard.weightUsed(report.used(), nowNanos);
    }
  }

  /// The permit for a probe that is due, or [CircuitBreaker#REJECTED] when it is not, or must
  /// wait.
  long permitForProbe(SourceId source, long nowNanos) {
    probeAlarms.remove(source);
    SourceGuard guard = guard(source);
    if (guard.nextProbeAtNanos() > nowNanos) {
      setProbeAlarm(source);
      return CircuitBreaker.REJECTED;
    }
    Admission admission = guard.admitProbe(catalogue.probeWeight(source), nowNanos);
    if (!admission.admitted()) {
      setAlarm(source, nowNanos + PROBE_REFUSED_NANOS);
      return CircuitBreaker.REJECTED;
    }
    return admission.permit();
  }

  /// Looks again in a while whether anybody has called a source whose circuit is half open.
  ///
  /// @return whether it is
  boolean setTrialAlarm(SourceId source, long nowNanos) {
    boolean halfOpen = guard(source).breaker().state() == CircuitBreaker.State.HALF_OPEN;
    if (halfOpen) {
      timers.set(nowNanos + TRIAL_NANOS, new Alarm.Trial(source));
    }
    return halfOpen;
  }

  private void setProbeAlarm(SourceId source) {
    long at = guard(source).nextProbeAtNanos();
    Long alarmed = probeAlarms.get(source);
    if (at != Long.MAX_VALUE && (alarmed == null || alarmed > at)) {
      setAlarm(source, at);
    }
  }

  private void setAlarm(SourceId source, long atNanos) {
    probeAlarms.put(source, atNanos);
    timers.set(atNanos, new Alarm.Probe(source));
  }
}
