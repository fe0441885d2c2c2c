/// Ways to notice that a stream has fallen silent, beside each other on the same markets.
@NullMarked
package dev.everfeed.benchmarks.stall;

import org.jspecify.annotations.NullMarked;
