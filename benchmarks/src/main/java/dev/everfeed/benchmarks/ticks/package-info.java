/// What the path of ticks takes, from the socket of a venue to the one of a reader.
@NullMarked
package dev.everfeed.benchmarks.ticks;

import org.jspecify.annotations.NullMarked;
