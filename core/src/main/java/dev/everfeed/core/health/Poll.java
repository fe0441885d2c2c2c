package dev.everfeed.core.health;

/// What those who are asked for a price say, in order, and how many of them agree: the part of a
/// [PriceWatch] that knows nothing of gateways.
final class Poll {
  // By place, from the lowest price to the highest.
  private final double[] said;
  private final double[] bounds;
  private final int[] saidAt;
  private int asked;
  private int agreeing;
  private int firstAgreeing;
  private double median = Double.NaN;

  Poll(int most) {
    this.said = new double[most];
    this.bounds = new double[most];
    this.saidAt = new int[most];
  }

  void begin() {
    asked = 0;
  }

  /// @param bound how far, as a part of it, another price may be from this one and be the same
  /// @param at    the tick when it was said
  void add(double price, double bound, int at) {
    int place = asked++;
    while (place > 0 && said[place - 1] > price) {
      said[place] = said[place - 1];
      bounds[place] = bounds[place - 1];
      saidAt[place] = saidAt[place - 1];
      place--;
    }
    said[place] = price;
    bounds[place] = bound;
    saidAt[place] = at;
  }

  /// Finds the most neighbours of which the outer two are the same price. If they are more than
  /// half, the median is among them.
  void compare() {
    agreeing = 0;
    firstAgreeing = 0;
    for (int low = 0, high = 0; high < asked; high++) {
      while (said[high] - said[low] > Math.max(bounds[low], bounds[high]) * said[low]) {
        low++;
      }
      if (high - low + 1 > agreeing) {
        agreeing = high - low + 1;
        firstAgreeing = low;
      }
    }
    median = asked == 0 ? Double.NaN : (said[(asked - 1) / 2] + said[asked / 2]) / 2;
  }

  int asked() {
    return asked;
  }

  /// The most that say the same price.
  int agreeing() {
    return agreeing;
  }

  boolean mostAgree() {
    return 2 * agreeing > asked;
  }

  /// `NaN` when nobody was asked.
  double median() {
    return median;
  }

  /// The widest bound of those who agree.
  double boundOfAgreeing() {
    double widest = 0;
    for (int i = firstAgreeing; i < firstAgreeing + agreeing; i++) {
      widest = Math.max(widest, bounds[i]);
    }
    return widest;
  }

  /// When one of those who agree last said so.
  int agreedAt() {
    return newest(firstAgreeing, firstAgreeing + agreeing);
  }

  /// When one of all last said something.
  int saidAt() {
    return newest(0, asked);
  }

  private int newest(int from, int to) {
    int newest = saidAt[from];
    for (int i = from + 1; i < to; i++) {
      newest = saidAt[i] - newest > 0 ? saidAt[i] : newest;
    }
    return newest;
  }

  /// How many of those who agree have said so at a tick or later.
  int agreedSince(int tick) {
    int count = 0;
    for (int i = firstAgreeing; i < firstAgreeing + agreeing; i++) {
      count += saidAt[i] - tick >= 0 ? 1 : 0;
    }
    return count;
  }

  long bytes() {
    return said.length * (8L + 8 + 4);
  }
}
