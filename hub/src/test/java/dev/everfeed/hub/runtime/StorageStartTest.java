package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.store.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// What a hub tells of its start: in the log at once, and in the table `event` for later.
@Timeout(120)
class StorageStartTest {
  @TempDir
  Path folder;

  private static final String STARTS =
      "SELECT detail FROM event WHERE type = 'hub_started' ORDER BY position";
  private static final String OPENINGS = "SELECT (detail ->> 'segments')::int > 0,"
      + " (detail ->> 'cut_bytes')::int, (detail ->> 'cut_from')::bigint > 0, detail ->> 'remark'"
      + " FROM event WHERE type = 'journal_opened' ORDER BY position";

  private Hub hub(TestDatabase database) throws InterruptedException {
    return Hub.start(Settings.parse(
        """
        http: {port: 0}
        stream: {enabled: false}
        data_dir: "%s"
        store: {url: '%s'}
        symbols: [BTC/USDT]
        sources:
        %s
        """.formatted(folder, database.url(), OwnSources.of("binance", 9)), Map.of()));
  }

  @Test
  void aTornTailAndADamagedOffsetAreWarnedOfAndAreRowsOfTheTableEvent() throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      ListAppender<ILoggingEvent> log = new ListAppender<>();
      Logger logger = (Logger) LoggerFactory.getLogger("everfeed.store");
      log.start();
      logger.addAppender(log);
      try {
        try (Hub _ = hub(database)) {
          eventually(database, OPENINGS, 1);
        }
        assertThat(warnings(log)).noneMatch(line -> line.contains("torn"));

        Files.writeString(lastSegment(), "half a rec", StandardOpenOption.APPEND);
        Files.writeString(folder.resolve("journal/drain.offset"), "EVFDOFF1 nonsense\n");
        try (Hub _ = hub(database)) {
          eventually(database, OPENINGS, 2);
        }
      } finally {
        logger.detachAppender(log);
      }
      assertThat(warnings(log))
          .anyMatch(line -> line.contains("the tail was torn: 10 bytes"))
          .anyMatch(line -> line.contains("the offset of reader drain is damaged"));
      List<String> openings = rows(database, OPENINGS);
      assertThat(openings.getFirst()).endsWith("|");
      assertThat(openings.getLast())
          .startsWith("t|10|t|")
          .contains("the tail was torn")
          .contains("reader drain");
      assertThat(rows(database, STARTS))
          .hasSize(2)
          .allMatch(
              detail -> detail.contains("\"pid\": " + ProcessHandle.current().pid()));
      assertThat(rows(database, "SELECT 1 FROM event WHERE type = 'journal_went_back'"))
          .isEmpty();
    }
  }

  private Path lastSegment() throws Exception {
    try (var files = Files.list(folder.resolve("journal"))) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .sorted()
          .toList()
          .getLast();
    }
  }

  private static List<String> warnings(ListAppender<ILoggingEvent> log) {
    return List.copyOf(log.list).stream()
        .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  private static void eventually(TestDatabase database, String sql, int rows) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (System.nanoTime() < until) {
      try {
        if (rows(database, sql).size() == rows) {
          return;
        }
      } catch (SQLException e) {
        // the hub has not made its tables yet
        assertThat(e.getSQLState()).isEqualTo("42P01");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    throw new AssertionError("not %d rows within 30 s: %s".formatted(rows, sql));
  }

  private static List<String> rows(TestDatabase database, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        List<String> cells = new ArrayList<>();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          cells.add(String.valueOf(row.getString(i)));
        }
        rows.add(String.join("|", cells));
      }
    }
    return rows;
  }
}
