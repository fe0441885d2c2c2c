/// The circuit breaker beside those that people use today.
@NullMarked
package dev.everfeed.benchmarks.breaker;

import org.jspecify.annotations.NullMarked;
