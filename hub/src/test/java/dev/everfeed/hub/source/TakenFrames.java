package dev.everfeed.hub.source;

import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Tick;
import dev.everfeed.hub.publish.CanonicalJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes down what frames gave, a line each, so that two ways of decoding can be compared: a
/// tick of numbers and one of an event read alike.
public final class TakenFrames implements FrameSink {
  private final Streams streams;
  private final String exchange;
  private final SourceId source;
  private final List<String> lines = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final List<Long> orders = new ArrayList<>();
  private int ticksOfNumbers;

  public TakenFrames(Streams streams, StreamSource source) {
    this.streams = streams;
    this.exchange = source.exchange();
    this.source = source.id();
  }

  /// `trade|BTC/USDT {"type":"trade",…} id 12 time 16…`
  public List<String> lines() {
    return lines;
  }

  /// Of the ticks, in order.
  public List<Event> events() {
    return events;
  }

  /// What the source orders the ticks by.
  public List<Long> orders() {
    return orders;
  }

  /// Those that were not decoded in the slow way.
  public int ticksOfNumbers() {
    return ticksOfNumbers;
  }

  public void clear() {
    lines.clear();
    events.clear();
    orders.clear();
    ticksOfNumbers = 0;
  }

  @Override
  public void tick(Tick tick) {
    Event event = tick.event();
    if (event == null) {
      ticksOfNumbers++;
      event = eventOf(tick);
    }
    events.add(event);
    orders.add(tick.order());
    lines.add("%s %s id %d time %d side %s complete %s"
        .formatted(
            streams.stream(tick.stream()),
            CanonicalJson.line(event),
            tick.idNumber(),
            tick.timeNanos(),
            tick.side(),
            tick.saysComplete() ? tick.isComplete() : "?"));
  }

  @Override
  public void newest(int stream, long tradeId) {
    lines.add("newest %s %d".formatted(streams.stream(stream), tradeId));
  }

  @Override
  public void answered(int requestId, @Nullable String refusal) {
    lines.add("answered %d %s".formatted(requestId, refusal));
  }

  @Override
  public void subscribed(int stream) {
    lines.add("subscribed " + streams.stream(stream));
  }

  @Override
  public void refused(int stream, String reason) {
    lines.add("refused %s %s".formatted(streams.stream(stream), reason));
  }

  @Override
  public void control(Event event) {
    lines.add("control " + CanonicalJson.line(event));
  }

  private Event eventOf(Tick tick) {
    Stream stream = streams.stream(tick.stream());
    Instant time =
        tick.timeNanos() == Tick.NONE ? null : Instant.ofEpochSecond(0, tick.timeNanos());
    if (stream.channel() == Channel.TRADE) {
      byte[] id = new byte[tick.idLength()];
      tick.copyId(id, 0);
      return new Event.Trade(
          stream.symbol(),
          exchange,
          source,
          needed(tick, Tick.PRICE),
          needed(tick, Tick.SIZE),
          tick.side(),
          id.length == 0 ? null : new String(id, StandardCharsets.US_ASCII),
          time);
    }
    Interval interval = stream.interval();
    if (interval == null) {
      return new Event.Quote(
          stream.symbol(),
          exchange,
          source,
          number(tick, Tick.BID),
          number(tick, Tick.BID_SIZE),
          number(tick, Tick.ASK),
          number(tick, Tick.ASK_SIZE),
          time);
    }
    if (time == null) {
      throw new AssertionError("a bar has a time");
    }
    return new Event.Bar(
        stream.symbol(),
        exchange,
        source,
        interval,
        time,
        needed(tick, Tick.OPEN),
        needed(tick, Tick.HIGH),
        needed(tick, Tick.LOW),
        needed(tick, Tick.CLOSE),
        number(tick, Tick.VOLUME),
        tick.saysComplete() ? (Boolean) tick.isComplete() : null);
  }

  private static Decimal needed(Tick tick, int index) {
    Decimal number = number(tick, index);
    if (number == null) {
      throw new AssertionError("number %d is missing".formatted(index));
    }
    return number;
  }

  private static @Nullable Decimal number(Tick tick, int index) {
    return tick.has(index) ? Decimal.of(tick.mantissa(index), tick.scale(index)) : null;
  }
}
