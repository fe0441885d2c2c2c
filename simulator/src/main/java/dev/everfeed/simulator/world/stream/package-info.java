/// The push side's world: the production engine of streams and the production links on virtual
/// time, venues with faults, markets that trade or do not, everything drawn from one seed.
@NullMarked
package dev.everfeed.simulator.world.stream;

import org.jspecify.annotations.NullMarked;
