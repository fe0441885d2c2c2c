package dev.everfeed.hub.runtime;

import dev.everfeed.hub.account.Gateways;
import dev.everfeed.hub.config.GatewaySettings;
import java.util.concurrent.CompletionStage;

/// Brings what accounts say to the live side. Any thread.
final class AccountGateways implements Gateways {
  private final LiveSide live;

  AccountGateways(LiveSide live) {
    this.live = live;
  }

  @Override
  public CompletionStage<Void> put(String id, GatewaySettings gateway) {
    return live.put(id, gateway).toCompletionStage();
  }

  @Override
  public CompletionStage<Void> remove(String id, boolean force) {
    return live.remove(id, force).toCompletionStage();
  }
}
