package dev.everfeed.hub.runtime;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/// The messages of a connection that does not deliver yet: the successor of one that still does.
/// At most [#BYTES_MAX] of memory; the oldest go first, since the predecessor has delivered them
/// for the longest time. Owned by the tick loop.
final class HeldFrames {
  /// Of a second that is some 30,000 trades.
  static final int BYTES_MAX = 8 << 20;

  /// Of memory for one message beside its bytes.
  static final int OVERHEAD = 64;

  /// Takes a message; the bytes are its own.
  interface Taker {
    /// @param nanos when it was received, as it was given
    void take(byte[] bytes, int length, long nanos);
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Held(byte[] bytes, long nanos) {
    int cost() {
      return bytes.length + OVERHEAD;
    }
  }

  private final Deque<Held> frames = new ArrayDeque<>();
  private int bytes;

  /// @param nanos when it was received, by any clock
  void add(byte[] frame, int length, long nanos) {
    Held held = new Held(Arrays.copyOf(frame, length), nanos);
    frames.add(held);
    bytes += held.cost();
    while (bytes > BYTES_MAX) {
      bytes -= frames.remove().cost();
    }
  }

  /// In the order in which they came.
  void forEach(Taker taker) {
    frames.forEach(frame -> taker.take(frame.bytes, frame.bytes.length, frame.nanos));
  }
}
