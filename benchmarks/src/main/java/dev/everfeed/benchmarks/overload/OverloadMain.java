package dev.everfeed.benchmarks.overload;

import dev.everfeed.benchmarks.load.Audience;
import dev.everfeed.benchmarks.load.Exchange;
import dev.everfeed.benchmarks.load.Hiccups;
import dev.everfeed.benchmarks.load.HubProcess;
import dev.everfeed.benchmarks.load.LiveHub;
import dev.everfeed.benchmarks.load.Receipts;
import dev.everfeed.benchmarks.load.ResultFile;
import dev.everfeed.benchmarks.load.Samples;
import dev.everfeed.benchmarks.load.TickReader;
import dev.everfeed.benchmarks.load.TradeFeed;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/// Two days on which feeds have fallen over: 26 times the usual rate, as the SIP had on 22 August
/// 2013, and all readers coming again at the same moment. Ends with 1 when something was lost.
/// Writes the measured part of `results/overload.md`.
public final class OverloadMain {
  private static final int USUAL = 1_000;
  private static final int TIMES = 26;
  private static final Duration BURST = Duration.ofSeconds(5);
  private static final Duration SLICE = Duration.ofMillis(500);
  private static final int SLICES_BEFORE = 20;
  private static final int SLICES_AFTER = 30;
  private static final int READERS = 5;
  private static final int HERD = 2_000;
  private static final int HERD_RATE = 20;
  private static final int STORMS = 3;
  private static final long SERVED_WITHIN_NANOS = Duration.ofSeconds(60).toNanos();
  private static final long LOST_AFTER_NANOS = Duration.ofSeconds(30).toNanos();

  private OverloadMain() {}

  /// @param args the file to write, and the commit measured
  public static void main(String[] args) throws Exception {
    if (args.length != 2) {
      System.err.println(
          "usage: OverloadMain RESULT-FILE COMMIT; `benchmarks/run overload` does it");
      System.exit(2);
    }
    String load = ResultFile.load();
    List<String> wrong = new ArrayList<>();
    Hiccups hiccups = new Hiccups();
    String measured;
    try (Venues venues =
            Venues.start(VenuesConfig.onFreePorts(InstantSource.system()).withoutLimits());
        TradeFeed feed = new TradeFeed();
        LiveHub hub = LiveHub.start("overload", venues, feed, false, HERD + 500)) {
      measured = burst(hub, wrong) + storm(hub, wrong);
    }
    ResultFile.write(
        Path.of(args[0]),
        ResultFile.conditions(args[1], load, "benchmarks/run overload")
            + measured
            + String.format(
                Locale.ROOT,
                "The process of feed and readers stood still meanwhile, p50 | p99 | p99.9 | max, ms: %s.%n",
                Samples.cells(hiccups.seen())));
    wrong.forEach(what -> System.err.println("overload: " + what));
    System.exit(wrong.isEmpty() ? 0 : 1);
  }

  // ---- 26 times the usual

