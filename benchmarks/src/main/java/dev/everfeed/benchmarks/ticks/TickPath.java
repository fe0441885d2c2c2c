package dev.everfeed.benchmarks.ticks;

import com.sun.management.ThreadMXBean;
import dev.everfeed.core.engine.TickEngine;
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
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The parts that the hub's tick loop is made of, put together as there but without sockets, on
/// one thread of this process: bytes of a frame in, the published message in the log.
final class TickPath implements FrameSink, TickEngine.Output {
  private static final int WARM_UP = 1_000_000;
  private static final int MEASURED = 3_000_000;
  private static final int DIGITS = 13;
  private static final long LOG_BYTES = 64L << 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final TickEngine engine = new TickEngine(1);
  private final Publisher publisher;
  private final FrameDecoder decoder;
  private final byte[] frame =
      "{\"e\":\"trade\",\"E\":1700000000000,\"s\":\"BTCUSDT\",\"t\":1000000000000,\"p\":\"67123.45000000\",\"q\":\"0.01240000\",\"T\":1700000000000,\"m\":true,\"M\":true}"
          .getBytes(StandardCharsets.US_ASCII);
  private final int idAt = new String(frame, StandardCharsets.US_ASCII).indexOf("1000000000000");

  /// @param nanos of processor
  /// @param bytes allocated for each, exact
  record Cost(double nanos, double bytes) {}

  TickPath() {
    Streams streams = new Streams(List.of(Stream.trades(Symbol.of("BTC/USDT"))));
    SourceId binance = new SourceId("binance");
    publisher =
        new Publisher(streams, List.of(new Gateway("binance", binance, "binance")), 1, LOG_BYTES);
    decoder = new BinanceStream().decoder(streams);
    engine.route(0, 0, true);
  }

  Cost measure() throws Undecodable {
    run(WARM_UP);
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long began = THREADS.getCurrentThreadCpuTime();
    run(MEASURED);
    long took = THREADS.getCurrentThreadCpuTime() - began;
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - bytes;
    if (engine.published() != WARM_UP + MEASURED || engine.gaps() > 0) {
      throw new IllegalStateException(
          "published %d of %d".formatted(engine.published(), WARM_UP + MEASURED));
    }
    return new Cost((double) took / MEASURED, (double) allocated / MEASURED);
  }

  private void run(int frames) throws Undecodable {
    for (int i = 0; i < frames; i++) {
      decoder.decode(frame, 0, frame.length, this);
      int digit = idAt + DIGITS - 1;
      while (++frame[digit] > '9') {
        frame[digit--] = '0';
      }
    }
  }

  /// Bytes of the engine's state for so many streams: what its making allocates, all of which
  /// it keeps.
  static long engineBytes(int streams) {
    List<TickEngine> kept = new ArrayList<>(List.of(new TickEngine(streams)));
    long before = THREADS.getCurrentThreadAllocatedBytes();
    TickEngine engine = new TickEngine(streams);
    long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    kept.add(engine);
    return kept.size() == 2 ? bytes : 0;
  }

  @Override
  public void tick(Tick tick) {
    engine.on(0, tick, this);
  }

  @Override
  public void newest(int stream, long tradeId) {}

  @Override
  public void answered(int requestId, @Nullable String refusal) {}

  @Override
  public void subscribed(int stream) {}

  @Override
  public void control(Event event) {}

  @Override
  public void publish(int gateway, Tick tick, ValueStatus status, long seq) {
    publisher.publish(tick, gateway, status, seq, System.nanoTime());
  }

  @Override
  public void gap(int gateway, int stream, long firstId, long lastId) {}
}
