package dev.everfeed.benchmarks.fanout;

import dev.everfeed.benchmarks.load.Audience;
import dev.everfeed.benchmarks.load.Hiccups;
import dev.everfeed.benchmarks.load.LiveHub;
import dev.everfeed.benchmarks.load.Receipts;
import dev.everfeed.benchmarks.load.ResultFile;
import dev.everfeed.benchmarks.load.Samples;
import dev.everfeed.benchmarks.load.TickReader;
import dev.everfeed.benchmarks.load.TradeFeed;
import dev.everfeed.benchmarks.load.TradeLine;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/// What it takes to give every trade to 200 readers (GOALS G7), and what the others see of one
/// who never reads. The hub is a process of its own; venue and readers are here. Writes the
/// measured part of `results/fanout.md`.
public final class FanoutMain {
  private static final int READERS = 200;
  private static final int ROUNDS = 3;

  /// Trades of a burst; two bursts are on their way at most.
  private static final int BURST = 64;

  private static final int PER_SECOND = 250;
  private static final Duration TURN = Duration.ofSeconds(5);
  private static final long LOST_AFTER_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long LOOK_EVERY_NANOS = 20_000L;

  private FanoutMain() {}

  /// What was measured in one of the two states.
  private static final class Tally {
    private final String name;
    private final TickReader timed;
    private long deliveries;
    private double seconds;
    private double cpuSeconds;
    private double pacedCpuSeconds;

    Tally(String name, TickReader timed) {
      this.name = name;
      this.timed = timed;
    }
  }

  /// @param args the file to write, and the commit measured
  public static void main(String[] args) throws Exception {
    if (args.length != 2) {
      System.err.println("usage: FanoutMain RESULT-FILE COMMIT; `benchmarks/run fanout` does it");
      System.exit(2);
    }
    String load = ResultFile.load();
    String measured;
    try (Venues venues =
            Venues.start(VenuesConfig.onFreePorts(InstantSource.system()).withoutLimits());
        TradeFeed feed = new TradeFeed();
        LiveHub hub = LiveHub.start("fanout", venues, feed, false)) {
      measured = measure(hub);
    }
    ResultFile.write(
        Path.of(args[0]), ResultFile.conditions(args[1], load, "benchmarks/run fanout") + measured);
  }

  private static String measure(LiveHub hub) throws Exception {
    Tally alone = new Tally("all of them read", hub.reader());
    Tally besideStuck = new Tally("and one more that never reads", hub.reader());
    Hiccups hiccups = new Hiccups();
    // the timed ones are two of the readers
    try (Audience audience = new Audience(hub.process().port(), READERS - 2)) {
      hub.line().burst(1);
      Thread.sleep(1_000); // until all are subscribed and have their snapshots
      Tally warmUp = new Tally("warm-up", alone.timed);
      bursts(hub, audience, warmUp, TURN.multipliedBy(2));
      paced(hub, warmUp, TURN);
      for (int round = 0; round < ROUNDS; round++) {
        bursts(hub, audience, alone, TURN);
        paced(hub, alone, TURN);
        try (SocketChannel stuck = stuck(hub)) {
          bursts(hub, audience, besideStuck, TURN);
          paced(hub, besideStuck, TURN);
        }
        System.out.println("fanout: round " + round);
      }
    }
    return String.format(
        Locale.ROOT,
        """
        %d readers of one stream; bursts of %d trades, at most two on their way; then %d trades a second, of which one reader's latency from when each was due. %d turns of %d s each, in turn.

        | | deliveries/s in bursts | for a second of the hub's processor | at %,d deliveries/s: the hub's share of a core | p50, ms | p99 | p99.9 | max |
        |---|---|---|---|---|---|---|---|
        %s%s
        The process of feed and readers stood still meanwhile, p50 | p99 | p99.9 | max, ms: %s. Resident at the end: %d MiB.
        """,
        READERS,
        BURST,
        PER_SECOND,
        ROUNDS,
        TURN.toSeconds(),
        PER_SECOND * READERS,
        row(alone),
        row(besideStuck),
        Samples.cells(hiccups.seen()),
        hub.process().residentKib() / 1_024);
  }

  private static String row(Tally tally) {
    return String.format(
        Locale.ROOT,
        "| %s | %,.0f | %,.0f | %.2f | %s |%n",
        tally.name,
        tally.deliveries / tally.seconds,
        tally.deliveries / tally.cpuSeconds,
        tally.pacedCpuSeconds / (ROUNDS * TURN.toSeconds()),
        Samples.cells(tally.timed.receipts().sinceDue()));
  }

  /// Subscribes, and that is the last that is heard of it.
  private static SocketChannel stuck(LiveHub hub) throws IOException {
    return TickReader.connect(hub.process().port(), "/v1/stream")
        .say(LiveHub.SUBSCRIBE)
        .channel();
  }

  /// Sends as many bursts as come through; each reader has had every trade of them.
  private static void bursts(LiveHub hub, Audience audience, Tally tally, Duration during)
      throws IOException {
    TradeLine line = hub.line();
    int readers = READERS - 2;
    long before = audience.messages();
    double cpuBefore = hub.process().cpuSeconds();
    long began = System.nanoTime();
    long sent = 0;
    while (System.nanoTime() - began < during.toNanos()) {
      line.burst(BURST);
      sent += BURST;
      await(audience, before + (sent - BURST) * readers);
    }
    await(audience, before + sent * readers);
    tally.seconds += (System.nanoTime() - began) / 1e9;
    tally.cpuSeconds += hub.process().cpuSeconds() - cpuBefore;
    tally.deliveries += sent * READERS;
  }

  private static void await(Audience audience, long messages) throws IOException {
    long until = System.nanoTime() + LOST_AFTER_NANOS;
    while (audience.messages() < messages) {
      if (System.nanoTime() > until) {
        throw new IOException(
            "%,d messages did not come within 10 s".formatted(messages - audience.messages()));
      }
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
  }

  private static void paced(LiveHub hub, Tally tally, Duration during)
      throws IOException, InterruptedException {
    Receipts receipts = tally.timed.receipts();
    double cpuBefore = hub.process().cpuSeconds();
    receipts.time(!tally.name.equals("warm-up"));
    hub.line().pace(PER_SECOND, during);
    Thread.sleep(100);
    receipts.time(false);
    tally.pacedCpuSeconds += hub.process().cpuSeconds() - cpuBefore;
  }
}
