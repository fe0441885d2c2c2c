package dev.everfeed.core.model;

import org.jspecify.annotations.Nullable;

/// What is numbered by itself and can be subscribed to: `trade|BTC/USDT`, `bar|BTC/USDT|1m`
/// (DESIGN section 6, Sequence).
///
/// @param interval of bars; null for everything else
public record Stream(
    Channel channel, Symbol symbol, @Nullable Interval interval) implements Comparable<Stream> {
  public Stream {
    if ((interval != null) != (channel == Channel.BAR)) {
      throw new IllegalArgumentException(
          "bars have an interval and nothing else has one, was %s of %s with %s"
              .formatted(channel, symbol, interval));
    }
  }

  public static Stream trades(Symbol symbol) {
    return new Stream(Channel.TRADE, symbol, null);
  }

  public static Stream quotes(Symbol symbol) {
    return new Stream(Channel.QUOTE, symbol, null);
  }

  public static Stream bars(Symbol symbol, Interval interval) {
    return new Stream(Channel.BAR, symbol, interval);
  }

  /// `trade|BTC/USDT`: its name everywhere.
  public String name() {
    String name = channel.text() + "|" + symbol;
    return interval == null ? name : name + "|" + interval.text();
  }

  @Override
  public int compareTo(Stream other) {
    return name().compareTo(other.name());
  }

  @Override
  public String toString() {
    return name();
  }
}
