package dev.everfeed.simulator.world;

/// Something wrong with one provider for a while.
///
/// @param kind     what
/// @param fromNanos when it begins
/// @param toNanos  when it is over
/// @param salt     decides the details: which symbols, how long to be left alone
record Fault(Kind kind, long fromNanos, long toNanos, long salt) {

  enum Kind {
    /// Connections are refused at once.
    REFUSE,
    /// Connections are cut in the middle of an answer.
    RESET,
    /// Nothing ever comes back.
    BLACKHOLE,
    /// Answers take 2 s to 5 s.
    SLOW,
    /// Some answers take ten times as long as usual.
    SPIKES,
    SERVER_ERROR,
    /// 429 with `Retry-After`.
    RATE_LIMIT,
    /// 429 without.
    RATE_LIMIT_MUTE,
    /// 418.
    BAN,
    UNDECODABLE,
    /// Some prices are many times too high, mostly ten times.
    WRONG_PRICE,
    /// Some prices are negative.
    NEGATIVE_PRICE,
    /// Prices and their times stand still.
    FROZEN,
    /// The same for some symbols only.
    FROZEN_SYMBOL,
    /// Probes are answered, calls are not.
    PROBE_ONLY,
    /// Calls are answered, probes are not.
    PROBE_LOST,
    /// Some symbols are missing in each answer.
    TRUNCATED,
    /// Some symbols are unknown: a batch with one of them is refused.
    DELISTED,
    /// Answers come after the timeout.
    LATE,
    /// Every answer comes twice, or is followed by a failure.
    DUPLICATE,
    /// The headers tell limits and weights that cannot be.
    ODD_HEADERS;

    /// What our own minute budget cannot know of.
    boolean tellsWrongWeight() {
      return this == ODD_HEADERS;
    }
  }

  /// How far off wrong prices are. Two providers that are wrong at the same time mostly differ.
  long timesTooHigh() {
    return Math.floorMod(salt, 3L) == 0 ? 10 : 4 + Math.floorMod(salt >>> 8, 40L);
  }

  boolean overlaps(long from, long to) {
    return fromNanos <= to && toNanos >= from;
  }

  /// Whether a fault that concerns some symbols only concerns this one.
  boolean concerns(String symbol) {
    return (TraceHash.mix(salt ^ TraceHash.of(symbol)) & 1) == 0;
  }
}
