package dev.everfeed.hub.api;

import java.util.List;

/// An operator's order that cannot be carried out now. The message says why.
public final class OrderRefused extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<Failovers.Stay> stays;

  /// @param stays the contracts that it is about, and what would be possible for each
  public OrderRefused(String message, List<Failovers.Stay> stays) {
    super(message);
    this.stays = List.copyOf(stays);
  }

  public List<Failovers.Stay> stays() {
    return stays;
  }
}
