package dev.everfeed.benchmarks.load;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// What the requests of a load saw: latencies by path, answers by kind, and the slowest ones.
public final class Samples {
  private static final long HIGHEST_NANOS = 60_000_000_000L;
  private static final long SLOW_NANOS = 20_000_000L;
  private static final int SLOWEST = 15;

  private final Map<String, Histogram> byPath = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> kinds = new ConcurrentSkipListMap<>();
  private final ConcurrentLinkedQueue<Slow> slow = new ConcurrentLinkedQueue<>();

  private Histogram hiccups = new Histogram(HIGHEST_NANOS, 3);

  private record Slow(long atNanos, long latencyNanos, String kind) {}

  /// @param atNanos when it was due, from the start of the load
  /// @param latencyNanos from when it was due until the whole answer was there
  /// @param kind such as `live coingecko`
  void add(String path, long atNanos, long latencyNanos, String kind) {
    byPath
        .computeIfAbsent(path, _ -> new ConcurrentHistogram(HIGHEST_NANOS, 3))
        .recordValue(Math.min(latencyNanos, HIGHEST_NANOS));
    kinds.computeIfAbsent(kind, _ -> new LongAdder()).increment();
    if (latencyNanos > SLOW_NANOS) {
      slow.add(new Slow(atNanos, latencyNanos, kind));
    }
  }

  void stoodStill(Histogram seen) {
    hiccups = seen;
  }

  /// How long the process stood still meanwhile: `p99.9 | max` in milliseconds.
  public String hiccups() {
    return String.format(
        Locale.ROOT,
        "%.2f | %.2f",
        hiccups.getValueAtPercentile(99.9) / 1e6,
        hiccups.getMaxValue() / 1e6);
  }

  /// Of every path together.
  public Histogram all() {
    Histogram all = new Histogram(HIGHEST_NANOS, 3);
    byPath.values().forEach(all::add);
    return all;
  }

  /// Of one path, without its query.
  public Histogram of(String path) {
    Histogram known = byPath.get(path);
    if (known == null) {
      throw new IllegalStateException("nothing asked at " + path + ", but " + byPath.keySet());
    }
    return known;
  }

  /// `11,990 live coingecko, 10 cached binance`.
  public String kinds() {
    return kinds(kinds);
  }

  static String kinds(Map<String, LongAdder> kinds) {
    StringBuilder text = new StringBuilder();
    kinds.entrySet().stream()
        .sorted(Comparator.comparingLong(entry -> -entry.getValue().sum()))
        .forEach(entry -> text.append(text.isEmpty() ? "" : ", ")
            .append(String.format(Locale.ROOT, "%,d ", entry.getValue().sum()))
            .append(entry.getKey()));
    return text.toString();
  }

  /// The slowest ones above 20 ms, for the log: when, how long, what came.
  public String slowest() {
    List<String> lines = slow.stream()
        .sorted(Comparator.comparingLong(each -> -each.latencyNanos))
        .limit(SLOWEST)
        .map(each -> String.format(
            Locale.ROOT,
            "    at %.3f s: %.1f ms, %s",
            each.atNanos / 1e9,
            each.latencyNanos / 1e6,
            each.kind))
        .toList();
    return "  " + slow.size() + " above 20 ms\n" + String.join("\n", lines);
  }

  /// `p50 | p99 | p99.9 | max` in milliseconds.
  public static String cells(Histogram nanos) {
    return String.format(
        Locale.ROOT,
        "%.2f | %.2f | %.2f | %.2f",
        nanos.getValueAtPercentile(50) / 1e6,
        nanos.getValueAtPercentile(99) / 1e6,
        nanos.getValueAtPercentile(99.9) / 1e6,
        nanos.getMaxValue() / 1e6);
  }
}
