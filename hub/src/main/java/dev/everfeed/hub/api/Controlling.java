package dev.everfeed.hub.api;

import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.model.Symbol;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `/v1/control`: orders that stand until they are taken back. Runs on the server's event loop.
final class Controlling {
  private static final String POLICIES =
      "immediate, delayed, manual, shadow or configured (as the file says)";

  /// As `stream.failover.delay`.
  private static final long DELAY_MOST_MILLIS = 3_600_000;

  private static final int REASON_MAX = 500;

  private final FailingOver failingOver;

  Controlling(FailingOver failingOver) {
    this.failingOver = failingOver;
  }

  List<Endpoint> endpoints() {
    return List.of(
        new Endpoint(
            "/v1/control", List.of(), _ -> shown(200, failingOver.failovers().standing())),
        order("freeze", List.of("reason"), (it, body) -> it.freeze(reason(body))),
        order("unfreeze", List.of(), (it, _) -> it.unfreeze()),
        order("pin", List.of("symbols"), (it, body) -> it.pin(symbols(body))),
        order("unpin", List.of("symbols"), (it, body) -> it.unpin(symbols(body))),
        order(
            "policy",
            List.of("symbols", "policy", "delay_ms"),
            (it, body) -> it.policy(symbols(body), policy(body))));
  }

  private interface Order {
    Future<StandingOrders> give(Failovers failovers, JsonOrder body);
  }

  private Endpoint order(String verb, List<String> fields, Order order) {
    return Endpoint.action(
        "/v1/control/" + verb, HttpMethod.POST, Endpoint.Action.later(true, (_, body) -> {
          JsonOrder read = JsonOrder.readOrEmpty(body, fields);
          return shown(200, order.give(failingOver.failovers(), read));
        }));
  }

  private Future<Answer> shown(int status, Future<StandingOrders> orders) {
    return failingOver.answered(status, orders, StandingOrders::json);
  }

  private List<Symbol> symbols(JsonOrder order) {
    List<Symbol> symbols = failingOver.symbols(order);
    if (symbols.isEmpty()) {
      throw JsonOrder.wrong("symbols is required, as in \"symbols\": [\"BTC/USDT\"]");
    }
    return symbols;
  }

  private static @Nullable String reason(JsonOrder order) {
    String reason = order.text("reason");
    if (reason != null && reason.length() > REASON_MAX) {
      throw JsonOrder.wrong(
          "reason must have at most %d characters, had %,d".formatted(REASON_MAX, reason.length()));
    }
    return reason;
  }

  private static @Nullable FailoverPolicy policy(JsonOrder order) {
    String name = order.required("policy", "manual");
    Long delay = order.whole("delay_ms");
    if ((delay != null) != name.equals("delayed")) {
      throw JsonOrder.wrong("delay_ms is required for the policy delayed, and for no other");
    }
    return switch (name) {
      case "immediate" -> FailoverPolicy.IMMEDIATE;
      case "manual" -> FailoverPolicy.MANUAL;
      case "shadow" -> FailoverPolicy.SHADOW;
      case "configured" -> null;
      case "delayed" -> {
        long millis = delay == null ? -1 : delay;
        if (millis < 0 || millis > DELAY_MOST_MILLIS) {
          throw JsonOrder.wrong(
              "delay_ms must be 0 to %,d, was %,d".formatted(DELAY_MOST_MILLIS, millis));
        }
        yield FailoverPolicy.delayed(millis * 1_000_000);
      }
      default ->
        throw JsonOrder.wrong(
            "policy must be %s, was \"%s\"".formatted(POLICIES, Parameters.shown(name)));
    };
  }
}
