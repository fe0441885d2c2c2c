package dev.everfeed.hub.api;

import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.model.GatewayState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where one symbol is published from, and where it could go. Immutable; made by the runtime.
///
/// @param gateway    that it is published from; null where nobody has it
/// @param movingTo   null while it does not move
/// @param candidates the others, in the order in which they would be taken
public record StreamRouteView(
    String symbol,
    @Nullable String gateway,
    @Nullable String movingTo,
    FailoverPolicy policy,
    List<Candidate> candidates) {

  /// Another gateway.
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
    json.open()
        .field("symbol", symbol)
        .field("gateway", gateway)
        .field("moving_to", movingTo)
        .field("policy", policy.kind().text());
    if (policy.kind() == FailoverPolicy.Kind.DELAYED) {
      json.field("delay_ms", policy.delayNanos() / 1_000_000);
    } else {
      json.fieldNull("delay_ms");
    }
    json.key("candidates").openList();
    for (Candidate candidate : candidates) {
      json.open()
          .field("gateway", candidate.gateway())
          .field("type", candidate.type())
          .field("priority", candidate.priority())
          .field("state", candidate.state().name())
          .field("why_not", candidate.whyNot())
          .close();
    }
    json.closeList().close();
  }
}
