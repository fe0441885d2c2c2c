package dev.everfeed.benchmarks.ticks;

import dev.everfeed.benchmarks.load.Hiccups;
import dev.everfeed.benchmarks.load.HubProcess;
import dev.everfeed.benchmarks.load.LiveHub;
import dev.everfeed.benchmarks.load.Profile;
import dev.everfeed.benchmarks.load.Program;
import dev.everfeed.benchmarks.load.Receipts;
import dev.everfeed.benchmarks.load.ResultFile;
import dev.everfeed.benchmarks.load.TickReader;
import dev.everfeed.benchmarks.load.TradeFeed;
import dev.everfeed.benchmarks.load.TradeLine;
import dev.everfeed.benchmarks.load.ZeroMqReader;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/// What the tick path takes (GOALS G4, G5, G6), side by side with relays that have nothing in
/// them and with other programs: latency at a steady rate, throughput in a flood, memory. Each
/// is a process of its own and is sent the same trades by the feed in this one; they take turns,
/// several rounds of it. Writes the measured part of `results/ticks.md`.
public final class TicksMain {
  private static final int PER_SECOND = 10_000;
  /// Of all, the hub with a WebSocket reader.
  private static final int WITH_READER = 2;

  private static final int STREAMS = 20_000;

  /// Asked over HTTP, which costs it a page, it says nothing new before that.
  private static final long HUB_COUNTS_EVERY_MILLIS = 250;

  private static final Duration IDLE = Duration.ofSeconds(10);

  private final Size size;
  private final Peers peers = new Peers();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Map<Contender, Receipts> relays = new LinkedHashMap<>();
  private final List<Contender> all = new ArrayList<>();
  private final List<String> absent = new ArrayList<>();

  /// @param rounds of each kind
  /// @param pace   how long a turn at a steady rate takes
  /// @param flood  how long a turn in a flood takes
  private record Size(int rounds, Duration warmUp, Duration pace, Duration flood) {}

  private TicksMain(Size size) {
    this.size = size;
  }

  /// @param args the file to write, and the commit measured; then seconds of each turn, when not
  ///     as usual
  public static void main(String[] args) throws Exception {
    if (args.length != 2 && args.length != 3) {
      System.err.println(
          "usage: TicksMain RESULT-FILE COMMIT [SECONDS]; `benchmarks/run ticks` does it");
      System.exit(2);
    }
    String load = ResultFile.load();
    Duration turn = Duration.ofSeconds(args.length == 2 ? 4 : Integer.parseInt(args[2]));
    TicksMain ticks = new TicksMain(new Size(3, turn, turn, turn));
    String measured;
    try {
      measured = ticks.measure();
    } finally {
      ticks.close();
    }
    ResultFile.write(
        Path.of(args[0]), ResultFile.conditions(args[1], load, "benchmarks/run ticks") + measured);
    System.exit(0); // clients of other libraries may have left threads
  }

  private String measure() throws Exception {
    TickPath.Cost alone = new TickPath().measure();
    TickPath.Cost again = new TickPath().measure();
    System.out.printf("ticks: alone %s, %s%n", alone, again);
    TradeFeed feed = kept(new TradeFeed());
    Venues venues =
        kept(Venues.start(VenuesConfig.onFreePorts(InstantSource.system()).withoutLimits()));
    relay("null relay", "null", feed);
    relay("JDK-WebSocket relay", "jdk", feed);
    LiveHub withReader = kept(LiveHub.start("ticks-hub", venues, feed, false));
    TickReader reader = kept(withReader.reader());
    add("hub, WebSocket reader", withReader, reader.receipts());
    LiveHub withZeroMq = kept(LiveHub.start("ticks-hub-zeromq", venues, feed, true));
    ZeroMqReader subscriber = kept(withZeroMq.zeromqReader());
    add("hub, ZeroMQ reader", withZeroMq, subscriber.receipts());
    LiveHub hub = kept(LiveHub.start("ticks-hub-alone", venues, feed, false));
    Contender published = new Contender(
        "hub, nobody reads",
        hub.process().footprint(),
        hub.line(),
        () -> published(hub.process()),
        HUB_COUNTS_EVERY_MILLIS);
    all.add(published);
    for (Peers.Peer peer : peers.all()) {
      peer(peer, feed);
    }
    warmUp();
    String latency = latency();
    double idle = idle(hub); // has been told nothing for half a minute, and is compiled
    String throughput = throughput(published);
    String profiles = profile(published) + profile(all.get(WITH_READER));
    return """
        %s
        %s
        Where the hubs are while flooded (Flight Recorder, top of stack):

        %s
        The hub's path from the bytes of a frame to the published message, without sockets, on one thread in this process: %.0f ns of processor and %.3f bytes allocated for a trade (median of two runs of 3,000,000). Engine state of %,d streams: %,d bytes. A hub that is connected and is told nothing: %.2f %% of a core over %d s. Resident at the end, after all floods: %s.
        %s""".formatted(
            latency,
            throughput,
            profiles,
            (alone.nanos() + again.nanos()) / 2,
            Math.max(alone.bytes(), again.bytes()),
            STREAMS,
            TickPath.engineBytes(STREAMS),
            idle * 100,
            IDLE.toSeconds(),
            resident(),
            absent.isEmpty() ? "" : "\nNot run: " + String.join("; ", absent) + ".\n");
  }

