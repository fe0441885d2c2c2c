package dev.everfeed.core.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a decoder makes of a payload, in the canonical forms of wire/CANONICAL.md. One record a
/// form; a field that the payload does not carry is null.
///
/// `exchange` is where it trades and null for aggregates; `source` is who told us; `time` is the
/// venue's. Sizes and volumes are in base units.
public sealed interface Event {

  SourceId source();

  /// One execution.
  ///
  /// @param side    the taker's, null when the payload does not tell
  /// @param tradeId the venue's own id, unique per exchange and symbol where the channel has
  ///     identity
  record Trade(
      Symbol symbol,
      @Nullable String exchange,
      SourceId source,
      Decimal price,
      Decimal size,
      @Nullable Side side,
      @Nullable String tradeId,
      @Nullable Instant time)
      implements Event {}

  /// Best bid and best ask. At least one side is there; the other is null in a one-sided book. A
  /// crossed quote is not refused here, because auctions cross.
  record Quote(
      Symbol symbol,
      @Nullable String exchange,
      SourceId source,
      @Nullable Decimal bid,
      @Nullable Decimal bidSize,
      @Nullable Decimal ask,
      @Nullable Decimal askSize,
      @Nullable Instant time)
      implements Event {
    public Quote {
      if (bid == null && ask == null) {
        throw new IllegalArgumentException(
            "%s %s: a quote needs a bid or an ask".formatted(source, symbol));
      }
    }
  }

  /// Last or aggregate price of a ticker.
  record Price(
      Symbol symbol,
      @Nullable String exchange,
      SourceId source,
      Decimal price,
      @Nullable Instant time)
      implements Event {}

  /// Open, high, low, close of one interval, stamped at its open.
  ///
  /// @param complete whether the interval is over and the bar final; null where neither payload
  ///     nor the venue's rule says
  record Bar(
      Symbol symbol,
      @Nullable String exchange,
      SourceId source,
      Interval interval,
      Instant time,
      Decimal open,
      Decimal high,
      Decimal low,
      Decimal close,
      @Nullable Decimal volume,
      @Nullable Boolean complete)
      implements Event {}

  /// One entry of a venue's list of what trades there.
  ///
  /// @param nativeName the venue's own key, `BTCUSDT`
  /// @param status     null when the payload does not tell
  record Listing(
      Symbol symbol,
      @Nullable String exchange,
      SourceId source,
      String nativeName,
      String base,
      String quote,
      @Nullable Trading status)
      implements Event {

    /// Whether it can be traded now.
    public enum Trading {
      TRADING("trading"),
      HALTED("halted"),
      OTHER("other");

      private final String text;

      Trading(String text) {
        this.text = text;
      }

      public String text() {
        return text;
      }
    }
  }

  /// The venue's clock.
  record ServerTime(SourceId source, Instant time) implements Event {}

  /// What the venue says of itself.
  record SourceStatus(SourceId source, Condition status) implements Event {

    public enum Condition {
      ONLINE("online"),
      DEGRADED("degraded"),
      MAINTENANCE("maintenance"),
      OFFLINE("offline");

      private final String text;

      Condition(String text) {
        this.text = text;
      }

      public String text() {
        return text;
      }
    }
  }

  /// An acknowledged (or refused) subscription.
  ///
  /// @param nativeName the channel or stream that the acknowledgement names, or null
  record Ack(SourceId source, boolean ok, @Nullable String nativeName) implements Event {}

  /// A sign of life that carries no data.
  record Heartbeat(SourceId source) implements Event {}

  /// A well-formed error of the venue.
  record ProviderError(SourceId source, @Nullable String code, String message) implements Event {}

  /// A mood of the market, or of one symbol.
  ///
  /// @param measure `fear_greed` (0 to 100) or `votes_up` (percent)
  /// @param symbol  null when market-wide
  record Sentiment(
      SourceId source,
      String measure,
      @Nullable Symbol symbol,
      Decimal value,
      @Nullable String label,
      @Nullable Instant time)
      implements Event {}
}
