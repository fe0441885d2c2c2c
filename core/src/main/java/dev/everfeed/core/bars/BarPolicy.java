package dev.everfeed.core.bars;

/// What a [BarBuilder] keeps to. Times are nanoseconds.
///
/// @param updateNanos   so long at least is between two states of an unfinished bar that are told
/// @param graceNanos    so long a bar waits for a trade of its own after the first one of a later
///     interval: a venue's times may fall a little while its ids rise
/// @param quietNanos    so long after its end, by the venue's clock as it is estimated, a bar is
///     over without a later trade: lines are some 20 to 45 ms apart (RESILIENCE section 1), a
///     second is what a bad second of a network costs
/// @param reviseNanos   so long the trades that change a finished bar are gathered
/// @param bars          so many intervals of a series are kept, and can be revised
/// @param aheadMaxNanos a trade that claims to have happened so long after we received it is
///     not believed
/// @param leapNanos     a venue's clock that is suddenly further ahead than this, of itself and of
///     ours, is believed when it is so for as long: one wrong stamp would end every bar before it
public record BarPolicy(
    long updateNanos,
    long graceNanos,
    long quietNanos,
    long reviseNanos,
    int bars,
    long aheadMaxNanos,
    long leapNanos) {
  private static final long MILLI = 1_000_000;
  private static final long MINUTE = 60_000 * MILLI;

  public static final BarPolicy USUAL = new BarPolicy(
      250 * MILLI, 100 * MILLI, 1_000 * MILLI, 100 * MILLI, 32, 10 * MINUTE, 2_000 * MILLI);

  public BarPolicy {
    if (updateNanos < 0
        || graceNanos < 0
        || quietNanos < 0
        || reviseNanos < 0
        || aheadMaxNanos < 0
        || leapNanos < 0
        || bars < 2) {
      throw new IllegalArgumentException(
          "a builder's times are not negative, and it keeps at least 2 bars; were %d, %d, %d, %d, %d, %d and %d"
              .formatted(
                  updateNanos,
                  graceNanos,
                  quietNanos,
                  reviseNanos,
                  aheadMaxNanos,
                  leapNanos,
                  bars));
    }
  }
}
