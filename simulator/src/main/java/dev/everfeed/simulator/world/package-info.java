/// The deterministic world: the production engine on virtual time, providers with faults and
/// users with questions, everything drawn from one seed.
@NullMarked
package dev.everfeed.simulator.world;

import org.jspecify.annotations.NullMarked;
