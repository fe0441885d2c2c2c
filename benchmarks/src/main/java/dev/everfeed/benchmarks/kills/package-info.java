/// Lines of a venue in processes of their own are killed, and a reader proves what that cost.
@NullMarked
package dev.everfeed.benchmarks.kills;

import org.jspecify.annotations.NullMarked;
