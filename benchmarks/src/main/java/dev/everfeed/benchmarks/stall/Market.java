package dev.everfeed.benchmarks.stall;

import java.util.random.RandomGenerator;

/// A market of one stream, drawn from a seed: quiet, usual and busy minutes (a tenth, once and
/// five times the base rate); every order calls forth another one 0.6 times on average, soon
/// after it (a Hawkes process, drawn by thinning); and an order makes two events on average,
/// the second and further ones within half a millisecond. In the recorded sessions, too, about
/// half of the events follow the one before within a millisecond. Twice a day on average nobody
/// trades for five minutes.
final class Market implements EventTimes {
  static final double SECOND = 1e9;
  private static final double BRANCHING = 0.6;
  private static final double EVENTS_OF_ORDER = 2;
  private static final double[] FACTOR = {0.1, 1, 5};
  private static final double[] STAY_SECONDS = {120, 300, 60};
  private static final double HALT_SECONDS = 300;
  private static final double HALT_EVERY_SECONDS = 43_200;

  private final RandomGenerator random;
  private final double base;
  private final double decay; // of the excitement, by second
  private int regime = 1;
  private double regimeUntil;
  private double haltAt;
  private double haltedUntil = Double.NEGATIVE_INFINITY;
  private double now; // seconds
  private double excitement; // events a second

  /// @param rate events a second on average
  Market(double rate, RandomGenerator random) {
    this.random = random;
    double stay = 0;
    double weighted = 0;
    for (int i = 0; i < FACTOR.length; i++) {
      stay += STAY_SECONDS[i];
      weighted += STAY_SECONDS[i] * FACTOR[i];
    }
    this.base = rate / EVENTS_OF_ORDER * (1 - BRANCHING) * stay / weighted;
    this.decay = Math.clamp(rate / 10, 0.2, 20);
    this.regimeUntil = exponential(STAY_SECONDS[regime]);
    this.haltAt = exponential(HALT_EVERY_SECONDS);
  }

  @Override
  public long next() {
    if (random.nextDouble() >= 1 / EVENTS_OF_ORDER) {
      pass(random.nextDouble(5e-4));
      return (long) (now * SECOND);
    }
    while (true) {
      double most = base * FACTOR[regime] + excitement; // the rate only falls until then
      double step = exponential(1 / most);
      if (now + step >= regimeUntil) {
        pass(regimeUntil - now);
        regime = (regime + 1 + random.nextInt(2)) % FACTOR.length;
        regimeUntil = now + exponential(STAY_SECONDS[regime]);
        continue;
      }
      pass(step);
      if (now >= haltAt) {
        now += HALT_SECONDS;
        excitement = 0;
        haltedUntil = now;
        haltAt = now + exponential(HALT_EVERY_SECONDS);
        regimeUntil += HALT_SECONDS;
        continue;
      }
      if (random.nextDouble() * most < base * FACTOR[regime] + excitement) {
        excitement += BRANCHING * decay;
        return (long) (now * SECOND);
      }
    }
  }

  @Override
  public boolean hasHaltedSince(long nanos) {
    return haltedUntil * SECOND >= nanos;
  }

  private void pass(double seconds) {
    now += seconds;
    excitement *= Math.exp(-decay * seconds);
  }

  private double exponential(double mean) {
    return -Math.log(1 - random.nextDouble()) * mean;
  }
}
