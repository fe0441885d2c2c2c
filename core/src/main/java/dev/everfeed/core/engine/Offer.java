package dev.everfeed.core.engine;

import dev.everfeed.core.arbitrate.Identity;

/// What gateways can give at all, whatever their state. Does not change while a gateway is at its
/// place; nothing is asked of a place that is vacant.
public interface Offer {
  boolean offers(int gateway, int stream);

  /// What tells its events of a stream apart; [Identity#NONE] for a stream that it does not
  /// offer.
  Identity identity(int gateway, int stream);

  /// Whether trades of the stream can be asked for by their ids.
  boolean refills(int gateway, int stream);
}
