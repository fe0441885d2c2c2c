package dev.everfeed.simulator.venue;

import java.util.Set;

/// Where the same symbols trade beside Binance, each place in its own way.
///
/// Volumes are shares of Binance's. What is listed follows the places themselves, with a hole
/// here and there, so that not every source can answer for every symbol.
enum Exchange {
  COINBASE("coinbase", 0.45, false, "BNB/USDT", true),
  /// Its bars leave out an interval without trades, as seen of the venue in 2019 and of its
  /// second WebSocket generation; answers of 2021 and 2025 show a flat row of volume 0 instead.
  KRAKEN("kraken", 0.2, false, "BNB/USDT", true),
  OKX("okx", 0.35, true, "", false),
  BYBIT("bybit", 0.3, true, "", false),
  /// The perpetual contracts of Bybit, which it tells of when no category is named.
  BYBIT_LINEAR("bybit linear", 0.6, true, "ETH/BTC", false);

  /// Base currencies that trade in some minutes only.
  static final Set<String> THIN = Set.of("LTC", "ADA", "DOGE");

  /// Base currencies that places with dollars also list against them, at the price in USDT.
  static final Set<String> IN_DOLLARS = Set.of("BTC", "ETH");

  private final String text;
  private final double share;
  private final boolean flatBars;
  private final String unlisted;
  private final boolean dollars;

  Exchange(String text, double share, boolean flatBars, String unlisted, boolean dollars) {
    this.text = text;
    this.share = share;
    this.flatBars = flatBars;
    this.unlisted = unlisted;
    this.dollars = dollars;
  }

  /// `coinbase`.
  String text() {
    return text;
  }

  /// Of Binance's volume.
  double share() {
    return share;
  }

  /// Whether an interval without trades has a bar: all four prices are the last one, volume 0.
  boolean flatBars() {
    return flatBars;
  }

  boolean lists(String symbol) {
    return !unlisted.equals(symbol);
  }

  boolean hasDollars() {
    return dollars;
  }
}
