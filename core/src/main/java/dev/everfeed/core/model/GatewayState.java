package dev.everfeed.core.model;

/// How a gateway is (DESIGN section 5), the best first.
public enum GatewayState {
  /// Connected, subscribed to what is wanted, and not convicted of anything.
  HEALTHY,
  /// On its way there.
  CONNECTING,
  /// Connected, and convicted: stalled, wrong, lagging or in quarantine.
  UNHEALTHY,
  /// Not connected, or switched off.
  DISCONNECTED
}
