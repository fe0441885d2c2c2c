package dev.everfeed.core.model;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One event of a stream in primitives, filled anew for each: who is given one may look at it
/// until it returns, and keeps nothing of it. Filling and reading allocate nothing.
///
/// Numbers are exact: a mantissa and a scale, `mantissa * 10^-scale`, with the zeros that the
/// source sent. What does not fit, or was decoded in another way, comes as the [Event] itself
/// ([#event]), and the numbers are not set.
///
/// | channel | numbers |
/// |---|---|
/// | trade | [#PRICE], [#SIZE] |
/// | quote | [#BID], [#BID_SIZE], [#ASK], [#ASK_SIZE], a side may be absent |
/// | bar   | [#OPEN], [#HIGH], [#LOW], [#CLOSE], [#VOLUME], which may be absent |
///
/// Owned by one thread.
public final class Tick {
  public static final int PRICE = 0;
  public static final int SIZE = 1;

  public static final int BID = 0;
  public static final int BID_SIZE = 1;
  public static final int ASK = 2;
  public static final int ASK_SIZE = 3;

  public static final int OPEN = 0;
  public static final int HIGH = 1;
  public static final int LOW = 2;
  public static final int CLOSE = 3;
  public static final int VOLUME = 4;

  /// No time, no numeric id.
  public static final long NONE = Long.MIN_VALUE;

  /// Bytes of the longest trade id; Bybit's are UUIDs of 36.
  public static final int ID_MAX = 64;

  /// Of one with its arrays, as the JVM lays it out.
  public static final long BYTES = 232;

  private static final int NUMBERS = 5;
  private static final byte ABSENT = -1;

  /// Beyond that, seconds of the epoch do not fit in nanoseconds.
  private static final long SECONDS_END = 9_000_000_000L;

  /// The golden ratio in 64 bits, and odd: spreads neighbouring numbers.
  private static final long MIX = 0x9E3779B97F4A7C15L;

