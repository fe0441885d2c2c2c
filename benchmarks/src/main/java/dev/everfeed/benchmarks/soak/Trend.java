package dev.everfeed.benchmarks.soak;

import java.util.Arrays;

/// How a figure moves with time: the median of the slopes between all pairs of points (Theil
/// 1950, Sen 1968), which a third of wild points does not move, and Sen's bounds of it.
///
/// @param slope  by unit of time
/// @param lowest the slope is not less than that with a confidence of 97.5 %, for independent
///     points; points near each other are less than independent, so who judges leaves room
/// @param highest likewise the upper bound
record Trend(double slope, double lowest, double highest) {
  private static final double NORMAL_97_5 = 1.959964;
  private static final int FEWEST = 8;

  /// @param times of the points, ascending
  static Trend of(double[] times, double[] values) {
    int n = times.length;
    if (n != values.length || n < FEWEST) {
      throw new IllegalArgumentException(
          "a trend wants %d points at least, as many times as values; were %d and %d"
              .formatted(FEWEST, n, values.length));
    }
    double[] slopes = new double[n * (n - 1) / 2];
    int count = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        if (times[j] <= times[i]) {
          throw new IllegalArgumentException(
              "times must rise, were %s and then %s".formatted(times[i], times[j]));
        }
        slopes[count++] = (values[j] - values[i]) / (times[j] - times[i]);
      }
    }
    Arrays.sort(slopes);
    // the variance of Kendall's S without ties, which ties only make smaller
    double width = NORMAL_97_5 * Math.sqrt(n * (n - 1.0) * (2.0 * n + 5) / 18);
    int low = (int) Math.floor((count - width) / 2);
    int high = (int) Math.ceil((count + width) / 2);
    return new Trend(
        median(slopes),
        slopes[Math.clamp(low, 0, count - 1)],
        slopes[Math.clamp(high, 0, count - 1)]);
  }

  private static double median(double[] sorted) {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
