package dev.everfeed.benchmarks.ticks;

import com.sun.management.ThreadMXBean;
import dev.everfeed.core.arbitrate.ArbiterPolicy;
import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.ControlPolicy;
import dev.everfeed.core.engine.EnginePlan;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.engine.GatewayPlan;
import dev.everfeed.core.engine.Link;
import dev.everfeed.core.engine.Offer;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.engine.WatchPolicy;
import dev.everfeed.core.health.PeerClockPolicy;
import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.hub.publish.Gateway;
import dev.everfeed.hub.publish.Publisher;
import dev.everfeed.hub.source.FrameDecoder;
import dev.everfeed.hub.source.FrameSink;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.binance.BinanceStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The parts that the hub's tick loop is made of, put together as there but without sockets, on
/// one thread of this process: bytes of a frame in, the published message in the log. The engine
/// watches silence, prices, times and lines as in the hub; three lines are subscribed, of which
/// one delivers.
final class TickPath implements FrameSink, StreamEngine.Output {
  private static final int WARM_UP = 1_000_000;
  private static final int MEASURED = 3_000_000;
  private static final int DIGITS = 13;
  private static final long LOG_BYTES = 64L << 20;
  private static final int LINES = 3;
  private static final List<Channel> OF_A_CONTRACT =
      List.of(Channel.TRADE, Channel.QUOTE, Channel.BAR);
  private static final long NANOS_APART = 2_000;
  private static final int FRAMES_A_MILLI = 500;
  private static final long BEGAN_MILLIS = 1_700_000_000_000L;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final StreamEngine engine = engine(plan(1), this);
  private long nanos;
  private long deadlineNanos = Long.MAX_VALUE;
  private final Publisher publisher;
  private final FrameDecoder decoder;
  private final String first =
      "{\"e\":\"trade\",\"E\":%d,\"s\":\"BTCUSDT\",\"t\":1000000000000,\"p\":\"67123.45000000\",\"q\":\"0.01240000\",\"T\":%d,\"m\":true,\"M\":true}"
          .formatted(BEGAN_MILLIS, BEGAN_MILLIS);
  private final byte[] frame = first.getBytes(StandardCharsets.US_ASCII);
  private final int idAt = first.indexOf("1000000000000");
  private final int eventTimeAt = first.indexOf(Long.toString(BEGAN_MILLIS));
  private final int tradeTimeAt = first.lastIndexOf(Long.toString(BEGAN_MILLIS));
  private int frames;

  /// @param nanos of processor
  /// @param bytes allocated for each, exact
  record Cost(double nanos, double bytes) {}

  TickPath() {
    Streams streams = new Streams(List.of(Stream.trades(Symbol.of("BTC/USDT"))));
    SourceId binance = new SourceId("binance");
    publisher =
        new Publisher(streams, List.of(new Gateway("binance", binance, "binance")), 1, LOG_BYTES);
    decoder = new BinanceStream().decoder(streams);
    for (int gateway = 0; gateway < LINES; gateway++) {
      engine.on(new ControlInput.Linked(gateway, Link.State.HEALTHY, "subscribed"), 0);
      engine.on(new ControlInput.Subscribed(gateway, 0), 0);
    }
  }

  /// For so many streams, three to a contract, from three lines of one venue.
  private static EnginePlan plan(int streams) {
    List<GatewayPlan> gateways = new ArrayList<>();
    for (int i = 0; i < LINES; i++) {
      gateways.add(new GatewayPlan(
          "binance_" + i,
          "binance",
          i,
          true,
          GatewayPlan.Standby.HOT,
          Integer.MAX_VALUE,
          "binance_" + i,
          Integer.MAX_VALUE));
    }
    List<int[]> contracts = new ArrayList<>();
    List<FailoverPolicy> policies = new ArrayList<>();
    int each = OF_A_CONTRACT.size();
    for (int stream = 0; stream < streams; stream += each) {
      contracts.add(IntStream.range(stream, Math.min(streams, stream + each)).toArray());
      policies.add(FailoverPolicy.IMMEDIATE);
    }
    List<Channel> channels = IntStream.range(0, streams)
        .mapToObj(stream -> OF_A_CONTRACT.get(stream % each))
        .toList();
    Offer offer = new Offer() {
      @Override
      public boolean offers(int gateway, int stream) {
        return true;
      }

      @Override
      public Identity identity(int gateway, int stream) {
        return stream % each == 0 ? Identity.DENSE : Identity.ORDERED;
      }

      @Override
      public boolean refills(int gateway, int stream) {
        return true;
      }
    };
    return new EnginePlan(gateways, contracts, policies, new BitSet(), offer, channels);
  }

  private static StreamEngine engine(EnginePlan plan, StreamEngine.Output out) {
    return new StreamEngine(
        plan,
        ArbiterPolicy.USUAL,
        PeerClockPolicy.USUAL,
        WatchPolicy.usual(BEGAN_MILLIS * 1_000_000),
        ControlPolicy.USUAL,
        0,
        out);
  }

  Cost measure() throws Undecodable {
    run(WARM_UP);
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long began = THREADS.getCurrentThreadCpuTime();
    run(MEASURED);
    long took = THREADS.getCurrentThreadCpuTime() - began;
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - bytes;
    long published = engine.arbiter().published();
    if (published != WARM_UP + MEASURED || engine.arbiter().gaps() > 0) {
      throw new IllegalStateException(
          "published %d of %d".formatted(published, WARM_UP + MEASURED));
    }
    return new Cost((double) took / MEASURED, (double) allocated / MEASURED);
  }

  private void run(int more) throws Undecodable {
    for (int i = 0; i < more; i++) {
      decoder.decode(frame, 0, frame.length, this);
      increase(idAt);
      if (++frames % FRAMES_A_MILLI == 0) {
        increase(eventTimeAt);
        increase(tradeTimeAt);
      }
    }
  }

  private void increase(int numberAt) {
    int digit = numberAt + DIGITS - 1;
    while (++frame[digit] > '9') {
      frame[digit--] = '0';
    }
  }

  /// Bytes of the engine's state for so many streams of three lines: what its making allocates,
  /// nearly all of which it keeps.
  static long engineBytes(int streams) {
    StreamEngine.Output nobody = new TickPath();
    EnginePlan plan = plan(streams);
    List<StreamEngine> kept = new ArrayList<>(List.of(engine(plan, nobody)));
    long before = THREADS.getCurrentThreadAllocatedBytes();
    StreamEngine engine = engine(plan, nobody);
    long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    kept.add(engine);
    return kept.size() == 2 ? bytes : 0;
  }

  @Override
  public void tick(Tick tick) {
    long now = nanos += NANOS_APART;
    engine.on(0, tick, now);
    deadlineNanos = Math.min(deadlineNanos, engine.nextDeadlineNanos()); // as after every tick
  }

  @Override
  public void newest(int stream, long tradeId) {}

  @Override
  public void answered(int requestId, @Nullable String refusal) {}

  @Override
  public void subscribed(int stream) {}

  @Override
  public void refused(int stream, String reason) {}

  @Override
  public void control(Event event) {}

  @Override
  public void publish(int gateway, Tick tick, ValueStatus status, long seq, long receivedNanos) {
    publisher.publish(tick, gateway, status, seq, receivedNanos);
  }

  @Override
  public void gap(int gateway, int stream, long firstId, long lastId) {}

  @Override
  public void refill(int gateway, int stream, long firstId, long lastId) {}

  @Override
  public void decided(ControlDecision decision) {}
}
