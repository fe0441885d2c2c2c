package dev.everfeed.hub.runtime;

import dev.everfeed.hub.account.Gateways;
import dev.everfeed.hub.config.GatewaySettings;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Brings what accounts say to the live side.
final class AccountGateways implements Gateways {
  @Override
  public CompletionStage<Void> put(String id, GatewaySettings gateway) {
    return notYet();
  }

  @Override
  public CompletionStage<Void> remove(String id, boolean force) {
    return notYet();
  }

  private static CompletionStage<Void> notYet() {
    return CompletableFuture.failedFuture(
        new IllegalStateException("gateways cannot come and go while the hub runs yet"));
  }
}
