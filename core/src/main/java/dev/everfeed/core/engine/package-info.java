/// Decides what is published of what the gateways' streams deliver, and how their connections
/// are kept up. Pure: time and random numbers are arguments.
@NullMarked
package dev.everfeed.core.engine;

import org.jspecify.annotations.NullMarked;
