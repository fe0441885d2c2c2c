package dev.everfeed.hub.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Tick;
import dev.everfeed.hub.publish.CanonicalJson;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/// The hot way through a decoder against the slow one, which is its naive twin: whatever the hot
/// one takes, the slow one gives the same; and it takes what comes all day, for no memory.
class HotDecoderTest {
  static final List<String> SOURCES = KnownSources.names().stream()
      .filter(n -> KnownSources.stream(n).isPresent())
      .toList();

  /// Venues of which a frame may state a part of a quote.
  private static final Set<String> CHANGES = Set.of("bybit");

  /// Whose quotes have their place in the order also when they came the slow way.
  private static final Set<String> ORDERED_BOTH_WAYS = Set.of("kraken", "okx", "bybit");

  /// Venues of which no frame says that a bar is over.
  private static final Set<String> ENDS_UNMARKED = Set.of("kraken");

  private static final int MUTATIONS = 100_000;
  private static final long SEED = 20_261_122;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// A frame through all ways: hot, slow, and the decoder that `decode` uses.
  private static final class Ways {
    private final StreamSource source;
    private final WireDecoder wire;
    private final HotFrameDecoder decoder;
    private final TakenFrames hot;
    private final TakenFrames slow;
    private int taken;
    private int declined;
    private int refused;

    Ways(String name, List<byte[]> frames) {
      this.source = KnownSources.stream(name).orElseThrow();
      this.wire = KnownSources.decoder(source.wire()).orElseThrow();
      Streams streams = RecordedFrames.streams(source, frames);
      this.decoder = (HotFrameDecoder) source.decoder(streams);
      this.hot = new TakenFrames(streams, source);
      this.slow = new TakenFrames(streams, source);
    }

    void compare(byte[] frame) {
      hot.clear();
      slow.clear();
      boolean isTaken = decoder.hot(frame, 0, frame.length, hot);
      String refusal = null;
      try {
        decoder.slow(frame, slow);
      } catch (Undecodable e) {
        refusal = e.reason();
      }
      compareWithWire(frame, refusal);
      if (isTaken) {
        taken++;
        assertThat(refusal).as(() -> shown(frame)).isNull();
        assertThat(hot.lines()).as(() -> shown(frame)).isEqualTo(slow.lines());
        if (ORDERED_BOTH_WAYS.contains(source.id().name())) {
          assertThat(hot.orders()).as(() -> shown(frame)).isEqualTo(slow.orders());
        }
        assertThat(hot.events()).as(() -> shown(frame)).hasSize(hot.ticksOfNumbers());
      } else {
        declined++;
        refused += refusal == null ? 0 : 1;
        assertThat(hot.lines()).as(() -> "declined and given: " + shown(frame)).isEmpty();
      }
    }

    /// What is given to the hub is part of what `decode` prints, and the same is refused.
    private void compareWithWire(byte[] frame, @Nullable String refusal) {
      try {
        List<Event> events = wire.decode("ws_trade", frame, DecodeContext.NONE);
        List<String> lines = events.stream().map(CanonicalJson::line).toList();
        assertThat(refusal).as(() -> shown(frame)).isNull();
        for (Event given : slow.events()) {
          if (!completes(given, events)) {
            assertThat(lines).as(() -> shown(frame)).contains(CanonicalJson.line(given));
          }
        }
      } catch (Undecodable e) {
        assertThat(refusal).as(() -> shown(frame)).isEqualTo(e.reason());
      }
    }

    /// Of a venue that states what has changed of a quote, `decode` prints that alone, and
    /// nothing where it is that a side is gone.
    private static boolean completes(Event given, List<Event> decoded) {
      if (given instanceof Event.Bar bar && ENDS_UNMARKED.contains(bar.source().name())) {
        return Boolean.TRUE.equals(bar.complete()); // a later one has come: of an earlier frame
      }
      if (!(given instanceof Event.Quote quote)
          || !CHANGES.contains(quote.source().name())) {
        return false;
      }
      return decoded.isEmpty()
          || (decoded.size() == 1
              && decoded.getFirst() instanceof Event.Quote said
              && said.symbol().equals(quote.symbol())
              && Objects.equals(said.time(), quote.time())
              && (said.bid() == null || Objects.equals(said.bid(), quote.bid()))
              && (said.ask() == null || Objects.equals(said.ask(), quote.ask())));
    }

