package dev.everfeed.core.engine;

import dev.everfeed.core.health.LagWatchPolicy;
import dev.everfeed.core.health.LineWatchPolicy;
import dev.everfeed.core.health.PriceWatchPolicy;

/// What a [StreamEngine] keeps to when it looks at what events say, beside whether they come.
///
/// @param lag        of times
/// @param prices     of prices of all gateways
/// @param lines      of prices of one event
/// @param epochNanos what received times are counted from, nanoseconds of the epoch
public record WatchPolicy(
    LagWatchPolicy lag, PriceWatchPolicy prices, LineWatchPolicy lines, long epochNanos) {

  public static WatchPolicy usual(long epochNanos) {
    return new WatchPolicy(
        LagWatchPolicy.USUAL, PriceWatchPolicy.USUAL, LineWatchPolicy.USUAL, epochNanos);
  }
}
