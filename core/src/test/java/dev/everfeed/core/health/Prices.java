package dev.everfeed.core.health;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// One contract's price as several venues have it and several gateways deliver it, in steps of
/// 50 ms, and the watch that hears them. What the watch tells is kept as text.
final class Prices implements PriceWatch.Output {
  static final long MILLI = 1_000_000;

  private static final int STEP = 50;
  private static final int HISTORY = 256;
  private static final double SECONDS_A_YEAR = 365 * 86_400.0;

  final PriceWatch watch;
  final List<String> told = new ArrayList<>();
  final List<Long> toldAtMillis = new ArrayList<>();
  final List<String> how = new ArrayList<>();
  final List<String> differ = new ArrayList<>();
  long millis = 1_000_000_000_000L % 86_400_000; // not at zero

  private final int[] contents;
  private final Random random;
  private final double[] market = new double[HISTORY]; // logarithms
  private final double[] noise;
  private final double[] premium;
  private final double[][] venue;
  private final int[] lagMillis;
  private final double[] eventsPerSecond;
  private final double[] lie;
  private final double[] frozen;
  private double volatility = 0.5;
  private int turbulentFor;
  private boolean turbulence;
  private boolean spikes;

  /// @param contents by gateway: its venue
  Prices(long seed, int... contents) {
    this.contents = contents;
    this.random = new Random(seed);
    this.watch = new PriceWatch(1, contents, PriceWatchPolicy.USUAL);
    int venues = Arrays.stream(contents).max().orElseThrow() + 1;
    this.noise = new double[venues];
    this.premium = new double[venues];
    this.venue = new double[venues][HISTORY];
    int gateways = contents.length;
    this.lagMillis = new int[gateways];
    Arrays.fill(lagMillis, 50);
    this.eventsPerSecond = new double[gateways];
    Arrays.fill(eventsPerSecond, 10);
    this.lie = new double[gateways];
    Arrays.fill(lie, 1);
    this.frozen = new double[gateways];
  }

  /// Of a year, 0.5 is 50 %.
  Prices volatility(double ofAYear) {
    volatility = ofAYear;
    return this;
  }

  /// Some minutes of every few hours have ten times the volatility.
  Prices turbulence() {
    turbulence = true;
    return this;
  }

  /// Gateways are late at times by up to 800 ms, for a second or so.
  Prices spikes() {
    spikes = true;
    return this;
  }

  Prices premium(int content, double part) {
    premium[content] = part;
    return this;
  }

  Prices lag(int gateway, int ofMillis) {
    lagMillis[gateway] = ofMillis;
    return this;
  }

  Prices rate(int gateway, double ofEventsPerSecond) {
    eventsPerSecond[gateway] = ofEventsPerSecond;
    return this;
  }

  /// From now on the gateway's prices are multiplied; 1 to stop.
  Prices lie(int gateway, double factor) {
    lie[gateway] = factor;
    return this;
  }

  /// From now on the gateway repeats its price, in new events.
  Prices freeze(int gateway) {
    frozen[gateway] = price(gateway);
    return this;
  }

  Prices thaw(int gateway) {
    frozen[gateway] = 0;
    return this;
  }

  /// The market moves at once, at all venues.
  Prices jump(double part) {
    market[at(0)] += Math.log1p(part);
    hearMarket();
    return this;
  }

  Prices run(long forMillis) {
    for (long end = millis + forMillis; millis < end; ) {
      step();
      for (int gateway = 0; gateway < contents.length; gateway++) {
        if (random.nextDouble() < eventsPerSecond[gateway] * STEP / 1000) {
          watch.price(0, gateway, price(gateway), millis * MILLI);
        }
      }
      pass();
    }
    return this;
  }

  Prices pass() {
    if (watch.nextDeadlineNanos() <= millis * MILLI) {
      watch.timePassed(millis * MILLI, this);
    }
    return this;
  }

  double price(int gateway) {
    if (frozen[gateway] > 0) {
      return frozen[gateway];
    }
    int late = lagMillis[gateway];
    if (spikes && (millis / 1_000 + gateway * 37L) % 60 == 0) {
      late = 800;
    }
    return 100 * Math.exp(venue[contents[gateway]][at(late / STEP)]) * lie[gateway];
  }

  private void step() {
    millis += STEP;
    if (turbulence && turbulentFor-- < -3 * 72_000) {
      turbulentFor = 5 * 1_200;
    }
    double times = turbulentFor > 0 ? 10 : 1;
    double each = times * volatility * Math.sqrt(STEP / 1000.0 / SECONDS_A_YEAR);
    market[at(0)] = market[at(1)] + each * random.nextGaussian();
    for (int i = 0; i < noise.length; i++) {
      noise[i] = 0.99 * noise[i] + 0.00007 * random.nextGaussian();
    }
    hearMarket();
  }

  private void hearMarket() {
    for (int i = 0; i < venue.length; i++) {
      venue[i][at(0)] = market[at(0)] + noise[i] + Math.log1p(premium[i]);
    }
  }

  private int at(int stepsAgo) {
    return (int) ((millis / STEP - stepsAgo) & HISTORY - 1);
  }

  long after(long sinceMillis, String what) {
    for (int i = 0; i < told.size(); i++) {
      if (told.get(i).equals(what) && toldAtMillis.get(i) >= sinceMillis) {
        return toldAtMillis.get(i) - sinceMillis;
      }
    }
    throw new AssertionError("nobody told `" + what + "`, only " + told);
  }

  @Override
  public void disagrees(int contract, int gateway, String how) {
    told.add("disagrees " + gateway);
    toldAtMillis.add(millis);
    this.how.add(how);
  }

  @Override
  public void differ(int contract, String text) {
    differ.add(text);
  }

  @Override
  public void differNoMore(int contract) {
    differ.add("no more");
  }

  @Override
  public void agrees(int contract, int gateway) {
    told.add("agrees " + gateway);
    toldAtMillis.add(millis);
  }
}
