package dev.everfeed.hub.api;

import java.util.Map;

/// The verdicts of all symbols that are published, at one moment. Immutable; made by the
/// runtime every 250 ms.
///
/// @param bySymbol in the order of the configuration; without those that nobody publishes
public record VerdictBoard(Map<String, VerdictView> bySymbol) {
  public static final VerdictBoard NONE = new VerdictBoard(Map.of());
}
