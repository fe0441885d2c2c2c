/// What stands between the hub and a source: breaker, retry budget, weight budget, latency,
/// counters.
@NullMarked
package dev.everfeed.core.guard;

import org.jspecify.annotations.NullMarked;
