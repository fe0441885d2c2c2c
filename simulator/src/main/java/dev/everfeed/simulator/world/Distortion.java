package dev.everfeed.simulator.world;

import dev.everfeed.core.guard.GuardPolicy;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.PullEngine;
import dev.everfeed.core.request.Route;
import java.util.SortedMap;
import java.util.function.Consumer;

/// Stands between the world and the engine and may change what passes: a planted bug, to prove
/// that the invariants can find something. The production classes stay as they are.
public interface Distortion {
  /// No bug.
  Distortion NONE = new Distortion() {};

  /// What the engine is told of the routes.
  default SortedMap<Query.Kind, Route> routes(SortedMap<Query.Kind, Route> routes) {
    return routes;
  }

  /// What a guard is told of its source.
  default GuardPolicy policy(GuardPolicy policy) {
    return policy;
  }

  /// @param engine passes an input on
  default void input(Input input, PullEngine engineAsItIs, Consumer<Input> engine) {
    engine.accept(input);
  }

  /// @param world passes a decision on
  default void decision(Decision decision, PullEngine engineAsItIs, Consumer<Decision> world) {
    world.accept(decision);
  }
}