    private String shown(byte[] frame) {
      return source.id() + " " + new String(frame, StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @FieldSource("SOURCES")
  void whatWasRecordedGivesTheSameBothWaysAndItsTicksComeHot(String name) throws IOException {
    List<byte[]> frames = RecordedFrames.of(name);
    Ways ways = new Ways(name, frames);
    int ticks = 0;
    for (byte[] frame : frames) {
      ways.compare(frame);
      if (ways.hot.events().isEmpty()) {
        // bars come about once a second, and may come the slow way
        assertThat(ways.slow.events())
            .as(() -> ways.shown(frame))
            .allMatch(event -> event instanceof Event.Bar);
      }
      ticks += ways.hot.ticksOfNumbers();
    }
    assertThat(ways.refused).isZero();
    assertThat(ticks).isGreaterThanOrEqualTo(RecordedFrames.ticks(name));
  }

  @ParameterizedTest
  @FieldSource("SOURCES")
  void mutatedFramesGiveTheSameBothWays(String name) throws IOException {
    List<byte[]> frames = RecordedFrames.of(name);
    Ways ways = new Ways(name, frames);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    MutatedFrames mutations = new MutatedFrames(frames, random);
    int ticks = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      ways.compare(mutations.next());
      ticks += ways.hot.ticksOfNumbers();
    }
    // two of OKX's twenty shapes of frames are hot, and a frame does not survive many changes
    assertThat(ticks).isGreaterThan(MUTATIONS / 100);
    assertThat(ways.declined - ways.refused).isGreaterThan(MUTATIONS / 20);
    assertThat(ways.refused).isGreaterThan(MUTATIONS / 20);
  }

  /// Only a part of the buffer is the frame, and what lies around it may be anything.
  @ParameterizedTest
  @FieldSource("SOURCES")
  void aFrameEndsWhereItIsSaidTo(String name) throws IOException, Undecodable {
    List<byte[]> frames = RecordedFrames.of(name);
    Ways ways = new Ways(name, frames);
    Ways plain = new Ways(name, frames); // what a frame gives may depend on those before it
    for (byte[] frame : frames.subList(0, Math.min(300, frames.size()))) {
      byte[] buffer = new byte[frame.length + 64];
      Arrays.fill(buffer, (byte) '7');
      System.arraycopy(frame, 0, buffer, 32, frame.length);
      ways.hot.clear();
      ways.slow.clear();
      ways.decoder.decode(buffer, 32, 32 + frame.length, ways.hot);
      plain.decoder.decode(frame, 0, frame.length, ways.slow);
      assertThat(ways.hot.lines()).isEqualTo(ways.slow.lines());
      for (int end : new int[] {0, 1, frame.length / 2, lastByte(frame)}) {
        assertThat(ways.decoder.hot(buffer, 32, 32 + end, ways.hot)).isFalse();
      }
    }
  }

  /// Where the last byte is that is no blank.
  private static int lastByte(byte[] frame) {
    int last = frame.length - 1;
    while (frame[last] <= ' ') {
      last--;
    }
    return last;
  }

  /// Adds up what it is given, so that nothing is optimised away.
  private static final class Sum implements FrameSink {
    private long sum;
    private long ticks;

    @Override
    public void tick(Tick tick) {
      ticks++;
      sum += tick.mantissa(0) + tick.timeNanos() + tick.idLength();
    }

    @Override
    public void newest(int stream, long tradeId) {
      ticks++;
      sum += tradeId;
    }

    @Override
    public void answered(int requestId, @Nullable String refusal) {
      fail("nothing was asked");
    }

    @Override
    public void subscribed(int stream) {
      fail("nothing was asked");
    }

    @Override
    public void refused(int stream, String reason) {
      fail("nothing was asked");
    }

    @Override
    public void control(Event event) {
      sum++;
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
      binance; {"e":"trade","E":1672515782136,"s":"BNBBTC","t":12345,"p":"0.00426990","q":"33.82000000","T":1672515782136,"m":true,"M":true}
      binance; {"stream":"bnbbtc@trade","data":{"e":"trade","E":1672515782136,"s":"BNBBTC","t":12345,"p":"0.001","q":"100","T":1672515782136,"m":true,"M":true}}
      binance; {"u":400900217,"s":"BNBBTC","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"}
      binance; {"e":"kline","E":1672515782136,"s":"BNBBTC","k":{"t":1672515780000,"T":1672515839999,"s":"BNBBTC","i":"1m","f":100,"L":200,"o":"0.0010","c":"0.0020","h":"0.0025","l":"0.0015","v":"1000","n":100,"x":false,"q":"1.0000","V":"500","Q":"0.500","B":"123456"}}
      kraken; {"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":100.1,"qty":0.25,"ord_type":"limit","trade_id":123,"timestamp":"2026-07-10T00:00:00.123456Z"}]}
      kraken; {"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":99.9,"bid_qty":1.2,"ask":100.1,"ask_qty":2.3,"last":100.0,"volume":997038.98383185,"vwap":100.1,"timestamp":"2026-07-10T00:00:02.123456Z"}]}
      okx; {"arg":{"channel":"trades-all","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"338476307","px":"30236","sz":"0.0002","side":"buy","ts":"1652459224818"}]}
      okx; {"arg":{"channel":"bbo-tbt","instId":"BTC-USDT"},"data":[{"asks":[["111.06","55154","0","2"]],"bids":[["111.05","57745","0","2"]],"ts":"1670324386802","seqId":363996337}]}
      bybit; {"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"2290000000061666327","BT":false,"seq":1783284617}]}
      bybit; {"topic":"orderbook.1.BTCUSDT","type":"snapshot","ts":1680673820717,"data":{"s":"BTCUSDT","b":[["28552.00","0.047"]],"a":[["28552.10","25.433"]],"u":7003305,"seq":50193540681}}
      coinbase_exchange; {"type":"match","trade_id":1568268,"maker_order_id":"cac01d6d-8009","taker_order_id":"3dec64e4-f6ad","side":"sell","size":"450","price":"0.791","product_id":"SKL-USD","sequence":201390075,"time":"2021-04-17T16:43:37.121358Z"}
      coinbase_exchange; {"type":"ticker","sequence":38332655422,"product_id":"BTC-USD","price":"29940.91","best_bid":"29940.90","best_bid_size":"0.1","best_ask":"29940.91","best_ask_size":"2","side":"buy","time":"2022-06-02T09:20:54.127011Z","trade_id":347875517,"last_size":"0.00061522"}
      coinbase_exchange; {"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD","time":"2014-11-07T08:19:28.464459Z"}
      """)
  void whatComesAllDayAllocatesNothing(String name, String text) throws IOException, Undecodable {
    byte[] frame = text.getBytes(StandardCharsets.UTF_8);
    Ways ways = new Ways(name, RecordedFrames.of(name));
    Sum sum = new Sum();
    int count = 100_000;
    run(ways.decoder, frame, count, sum);

    long least = Long.MAX_VALUE; // the machine itself may allocate once
    for (int stretch = 0; stretch < 3; stretch++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      run(ways.decoder, frame, count, sum);
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }

    assertThat(least).isZero();
    assertThat(sum.ticks).isEqualTo(4L * count);
    assertThat(sum.sum).isNotZero();
    assertThat(ways.decoder.declined()).isZero();
  }

  private static void run(HotFrameDecoder decoder, byte[] frame, int count, FrameSink out)
      throws Undecodable {
    for (int i = 0; i < count; i++) {
      decoder.decode(frame, 0, frame.length, out);
    }
  }

  /// 8 MB each. Anything quadratic would take hours; its own CPU time is bounded, not the
  /// clock's.
  @Test
  void aGiantFrameTakesTimeInProportion() {
    int size = 8 << 20;
    List<String> giants = List.of(
        "{\"e\":\"trade\",\"p\":\"" + "9".repeat(size) + "\"}",
        "{\"e\":\"trade\",\"p\":" + "9".repeat(size) + "}",
        "{\"type\":\"match\",\"x\":\"" + "\\u0061".repeat(size / 6) + "\"}",
        "[".repeat(size),
        "{\"a\":".repeat(size / 5),
        " ".repeat(size) + "{}",
        "{" + "\"k\":{\"s\":1},".repeat(size / 12) + "\"k\":1}",
        "{\"stream\":\"x\",\"data\":[" + "{},".repeat(size / 3) + "{}]}",
        "\"".repeat(size),
        "{\"type\":\"subscriptions\",\"channels\":[" + "{\"name\":\"x\"},".repeat(size / 13)
            + "7]}");
    for (String name : SOURCES) {
      StreamSource source = KnownSources.stream(name).orElseThrow();
      Streams streams = new Streams(List.of());
      FrameDecoder decoder = source.decoder(streams);
      for (String giant : giants) {
        byte[] frame = giant.getBytes(StandardCharsets.UTF_8);
        TakenFrames taken = new TakenFrames(streams, source);
        long begin = THREADS.getCurrentThreadCpuTime();
        try {
          decoder.decode(frame, 0, frame.length, taken);
          assertThat(taken.lines()).hasSizeLessThan(2);
        } catch (Undecodable e) {
          assertThat(e.reason()).hasSizeLessThan(500);
        }
        assertThat(THREADS.getCurrentThreadCpuTime() - begin)
            .as("%s: %.40s", name, giant)
            .isLessThan(TimeUnit.SECONDS.toNanos(5));
      }
    }
  }
}
