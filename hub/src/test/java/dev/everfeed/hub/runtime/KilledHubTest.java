package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.hub.store.DataDirectory;
import dev.everfeed.hub.store.EmbeddedServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Goal G10: kill -9 at any moment, and nothing accepted is lost or stored twice. A real process
/// with a real journal and a real PostgreSQL is killed again and again while it writes.
///
/// `-Deverfeed.kills=100 -Deverfeed.database.kills=20` runs the whole goal; the usual run is
/// shorter. `-Deverfeed.seed` chooses the moments.
@Timeout(1800)
class KilledHubTest {
  private static final int KILLS = Integer.getInteger("everfeed.kills", 8);
  private static final int DATABASE_KILLS = Integer.getInteger("everfeed.database.kills", 2);

  /// Of 40 entries, one every 4 ms: a life of 4 s at most, unless its database is to be killed.
  private static final int MOST_GROUPS = 1_000;

  private static final int PATIENCE = 20_000;
  private static final long SEED = Long.getLong("everfeed.seed", 20261122L);

  @TempDir
  Path data;

  private final Random random = new Random(SEED);
  private final BitSet accepted = new BitSet();
  private long next;
  private int databaseKilled;

  @Test
  void whatWasAcceptedIsInTheDatabaseExactlyOnceHoweverOftenTheHubAndTheDatabaseAreKilled()
      throws Exception {
    for (int kill = 0; kill < KILLS; kill++) {
      // Some die before their database is up, some long after, and some with it.
      boolean databaseToo = (long) (kill + 1) * DATABASE_KILLS / KILLS > databaseKilled;
      untilKilled(1 + random.nextInt(MOST_GROUPS), databaseToo);
    }
    finish();
    System.out.printf(
        "seed %d: %d kills of the hub, %d of the database, %,d entries accepted%n",
        SEED, KILLS, databaseKilled, accepted.cardinality());

    assertThat(accepted.cardinality()).as("accepted entries").isGreaterThan(KILLS * 1_000);
    assertThat(databaseKilled).as("kills of the database").isEqualTo(DATABASE_KILLS);
    compare();
  }

  /// Lets it accept some groups, then kills it; and its database in between, once that is up.
  private void untilKilled(int groups, boolean databaseToo) throws Exception {
    Process process = start("accepting", data.toString(), Long.toString(next));
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(lines.readLine()).isEqualTo("started");
      boolean databaseToGo = databaseToo;
      for (int group = 0; group < groups || (databaseToGo && group < PATIENCE); group++) {
        if (databaseToGo && group >= groups / 2 && killDatabase()) {
          databaseToGo = false;
        }
        note(lines.readLine());
      }
      process.toHandle().destroyForcibly(); // the process itself would close its output too
      // What was said before it died counts as well.
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        note(line);
      }
    } finally {
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
    next += 1_000_000 - next % 1_000_000; // numbers are not given twice
  }

  private void note(String line) {
    String[] words = line.split(" ", -1);
    if (words.length == 3 && words[0].equals("accepted")) {
      accepted.set(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
      next = Math.max(next, Long.parseLong(words[2]));
    } else if (!line.isEmpty() && !"refused".startsWith(words[0])) {
      assertThat(line).as("a line cut off by the kill").startsWith("a");
    }
  }

  /// Whether it was there to be killed.
  private boolean killDatabase() throws IOException {
    Path pidFile = data.resolve("postgres/data/postmaster.pid");
    List<String> lines = Files.exists(pidFile) ? Files.readAllLines(pidFile) : List.of();
    boolean ready = lines.size() > 7 && lines.get(7).strip().equals("ready");
    boolean killed = ready
        && ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
            .map(ProcessHandle::destroyForcibly)
            .orElse(false);
    databaseKilled += killed ? 1 : 0;
    return killed;
  }

  private void finish() throws Exception {
    Process process = start("finishing", data.toString());
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(lines.readLine()).isEqualTo("finished");
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }

  private static Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx128m",
        "-cp",
        System.getProperty("java.class.path"),
        AcceptingProcess.class.getName()));
    command.addAll(List.of(arguments));
    Path log = Path.of("target", "killed-hub.log");
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  private void compare() throws Exception {
    try (DataDirectory mine = DataDirectory.open(data);
        EmbeddedServer server =
            new EmbeddedServer(mine.path().resolve("postgres"), System::nanoTime);
        Connection connection = server.start(EmbeddedServer.START_WITHIN).connect()) {
      BitSet trades = numbers(connection, "SELECT id::bigint FROM trade");
      BitSet events = numbers(
          connection, "SELECT (detail->>'number')::bigint FROM event WHERE type = 'numbered'");
      BitSet missing = (BitSet) accepted.clone();
      missing.andNot(trades);
      missing.andNot(events);
      for (int i = missing.nextSetBit(0); i >= 0; i = missing.nextSetBit(i + 1)) {
        if (i % 4 == 3) {
          missing.clear(i); // a bar: looked at below
        }
      }
      assertThat(missing.cardinality())
          .as("accepted and not stored: " + missing)
          .isZero();
      assertThat(count(connection, "SELECT count(*) FROM event WHERE type = 'journal_lost'"))
          .isZero();
      assertThat(count(connection, "SELECT count(*) FROM quarantine")).isZero();
      bars(connection);
    }
  }

  /// @return the numbers, none of which comes twice
  private static BitSet numbers(Connection connection, String sql) throws SQLException {
    BitSet found = new BitSet();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        int number = Math.toIntExact(rows.getLong(1));
        assertThat(found.get(number)).as("number %s stored twice", number).isFalse();
        found.set(number);
      }
    }
    return found;
  }

  private static long count(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  /// Each bar is the last accepted one of its time, or one written after it.
  private void bars(Connection connection) throws SQLException {
    long[] last = new long[AcceptingProcess.BARS];
    for (int i = accepted.nextSetBit(0); i >= 0; i = accepted.nextSetBit(i + 1)) {
      if (i % 4 == 3) {
        last[i / 4 % AcceptingProcess.BARS] = i;
      }
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT volume::bigint FROM ohlcv ORDER BY time")) {
      for (int i = 0; i < AcceptingProcess.BARS; i++) {
        assertThat(rows.next()).as("bar %s", i).isTrue();
        assertThat(rows.getLong(1)).as("bar %s", i).isGreaterThanOrEqualTo(last[i]);
      }
      assertThat(rows.next()).isFalse();
    }
  }
}
