package dev.everfeed.core.engine;

/// One gateway as the [Control] sees it; its number is its place in the list.
///
/// @param id         as in configuration and events: `binance_2`
/// @param type       gateways of one type have identical content: they are lines of each other
/// @param priority   the lower the better
/// @param enabled    whether it may be used
/// @param standby    what it does while others are active
/// @param streamsMax subscriptions that it can have on all its connections together
/// @param account    gateways with one account share its connections
/// @param accountMax connections that the venue allows for the account at a time;
///     `Integer.MAX_VALUE` for any number
public record GatewayPlan(
    String id,
    String type,
    int priority,
    boolean enabled,
    Standby standby,
    int streamsMax,
    String account,
    int accountMax) {

  /// Of a place where no gateway is; never used, and offers nothing.
  static final GatewayPlan VACANT = new GatewayPlan(
      "vacant",
      "vacant",
      Integer.MAX_VALUE,
      false,
      Standby.COLD,
      Integer.MAX_VALUE,
      "vacant",
      Integer.MAX_VALUE);

  /// What a gateway does while it is not the active one.
  public enum Standby {
    /// Subscribed to everything: its events are arbitrated, or watched.
    HOT,
    /// Connected, and subscribed to the canaries.
    WARM,
    /// Not connected.
    COLD
  }

  /// Whether this is another gateway than one of that plan, and not the same one with other
  /// settings.
  boolean isAnother(GatewayPlan plan) {
    return !id.equals(plan.id()) || !type.equals(plan.type());
  }

  public GatewayPlan {
    if (id.isEmpty() || type.isEmpty() || streamsMax < 1 || accountMax < 1) {
      throw new IllegalArgumentException(
          "a gateway has an id, a type, and room for at least 1 stream and connection, was %s %s %d %d"
              .formatted(id, type, streamsMax, accountMax));
    }
  }
}
