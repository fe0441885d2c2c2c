package dev.everfeed.simulator.world;

import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.PullEngine;
import java.util.function.Consumer;

/// Stands between the world and the engine and may change what passes: a planted bug, to prove that
/// the invariants can find something. The production classes stay as they are.
public interface Distortion {
  /// No bug.
  Distortion NONE = new Distortion() {};

  /// @param engine passes an input on
  default void input(Input input, PullEngine engineAsItIs, Consumer<Input> engine) {
    engine.accept(input);
  }

  /// @param world passes a decision on
  default void decision(Decision decision, PullEngine engineAsItIs, Consumer<Decision> world) {
    world.accept(decision);
  }
}