  private <T extends AutoCloseable> T kept(T opened) {
    open.push(opened);
    return opened;
  }

  private void relay(String name, String kind, TradeFeed feed)
      throws IOException, InterruptedException {
    Program program = kept(Program.java("ticks-" + kind, RelayMain.class, kind, feed.url()));
    // it subscribes when its reader comes, who needs the moments of its trades
    int port = Math.toIntExact(program.number());
    TickReader.Opened opened = TickReader.connect(port, "/");
    TradeLine line = feed.line(name);
    TickReader reader = kept(opened.read("\"t\":", line.stamps()));
    Contender relay =
        new Contender(name, program.footprint(), line, () -> reader.receipts().trades());
    all.add(relay);
    relays.put(relay, reader.receipts());
  }

  private void add(String name, LiveHub hub, Receipts receipts) {
    Contender contender =
        new Contender(name, hub.process().footprint(), hub.line(), receipts::trades);
    all.add(contender);
    relays.put(contender, receipts);
  }

  private void peer(Peers.Peer peer, TradeFeed feed) throws InterruptedException {
    try {
      Program program = kept(peer.start(feed.url()));
      program.number();
      TradeLine line = feed.line(peer.name());
      all.add(new Contender(peer.name(), program.footprint(), line, program::trades));
    } catch (IOException e) {
      absent.add(peer.name() + " (" + e.getMessage() + ")");
      System.out.println("ticks: without " + absent.getLast());
    }
  }

  /// As the hub counts them itself, every 250 ms.
  private static long published(HubProcess hub) throws IOException {
    String metric = "\neverfeed_engine_published_total ";
    String text = hub.text("/metrics");
    int at = text.indexOf(metric) + metric.length();
    if (at < metric.length()) {
      throw hub.failed("/metrics has no" + metric.stripLeading());
    }
    return (long) Double.parseDouble(text.substring(at, text.indexOf('\n', at)));
  }

  /// Share of a core that a hub without ticks takes.
  private static double idle(LiveHub hub) throws InterruptedException {
    double before = hub.process().cpuSeconds();
    long began = System.nanoTime();
    Thread.sleep(IDLE);
    return (hub.process().cpuSeconds() - before) / ((System.nanoTime() - began) / 1e9);
  }

  private void warmUp() throws IOException, InterruptedException {
    for (Contender each : all) {
      each.flood(size.warmUp());
      each.forget();
      if (relays.containsKey(each)) {
        each.pace(PER_SECOND, size.warmUp().dividedBy(4));
      }
      System.out.println("ticks: warm " + each.name);
    }
  }

  // ---- latency

