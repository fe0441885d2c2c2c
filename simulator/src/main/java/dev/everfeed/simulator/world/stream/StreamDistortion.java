package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.arbitrate.ArbiterPolicy;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.ControlPolicy;
import dev.everfeed.core.engine.EnginePlan;
import dev.everfeed.core.engine.LinkPolicy;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.health.PeerClockPolicy;
import dev.everfeed.core.model.Tick;

/// Stands between the world and the engine and may change what passes: a planted bug, to prove
/// that the invariants can find something. The production classes stay as they are; the checks
/// know what is true.
public interface StreamDistortion {
  /// No bug.
  StreamDistortion NONE = new StreamDistortion() {};

  // ---- what the engine is made with

  default EnginePlan plan(EnginePlan plan) {
    return plan;
  }

  default ControlPolicy control(ControlPolicy policy) {
    return policy;
  }

  default ArbiterPolicy arbiter(ArbiterPolicy policy) {
    return policy;
  }

  default PeerClockPolicy peers(PeerClockPolicy policy) {
    return policy;
  }

  default LinkPolicy link(LinkPolicy policy) {
    return policy;
  }

  /// Connects that are allowed in a window.
  default int connects(int most) {
    return most;
  }

  // ---- what goes in

  default void tick(int gateway, Tick tick, long now, StreamEngine engine) {
    engine.on(gateway, tick, now);
  }

  default void input(ControlInput input, long now, StreamEngine engine) {
    engine.on(input, now);
  }

  default void heartbeat(int gateway, long now, StreamEngine engine) {}

  default void refilled(int gateway, Tick tick, long now, StreamEngine engine) {
    engine.refilled(gateway, tick, now);
  }

  default void paused(long slip, long now, StreamEngine engine) {
    engine.paused(slip, now);
  }

  default void timePassed(long now, StreamEngine engine) {
    engine.timePassed(now);
  }

  // ---- what comes out

  default StreamEngine.Output output(StreamEngine.Output world) {
    return world;
  }

  default boolean isConvicted(StreamEngine engine, int gateway, int contract) {
    return engine.control().isConvicted(gateway, contract);
  }
}
