package dev.everfeed.core.health;

/// What a [LineWatch] keeps to. All are nanoseconds.
///
/// @param togetherNanos all lines have told an event within this; who has not is not waited for
/// @param backNanos     who contradicted the others and has agreed for so long, is right again
/// @param aloneNanos    as is one that nobody was left to contradict for so long
public record LineWatchPolicy(long togetherNanos, long backNanos, long aloneNanos) {
  private static final long MILLI = 1_000_000;

  /// Half a second, of lines that are some 20 to 45 ms apart; 5 s, as long as for a price that
  /// is far from others'; a minute.
  public static final LineWatchPolicy USUAL =
      new LineWatchPolicy(500 * MILLI, 5_000 * MILLI, 60_000 * MILLI);

  public LineWatchPolicy {
    if (togetherNanos < 1 || backNanos < 1 || aloneNanos < backNanos) {
      throw new IllegalArgumentException(
          "times must be positive, and one that is alone be believed last, was %d, %d, %d ns"
              .formatted(togetherNanos, backNanos, aloneNanos));
    }
  }
}
