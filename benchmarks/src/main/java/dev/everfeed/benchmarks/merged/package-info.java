/// How fast bars of the past are answered out of the store.
@NullMarked
package dev.everfeed.benchmarks.merged;

import org.jspecify.annotations.NullMarked;
