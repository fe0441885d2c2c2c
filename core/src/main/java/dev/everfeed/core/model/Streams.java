package dev.everfeed.core.model;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedCollection;

/// All streams of a hub, each with a dense number from 0 on, in the order given: what a tick
/// carries instead of names. Immutable.
public final class Streams {
  /// The number of what is not there.
  public static final int NONE = -1;

  private final List<Stream> streams;
  private final Map<Stream, Integer> numbers = new LinkedHashMap<>();

  public Streams(SequencedCollection<Stream> streams) {
    this.streams = List.copyOf(new LinkedHashSet<>(streams));
    for (Stream stream : this.streams) {
      numbers.put(stream, numbers.size());
    }
  }

  /// [#NONE] for a stream that is not there.
  public int numberOf(Stream stream) {
    return numbers.getOrDefault(stream, NONE);
  }

  /// @throws IndexOutOfBoundsException when there is no such number
  public Stream stream(int number) {
    return streams.get(number);
  }

  public int size() {
    return streams.size();
  }

  /// By number.
  public List<Stream> all() {
    return streams;
  }
}
