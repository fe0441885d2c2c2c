@NullMarked
package dev.everfeed.simulator.world;

import org.jspecify.annotations.NullMarked;
