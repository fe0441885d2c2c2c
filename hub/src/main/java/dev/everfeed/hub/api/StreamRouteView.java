package dev.everfeed.hub.api;

import dev.everfeed.core.engine.Failover;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.model.GatewayState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where one symbol is published from, and where it could go. Immutable; made by the runtime.
///
/// @param gateway    that it is published from; null where nobody has it
/// @param movingTo   null while it does not move
/// @param policy     that holds now: `frozen` or `pinned` in place of its own
/// @param ownPolicy  its own
/// @param placed     whether an operator has put it there, so that it does not return by itself
/// @param lastSwitch null where it has not moved since the start, as far as is remembered
/// @param candidates the other gateways, in the order in which they would be taken
public record StreamRouteView(
    String symbol,
    @Nullable String gateway,
    @Nullable String movingTo,
    FailoverPolicy policy,
    FailoverPolicy ownPolicy,
    boolean placed,
    @Nullable Switch lastSwitch,
    List<Candidate> candidates) {

  /// When it moved last, and why.
  ///
  /// @param failover its id
  /// @param trigger  what ailed, or who wanted it
  public record Switch(
      Instant at,
      String failover,
      Failover.Kind kind,
      String from,
      @Nullable String to,
      String trigger) {}

  /// A gateway.
  ///
  /// @param type   equal to that of another gateway: they are lines of each other
  /// @param whyNot null when the symbol could move to it
  public record Candidate(
      String gateway,
      String type,
      int priority,
      GatewayState state,
      @Nullable String whyNot) {}

  public StreamRouteView {
    candidates = List.copyOf(candidates);
  }

  void write(JsonText json) {
    json.open().field("symbol", symbol).field("gateway", gateway).field("moving_to", movingTo);
    json.field("policy", policy.kind().text());
    if (ownPolicy.kind() == FailoverPolicy.Kind.DELAYED) {
      json.field("delay_ms", ownPolicy.delayNanos() / 1_000_000);
    } else {
      json.fieldNull("delay_ms");
    }
    json.field("own_policy", ownPolicy.kind().text()).field("placed", placed).key("last_switch");
    if (lastSwitch == null) {
      json.nothing();
    } else {
      json.open()
          .field("at", lastSwitch.at())
          .field("failover_id", lastSwitch.failover())
          .field("kind", lastSwitch.kind().text())
          .field("from", lastSwitch.from())
          .field("to", lastSwitch.to())
          .field("trigger", lastSwitch.trigger())
          .close();
    }
    json.key("candidates").openList();
    for (Candidate candidate : candidates) {
      json.open()
          .field("gateway", candidate.gateway())
          .field("type", candidate.type())
          .field("priority", candidate.priority())
          .field("state", candidate.state().name())
          .field("eligible", candidate.whyNot() == null)
          .field("why_not", candidate.whyNot())
          .close();
    }
    json.closeList().close();
  }
}
