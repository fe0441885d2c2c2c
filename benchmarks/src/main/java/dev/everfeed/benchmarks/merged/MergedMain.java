package dev.everfeed.benchmarks.merged;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.benchmarks.load.Crew;
import dev.everfeed.benchmarks.load.DataFolder;
import dev.everfeed.benchmarks.load.HubProcess;
import dev.everfeed.benchmarks.load.Load;
import dev.everfeed.benchmarks.load.ResultFile;
import dev.everfeed.benchmarks.load.Samples;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/// How fast `/v1/bars` answers for time that is over, out of the store, with nobody called. The
/// hub is a process of its own; the venues, which nobody should ask, and the readers are here.
/// Writes the measured part of `results/merged.md`.
public final class MergedMain {
  private static final int READERS = 50;

  /// A prime number without a common factor with the number of ranges: none comes twice in a
  /// row of so many, and neighbours in time are far apart in the store.
  private static final int STRIDE = 7_919;

  /// Longer than the hub keeps what it has read of the past.
  private static final Duration FORGOTTEN = Duration.ofSeconds(11);

  private static final int ROUNDS = 4;

  private final Size size;
  private final StringBuilder rows = new StringBuilder();
  private int asked;

  /// @param bars    of each exchange in the store
  /// @param recent  of these the last ones, which readers ask for again and again
  /// @param unknown so many of the first ones are not known in full from the first exchange
  /// @param limit   bars of an answer
  /// @param each    how long each measurement takes
  private record Size(
      int bars, int recent, int unknown, int limit, Duration warmUp, Duration each) {
    int ranges() {
      return recent - limit;
    }
  }

  private MergedMain(Size size) {
    this.size = size;
  }

  /// @param args the file to write, and the commit measured; then seconds of each measurement,
  ///     when not as usual
  public static void main(String[] args) throws Exception {
    if (args.length != 2 && args.length != 3) {
      System.err.println(
          "usage: MergedMain RESULT-FILE COMMIT [SECONDS]; `benchmarks/run" + " merged` does it");
      System.exit(2);
    }
    String load = ResultFile.load();
    int seconds = args.length == 2 ? 20 : Integer.parseInt(args[2]);
    Size size = new Size(
        120_000, 20_000, 2_500, 5_000, Duration.ofSeconds(seconds), Duration.ofSeconds(seconds));
    String measured = new MergedMain(size).measure();
    ResultFile.write(
        Path.of(args[0]), ResultFile.conditions(args[1], load, "benchmarks/run merged") + measured);
  }

  private String measure() throws Exception {
    DataFolder folder = DataFolder.fresh("merged-data");
    try (Venues venues =
        Venues.start(VenuesConfig.onFreePorts(InstantSource.system()).withoutLimits())) {
      Filled filled = Filled.fill(folder, size.bars(), size.unknown());
      System.out.println("merged: the store is full");
      try (HubProcess hub = new HubProcess("merged", configuration(venues, folder), "")) {
        hub.until("/health", answer -> answer.body().contains("\"state\":\"up\""));
        hub.until("/health/scheduler", answer -> !answer.body().contains("\"last_run\":null"));
        return measure(hub, filled);
      }
    } finally {
      folder.delete();
    }
  }

  private static String configuration(Venues venues, DataFolder folder) {
    String sources = venues.baseUrls().entrySet().stream()
        .map(venue -> "  %s: {base_url: \"%s\"}\n".formatted(venue.getKey(), venue.getValue()))
        .collect(Collectors.joining());
    return """
        data_dir: %s
        symbols: [%s]
        stream: {enabled: false}
        sources:
        %srefresh: {every: 1d, intervals: []}
        """.formatted(folder.path(), Filled.SYMBOL, sources);
  }

  private String measure(HubProcess hub, Filled filled) throws IOException, InterruptedException {
    IntFunction<String> merged = number -> path(filled, number, size.limit(), "");
    IntFunction<String> each = number -> path(filled, number, 500, "&exchange=all");
    check(hub, merged.apply(0), size.limit());
    Crew.read(hub.port(), 4, size.warmUp(), next(merged));
    Crew.read(hub.port(), 2, size.warmUp().dividedBy(4), next(each));
    long callsBefore = calls(hub);
    firstTime(hub, filled);
    closed(hub, "one reader, %,d bars".formatted(size.limit()), 1, merged);
    open(hub, merged);
    closed(
        hub,
        "%d readers, each at once again, %,d bars".formatted(READERS, size.limit()),
        READERS,
        merged);
    closed(hub, "one reader, `exchange=all`, 500 bars of each", 1, each);
    long calls = calls(hub) - callsBefore;
    return """
        Stored: 5 exchanges x %,d bars of one symbol and their coverage; for a range that begins in the first %,d minutes the first exchange is not known in full, and the second answers. Each request asks for another range: those of the first line for time that nobody has asked for in the last %d s, which the database is read for; the others for one of %,d that begin in the last %,d minutes, most of which are in memory then.

        | readers | requests | p50, ms | p99 | p99.9 | max | requests/s | MB of an answer | processor, ms of a request: hub | database | answers |
        |---|---|---|---|---|---|---|---|---|---|---|
        %s
        Calls for bars that the hub has made meanwhile, of all sources: %,d.
        """.formatted(
            size.bars(),
            size.unknown(),
            FORGOTTEN.toSeconds(),
            size.ranges(),
            size.recent(),
            rows,
            calls);
  }

