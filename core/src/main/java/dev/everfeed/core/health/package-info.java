/// Judges from the events alone whether what a gateway subscribed to is still delivered, in time,
/// and says what the others say. Pure:
/// time is an argument.
@NullMarked
package dev.everfeed.core.health;

import org.jspecify.annotations.NullMarked;
