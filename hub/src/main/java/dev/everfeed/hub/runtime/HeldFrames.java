package dev.everfeed.hub.runtime;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/// The messages of a connection that does not deliver yet: the successor of one that still does.
/// At most [#BYTES_MAX]; the oldest go first, since the predecessor has delivered them for the
/// longest time. Owned by the tick loop.
final class HeldFrames {
  /// Of a second that is some 30,000 trades.
  static final int BYTES_MAX = 8 << 20;

  /// Takes a message; the bytes are its own.
  interface Taker {
    void take(byte[] bytes, int length);
  }

  private final Deque<byte[]> frames = new ArrayDeque<>();
  private int bytes;

  void add(byte[] frame, int length) {
    frames.add(Arrays.copyOf(frame, length));
    bytes += length;
    while (bytes > BYTES_MAX) {
      bytes -= frames.remove().length;
    }
  }

  /// In the order in which they came.
  void forEach(Taker taker) {
    frames.forEach(frame -> taker.take(frame, frame.length));
  }
}
