package dev.everfeed.benchmarks.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A venue that tells trades of BTCUSDT as Binance does (web-socket-streams.md, `@trade`), to
/// be measured against: each trade has its own moment in nanoseconds, and a flood is as fast as
/// who reads it. The simulator's flood (`Venues.flood`) stamps whole milliseconds, sends once
/// in each of them, and ends at 300,000 a second.
///
/// Any path is taken, and the wrapper of combined streams put around under `/stream`.
public final class TradeFeed implements AutoCloseable {
  private static final int SUBSCRIBED_WITHIN_SECONDS = 30;

  private final ServerSocketChannel server;
  private final BlockingQueue<TradeLine> subscribed = new LinkedBlockingQueue<>();

  public TradeFeed() throws IOException {
    server =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofPlatform().daemon().name("feed").start(this::accept);
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = server.accept();
        Thread.ofPlatform()
            .daemon()
            .name("feed line")
            .start(() -> new TradeLine(channel).hear(subscribed::add));
      }
    } catch (AsynchronousCloseException e) {
      // it is over
    } catch (IOException e) {
      System.err.println("feed: takes no further connection: " + e);
    }
  }

  public int port() {
    return server.socket().getLocalPort();
  }

  /// `ws://127.0.0.1:1234`, without a path.
  public String url() {
    return "ws://127.0.0.1:" + port();
  }

  /// The next connection that has subscribed; waits for it.
  ///
  /// @param who for the message
  public TradeLine line(String who) throws IOException, InterruptedException {
    TradeLine line = subscribed.poll(SUBSCRIBED_WITHIN_SECONDS, TimeUnit.SECONDS);
    if (line == null) {
      throw new IOException(
          "feed: %s has not subscribed within %d s".formatted(who, SUBSCRIBED_WITHIN_SECONDS));
    }
    return line;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
