package dev.everfeed.core.engine;

import dev.everfeed.core.model.Channel;
import java.util.List;

/// The streams whose events say a price that others say too, with a number for each from 0 on:
/// what is known of prices is kept of these alone. Bars are none, since they begin long before.
final class ComparedStreams {
  static final int NONE = -1;

  private final int[] numbers; // by stream
  private final int[] streams; // by number

  /// @param channels by stream; empty where nothing is known of what events say
  ComparedStreams(List<Channel> channels) {
    this.numbers = new int[channels.size()];
    int count = 0;
    for (int stream = 0; stream < numbers.length; stream++) {
      numbers[stream] = channels.get(stream) == Channel.BAR ? NONE : count++;
    }
    this.streams = new int[count];
    for (int stream = 0; stream < numbers.length; stream++) {
      if (numbers[stream] != NONE) {
        streams[numbers[stream]] = stream;
      }
    }
  }

  long bytes() {
    return 4L * (numbers.length + streams.length);
  }

  int count() {
    return streams.length;
  }

  /// Of a stream, or [#NONE].
  int number(int stream) {
    return numbers.length == 0 ? NONE : numbers[stream];
  }

  int stream(int number) {
    return streams[number];
  }
}
