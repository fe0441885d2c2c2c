@NullMarked
package dev.everfeed.simulator.world.stream;

import org.jspecify.annotations.NullMarked;
