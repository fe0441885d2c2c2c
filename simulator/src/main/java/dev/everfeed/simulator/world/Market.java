package dev.everfeed.simulator.world;

import dev.everfeed.core.model.Symbol;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// What everything is worth at every moment: a pure function of the seed and of virtual time.
/// Moves by less than 1 % a minute, so that no true price is ever doubtful.
final class Market {
  private record Wave(double base, double phase, double periodSeconds) {}

  private final Map<String, Wave> waves = new TreeMap<>();

  Market(SplittableRandom random, Iterable<Symbol> symbols) {
    for (Symbol symbol : symbols) {
      waves.put(
          asset(symbol),
          new Wave(
              Seeds.logUniform(random, 1.0, 60_000.0),
              random.nextDouble() * 6.28,
              900 + random.nextDouble() * 2_700));
    }
  }

  /// In cents. Equivalents (`BTC/USD` for `BTC/USDT`) are 0.1 % cheaper.
  long cents(Symbol symbol, long nanos) {
    Wave wave = waves.get(asset(symbol));
    if (wave == null) {
      throw new IllegalArgumentException("the market does not know " + symbol);
    }
    double seconds = nanos / 1e9;
    double swing = 0.05 * StrictMath.sin(wave.phase() + 6.283185 * seconds / wave.periodSeconds())
        + 0.002 * StrictMath.sin(seconds / 3);
    double discount = symbol.text().endsWith("/USD") ? 0.999 : 1.0;
    return Math.max(1, Math.round(100 * wave.base() * discount * (1 + swing)));
  }

  private static String asset(Symbol symbol) {
    return symbol.base().orElse(symbol.text());
  }
}
