package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Tick;
import dev.everfeed.hub.source.FrameDecoder;
import dev.everfeed.hub.source.FrameSink;
import dev.everfeed.hub.source.Undecodable;
import org.jspecify.annotations.Nullable;

/// One connection of a gateway, of a venue or of a recording, on the way from its frames to the
/// engine. Ticks are given from the moment on at which it delivers; until then its frames are
/// held, and answers and errors are heard all the same. Owned by the tick loop.
abstract class Delivery implements FrameSink {
  private final Delivered delivered;
  private final FrameDecoder decoder;

  /// What comes before this connection delivers; null from then on.
  private @Nullable HeldFrames held = new HeldFrames();

  /// Of the frame that is being decoded.
  private long receivedNanos;

  Delivery(Delivered delivered) {
    this.delivered = delivered;
    this.decoder = delivered.decoder();
  }

  final boolean delivers() {
    return held == null;
  }

  /// A frame came over the connection.
  ///
  /// @param bytes are reused afterwards
  /// @param nanos when it was received
  final void frame(byte[] bytes, int length, long nanos) throws Undecodable {
    HeldFrames before = held;
    if (before != null) {
      before.add(bytes, length, nanos);
    }
    receivedNanos = nanos;
    decoder.decode(bytes, 0, length, this);
  }

  /// From now on its ticks are given, and now those that have come already, with the times at
  /// which they came. Idempotent.
  final void deliver() {
    HeldFrames before = held;
    held = null;
    if (before != null) {
      delivered.giveHeld(before);
    }
  }

  @Override
  public final void tick(Tick tick) {
    if (held == null) {
      delivered.give(tick, receivedNanos);
    }
  }

  @Override
  public final void newest(int stream, long tradeId) {
    if (held == null) {
      delivered.newest(stream, tradeId);
    }
  }
}
