package dev.everfeed.hub.source.bybit;

import dev.everfeed.core.model.Interval;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// The venue's words for intervals (docs/v5/enum, interval). 8 hours and 3 days are not there.
final class BybitIntervals {
  static final SequencedMap<Interval, String> WORDS = Collections.unmodifiableSequencedMap(words());

  private static final Map<String, Interval> INTERVALS = new TreeMap<>();

  static {
    WORDS.forEach((interval, word) -> INTERVALS.put(word, interval));
  }

  private BybitIntervals() {}

  private static SequencedMap<Interval, String> words() {
    SequencedMap<Interval, String> words = new LinkedHashMap<>();
    words.put(Interval.M1, "1");
    words.put(Interval.M3, "3");
    words.put(Interval.M5, "5");
    words.put(Interval.M15, "15");
    words.put(Interval.M30, "30");
    words.put(Interval.H1, "60");
    words.put(Interval.H2, "120");
    words.put(Interval.H4, "240");
    words.put(Interval.H6, "360");
    words.put(Interval.H12, "720");
    words.put(Interval.D1, "D");
    words.put(Interval.W1, "W");
    words.put(Interval.MONTH, "M");
    return words;
  }

  static Optional<Interval> of(String word) {
    return Optional.ofNullable(INTERVALS.get(word));
  }
}
