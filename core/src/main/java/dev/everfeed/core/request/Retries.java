package dev.everfeed.core.request;

import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.SourceId;
import java.util.random.RandomGenerator;

/// Whether the provider that was called last is worth another attempt, and when.
final class Retries {
  private final Circuits circuits;
  private final Timers<Alarm> timers;
  private final RandomGenerator random;

  Retries(Circuits circuits, Timers<Alarm> timers, RandomGenerator random) {
    this.circuits = circuits;
    this.timers = timers;
    this.random = random;
  }

  /// Plans another attempt within the source's policy, its budget and the users' time. False
  /// when there will be none.
  boolean plan(Flight flight, Failure failure, long nowNanos) {
    SourceId source = flight.lastCalled;
    if (source == null || flight.retryWaits || !isWorthAnotherAttempt(failure.kind())) {
      return false;
    }
    SourceGuard guard = circuits.guard(source);
    int attempt = flight.furtherAttempts + 1;
    if (attempt > guard.policy().retry().attempts()) {
      return false;
    }
    long at = nowNanos + guard.policy().retry().delayNanos(attempt, random);
    if (at >= flight.latestDeadlineNanos() && flight.userWaits()) {
      return false;
    }
    if (!guard.retryBudget().tryRetry()) {
      return false;
    }
    flight.furtherAttempts = attempt;
    flight.retryWaits = true;
    timers.set(at, new Alarm.Retry(flight, ++flight.retriesPlanned));
    return true;
  }

  private static boolean isWorthAnotherAttempt(Failure.Kind kind) {
    return switch (kind) {
      case TIMEOUT, CONNECTION, SERVER_ERROR, UNDECODABLE -> true;
      case WRONG_DATA,
          FROZEN,
          DISAGREES,
          RATE_LIMITED,
          BANNED,
          CALLER,
          CIRCUIT_OPEN,
          PAUSED,
          OVER_BUDGET,
          NOT_OFFERED,
          NO_ANSWER_YET -> false;
    };
  }
}
