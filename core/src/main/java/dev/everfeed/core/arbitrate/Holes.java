package dev.everfeed.core.arbitrate;

import dev.everfeed.core.compact.SparseLongs;
import dev.everfeed.core.model.Tick;
import java.util.Arrays;

/// Streams in which trades are missing and waited for, few at a time: since and until when, and
/// which. Filled by the [Arbiter].
final class Holes {
  static final long NEVER = Long.MAX_VALUE;

  private int[] streams = new int[8]; // in no order
  private int count;

  // By stream, of the first hole of it.
  private final SparseLongs sinceNanos = new SparseLongs(NEVER);
  private final SparseLongs dueNanos = new SparseLongs(NEVER);
  private final SparseLongs askedTo = new SparseLongs(Tick.NONE);
  private final SparseLongs knownTo = new SparseLongs(Tick.NONE);

  long bytes() {
    return 4L * streams.length
        + sinceNanos.bytes()
        + dueNanos.bytes()
        + askedTo.bytes()
        + knownTo.bytes();
  }

  boolean isOpen(int stream) {
    return dueNanos.has(stream);
  }

  /// The stream has a hole, where it had none; or another one, behind one that is over.
  ///
  /// @param since since when something waits behind it
  /// @param due   so long nobody is asked
  void await(int stream, long since, long due) {
    if (!isOpen(stream)) {
      if (count == streams.length) {
        streams = Arrays.copyOf(streams, 2 * count);
      }
      streams[count++] = stream;
    }
    sinceNanos.set(stream, since);
    dueNanos.set(stream, due);
    askedTo.clear(stream);
  }

  /// Somebody is asked for what is missing.
  void asked(int stream, long lastId, long due) {
    askedTo.set(stream, lastId);
    dueNanos.set(stream, due);
  }

  /// There is a trade of this id.
  void known(int stream, long id) {
    knownTo.set(stream, Math.max(knownTo.get(stream), id));
  }

  /// Nothing is missing any more.
  void close(int stream) {
    if (!isOpen(stream)) {
      return;
    }
    sinceNanos.clear(stream);
    dueNanos.clear(stream);
    askedTo.clear(stream);
    knownTo.clear(stream);
    int place = 0;
    while (streams[place] != stream) {
      place++;
    }
    streams[place] = streams[--count];
  }

  /// Since when something waits behind the hole.
  long sinceNanos(int stream) {
    return sinceNanos.get(stream);
  }

  /// When the next step is taken; [#NEVER] without a hole.
  long dueNanos(int stream) {
    return dueNanos.get(stream);
  }

  /// The last id that was asked for, or [Tick#NONE].
  long askedTo(int stream) {
    return askedTo.get(stream);
  }

  /// Up to which id trades are known to exist, or [Tick#NONE].
  long knownTo(int stream) {
    return knownTo.get(stream);
  }

  int count() {
    return count;
  }

  /// @param place 0 to count - 1; when one is closed, the last one is at its place
  int stream(int place) {
    return streams[place];
  }
}
