/// What a reader sees while a provider fails.
@NullMarked
package dev.everfeed.benchmarks.failover;

import org.jspecify.annotations.NullMarked;
