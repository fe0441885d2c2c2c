/// Judges from the events alone whether what a gateway subscribed to is still delivered. Pure:
/// time is an argument.
@NullMarked
package dev.everfeed.core.health;

import org.jspecify.annotations.NullMarked;
