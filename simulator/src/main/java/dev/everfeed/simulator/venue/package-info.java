/// Simulated venues: their bytes are written from the venue's own contract, never by running a
/// decoder of ours backwards, so that a misreading of ours is not tested against itself.
@NullMarked
package dev.everfeed.simulator.venue;

import org.jspecify.annotations.NullMarked;
