/// How fast the hub starts and how much memory it takes.
@NullMarked
package dev.everfeed.benchmarks.start;

import org.jspecify.annotations.NullMarked;
