/// Moments and how they are written; clocks as arguments. Imports nothing of ours.
@NullMarked
package dev.everfeed.core.time;

import org.jspecify.annotations.NullMarked;
