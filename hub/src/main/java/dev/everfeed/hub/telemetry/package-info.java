/// What the hub shows of itself to those who run it: metrics and logs.
@NullMarked
package dev.everfeed.hub.telemetry;

import org.jspecify.annotations.NullMarked;
