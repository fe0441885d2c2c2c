/// The judges of a soak, judged.
@NullMarked
package dev.everfeed.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