  private String path(Filled filled, int number, int limit, String more) {
    int from = size.bars() - size.recent() + Math.floorMod(number * (long) STRIDE, size.ranges());
    return pathFrom(filled, from, limit, more);
  }

  private static String pathFrom(Filled filled, int from, int limit, String more) {
    return "/v1/bars?symbol=%s&interval=1m&from=%s&limit=%d%s"
        .formatted(Filled.SYMBOL, filled.at(from), limit, more);
  }

  /// Every range that is not recent once, and again when the hub has forgotten them.
  private void firstTime(HubProcess hub, Filled filled) throws InterruptedException, IOException {
    List<String> paths = new ArrayList<>();
    for (int from = 0; from + size.limit() <= size.bars() - size.recent(); from += size.limit()) {
      paths.add(pathFrom(filled, from, size.limit(), ""));
    }
    Crew crew = new Crew();
    double hubBefore = hub.cpuSeconds();
    double databaseBefore = hub.cpuSecondsOfItsOwn();
    double took = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Thread.sleep(FORGOTTEN);
      long began = System.nanoTime();
      crew.readOnce(hub.port(), paths);
      took += (System.nanoTime() - began) / 1e9;
    }
    row(
        "one reader, %,d bars that nobody has read before".formatted(size.limit()),
        crew.latencies(),
        took,
        String.format(Locale.ROOT, "%.2f", crew.bytesEach() / 1e6),
        hub.cpuSeconds() - hubBefore,
        hub.cpuSecondsOfItsOwn() - databaseBefore,
        crew.kinds());
  }

  /// Goes on where the measurement before has ended, so that no range is asked for twice soon.
  private IntFunction<String> next(IntFunction<String> path) {
    int begin = asked;
    return number -> {
      asked = Math.max(asked, begin + number + 1); // a lost count would repeat a range, no more
      return path.apply(begin + number);
    };
  }

  private static void check(HubProcess hub, String path, int bars) throws IOException {
    JsonNode answer = hub.json(path);
    if (answer.path("bars").size() != bars || !answer.path("gaps").isEmpty()) {
      throw hub.failed("%s: %d bars, gaps %s, tried %s"
          .formatted(path, answer.path("bars").size(), answer.path("gaps"), answer.path("tried")));
    }
  }

  private static long calls(HubProcess hub) throws IOException, InterruptedException {
    Thread.sleep(Duration.ofMillis(600)); // the page is renewed four times a second
    long calls = 0;
    for (JsonNode route : hub.json("/v1/routes").path("routes")) {
      if (route.path("kind").asText().equals("bars")) {
        for (JsonNode provider : route.path("providers")) {
          calls += provider.path("calls").asLong();
        }
      }
    }
    return calls;
  }

  private void closed(HubProcess hub, String name, int readers, IntFunction<String> path)
      throws InterruptedException {
    double hubBefore = hub.cpuSeconds();
    double databaseBefore = hub.cpuSecondsOfItsOwn();
    long began = System.nanoTime();
    Crew crew = Crew.read(hub.port(), readers, size.each(), next(path));
    double took = (System.nanoTime() - began) / 1e9;
    row(
        name,
        crew.latencies(),
        took,
        String.format(Locale.ROOT, "%.2f", crew.bytesEach() / 1e6),
        hub.cpuSeconds() - hubBefore,
        hub.cpuSecondsOfItsOwn() - databaseBefore,
        crew.kinds());
  }

  /// As many readers, but each asks once a second, whether it has its answer or not.
  private void open(HubProcess hub, IntFunction<String> path)
      throws InterruptedException, IOException {
    double hubBefore = hub.cpuSeconds();
    double databaseBefore = hub.cpuSecondsOfItsOwn();
    long began = System.nanoTime();
    try (Load load = new Load(hub.port())) {
      Samples samples = load.run(READERS, size.each(), next(path));
      double took = (System.nanoTime() - began) / 1e9;
      row(
          "%d readers, each once a second, %,d bars".formatted(READERS, size.limit()),
          samples.all(),
          took,
          "as above",
          hub.cpuSeconds() - hubBefore,
          hub.cpuSecondsOfItsOwn() - databaseBefore,
          samples.kinds());
      System.out.println("merged: stood still, p99.9 | max, ms: " + samples.hiccups());
    }
  }

  private void row(
      String name,
      Histogram latencies,
      double seconds,
      String megabytes,
      double hub,
      double database,
      String kinds) {
    long count = latencies.getTotalCount();
    rows.append(String.format(
        Locale.ROOT,
        "| %s | %,d | %s | %.0f | %s | %.1f | %.1f | %s |%n",
        name,
        count,
        Samples.cells(latencies),
        count / seconds,
        megabytes,
        hub * 1e3 / Math.max(1, count),
        database * 1e3 / Math.max(1, count),
        kinds));
    System.out.println("merged: " + name);
  }
}
