package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.request.Tried;
import java.util.List;

/// What a backfill does next when nobody has answered its question. Pure.
///
/// | of all who were tried, one…                                | then                       |
/// |------------------------------------------------------------|----------------------------|
/// | did not answer, or with what cannot be                     | again, a few times         |
/// | may not be called now (budget, pause, circuit, 429, 418)   | wait, as long as it takes  |
/// | may never be called with so much at once                   | ask for less               |
/// | and else all say that they do not have it                  | it is not there            |
/// | and else all say that the question is wrong                | it is refused              |
///
/// @param pauseNanos how long to wait; 0 when nobody said
/// @param reason     in the words of those who were tried
record NextStep(Kind kind, long pauseNanos, String reason) {

  enum Kind {
    AGAIN,
    WAIT,
    LESS,
    NOT_THERE,
    REFUSED
  }

  static NextStep of(List<Tried> tried) {
    Kind kind = tried.isEmpty() ? Kind.NOT_THERE : Kind.REFUSED;
    long pause = Long.MAX_VALUE;
    StringBuilder reason = new StringBuilder();
    for (Tried each : tried) {
      Kind one = kind(each.failure());
      kind = one.compareTo(kind) < 0 ? one : kind;
      if (one == Kind.WAIT) {
        pause = Math.min(pause, each.failure().retryAfterNanos());
      }
      reason
          .append(reason.isEmpty() ? "" : "; ")
          .append(each.source())
          .append(": ")
          .append(each.failure().message());
    }
    return new NextStep(
        kind,
        pause == Long.MAX_VALUE ? 0 : pause,
        tried.isEmpty() ? "no source of it is on the route of bars" : reason.toString());
  }

  private static Kind kind(Failure failure) {
    return switch (failure.kind()) {
      case TIMEOUT,
          CONNECTION,
          SERVER_ERROR,
          UNDECODABLE,
          WRONG_DATA,
          FROZEN,
          DISAGREES,
          NO_ANSWER_YET -> Kind.AGAIN;
      case RATE_LIMITED, BANNED, CIRCUIT_OPEN, PAUSED -> Kind.WAIT;
      case OVER_BUDGET -> failure.retryAfterNanos() == Long.MAX_VALUE ? Kind.LESS : Kind.WAIT;
      case NOT_OFFERED -> Kind.NOT_THERE;
      case CALLER -> Kind.REFUSED;
    };
  }
}
