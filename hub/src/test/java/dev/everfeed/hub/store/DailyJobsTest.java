package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.hub.journal.Entry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DailyJobsTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static TestDatabase database;

  @BeforeAll
  static void open() throws MigrationException {
    database = TestDatabase.create();
    Migrations.run(database.dataSource());
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @BeforeEach
  void empty() {
    database.execute("TRUNCATE event, quarantine, ohlcv_revision, scheduler_run, scheduled_tasks");
  }

  private static long count(String table) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void events(int count, Instant at) {
    database.execute("INSERT INTO event (journal, position, type, at, detail)"
        + " SELECT gen_random_uuid(), i, 'x', '%s', '{}' FROM generate_series(1, %d) i"
            .formatted(at, count));
  }

  @Test
  void oldRecordsAreDeletedInPiecesAndYoungOnesStay() throws SQLException {
    events(25_000, NOW.minus(Duration.ofDays(91)));
    events(7, NOW.minus(Duration.ofDays(89)));

    String done = new Housekeeping(database.dataSource())
        .deleteOld(NOW.minus(Duration.ofDays(30)), NOW.minus(Duration.ofDays(90)));

    assertThat(done).isEqualTo("{\"trade_days\":0,\"records\":25000}");
    assertThat(count("event")).isEqualTo(7);
  }

  @Test
  void wholeDaysOfOldTradesGo() throws SQLException {
    for (String day : new String[] {"2026_10_20", "2026_10_23", "2026_10_24"}) {
      String from = day.replace('_', '-');
      database.execute("CREATE TABLE trade_%s PARTITION OF trade FOR VALUES FROM (%s) TO (%s)"
          .formatted(
              day,
              nanos(Instant.parse(from + "T00:00:00Z")),
              nanos(Instant.parse(from + "T00:00:00Z").plus(Duration.ofDays(1)))));
    }

    String done = new Housekeeping(database.dataSource())
        .deleteOld(Instant.parse("2026-10-24T00:00:00Z"), NOW);

    assertThat(done).isEqualTo("{\"trade_days\":2,\"records\":0}");
    assertThat(count("trade_2026_10_24")).isZero();
  }

  private static String nanos(Instant time) {
    return time.getEpochSecond() + "000000000";
  }

  @Test
  void aLookOverCountsWhatSomebodyShouldSee() throws SQLException {
    database.execute("INSERT INTO event (journal, position, type, at, detail)"
        + " VALUES (gen_random_uuid(), 1, 'journal_lost', now(), '{}')");

    assertThat(new Housekeeping(database.dataSource()).lookOver())
        .contains("\"lost_last_day\": 1", "\"unfinished_bars\": 0", "\"quarantined_last_day\": 0");
  }

  @Test
  void aJobThatIsDueRunsOnceThoughTwoHubsArePlanningItAndTellsWhatCameOfIt() throws Exception {
    events(3, NOW.minus(Duration.ofDays(91)));
    BlockingQueue<Entry.Happened> told = new LinkedBlockingQueue<>();
    start(told).close(); // plans the jobs
    database.execute("UPDATE scheduled_tasks SET execution_time = now() - interval '1 hour'"
        + " WHERE task_name = 'retention'");

    try (DailyJobs _ = start(told);
        DailyJobs _ = start(told)) {
      Entry.Happened done = told.poll(30, TimeUnit.SECONDS);

      assertThat(done).isNotNull();
      assertThat(done.type()).isEqualTo("retention_done");
      assertThat(done.detail()).isEqualTo("{\"trade_days\":0,\"records\":3}");
      assertThat(done.at()).isEqualTo(NOW);
    }
    assertThat(told).as("run by one of them").isEmpty();
    assertThat(count("scheduled_tasks WHERE task_name = 'retention'"
            + " AND execution_time > now() AND last_success IS NOT NULL"))
        .isEqualTo(1);
  }

  private static DailyJobs start(BlockingQueue<Entry.Happened> told) {
    return DailyJobs.start(
        database.dataSource(),
        Duration.ofDays(30),
        Duration.ofDays(90),
        told::add,
        InstantSource.fixed(NOW));
  }
}