  private static String burst(LiveHub hub, List<String> wrong) throws Exception {
    TickReader timed = hub.reader();
    Receipts receipts = timed.receipts();
    try (Audience others = new Audience(hub.process().port(), READERS - 1)) {
      long warmUp = hub.line().pace(USUAL, Duration.ofSeconds(5));
      await(hub, receipts, warmUp);
      long before = receipts.trades();
      Histogram usual = new Histogram(60_000_000_000L, 3);
      for (int i = 0; i < SLICES_BEFORE; i++) {
        usual.add(slice(hub, receipts));
      }
      long sent = SLICES_BEFORE * (USUAL * SLICE.toMillis() / 1_000);
      await(hub, receipts, before + sent);
      long residentBefore = hub.process().residentKib();
      double cpuBefore = hub.process().cpuSeconds();
      receipts.time(true);
      sent += hub.line().pace(USUAL * TIMES, BURST);
      long endedNanos = System.nanoTime();
      await(hub, receipts, before + sent);
      double behindMillis = (System.nanoTime() - endedNanos) / 1e6;
      Histogram inBurst = taken(receipts);
      double cpu = hub.process().cpuSeconds() - cpuBefore;
      long residentAfter = hub.process().residentKib();
      double recoveredSeconds = -1;
      Histogram after = new Histogram(60_000_000_000L, 3);
      for (int i = 0; i < SLICES_AFTER; i++) {
        Histogram one = slice(hub, receipts);
        sent += USUAL * SLICE.toMillis() / 1_000;
        // back to usual: half of its trades are as quick as three quarters were before
        boolean isUsual =
            one.getValueAtPercentile(50) <= usual.getValueAtPercentile(75) + 1_000_000;
        if (!isUsual) {
          recoveredSeconds = -1;
        } else if (recoveredSeconds < 0) {
          recoveredSeconds = (System.nanoTime() - endedNanos) / 1e9 - SLICE.toMillis() / 1e3;
        }
        after.add(one);
      }
      await(hub, receipts, before + sent);
      if (receipts.missing() > 0 || receipts.trades() != before + sent) {
        wrong.add("burst: %,d trades were sent, %,d came, %,d ids are missing between them"
            .formatted(sent, receipts.trades() - before, receipts.missing()));
      }
      if (recoveredSeconds < 0 || recoveredSeconds > 5) {
        wrong.add("burst: latency was not back to usual 5 s after it (%.1f s)"
            .formatted(recoveredSeconds));
      }
      return String.format(
          Locale.ROOT,
          """
          ## Measured: a burst
          %,d trades a second, then %,d for %d s, then %,d again; %d readers of all of them, of whom one is timed. **%,d trades were sent, %,d came to him, %d are missing.**

          | | p50, ms | p99 | p99.9 | max |
          |---|---|---|---|---|
          | usual, %.0f s before | %s |
          | the burst | %s |
          | usual, %.0f s after | %s |

          The last trade of the burst came %.0f ms after it was sent; latency was as usual %.1f s after the end. The hub used %.2f s of processor for the burst; resident %d MiB before, %d after, %d at most.

          """,
          USUAL,
          USUAL * TIMES,
          BURST.toSeconds(),
          USUAL,
          READERS,
          sent,
          receipts.trades() - before,
          receipts.missing(),
          SLICES_BEFORE * SLICE.toMillis() / 1e3,
          Samples.cells(usual),
          Samples.cells(inBurst),
          SLICES_AFTER * SLICE.toMillis() / 1e3,
          Samples.cells(after),
          behindMillis,
          Math.max(0, recoveredSeconds),
          cpu,
          residentBefore / 1_024,
          residentAfter / 1_024,
          hub.process().mostResidentKib() / 1_024);
    } finally {
      timed.close();
    }
  }

  /// The latencies of half a second at the usual rate.
  private static Histogram slice(LiveHub hub, Receipts receipts)
      throws IOException, InterruptedException {
    receipts.time(true);
    hub.line().pace(USUAL, SLICE);
    return taken(receipts);
  }

  private static Histogram taken(Receipts receipts) throws InterruptedException {
    Thread.sleep(20); // for what is on its way
    receipts.time(false);
    Thread.sleep(5);
    Histogram copy = receipts.sinceDue().copy();
    receipts.sinceDue().reset();
    return copy;
  }

  private static void await(LiveHub hub, Receipts receipts, long trades)
      throws IOException, InterruptedException {
    long until = System.nanoTime() + LOST_AFTER_NANOS;
    while (receipts.trades() < trades) {
      if (System.nanoTime() > until) {
        throw new IOException(
            "%,d trades did not come within %d s; missing between others: %,d; the hub counts\n%s"
                .formatted(
                    trades - receipts.trades(),
                    LOST_AFTER_NANOS / 1_000_000_000L,
                    receipts.missing(),
                    counters(hub)));
      }
      Thread.sleep(1);
    }
  }

  /// Whether the hub published it, and whether a reader was told that he will not get it.
  private static String counters(LiveHub hub) throws IOException {
    return hub.process()
        .text("/metrics")
        .lines()
        .filter(
            line -> line.matches(
                "everfeed_(engine_(published|missing|gaps)|stream_(lagged|overruns|messages))_total .*"))
        .collect(Collectors.joining("\n"));
  }

  // ---- all readers at once

