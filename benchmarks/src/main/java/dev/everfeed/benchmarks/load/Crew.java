package dev.everfeed.benchmarks.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// Readers who each have a connection and one question out at a time, and ask the next one when
/// they have the answer: a closed loop. It shows what the hub does at its limit; how an answer
/// at a given rate feels is [Load]'s to say.
public final class Crew {
  private static final long HIGHEST_NANOS = 60_000_000_000L;
  private static final long AGAIN_AFTER_NANOS = 10_000_000L;

  private final Histogram latencies = new ConcurrentHistogram(HIGHEST_NANOS, 3);
  private final Map<String, LongAdder> kinds = new ConcurrentSkipListMap<>();
  private final LongAdder bytes = new LongAdder();

  /// Nothing read yet.
  public Crew() {}

  /// Returns when every reader has ended with its last answer.
  ///
  /// @param path of the request with this number
  public static Crew read(int port, int readers, Duration during, IntFunction<String> path)
      throws InterruptedException {
    Crew crew = new Crew();
    AtomicInteger next = new AtomicInteger();
    long until = System.nanoTime() + during.toNanos();
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < readers; i++) {
      all.add(Thread.startVirtualThread(() -> {
        while (System.nanoTime() < until) {
          crew.ask(port, until, () -> path.apply(next.getAndIncrement()));
        }
      }));
    }
    for (Thread each : all) {
      each.join();
    }
    return crew;
  }

  /// One reader, who asks each of these once.
  public void readOnce(int port, List<String> paths) throws IOException {
    try (Exchange exchange = new Exchange(port)) {
      for (String path : paths) {
        one(exchange, path);
      }
    }
  }

  /// Over one connection, until the time is over or it breaks.
  private void ask(int port, long until, Supplier<String> path) {
    try (Exchange exchange = new Exchange(port)) {
      while (System.nanoTime() < until) {
        one(exchange, path.get());
      }
    } catch (IOException e) {
      count("failed: " + e.getMessage());
      LockSupport.parkNanos(AGAIN_AFTER_NANOS); // when nobody listens, time passes all the same
    }
  }

  private void one(Exchange exchange, String path) throws IOException {
    long began = System.nanoTime();
    Exchange.Answer answer = exchange.get(path);
    latencies.recordValue(Math.min(System.nanoTime() - began, HIGHEST_NANOS));
    bytes.add(answer.body().length());
    count(Load.kind(answer));
  }

  private void count(String kind) {
    kinds.computeIfAbsent(kind, _ -> new LongAdder()).increment();
  }

  public Histogram latencies() {
    return latencies;
  }

  /// `11,990 live from binance, 10 cached from kraken`.
  public String kinds() {
    return Samples.kinds(kinds);
  }

  /// Of the body of an answer, on average.
  public double bytesEach() {
    return bytes.sum() / (double) Math.max(1, latencies.getTotalCount());
  }
}
