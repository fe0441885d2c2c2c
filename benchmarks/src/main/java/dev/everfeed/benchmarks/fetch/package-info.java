/// Bars of every exchange at once: how long it takes, and what one that is silent costs the
/// others.
@NullMarked
package dev.everfeed.benchmarks.fetch;

import org.jspecify.annotations.NullMarked;
