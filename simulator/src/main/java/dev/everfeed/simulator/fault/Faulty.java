package dev.everfeed.simulator.fault;

import io.vertx.core.Future;

/// Something that can be made to fail and healed again.
///
/// All methods are called on the event loop; futures complete when the change is in force, so
/// that a client who is told "refuse" is refused from then on.
public interface Faulty {
  String name();

  VenueStatus status();

  /// Fails with an IllegalArgumentException where there is nothing that could fail in that way.
  Future<VenueStatus> apply(FaultOrder order);

  /// Does nothing where no fault is in force.
  Future<VenueStatus> heal();
}
