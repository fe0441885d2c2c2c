package dev.everfeed.hub.source.kraken;

import dev.everfeed.core.model.Interval;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// The venue's words for intervals: minutes. Its weeks (10080) are counted from the epoch, a
/// Thursday, and its 15 days (21600) are nobody's interval, so neither is used.
final class KrakenIntervals {
  static final SequencedMap<Interval, String> WORDS = Collections.unmodifiableSequencedMap(words());

  private static final Map<String, Interval> INTERVALS = new TreeMap<>();

  static {
    WORDS.forEach((interval, word) -> INTERVALS.put(word, interval));
  }

  private KrakenIntervals() {}

  private static SequencedMap<Interval, String> words() {
    SequencedMap<Interval, String> words = new LinkedHashMap<>();
    for (Interval interval : List.of(
        Interval.M1,
        Interval.M5,
        Interval.M15,
        Interval.M30,
        Interval.H1,
        Interval.H4,
        Interval.D1)) {
      words.put(interval, Long.toString(interval.duration().toMinutes()));
    }
    return words;
  }

  static Optional<Interval> of(String word) {
    return Optional.ofNullable(INTERVALS.get(word));
  }
}
