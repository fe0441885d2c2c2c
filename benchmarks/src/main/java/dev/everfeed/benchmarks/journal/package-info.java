/// How many events a second the journal accepts, with each of them synced.
@NullMarked
package dev.everfeed.benchmarks.journal;

import org.jspecify.annotations.NullMarked;
