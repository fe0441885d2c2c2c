package dev.everfeed.hub.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.core.bars.BarBuilder;
import dev.everfeed.core.bars.BarPolicy;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TickEncoderTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final Symbol ODD = Symbol.of("D\u00d6GE/USD");
  private static final Streams STREAMS = new Streams(List.of(
      Stream.trades(BTC),
      Stream.quotes(BTC),
      Stream.bars(BTC, Interval.M1),
      Stream.trades(ODD),
      Stream.quotes(ODD),
      Stream.bars(ODD, Interval.MONTH)));
  private static final SourceId BINANCE = new SourceId("binance");
  private static final SourceId COINBASE = new SourceId("coinbase_exchange");
  private static final List<Gateway> GATEWAYS = List.of(
      new Gateway("binance", BINANCE, "binance"), new Gateway("cb \"2\"", COINBASE, "coinbase"));
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TickEncoder encoder = new TickEncoder(STREAMS, GATEWAYS);
  private final Tick tick = new Tick();

  private String encode(int gateway, ValueStatus status, long epoch, long seq, long received) {
    int length = encoder.encode(tick, gateway, status, epoch, seq, received);
    return new String(encoder.bytes(), 0, length, StandardCharsets.UTF_8);
  }

  private static void id(Tick tick, String id) {
    byte[] bytes = id.getBytes(StandardCharsets.US_ASCII);
    tick.setId(bytes, 0, bytes.length);
  }

  private static long nanos(String time) {
    Instant at = Instant.parse(time);
    return at.getEpochSecond() * 1_000_000_000 + at.getNano();
  }

  @Test
  void aTradeIsWrittenAsTheContractSays() {
    tick.begin(0);
    tick.setNumber(Tick.PRICE, 370_123_000, 5);
    tick.setNumber(Tick.SIZE, 1, 8);
    tick.setSide(Side.BUY);
    id(tick, "123");
    tick.setTimeNanos(nanos("2020-01-02T16:11:12.010Z"));

    assertThat(encode(0, ValueStatus.LIVE, 7, 42, nanos("2020-01-02T16:11:13.000000001Z")))
        .isEqualTo("{\"type\":\"trade\",\"symbol\":\"BTC/USDT\",\"exchange\":\"binance\","
            + "\"source\":\"binance\",\"price\":3701.23000,\"size\":0.00000001,\"side\":\"buy\","
            + "\"trade_id\":\"123\",\"time\":\"2020-01-02T16:11:12.01Z\","
            + "\"id\":\"binance|BTC/USDT|123\",\"gateway\":\"binance\","
            + "\"received_at\":\"2020-01-02T16:11:13.000000001Z\",\"status\":\"live\","
            + "\"epoch\":7,\"seq\":42}");
  }

  @Test
  void whatATickDoesNotSayIsNull() throws Exception {
    tick.begin(2);
    JsonNode bar = JSON.readTree(encode(1, ValueStatus.MAYBE_STALE, 1, 1, 0));
    for (String name : List.of("time", "open", "high", "low", "close", "volume", "complete")) {
      assertThat(bar.get(name).isNull()).as(name).isTrue();
    }
    assertThat(bar.get("gateway").textValue()).isEqualTo("cb \"2\"");
    assertThat(bar.get("received_at").textValue()).isEqualTo("1970-01-01T00:00:00Z");
    assertThat(bar.get("status").textValue()).isEqualTo("maybe_stale");
    tick.begin(0);
    JsonNode trade = JSON.readTree(encode(0, ValueStatus.STALE, 1, 1, 0));
    for (String name : List.of("price", "size", "side", "trade_id", "time", "id")) {
      assertThat(trade.get(name).isNull()).as(name).isTrue();
    }
  }

  /// The same event in primitives and as a record: equal bytes but for what only one of them can
  /// say. Seeded, over the whole range of each field.
  @Test
  void sharedFieldsAreThoseOfTheCanonicalForm() throws Exception {
    Random random = new Random(11);
    for (int i = 0; i < 200_000; i++) {
      int number = random.nextInt(STREAMS.size());
      int gateway = random.nextInt(2);
      Event event = fill(number, GATEWAYS.get(gateway), random);
      long seq = random.nextLong() >>> random.nextInt(64);
      long received = random.nextLong();
      String written = encode(gateway, ValueStatus.LIVE, 3, seq, received);
      String canonical = CanonicalJson.line(event);
      assertThat(written).startsWith(canonical.substring(0, canonical.length() - 1) + ",");

      // and through the record, the same message
      tick.begin(number, event);
      assertThat(encode(gateway, ValueStatus.LIVE, 3, seq, received)).isEqualTo(written);
      if (i % 1_000 == 0) {
        JsonNode read = JSON.readTree(written);
        assertThat(read.get("seq").longValue()).isEqualTo(seq);
        assertThat(read.get("received_at").textValue())
            .isEqualTo(dev.everfeed.core.time.Rfc3339.format(instant(received)));
      }
    }
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }

  private Event fill(int number, Gateway gateway, Random random) {
    tick.begin(number);
    Stream stream = STREAMS.stream(number);
    Instant time = null;
    boolean timed =
        stream.channel() != dev.everfeed.core.model.Channel.QUOTE || random.nextBoolean();
    if (timed) {
      long nanos = random.nextLong();
      if (random.nextBoolean()) {
        nanos -= Math.floorMod(nanos, (long) Math.pow(10, random.nextInt(10)));
      }
      nanos = nanos == Tick.NONE ? 0 : nanos;
      tick.setTimeNanos(nanos);
      time = instant(nanos);
    }
    Instant at = time == null ? Instant.EPOCH : time;
    return switch (stream.channel()) {
      case TRADE -> {
        Side side = List.of(Side.values()).get(random.nextInt(2));
        tick.setSide(side);
        String id = random.nextInt(5) == 0 ? null : Long.toUnsignedString(random.nextLong(), 36);
        if (id != null) {
          id(tick, id);
        }
        yield new Event.Trade(
            stream.symbol(),
            gateway.exchange(),
            gateway.source(),
            number(Tick.PRICE, random),
            number(Tick.SIZE, random),
            side,
            id,
            at);
      }
      case QUOTE ->
        new Event.Quote(
            stream.symbol(),
            gateway.exchange(),
            gateway.source(),
            number(Tick.BID, random),
            maybe(Tick.BID_SIZE, random),
            maybe(Tick.ASK, random),
            maybe(Tick.ASK_SIZE, random),
            time);
      case BAR -> {
        Boolean complete = random.nextInt(3) == 0 ? null : random.nextBoolean();
        if (complete != null) {
          tick.setComplete(complete);
        }
        Interval interval = java.util.Objects.requireNonNull(stream.interval());
        Decimal low = number(Tick.LOW, random);
        tick.setNumber(Tick.OPEN, tick.mantissa(Tick.LOW), tick.scale(Tick.LOW));
        tick.setNumber(Tick.HIGH, tick.mantissa(Tick.LOW), tick.scale(Tick.LOW));
        tick.setNumber(Tick.CLOSE, tick.mantissa(Tick.LOW), tick.scale(Tick.LOW));
        yield new Event.Bar(
            stream.symbol(),
            gateway.exchange(),
            gateway.source(),
            interval,
            at,
            low,
            low,
            low,
            low,
            maybe(Tick.VOLUME, random),
            complete);
      }
    };
  }

  private @Nullable Decimal maybe(int index, Random random) {
    return random.nextInt(4) == 0 ? null : number(index, random);
  }

  private Decimal number(int index, Random random) {
    long mantissa = switch (random.nextInt(12)) {
      case 0 -> 0;
      case 1 -> Long.MAX_VALUE;
      case 2 -> Long.MIN_VALUE;
      default -> random.nextLong() >> random.nextInt(63);
    };
    int scale = random.nextInt(19);
    tick.setNumber(index, mantissa, scale);
    return Decimal.of(mantissa, scale);
  }

  /// The tick path allocates nothing: counted by the JVM for this thread, exactly.
  @Test
  void publishingATickInPrimitivesAllocatesNothing() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    Publisher publisher = new Publisher(STREAMS, GATEWAYS, 1, 1 << 20);
    long seq = 0;
    for (int round = 0; round < 20; round++) {
      seq = publishAll(publisher, seq, 5_000);
    }
    long thread = Thread.currentThread().threadId();
    long before = threads.getThreadAllocatedBytes(thread);
    long after = threads.getThreadAllocatedBytes(thread);
    long ofAsking = after - before;
    before = threads.getThreadAllocatedBytes(thread);
    publishAll(publisher, seq, 100_000);
    after = threads.getThreadAllocatedBytes(thread);

    assertThat(after - before - ofAsking).isZero();
  }

  @Test
  void publishingABuiltBarAllocatesNothing() {
    Stream bars = Stream.bars(Symbol.of("BTC/USDT"), Interval.S1);
    Publisher publisher = new Publisher(new Streams(List.of(bars)), GATEWAYS, 1, 1 << 20);
    publisher.content(0, GATEWAYS.getFirst());
    BarBuilder builder = new BarBuilder(
        1,
        List.of(Interval.S1),
        1,
        new BarPolicy(0, 1, 1_000_000_000, 1, 4, 1, 0),
        _ -> false,
        (_, _, bar, status, at) -> publisher.publish(0, bar, status, at));
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().threadId();
    long time = 1_714_564_800_000_000_000L;
    long before = 0;
    long least = Long.MAX_VALUE; // the machine itself may allocate once
    for (int i = 0; i < 400_000; i++) {
      if (i % 50_000 == 0) {
        long allocated = threads.getThreadAllocatedBytes(thread);
        least = i < 300_000 ? least : Math.min(least, allocated - before);
        before = threads.getThreadAllocatedBytes(thread);
      }
      time += 50_000_000;
      tick.begin(0);
      tick.setNumber(Tick.PRICE, 6_543_210_000L + i % 100, 8);
      tick.setNumber(Tick.SIZE, i, 8);
      tick.setTimeNanos(time);
      builder.trade(0, 0, false, tick, time, time);
    }
    assertThat(least).isZero();
    assertThat(publisher.log().lastSeq(0)).isGreaterThan(300_000);
  }

  private long publishAll(Publisher publisher, long seq, int rounds) {
    long next = seq;
    long time = 1_714_564_800_000_000_000L;
    for (int i = 0; i < rounds; i++) {
      next++;
      for (int number = 0; number < STREAMS.size(); number++) {
        tick.begin(number);
        for (int index = 0; index < 4; index++) {
          tick.setNumber(index, 6_543_210_000L + i, 8);
        }
        tick.setSide(Side.SELL);
        tick.setComplete(true);
        tick.setId(ID, 0, ID.length);
        tick.setTimeNanos(time + next * 1_001);
        publisher.publish(tick, i & 1, ValueStatus.LIVE, next, time + next * 1_003);
      }
    }
    return next;
  }

  private static final byte[] ID = "3141592653".getBytes(StandardCharsets.US_ASCII);
}
