package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Symbol;
import java.util.Map;

/// How one symbol trades in the simulated market.
///
/// @param basePrice the price it moves around, in units of 1e-8
/// @param tick smallest step of the price, in units of 1e-8
/// @param halfFlow base units bought, and again sold, in an average second, in units of 1e-5
record Listing(Symbol symbol, String base, String quote, long basePrice, long tick, long halfFlow) {
  /// Orders of magnitude of late 2024, so that a demonstration looks familiar; nothing depends
  /// on them.
  private static final Map<String, Double> DOLLARS = Map.ofEntries(
      Map.entry("BTC", 60_740.0),
      Map.entry("ETH", 2_509.72),
      Map.entry("BNB", 574.3),
      Map.entry("SOL", 166.4),
      Map.entry("XRP", 0.512),
      Map.entry("DOGE", 0.1617),
      Map.entry("ADA", 0.342),
      Map.entry("LTC", 69.7),
      Map.entry("AVAX", 25.1),
      Map.entry("DOT", 4.02),
      Map.entry("LINK", 11.3),
      Map.entry("TRX", 0.166),
      Map.entry("EUR", 1.085),
      Map.entry("GBP", 1.29),
      Map.entry("USDT", 1.0),
      Map.entry("USDC", 1.0),
      Map.entry("FDUSD", 1.0),
      Map.entry("USD", 1.0));

  static Listing of(Symbol symbol) {
    String base = symbol.base().orElseThrow(() -> notSpot(symbol));
    String quote = symbol.quote().orElseThrow(() -> notSpot(symbol));
    double price = dollars(base) / dollars(quote);
    long tick = tickFor(price);
    long basePrice = Math.max(100, Math.round(price * 1e8 / tick)) * tick;
    // About 10,000 dollars a second, half of it bought by takers, in steps of 0.00001.
    long halfFlow = Math.clamp(Math.round(5_000 / dollars(base) * 1e5), 200, 100_000_000);
    return new Listing(symbol, base, quote, basePrice, tick, halfFlow);
  }

  /// With as much more flow as there are trades, so that none is empty.
  ///
  /// @param perSecond trades in an average second; 0 for the usual few
  Listing busy(int perSecond) {
    long flow = perSecond == 0 ? halfFlow : Math.max(5_000, halfFlow) * perSecond / 6;
    return new Listing(symbol, base, quote, basePrice, tick, flow);
  }

  /// Binance's notation: no separator.
  String venueSymbol() {
    return base + quote;
  }

  /// Digits after the point that the tick needs.
  int decimals() {
    int decimals = 8;
    for (long rest = tick; rest % 10 == 0 && decimals > 0; rest /= 10) {
      decimals--;
    }
    return decimals;
  }

  /// A trade of a flood, near the base price.
  Print flooded(int variant) {
    long chance = Noise.hash(Noise.hash(symbol.text()), variant);
    long around = Math.max(1, basePrice / tick / 500);
    long price = Math.max(tick, basePrice + (Noise.below(chance, 2 * around) - around) * tick);
    long size = (1 + Noise.below(chance, 100_000)) * SimulatedMarket.SIZE_STEP;
    return new Print(FloodFrames.ID, price, size, FloodFrames.MILLIS, (chance & 1) == 0);
  }

  private static double dollars(String currency) {
    Double known = DOLLARS.get(currency);
    return known != null ? known : 1 + 99 * Noise.unit(Noise.hash(currency));
  }

  private static long tickFor(double price) {
    if (price >= 100) {
      return 1_000_000;
    }
    return price >= 1 ? 10_000 : price >= 0.01 ? 1_000 : 1;
  }

  private static IllegalArgumentException notSpot(Symbol symbol) {
    return new IllegalArgumentException(
        "the simulated market lists spot symbols BASE/QUOTE, was " + symbol);
  }
}