  private static String storm(LiveHub hub, List<String> wrong) throws Exception {
    TickReader timed = hub.reader();
    StringBuilder rows = new StringBuilder();
    try (Herd herd = new Herd(hub.process().port(), HERD);
        Trickle trickle = new Trickle(hub);
        Watch watch = new Watch(hub.process())) {
      for (int i = 0; i <= STORMS; i++) {
        if (i > 0) {
          herd.scatter();
        }
        timed.receipts().time(true);
        watch.reset();
        Herd.Storm storm = herd.rush(SERVED_WITHIN_NANOS);
        Histogram others = taken(timed.receipts());
        rows.append(String.format(
            Locale.ROOT,
            "| %s | %.0f | %.0f | %.0f | %d | %d | %d | %s | %.0f | %d | %d |%n",
            i == 0 ? "they come for the first time" : "cut and again, " + i,
            storm.millis(0.5),
            storm.millis(0.99),
            storm.millis(1),
            storm.refused(),
            storm.holes(),
            storm.lagged(),
            Samples.cells(others),
            watch.slowestMillis(),
            watch.errors(),
            hub.process().residentKib() / 1_024));
        if (storm.holes() > 0 || storm.lagged() > 0 || watch.errors() > 0) {
          wrong.add(
              "storm %d: %d holes in seq, %d told that they lagged, %d health pages failed: %s"
                  .formatted(i, storm.holes(), storm.lagged(), watch.errors(), watch.lastError()));
        }
        herd.graze(Duration.ofSeconds(3).toNanos());
      }
      trickle.check();
      if (herd.holes() > 0 || timed.receipts().missing() > 0) {
        wrong.add(
            "storm: %d holes in seq of the herd while it read on, %d trades missing to who stayed"
                .formatted(herd.holes(), timed.receipts().missing()));
      }
    } finally {
      timed.close();
    }
    return String.format(Locale.ROOT, """
            ## Measured: a storm
            %,d readers of one stream (%d trades a second) connect at the same moment; then all connections are reset, and all connect and resume from the last `seq` that they had. Served is who has had a trade.

            | | half are served after, ms | 99 %% | all | connections tried again | holes in `seq` | told that they lagged | latency of one who stayed, p50, ms | p99 | p99.9 | max | the slowest /health/ready, ms | failed | resident, MiB |
            |---|---|---|---|---|---|---|---|---|---|---|---|---|---|
            """, HERD, HERD_RATE) + rows + String.format("%n");
  }

  /// Trades all the time, on a thread of their own.
  private static final class Trickle implements AutoCloseable {
    private final Thread thread;
    private volatile boolean ended;
    private volatile String failure = "";

    Trickle(LiveHub hub) {
      thread = Thread.ofPlatform().daemon().name("trickle").start(() -> {
        try {
          while (!ended) {
            hub.line().pace(HERD_RATE, Duration.ofSeconds(1));
          }
        } catch (IOException e) {
          failure = e.toString();
        }
      });
    }

    void check() throws IOException {
      if (!failure.isEmpty()) {
        throw new IOException("the feed ended: " + failure);
      }
    }

    @Override
    public void close() throws InterruptedException {
      ended = true;
      thread.join();
    }
  }

  /// Asks ten times a second whether the hub is ready, on new connections.
  private static final class Watch implements AutoCloseable {
    private final Thread thread;
    private final AtomicLong slowest = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private volatile String last = "";
    private volatile boolean ended;

    Watch(HubProcess hub) {
      thread = Thread.ofPlatform().daemon().name("watch").start(() -> {
        while (!ended) {
          long began = System.nanoTime();
          try (Exchange exchange = new Exchange(hub.port())) {
            Exchange.Answer answer = exchange.get("/health/ready");
            if (answer.code() != 200) {
              failed.incrementAndGet();
              last = answer.code() + " " + answer.body();
            }
          } catch (IOException e) {
            failed.incrementAndGet();
            last = e.toString();
          }
          slowest.accumulateAndGet(System.nanoTime() - began, Math::max);
          try {
            TimeUnit.MILLISECONDS.sleep(100);
          } catch (InterruptedException e) {
            return;
          }
        }
      });
    }

    void reset() {
      slowest.set(0);
      failed.set(0);
    }

    double slowestMillis() {
      return slowest.get() / 1e6;
    }

    long errors() {
      return failed.get();
    }

    String lastError() {
      return last;
    }

    @Override
    public void close() throws InterruptedException {
      ended = true;
      thread.join();
    }
  }
}
