package dev.everfeed.hub.api;

import dev.everfeed.core.guard.GuardSnapshot;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.time.Rfc3339;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How one gateway is, in the words of DESIGN section 5.
///
/// | guard of a polled source                | state          | `/health/scheduler` |
/// |-----------------------------------------|----------------|---------------------|
/// | switched off                            | DISCONNECTED   | down                |
/// | circuit open                            | UNHEALTHY      | degraded            |
/// | circuit probing or half open            | CONNECTING     | degraded            |
/// | asked to leave it alone (429, 418)      | HEALTHY+reason | degraded            |
/// | closed, failures in the window          | HEALTHY+reason | degraded            |
/// | closed, none                            | HEALTHY        | ok                  |
///
/// | a source that is listened to            | state          | `/health/gateways`  |
/// |-----------------------------------------|----------------|---------------------|
/// | subscribed, and not convicted           | HEALTHY        | ok                  |
/// | connected, not everything subscribed    | CONNECTING     | degraded            |
/// | convicted, or lags                      | UNHEALTHY      | degraded            |
/// | no connection                           | DISCONNECTED   | down                |
/// | no connection, as nothing is wanted     | DISCONNECTED   | ok                  |
///
/// @param reason null when there is nothing to say
record GatewayHealth(
    GatewayState state, Status status, @Nullable String reason) {

  enum Status {
    OK,
    DEGRADED,
    DOWN;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static GatewayHealth of(SourceView source, HubView view) {
    GuardSnapshot guard = source.guard();
    if (!source.enabled()) {
      return new GatewayHealth(
          GatewayState.DISCONNECTED, Status.DOWN, "disabled in the configuration");
    }
    return switch (guard.state()) {
      case OPEN ->
        new GatewayHealth(
            GatewayState.UNHEALTHY,
            Status.DEGRADED,
            "circuit open%s%s"
                .formatted(
                    guard.probeAtNanos() < 0
                        ? ""
                        : ", next probe " + Rfc3339.format(view.clock().at(guard.probeAtNanos())),
                    lastFailure(guard)));
      case PROBING ->
        new GatewayHealth(
            GatewayState.CONNECTING, Status.DEGRADED, "circuit open, probing" + lastFailure(guard));
      case HALF_OPEN ->
        new GatewayHealth(
            GatewayState.CONNECTING,
            Status.DEGRADED,
            "circuit half open, trying a few calls" + lastFailure(guard));
      case CLOSED -> closed(guard, view);
    };
  }

  static GatewayHealth of(StreamView gateway) {
    if (!gateway.enabled()) {
      return new GatewayHealth(GatewayState.DISCONNECTED, Status.OK, "switched off");
    }
    if (!gateway.isWanted()) {
      return new GatewayHealth(
          GatewayState.DISCONNECTED,
          Status.OK,
          "nothing is wanted from it that others do not have");
    }
    Status status = switch (gateway.state()) {
      case HEALTHY -> Status.OK;
      case CONNECTING, UNHEALTHY -> Status.DEGRADED;
      case DISCONNECTED -> Status.DOWN;
    };
    return new GatewayHealth(
        gateway.state(), status, status == Status.OK ? null : gateway.reason());
  }

  private static GatewayHealth closed(GuardSnapshot guard, HubView view) {
    if (guard.pausedUntilNanos() > view.nowNanos()) {
      return new GatewayHealth(
          GatewayState.HEALTHY,
          Status.DEGRADED,
          "paused by the source until "
              + Rfc3339.format(view.clock().at(guard.pausedUntilNanos())));
    }
    if (guard.windowFailures() > 0) {
      return new GatewayHealth(
          GatewayState.HEALTHY,
          Status.DEGRADED,
          "%d recent %s%s"
              .formatted(
                  guard.windowFailures(),
                  guard.windowFailures() == 1 ? "failure" : "failures",
                  lastFailure(guard)));
    }
    return new GatewayHealth(GatewayState.HEALTHY, Status.OK, null);
  }

  private static String lastFailure(GuardSnapshot guard) {
    return guard.lastFailure() == null ? "" : "; last: " + guard.lastFailure();
  }
}
