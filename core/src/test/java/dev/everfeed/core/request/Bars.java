package dev.everfeed.core.request;

import static dev.everfeed.core.request.ChainBench.BTC;
import static dev.everfeed.core.request.ChainBench.EXCHANGE;
import static dev.everfeed.core.request.ChainBench.START;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One-minute bars of BTC/USDT, by minutes from the start of the bench's time.
final class Bars {
  private Bars() {}

  static Instant minute(int minute) {
    return START.plusSeconds(60L * minute);
  }

  static Event.Bar bar(int minute, String close, boolean complete) {
    Decimal price = Decimal.parse(close);
    return new Event.Bar(
        BTC,
        "binance",
        EXCHANGE,
        Interval.M1,
        minute(minute),
        price,
        price,
        price,
        price,
        null,
        complete);
  }

  /// Complete ones, from `first` up to and without `end`.
  static List<Event.Bar> complete(int first, int end) {
    return IntStream.range(first, end)
        .mapToObj(minute -> bar(minute, "100", true))
        .toList();
  }

  /// @param first null for the newest ones
  static Query.Bars between(@Nullable Integer first, @Nullable Integer end, int limit) {
    return new Query.Bars(
        BTC,
        Interval.M1,
        first == null ? null : minute(first),
        end == null ? null : minute(end),
        limit);
  }

  static List<Input.Past> receivedAt(long nanos, List<? extends Event> events) {
    return events.stream().map(event -> new Input.Past(event, nanos)).toList();
  }

  static List<Instant> times(Reply.Value value) {
    return value.served().events().stream()
        .map(event -> ((Event.Bar) event).time())
        .toList();
  }

  static List<String> closes(Reply.Value value) {
    return value.served().events().stream()
        .map(event -> ((Event.Bar) event).close().toString())
        .toList();
  }
}
