package dev.everfeed.core.verdict;

/// The rules of verdicts. Times are nanoseconds, percentages are of the usual position limit: 100
/// leaves a reason out, 0 makes it a halt.
///
/// @param validForNanos     how long a verdict is good
/// @param reduceAfterNanos  older than that, the newest quote or trade is `old`
/// @param haltAfterNanos    older than that, it is a halt
/// @param sourcesMin        so many sources of different content are to be healthy
/// @param lossNanos         so long a lost trade counts
/// @param betterAfterNanos  so long it must be better before it is told
/// @param old               percent while the newest value is old
/// @param maybeStale        percent while it is in doubt
/// @param disagree          percent while gateways disagree and nobody can tell who is right
/// @param fewSources        percent with fewer sources than that
/// @param lost              percent while a lost trade counts
/// @param moving            percent while it is moved
public record VerdictPolicy(
    long validForNanos,
    long reduceAfterNanos,
    long haltAfterNanos,
    int sourcesMin,
    long lossNanos,
    long betterAfterNanos,
    int old,
    int maybeStale,
    int disagree,
    int fewSources,
    int lost,
    int moving) {
  public VerdictPolicy {
    if (validForNanos < 1
        || reduceAfterNanos < 0
        || haltAfterNanos < reduceAfterNanos
        || lossNanos < 0
        || betterAfterNanos < 0) {
      throw new IllegalArgumentException(
          "verdicts are good for a while, and halt after they reduce; were %d, %d, %d, %d and %d"
              .formatted(
                  validForNanos, reduceAfterNanos, haltAfterNanos, lossNanos, betterAfterNanos));
    }
  }
}
