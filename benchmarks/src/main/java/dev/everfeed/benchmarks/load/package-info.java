/// Open-loop load over HTTP and what it measured.
@NullMarked
package dev.everfeed.benchmarks.load;

import org.jspecify.annotations.NullMarked;
