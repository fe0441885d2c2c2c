/// A hub lives for half an hour among faults and readers who come and go, and must not grow.
@NullMarked
package dev.everfeed.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
