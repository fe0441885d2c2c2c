package dev.everfeed.hub.api;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Readers with equal subscriptions: what is published in one turn of the event loop is encoded
/// once for all of them. The event loop's thread only.
final class LiveGroup {
  /// @param streams never changed
  record Key(BitSet streams, boolean strings) {}

  final Key key;

  /// How many readers have this subscription, the slow ones too.
  int members;

  /// Those that are given everything at once.
  final List<LiveReader> live = new ArrayList<>();

  private @Nullable ByteBuf turn;
  private int messages;

  LiveGroup(Key key) {
    this.key = key;
  }

  /// @return whether this is the first of the turn
  boolean append(byte[] json, int length) {
    boolean first = turn == null;
    ByteBuf out = turn;
    if (out == null) {
      out = Frames.buffer(Math.max(1_024, length + 16));
      turn = out;
    }
    Frames.text(out, json, length);
    messages++;
    return first;
  }

  /// Gives the turn's messages to every reader that can take them, in one write each.
  ///
  /// @param from the position of the log at which the turn began, from which a reader that takes
  ///     nothing now will have to go on
  void flush(long from, LiveStreams server) {
    ByteBuf out = turn;
    if (out == null) {
      return;
    }
    turn = null;
    int kept = 0;
    for (int i = 0; i < live.size(); i++) {
      LiveReader reader = live.get(i);
      if (reader.pipe().isWritable()) {
        reader.pipe().write(out.retainedDuplicate());
        live.set(kept++, reader);
      } else {
        reader.fallBehind(from);
      }
    }
    live.subList(kept, live.size()).clear();
    out.release();
    server.metrics().sent((long) messages * kept);
    server.metrics().written(kept);
    messages = 0;
  }
}
