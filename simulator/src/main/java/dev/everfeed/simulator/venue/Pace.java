package dev.everfeed.simulator.venue;

/// How many trades a symbol has had before each second: a growing function of time, so that any
/// stretch of time and any trade can be asked for. A second that is not halted has at least
/// [#LEAST_PER_SECOND]: an open, a high, a low and a close.
///
/// Confined to one thread.
interface Pace {
  int LEAST_PER_SECOND = 4;

  /// Trades from the epoch to the start of the second.
  long before(long second);

  /// A second at or shortly before the one in which there are more than `count` trades for the
  /// first time.
  long secondOf(long count);

  /// Always the same, up to one or two trades.
  ///
  /// @param perSecond trades in an average second
  /// @param jitter a second has up to so many trades less than one more, or more
  static Pace steady(long seed, int perSecond, int jitter) {
    return new Pace() {
      @Override
      public long before(long second) {
        return perSecond * second + Noise.below(Noise.hash(seed, 3, second), jitter);
      }

      @Override
      public long secondOf(long count) {
        return Math.floorDiv(count - jitter + 1, perSecond);
      }
    };
  }
}
