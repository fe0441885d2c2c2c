@NullMarked
package dev.everfeed.simulator.venue;

import org.jspecify.annotations.NullMarked;
