package dev.everfeed.hub.api;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.publish.Gateway;
import dev.everfeed.hub.publish.Publisher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A running server that streams what the test publishes, and readers of it.
final class LiveFixture implements AutoCloseable {
  static final Symbol BTC = Symbol.of("BTC/USDT");
  static final Symbol ETH = Symbol.of("ETH/USDT");
  static final long EPOCH = 7;
  static final Streams STREAMS = new Streams(List.of(
      Stream.trades(BTC),
      Stream.quotes(BTC),
      Stream.bars(BTC, Interval.M1),
      Stream.trades(ETH),
      Stream.quotes(ETH)));
  static final int BTC_TRADES = 0;
  static final int BTC_QUOTES = 1;
  static final int BTC_BARS = 2;
  static final int ETH_TRADES = 3;

  final Publisher publisher;
  final RunningServer server;
  private final Streams streams;
  private final long[] seqs;
  private final Tick tick = new Tick();
  private final List<RawReader> readers = new ArrayList<>();

  LiveFixture() {
    this("", "", 1 << 22, LiveStreams.Pace.USUAL);
  }

  /// @param http    settings, comma first
  /// @param readers settings
  LiveFixture(String http, String readers, long logBytes, LiveStreams.Pace pace) {
    this(STREAMS, http, readers, logBytes, pace);
  }

  LiveFixture(Streams streams, String http, String readers, long logBytes, LiveStreams.Pace pace) {
    this.streams = streams;
    this.seqs = new long[streams.size()];
    publisher = new Publisher(
        streams,
        List.of(new Gateway("binance", new SourceId("binance"), "binance")),
        EPOCH,
        logBytes);
    server = new RunningServer(
        Settings.parse(
            "http: {port: 0%s}\nstream: {readers: {%s}}\n".formatted(http, readers), Map.of()),
        pace);
    server.desk.publications = publisher.publications();
  }

  RawReader reader() throws IOException {
    RawReader reader = new RawReader(server.server.port());
    readers.add(reader);
    return reader;
  }

  /// One that the kernel keeps little for.
  RawReader narrowReader() throws IOException {
    RawReader reader = new RawReader(server.server.port(), "/v1/stream", 4_096);
    readers.add(reader);
    return reader;
  }

  long seq(int stream) {
    return seqs[stream];
  }

  void publish(int stream) {
    publish(stream, false);
  }

  /// @param complete of a bar
  void publish(int stream, boolean complete) {
    long seq = ++seqs[stream];
    tick.begin(stream);
    tick.setTimeNanos(1_714_564_800_000_000_000L + seq);
    switch (streams.stream(stream).channel()) {
      case TRADE -> {
        tick.setNumber(Tick.PRICE, 6_000_000 + seq, 2);
        tick.setNumber(Tick.SIZE, 150, 2);
        byte[] id = Long.toString(seq).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        tick.setId(id, 0, id.length);
      }
      case QUOTE -> {
        tick.setNumber(Tick.BID, 6_000_000 + seq, 2);
        tick.setNumber(Tick.ASK, 6_000_001 + seq, 2);
      }
      case BAR -> {
        for (int i = 0; i < 5; i++) {
          tick.setNumber(i, 6_000_000 + seq, 2);
        }
        tick.setComplete(complete);
      }
    }
    publisher.publish(tick, 0, ValueStatus.LIVE, seq, 1_714_564_800_000_000_000L + seq);
  }

  @Override
  public void close() throws IOException {
    for (RawReader reader : readers) {
      reader.close();
    }
    server.close();
  }
}
