package dev.everfeed.hub.source.kraken;

import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Interval;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What one message asks for, of several symbols. A refusal names the symbol and the request but
/// not the channel (wire/cases/kraken_v2/ws_error), so the number of a request tells that: it is
/// a multiple of [#MARKS] and a mark of the channel.
///
/// @param interval of bars; null for everything else
record KrakenChannel(Channel channel, @Nullable Interval interval) {
  private static final int MARKS = 32;
  private static final Interval[] INTERVALS = Interval.values();

  /// Trades 0, quotes 1, bars from 2 on.
  long marked(int requestId) {
    int mark = interval == null ? channel.ordinal() : Channel.BAR.ordinal() + interval.ordinal();
    return (long) requestId * MARKS + mark;
  }

  /// Empty where the mark is none of ours.
  static Optional<KrakenChannel> of(long marked) {
    int mark = (int) (marked % MARKS);
    if (mark < Channel.BAR.ordinal()) {
      return Optional.of(new KrakenChannel(Channel.values()[mark], null));
    }
    int interval = mark - Channel.BAR.ordinal();
    return interval < INTERVALS.length
        ? Optional.of(new KrakenChannel(Channel.BAR, INTERVALS[interval]))
        : Optional.empty();
  }
}
