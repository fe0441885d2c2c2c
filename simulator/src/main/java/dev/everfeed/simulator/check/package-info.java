/// What must always be true of the pull side, whatever happens to it: one small class an
/// invariant, told everything that goes into the engine and comes out of it, and what is true
/// in the world.
@NullMarked
package dev.everfeed.simulator.check;

import org.jspecify.annotations.NullMarked;
