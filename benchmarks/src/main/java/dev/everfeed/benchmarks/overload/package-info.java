/// More than usual: a burst of trades, and all readers at once.
@NullMarked
package dev.everfeed.benchmarks.overload;

import org.jspecify.annotations.NullMarked;
