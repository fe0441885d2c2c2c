package dev.everfeed.hub.source;

import java.util.OptionalInt;

/// What a source says of our budget with it, in its own weight units.
///
/// @param usedWeight used by this address in the source's current window
/// @param limit      allowed in one window
public record Usage(OptionalInt usedWeight, OptionalInt limit) {
  public static final Usage UNKNOWN = new Usage(OptionalInt.empty(), OptionalInt.empty());
}
