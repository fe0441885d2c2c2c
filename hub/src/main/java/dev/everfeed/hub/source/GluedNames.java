package dev.everfeed.hub.source;

import java.util.List;

/// Names of pairs that a venue writes without anything between base and quote: `BTCUSDT`.
///
/// Such a name is split at the longest known quote that it ends with (wire/CANONICAL.md,
/// Symbols), which misreads a few (`USDTUSD`); only the venue's own list tells for sure.
/// Stateless.
public final class GluedNames {
  private static final List<String> QUOTES = List.of(
      "FDUSD", "USDT", "USDC", "TUSD", "BUSD", "USDP", "USDS", "IDRT", "BIDR", "BTC", "ETH", "BNB",
      "DAI", "EUR", "GBP", "TRY", "BRL", "AUD", "JPY", "UAH", "RUB", "NGN", "ZAR", "PAX", "XRP",
      "TRX", "DOGE", "DOT", "VAI", "USD");

  private GluedNames() {}

  /// `BTC/USDT` for `BTCUSDT`; a name without a known quote stays whole.
  public static String split(String name) {
    String quote = quoteOf(name, QUOTES);
    return quote.isEmpty() ? name : name.substring(0, name.length() - quote.length()) + "/" + quote;
  }

  /// The longest of the quotes that the name ends with and does not consist of; else empty.
  public static String quoteOf(String name, List<String> quotes) {
    String longest = "";
    for (String candidate : quotes) {
      if (name.length() > candidate.length()
          && candidate.length() > longest.length()
          && name.endsWith(candidate)) {
        longest = candidate;
      }
    }
    return longest;
  }
}
