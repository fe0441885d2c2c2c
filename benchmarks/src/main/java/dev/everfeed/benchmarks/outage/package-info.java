/// What an outage of the database costs, and what catching up costs those who are served.
@NullMarked
package dev.everfeed.benchmarks.outage;

import org.jspecify.annotations.NullMarked;
