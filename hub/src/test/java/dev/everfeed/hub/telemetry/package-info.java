/// Metrics and logs as those outside the process see them.
@NullMarked
package dev.everfeed.hub.telemetry;

import org.jspecify.annotations.NullMarked;