  private String latency() throws IOException, InterruptedException {
    Hiccups hiccups = new Hiccups();
    relays.values().forEach(Receipts::forgetMissing);
    for (int round = 0; round < size.rounds(); round++) {
      for (Map.Entry<Contender, Receipts> relay : relays.entrySet()) {
        relay.getValue().time(true);
        relay.getKey().pace(PER_SECOND, size.pace());
        relay.getValue().time(false);
      }
      System.out.println("ticks: paced, round " + round);
    }
    Histogram stood = hiccups.seen();
    StringBuilder rows = new StringBuilder();
    Histogram least = relays.values().iterator().next().sinceDue();
    relays.forEach((relay, receipts) -> rows.append(latencyRow(relay.name, receipts, least)));
    return String.format(
        Locale.ROOT, """
        Latency at %,d trades a second, microseconds, %d turns of %d s for each:

        | | trades | p50 | p99 | p99.9 | max | p50, added to the null relay's | p99, times the null relay's | p50 since the write | p99 since the write | missing |
        |---|---|---|---|---|---|---|---|---|---|---|
        %s
        The process of feed and readers stood still meanwhile, p99 | p99.9 | max, microseconds: %s
        """, PER_SECOND, size.rounds(), size.pace().toSeconds(), rows, micros(stood));
  }

  private static String micros(Histogram nanos) {
    return String.format(
        Locale.ROOT,
        "%,.0f | %,.0f | %,.0f",
        nanos.getValueAtPercentile(99) / 1e3,
        nanos.getValueAtPercentile(99.9) / 1e3,
        nanos.getMaxValue() / 1e3);
  }

  private static String latencyRow(String name, Receipts receipts, Histogram least) {
    Histogram due = receipts.sinceDue();
    Histogram written = receipts.sinceWritten();
    return String.format(
        Locale.ROOT,
        "| %s | %,d | %,.0f | %s | %+,.0f | %.2f | %,.0f | %,.0f | %,d |%n",
        name,
        due.getTotalCount(),
        due.getValueAtPercentile(50) / 1e3,
        micros(due),
        (due.getValueAtPercentile(50) - least.getValueAtPercentile(50)) / 1e3,
        (double) due.getValueAtPercentile(99) / least.getValueAtPercentile(99),
        written.getValueAtPercentile(50) / 1e3,
        written.getValueAtPercentile(99) / 1e3,
        receipts.missing());
  }

  // ---- throughput

  private String throughput(Contender published) throws IOException, InterruptedException {
    for (int round = 0; round < size.rounds(); round++) {
      boolean isLast = round == size.rounds() - 1;
      for (Contender each : all) {
        if (isLast && !peers.isOfNode(each.name)) {
          try (ThreadsInside inside = new ThreadsInside(each.footprint.process().pid())) {
            each.floodAndLookInside(size.flood(), inside);
          }
        } else {
          each.flood(size.flood());
        }
      }
      System.out.println("ticks: flooded, round " + round);
    }
    StringBuilder rows = new StringBuilder();
    for (Contender each : all) {
      rows.append(String.format(
          Locale.ROOT,
          "| %s | %,.0f | %,.0f | %.2f | %.1f %% | %s | %s |%n",
          each.name,
          each.perSecond(),
          each.perCore(),
          published.perCore() / each.perCore(),
          each.share() * 100,
          number(each.nanosOfBusiest(), 0),
          number(each.bytesOfBusiest(), 2)));
    }
    return String.format(Locale.ROOT, """
        Throughput when the feed sends as much as is taken, %d turns of %d s for each:

        | | trades/s | trades for a second of processor of its process | the hub's, nobody reading, is so many times it | of those sent | busiest thread: ns of processor a trade | bytes allocated a trade |
        |---|---|---|---|---|---|---|
        %s""", size.rounds(), size.flood().toSeconds(), rows);
  }

  private static String number(double value, int digits) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%,." + digits + "f", value);
  }

  private String profile(Contender hub) throws IOException, InterruptedException {
    try (Profile profile = new Profile(hub.footprint.process().pid(), "ticks-profile")) {
      hub.flood(size.flood());
      return "%s:%n%n%s%n".formatted(hub.name, profile.lines());
    }
  }

  private String resident() {
    StringBuilder text = new StringBuilder();
    for (Contender each : all) {
      text.append(text.isEmpty() ? "" : ", ")
          .append(each.name)
          .append(' ')
          .append(each.footprint.residentKib() / 1_024);
    }
    return text + " MiB";
  }

  private void close() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}
