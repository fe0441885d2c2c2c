/// How fast rows come into the store and out of it.
@NullMarked
package dev.everfeed.benchmarks.store;

import org.jspecify.annotations.NullMarked;
