/// The ways in which a simulated venue can fail, and the console that orders and heals them.
@NullMarked
package dev.everfeed.simulator.fault;

import org.jspecify.annotations.NullMarked;