  /// Up to the largest scale, each exact.
  private static final double[] POWERS_OF_TEN = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18
  };

  private int stream;
  private final long[] mantissas = new long[NUMBERS];
  private final byte[] scales = new byte[NUMBERS];
  private long timeNanos;
  private @Nullable Side side;
  private byte complete;
  private final byte[] id = new byte[ID_MAX];
  private int idLength;
  private long idNumber;
  private long order;
  private @Nullable Event event;

  public Tick() {
    begin(Streams.NONE);
  }

  /// Forgets everything and begins an event of a stream.
  ///
  /// @param stream its number in [Streams]
  public void begin(int stream) {
    this.stream = stream;
    for (int i = 0; i < NUMBERS; i++) {
      scales[i] = ABSENT;
    }
    timeNanos = NONE;
    side = null;
    complete = ABSENT;
    idLength = 0;
    idNumber = NONE;
    order = NONE;
    event = null;
  }

  /// Begins an event of a stream that is there as a record: its numbers stay in it, what tells
  /// it apart and orders it is set.
  public void begin(int stream, Event event) {
    begin(stream);
    this.event = event;
    switch (event) {
      case Event.Trade trade -> {
        side = trade.side();
        setTime(trade.time());
        if (trade.tradeId() != null) {
          byte[] bytes = trade.tradeId().getBytes(StandardCharsets.US_ASCII);
          setId(bytes, 0, Math.min(bytes.length, ID_MAX));
        }
      }
      case Event.Quote quote -> setTime(quote.time());
      case Event.Bar bar -> {
        setTime(bar.time());
        if (bar.complete() != null) {
          setComplete(bar.complete());
        }
      }
      default -> {
        // no other event has a stream
      }
    }
  }

  private void setTime(@Nullable Instant time) {
    if (time != null && Math.abs(time.getEpochSecond()) < SECONDS_END) {
      timeNanos = time.getEpochSecond() * 1_000_000_000 + time.getNano();
    }
  }

  /// Becomes a copy, which is valid for as long as its owner wants.
  public void copyFrom(Tick other) {
    stream = other.stream;
    System.arraycopy(other.mantissas, 0, mantissas, 0, NUMBERS);
    System.arraycopy(other.scales, 0, scales, 0, NUMBERS);
    timeNanos = other.timeNanos;
    side = other.side;
    complete = other.complete;
    System.arraycopy(other.id, 0, id, 0, other.idLength);
    idLength = other.idLength;
    idNumber = other.idNumber;
    order = other.order;
    event = other.event;
  }

  /// @param scale 0 to 18
  public void setNumber(int index, long mantissa, int scale) {
    mantissas[index] = mantissa;
    scales[index] = (byte) scale;
  }

  /// @param nanos of the epoch, by the venue's clock
  public void setTimeNanos(long nanos) {
    timeNanos = nanos;
  }

  public void setSide(@Nullable Side side) {
    this.side = side;
  }

  public void setComplete(boolean complete) {
    this.complete = (byte) (complete ? 1 : 0);
  }

  /// A trade's id in ASCII, at most [#ID_MAX] bytes of printable characters but quotes and
  /// backslashes.
  public void setId(byte[] bytes, int from, int length) {
    System.arraycopy(bytes, from, id, 0, length);
    idLength = length;
    idNumber = length > 0 && length <= 18 ? digits() : NONE;
  }

  private long digits() {
    long number = 0;
    for (int i = 0; i < idLength; i++) {
      int digit = id[i] - '0';
      if (digit < 0 || digit > 9) {
        return NONE;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  /// A number that rises from event to event of the stream and is the same on every line of the
  /// source; a trade's is its id.
  public void setOrder(long order) {
    this.order = order;
  }

  public int stream() {
    return stream;
  }

  public boolean has(int index) {
    return scales[index] != ABSENT;
  }

  public long mantissa(int index) {
    return mantissas[index];
  }

  public int scale(int index) {
    return scales[index];
  }

  /// Nanoseconds of the epoch, or [#NONE].
  public long timeNanos() {
    return timeNanos;
  }

  public @Nullable Side side() {
    return side;
  }

  /// Whether a bar is final; false also where the source does not say.
  public boolean isComplete() {
    return complete == 1;
  }

  public boolean saysComplete() {
    return complete != ABSENT;
  }

  /// The trade's id as a number, or [#NONE] where it is none of at most 18 digits.
  public long idNumber() {
    return idNumber;
  }

  public int idLength() {
    return idLength;
  }

  /// What the source orders its events by, or [#NONE].
  public long order() {
    return order == NONE ? idNumber : order;
  }

  /// Equal for ids of the same characters.
  public long idHash() {
    long hash = idLength;
    for (int i = 0; i < idLength; i++) {
      hash = (hash ^ id[i]) * MIX;
    }
    return hash ^ hash >>> 29;
  }

  /// Equal for ticks that say the same, over whichever connection they came.
  public long contentHash() {
    if (event != null) {
      return event.hashCode();
    }
    long content = timeNanos + (isComplete() ? 1 : 0);
    for (int i = 0; i < NUMBERS; i++) {
      content = content * MIX + (has(i) ? mantissas[i] * 31 + scales[i] : Long.MIN_VALUE);
    }
    return content;
  }

  /// What the instrument costs by this event: the price of a trade, the middle of a quote, the
  /// close of a bar. To be compared, and never passed on; `NaN` where it does not say.
  public double price(Channel channel) {
    Event record = event;
    if (record != null) {
      return priceOf(record);
    }
    return switch (channel) {
      case TRADE -> number(PRICE);
      case QUOTE -> (number(BID) + number(ASK)) * 0.5;
      case BAR -> number(CLOSE);
    };
  }

  private double number(int index) {
    byte scale = scales[index];
    return scale == ABSENT ? Double.NaN : mantissas[index] / POWERS_OF_TEN[scale];
  }

  private static double priceOf(Event event) {
    return switch (event) {
      case Event.Trade trade -> number(trade.price());
      case Event.Quote quote -> (number(quote.bid()) + number(quote.ask())) / 2;
      case Event.Bar bar -> number(bar.close());
      default -> Double.NaN;
    };
  }

  private static double number(@Nullable Decimal decimal) {
    return decimal == null ? Double.NaN : decimal.toBigDecimal().doubleValue();
  }

  /// Copies the [#idLength] bytes of the id.
  public void copyId(byte[] into, int at) {
    System.arraycopy(id, 0, into, at, idLength);
  }

  public @Nullable Event event() {
    return event;
  }
}
