package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;

/// What an engine decides, passed on as it is: planted bugs change a part of it.
class PassedOn implements StreamEngine.Output {
  final StreamEngine.Output world;

  PassedOn(StreamEngine.Output world) {
    this.world = world;
  }

  @Override
  public void publish(int gateway, Tick tick, ValueStatus status, long seq, long receivedNanos) {
    world.publish(gateway, tick, status, seq, receivedNanos);
  }

  @Override
  public void gap(int gateway, int stream, long firstId, long lastId) {
    world.gap(gateway, stream, firstId, lastId);
  }

  @Override
  public void refill(int gateway, int stream, long firstId, long lastId) {
    world.refill(gateway, stream, firstId, lastId);
  }

  @Override
  public void decided(ControlDecision decision) {
    world.decided(decision);
  }
}
