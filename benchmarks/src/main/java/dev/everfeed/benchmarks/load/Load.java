package dev.everfeed.benchmarks.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/// Readers who come at their own pace, however slow the answers are: an open loop.
///
/// Each request is due at a fixed moment, and its latency is counted from that moment: a stall
/// of the hub, or of this process, is in every request that was due meanwhile (the correction
/// for coordinated omission). They share a bounded number of connections, used in turn, as a
/// program with a connection pool does; the wait for one is part of the latency.
public final class Load implements AutoCloseable {
  private static final int CONNECTIONS = 100;

  private final int port;
  private final ConcurrentLinkedQueue<Exchange> idle = new ConcurrentLinkedQueue<>();
  private final Semaphore free = new Semaphore(CONNECTIONS);

  public Load(int port) {
    this.port = port;
  }

  /// Returns when the last request has its answer.
  ///
  /// @param path of the request with this number
  public Samples run(int perSecond, Duration during, IntFunction<String> path)
      throws InterruptedException {
    Hiccups hiccups = new Hiccups();
    Samples samples = new Samples();
    List<Thread> asking = new ArrayList<>();
    int count = Math.toIntExact(perSecond * during.toMillis() / 1_000);
    long began = System.nanoTime();
    for (int i = 0; i < count; i++) {
      String asked = path.apply(i);
      long offset = i * 1_000_000_000L / perSecond;
      for (long left; (left = began + offset - System.nanoTime()) > 0; ) {
        LockSupport.parkNanos(left);
      }
      asking.add(Thread.startVirtualThread(() -> ask(asked, began, offset, samples)));
    }
    for (Thread each : asking) {
      each.join();
    }
    samples.stoodStill(hiccups.seen());
    return samples;
  }

  private void ask(String path, long began, long offset, Samples samples) {
    String kind;
    free.acquireUninterruptibly();
    try {
      Exchange exchange = idle.poll();
      if (exchange == null) {
        exchange = new Exchange(port);
      }
      Exchange.Answer answer = exchange.get(path);
      idle.add(exchange);
      kind = kind(answer);
    } catch (IOException e) {
      kind = "failed: " + e.getMessage();
    } finally {
      free.release();
    }
    long latency = System.nanoTime() - began - offset;
    int query = path.indexOf('?');
    samples.add(query < 0 ? path : path.substring(0, query), offset, latency, kind);
  }

  /// `live from binance` of a price or of bars; the HTTP status of anything else.
  static String kind(Exchange.Answer answer) {
    String status = field(answer.body(), "\"status\":\"");
    String source = field(answer.body(), "\"source\":\"");
    return answer.code() != 200 || source.isEmpty()
        ? "HTTP " + answer.code()
        : status + " from " + source;
  }

  private static String field(String json, String name) {
    int at = json.indexOf(name);
    return at < 0 ? "" : json.substring(at + name.length(), json.indexOf('"', at + name.length()));
  }

  @Override
  public void close() throws IOException {
    for (Exchange exchange; (exchange = idle.poll()) != null; ) {
      exchange.close();
    }
  }
}
