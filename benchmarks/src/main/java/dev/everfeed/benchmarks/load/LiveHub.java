package dev.everfeed.benchmarks.load;

import dev.everfeed.simulator.venue.Venues;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.stream.Collectors;

/// A hub in a process of its own that streams the trades of a [TradeFeed] and does nothing else:
/// nothing is stored, and its schedule runs once.
public final class LiveHub implements AutoCloseable {
  /// What a reader says to have the trades.
  public static final String SUBSCRIBE =
      "{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"trade\"],\"symbols\":[\"BTC/USDT\"]}";

  private final HubProcess process;
  private final TradeLine line;
  private final int zeromqPort;

  private LiveHub(HubProcess process, TradeLine line, int zeromqPort) {
    this.process = process;
    this.line = line;
    this.zeromqPort = zeromqPort;
  }

  /// Returns when it has subscribed.
  ///
  /// @param venues whom it asks over REST what there is
  /// @param zeromq whether it publishes there as well
  public static LiveHub start(String name, Venues venues, TradeFeed feed, boolean zeromq)
      throws IOException, InterruptedException {
    return start(name, venues, feed, zeromq, 0);
  }

  /// @param readers so many may be there; 0 for as many as by default
  public static LiveHub start(
      String name, Venues venues, TradeFeed feed, boolean zeromq, int readers)
      throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String configuration = """
        data_dir: benchmarks/target/%s-data
        store: {enabled: false}
        symbols: [BTC/USDT]
        stream: {sources: [binance], channels: [trade], zeromq: {enabled: %s, port: %d}%s}
        sources:
        %srefresh: {every: 1d, intervals: []}
        """.formatted(
            name,
            zeromq,
            port,
            readers == 0 ? "" : ", readers: {max: " + readers + "}",
            sources(venues, feed));
    HubProcess process = new HubProcess(
        name, readers == 0 ? "" : "max_connections: " + (readers + 1_000), configuration, "");
    try {
      process.until("/health/live", answer -> answer.code() == 200);
      return new LiveHub(process, feed.line(name), port);
    } catch (IOException | InterruptedException e) {
      process.close();
      throw e;
    }
  }

  private static String sources(Venues venues, TradeFeed feed) {
    return venues.baseUrls().entrySet().stream()
        .map(venue -> "  %s: {base_url: \"%s\"%s}\n"
            .formatted(
                venue.getKey(),
                venue.getValue(),
                venue.getKey().equals("binance") ? ", stream_url: \"" + feed.url() + "\"" : ""))
        .collect(Collectors.joining());
  }

  public TradeLine line() {
    return line;
  }

  public HubProcess process() {
    return process;
  }

  /// A reader at its WebSocket who has been answered.
  public TickReader reader() throws IOException, InterruptedException {
    TickReader reader = TickReader.connect(process.port(), "/v1/stream")
        .say(SUBSCRIBE)
        .read("\"trade_id\":\"", line.stamps());
    reader.awaitAnswer();
    return reader;
  }

  public ZeroMqReader zeromqReader() {
    return new ZeroMqReader(zeromqPort, line.stamps());
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}
