package dev.everfeed.simulator.venue;

/// What traded in one stretch of time. All prices and sizes count units of 1e-8.
///
/// @param openMillis first millisecond of the stretch, since the epoch
/// @param closeMillis last millisecond of the stretch, as Binance gives it: the next open minus
///     1
/// @param volume base units traded
/// @param quoteVolume quote units traded
/// @param trades number of trades
/// @param takerVolume base units bought by takers
/// @param takerQuoteVolume quote units paid by buying takers
public record Candle(
    long openMillis,
    long closeMillis,
    long open,
    long high,
    long low,
    long close,
    long volume,
    long quoteVolume,
    long trades,
    long takerVolume,
    long takerQuoteVolume) {

  public Candle {
    if (low > Math.min(open, close) || high < Math.max(open, close) || low <= 0) {
      throw new IllegalArgumentException(
          "candle at %d: low <= open, close <= high and low > 0 must hold, was o %d h %d l %d c %d"
              .formatted(openMillis, open, high, low, close));
    }
  }
}
