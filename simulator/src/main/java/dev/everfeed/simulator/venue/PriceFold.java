package dev.everfeed.simulator.venue;

/// Stretches of a price path added up, oldest first, into one.
///
/// Prices in ticks, quote volumes in 1e-8. Mutable, for one call.
final class PriceFold {
  long open;
  long high;
  long low;
  long close;
  long quote;
  long takerQuote;
  private boolean started;

  void add(long o, long h, long l, long c, long quoteVolume, long takerQuoteVolume) {
    if (!started) {
      started = true;
      open = o;
      high = h;
      low = l;
    }
    high = Math.max(high, h);
    low = Math.min(low, l);
    close = c;
    quote += quoteVolume;
    takerQuote += takerQuoteVolume;
  }

  boolean isEmpty() {
    return !started;
  }
}
