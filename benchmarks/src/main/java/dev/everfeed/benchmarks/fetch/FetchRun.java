package dev.everfeed.benchmarks.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.benchmarks.load.DataFolder;
import dev.everfeed.benchmarks.load.HubProcess;
import dev.everfeed.simulator.fault.VenueStatus;
import dev.everfeed.simulator.venue.Venues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Starts a hub on an empty store and watches its first run of the schedule, which asks every
/// exchange for the bars of every symbol.
final class FetchRun {
  private static final Path GC_LOG = Path.of("benchmarks/target/fetch-gc.log");
  private static final Pattern COLLECTION = Pattern.compile("Pause .* (\\d+)M->(\\d+)M\\(");
  private static final Duration STORED_WITHIN = Duration.ofSeconds(30);
  private static final long LOOK_EVERY_NANOS = 20_000_000L;

  /// Of the series that an exchange has told, those that are stored: the bars are in the same
  /// transaction, or an earlier one. Few rows, so that looking often costs little.
  private static final String SERIES =
      "SELECT exchange, count(*) FROM ohlcv_coverage WHERE interval = '1m' GROUP BY exchange";

  private static final String BARS = """
      SELECT exchange, count(*), count(DISTINCT symbol), max(received_at) FROM ohlcv
      WHERE interval = '1m' AND received_at >= ? GROUP BY exchange""";

  private final Venues venues;
  private final DataFolder folder;
  private final String configuration;
  private final int symbols;

  /// @param symbols that each exchange is asked for
  FetchRun(Venues venues, DataFolder folder, String configuration, int symbols) {
    this.venues = venues;
    this.folder = folder;
    this.configuration = configuration;
    this.symbols = symbols;
  }

  /// Leaves the store empty again.
  ///
  /// @param exchanges that are waited for, and the source that tells each
  /// @param more      lines of configuration
  Fetched watch(SequencedMap<String, String> exchanges, String more)
      throws IOException, SQLException {
    Map<String, Long> requestsBefore = requests();
    Instant launched = Instant.now();
    SequencedMap<String, Fetched.Exchange> fetched = new LinkedHashMap<>();
    Instant began;
    Instant up;
    double answered;
    long residentKib;
    Fetched.Processor cpu;
    long cpuBefore =
        ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    try (HubProcess hub = new HubProcess("fetch", configuration + more, "-Xlog:gc:file=" + GC_LOG);
        Connection database = folder.connect()) {
      hub.until("/health/live", answer -> answer.code() == 200);
      began = begin(hub);
      Map<String, Instant> stored = stored(hub, database, exchanges.keySet());
      up = Instant.parse(hub.json("/health").at("/store/since").asText());
      answered = seconds(began, end(hub));
      residentKib = hub.mostResidentKib();
      cpu = new Fetched.Processor(
          hub.cpuSeconds(),
          hub.cpuSecondsOfItsOwn(),
          (ProcessHandle.current()
                      .info()
                      .totalCpuDuration()
                      .orElse(Duration.ZERO)
                      .toNanos()
                  - cpuBefore)
              / 1e9);
      Map<String, Long> calls = calls(hub);
      Map<String, Long> requests = requests();
      try (PreparedStatement select = database.prepareStatement(BARS)) {
        select.setTimestamp(1, Timestamp.from(launched));
        try (ResultSet row = select.executeQuery()) {
          while (row.next()) {
            String exchange = row.getString(1);
            String source = exchanges.get(exchange);
            if (source == null) {
              continue;
            }
            if (row.getInt(3) != symbols) {
              throw hub.failed(
                  "%s: bars of %d of %d symbols".formatted(exchange, row.getInt(3), symbols));
            }
            fetched.put(
                exchange,
                new Fetched.Exchange(
                    seconds(began, row.getTimestamp(4).toInstant()),
                    seconds(began, Objects.requireNonNull(stored.get(exchange))),
                    row.getLong(2),
                    calls.getOrDefault(source, 0L),
                    requests.getOrDefault(source, 0L) - requestsBefore.getOrDefault(source, 0L)));
          }
        }
      }
      try (Statement empty = database.createStatement()) {
        empty.execute("TRUNCATE ohlcv, ohlcv_revision, ohlcv_coverage");
        empty.execute("CHECKPOINT");
      }
    }
    long[] heap = heapMib();
    return new Fetched(
        fetched, seconds(began, up), answered, cpu, residentKib / 1_024, heap[0], heap[1]);
  }

  /// When the hub's run began, by the hub's own words.
  private static Instant begin(HubProcess hub) throws IOException {
    long until = System.nanoTime() + STORED_WITHIN.toNanos();
    while (System.nanoTime() < until) {
      JsonNode health = hub.json("/health/scheduler");
      for (String run : List.of("last_run", "current_run")) {
        JsonNode began = health.path(run).path("started_at");
        if (began.isTextual() && health.path(run).path("number").asInt() == 1) {
          return Instant.parse(began.asText());
        }
      }
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
    throw hub.failed("no run began");
  }

  private static Instant end(HubProcess hub) throws IOException {
    long until = System.nanoTime() + STORED_WITHIN.toNanos();
    while (System.nanoTime() < until) {
      JsonNode ended = hub.json("/health/scheduler").path("last_run").path("ended_at");
      if (ended.isTextual()) {
        return Instant.parse(ended.asText());
      }
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
    throw hub.failed("the run did not end within " + STORED_WITHIN);
  }

  /// When each exchange's bars of all symbols were there.
  private Map<String, Instant> stored(
      HubProcess hub, Connection database, Collection<String> exchanges)
      throws IOException, SQLException {
    long until = System.nanoTime() + STORED_WITHIN.toNanos();
    Map<String, Instant> stored = new LinkedHashMap<>();
    Set<String> missing = new LinkedHashSet<>(exchanges);
    try (PreparedStatement select = database.prepareStatement(SERIES)) {
      while (!missing.isEmpty()) {
        if (System.nanoTime() > until) {
          throw hub.failed("%s: not stored within %s".formatted(missing, STORED_WITHIN));
        }
        try (ResultSet row = select.executeQuery()) {
          Instant now = Instant.now();
          while (row.next()) {
            if (row.getInt(2) >= symbols && missing.remove(row.getString(1))) {
              stored.put(row.getString(1), now);
            }
          }
        }
        LockSupport.parkNanos(LOOK_EVERY_NANOS);
      }
    }
    return stored;
  }

  private static Map<String, Long> calls(HubProcess hub) throws IOException {
    Map<String, Long> calls = new LinkedHashMap<>();
    for (JsonNode route : hub.json("/v1/routes").path("routes")) {
      if (route.path("kind").asText().equals("bars")) {
        for (JsonNode provider : route.path("providers")) {
          calls.put(provider.path("source").asText(), provider.path("calls").asLong());
        }
      }
    }
    return calls;
  }

  private Map<String, Long> requests() throws IOException {
    Map<String, Long> requests = new LinkedHashMap<>();
    for (VenueStatus venue : venues.status()) {
      requests.put(venue.name(), venue.requests());
    }
    return requests;
  }

  /// The most before and the most after a collection.
  private static long[] heapMib() throws IOException {
    long[] most = new long[2];
    for (String line : Files.readAllLines(GC_LOG)) {
      Matcher collection = COLLECTION.matcher(line);
      if (collection.find()) {
        for (int i = 0; i < 2; i++) {
          most[i] = Math.max(most[i], Long.parseLong(collection.group(i + 1)));
        }
      }
    }
    return most;
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e9;
  }
}
