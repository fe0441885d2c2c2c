package dev.everfeed.hub.account;

import dev.everfeed.hub.config.GatewaySettings;
import java.util.concurrent.CompletionStage;

/// Where accounts take effect. Any thread may call it; nothing blocks. What cannot be done now
/// fails, with the reason as the message, and is tried again.
public interface Gateways {

  /// Adds a gateway, or makes the one of this name as it is said. Its source never changes.
  CompletionStage<Void> put(String id, GatewaySettings gateway);

  /// Takes a gateway away that was put there; what it publishes leaves it first.
  ///
  /// @param force also when there is something that can go nowhere
  CompletionStage<Void> remove(String id, boolean force);
}
