/// What it takes to give every tick to many readers.
@NullMarked
package dev.everfeed.benchmarks.fanout;

import org.jspecify.annotations.NullMarked;
