package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Tick;
import dev.everfeed.hub.source.FrameDecoder;
import dev.everfeed.hub.source.FrameSink;
import dev.everfeed.hub.source.Undecodable;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a gateway has given to the engine, by stream: by that it knows which of the ticks that
/// were held for a successor its predecessor has not delivered, where ids do not prove it.
/// Giving a tick allocates nothing. Owned by the tick loop.
final class Delivered {
  private final int gateway;
  private final StreamLoop loop;
  private final Supplier<FrameDecoder> decoders;

  /// When the tick that was given last was received, by stream,
  private final long[] receivedNanos;

  /// and what it said, where nothing tells it apart.
  private final long[] contents;

  /// The time of the newest final bar, by stream.
  private final long[] finalBars;

  /// @param gateway  its number
  /// @param decoders of its venue's frames, a new one each time
  Delivered(int gateway, StreamLoop loop, Supplier<FrameDecoder> decoders) {
    this.gateway = gateway;
    this.loop = loop;
    this.decoders = decoders;
    int streams = loop.streams().size();
    this.receivedNanos = new long[streams];
    this.contents = new long[streams];
    this.finalBars = new long[streams];
    Arrays.fill(receivedNanos, Long.MIN_VALUE);
    Arrays.fill(finalBars, Tick.NONE);
  }

  FrameDecoder decoder() {
    return decoders.get();
  }

  /// @param nanos when it was received
  void give(Tick tick, long nanos) {
    int stream = tick.stream();
    if (stream == Streams.NONE) {
      return;
    }
    receivedNanos[stream] = nanos;
    if (!loop.tellsApart(gateway, stream)) {
      contents[stream] = tick.contentHash();
      if (tick.isComplete()) {
        finalBars[stream] = Math.max(finalBars[stream], tick.timeNanos());
      }
    }
    loop.tick(gateway, tick, nanos);
  }

  /// The venue says which trade is its newest.
  void newest(int stream, long tradeId) {
    loop.newest(gateway, stream, tradeId);
  }

  /// Gives what was held for a successor, and its predecessor has not delivered:
  ///
  /// | the stream | given                                                  |
  /// |------------|--------------------------------------------------------|
  /// | with identity | all: the engine drops what it has had               |
  /// | bars       | final ones, unless as new a one was given; others: (1) |
  /// | other      | (1)                                                    |
  ///
  /// (1) What is held behind the tick that was given last; where that is not held, what came
  /// after it.
  ///
  /// A venue sends a final bar once, and a quote may be the last one for long.
  void giveHeld(HeldFrames held) {
    int[] lastGiven = new int[receivedNanos.length];
    again(held, new Again() {
      @Override
      void tick(Tick tick, int stream, int number, long nanos) {
        if (receivedNanos[stream] != Long.MIN_VALUE && tick.contentHash() == contents[stream]) {
          lastGiven[stream] = number;
        }
      }
    });
    long[] lastNanos = receivedNanos.clone();
    again(held, new Again() {
      @Override
      void tick(Tick tick, int stream, int number, long nanos) {
        boolean later =
            lastGiven[stream] > 0 ? number > lastGiven[stream] : nanos >= lastNanos[stream];
        if (loop.tellsApart(gateway, stream)
            || (!isOver(tick, stream) && (later || tick.isComplete()))) {
          give(tick, nanos);
        }
      }
    });
  }

  /// Whether a bar is final already: what it was like before would take that back.
  private boolean isOver(Tick tick, int stream) {
    return tick.saysComplete()
        && tick.timeNanos() != Tick.NONE
        && tick.timeNanos() <= finalBars[stream];
  }

  /// With a decoder of its own: a frame of the connection may be what has led here, half decoded,
  /// and what a frame gives may depend on those before it.
  private void again(HeldFrames held, Again to) {
    FrameDecoder decoder = decoders.get();
    held.forEach((bytes, length, nanos) -> {
      to.nanos = nanos;
      try {
        decoder.decode(bytes, 0, length, to);
      } catch (Undecodable e) {
        // has been noted as it came
      }
    });
  }

  /// What was held comes again. Answers and errors have been heard, and what the venue called
  /// its newest trade was said too long ago: the predecessor has heard of newer ones.
  private abstract static class Again implements FrameSink {
    long nanos;
    private int ticks;

    /// @param number of the tick among those that were held, from 1 on
    abstract void tick(Tick tick, int stream, int number, long nanos);

    @Override
    public final void tick(Tick tick) {
      ticks++;
      if (tick.stream() != Streams.NONE) {
        tick(tick, tick.stream(), ticks, nanos);
      }
    }

    @Override
    public final void newest(int stream, long tradeId) {}

    @Override
    public final void answered(int requestId, @Nullable String refusal) {}

    @Override
    public final void subscribed(int stream) {}

    @Override
    public final void refused(int stream, String reason) {}

    @Override
    public final void control(Event event) {}
  }
}
