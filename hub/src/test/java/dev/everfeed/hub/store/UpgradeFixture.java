package dev.everfeed.hub.store;

import static dev.everfeed.hub.store.Sample.BINANCE;
import static dev.everfeed.hub.store.Sample.BTC;
import static dev.everfeed.hub.store.Sample.bar;
import static dev.everfeed.hub.store.Sample.price;
import static dev.everfeed.hub.store.Sample.quote;
import static dev.everfeed.hub.store.Sample.received;
import static dev.everfeed.hub.store.Sample.trade;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Span;
import dev.everfeed.hub.journal.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A small data directory as this program writes it, kept for the programs to come: a journal of
/// which a part is in the database and a part is not, and that database as plain SQL.
///
/// Written once for each version of the schema, before there is a newer one, into
/// `upgrade/vN` of the test resources, and never again.
final class UpgradeFixture {
  /// Long ago: neither a retention nor a clock that is behind should matter.
  static final Instant THEN = Instant.parse("2024-05-01T12:00:00Z");

  private static final String NAMES = """
      SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT c.relispartition ORDER BY c.relname COLLATE "C" """;
  private static final String PARTITIONS = """
      SELECT format('CREATE TABLE %s PARTITION OF %s %s;', c.relname, p.relname,
          pg_get_expr(c.relpartbound, c.oid))
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
          JOIN pg_class p ON p.oid = i.inhparent
        WHERE p.relkind = 'p' AND c.relkind = 'r' ORDER BY c.relname COLLATE "C" """;

  /// As Flyway makes it.
  private static final String HISTORY = """
      CREATE TABLE everfeed_schema_history (
        installed_rank integer NOT NULL CONSTRAINT everfeed_schema_history_pk PRIMARY KEY,
        version varchar(50),
        description varchar(200) NOT NULL,
        type varchar(20) NOT NULL,
        script varchar(1000) NOT NULL,
        checksum integer,
        installed_by varchar(100) NOT NULL,
        installed_on timestamp NOT NULL DEFAULT now(),
        execution_time integer NOT NULL,
        success boolean NOT NULL
      );
      CREATE INDEX everfeed_schema_history_s_idx ON everfeed_schema_history (success);
      """;

  private UpgradeFixture() {}

  static Path project() {
    return Path.of(System.getProperty("everfeed.project"));
  }

  static Path folder(int version) {
    return project().resolve("hub/src/test/resources/upgrade/v" + version);
  }

  static Path scripts() {
    return project().resolve("hub/src/main/resources/db/migration");
  }

  /// Every kind of entry, told apart by `n` where a row shows it.
  static List<Entry> entries(int n) {
    Instant time = THEN.plusSeconds(60L * n);
    return List.of(
        received(bar(time, "100." + n, true), time),
        received(trade("id-" + n, time.plusNanos(n), "100." + n), time),
        received(trade(null, time.plusNanos(n), "100." + n), time),
        received(price("100." + n, time), time),
        received(quote("99." + n, "101." + n, time), time),
        received(
            new Event.Sentiment(
                BINANCE,
                "fear_greed",
                null,
                Sample.decimal(Integer.toString(40 + n)),
                "Fear",
                time),
            time),
        new Entry.RunEnded(
            n,
            time,
            time.plusSeconds(1),
            10,
            9,
            List.of(
                new Entry.RunError(BINANCE, "BTC/USDT", Failure.Kind.TIMEOUT, "no answer", time)),
            0,
            List.of(new Entry.Asked("BTC/USDT 1m", time))),
        new Entry.Happened("numbered", BINANCE, "{\"n\": %d}".formatted(n), time),
        new Entry.Rejected(price("0", time), "a price of 0, number " + n, time),
        received(new Event.Heartbeat(BINANCE), time),
        new Entry.Covered("binance", BTC, Interval.M1, new Span(time, time.plusSeconds(60)), time));
  }

  /// Number 1 is drained, then number 2 corrects its bar, number 3 is in the journal only.
  static void write(Path folder) throws Exception {
    try (StoreFixture store = new StoreFixture();
        RunningJournal running = new RunningJournal(folder.resolve("journal"))) {
      Drain drain = new Drain(running.journal, store.writer, () -> THEN);
      running.accept(entries(1));
      drain.begin();
      drain.step();
      running.accept(
          List.of(received(bar(THEN.plusSeconds(60), "100.5", true), THEN.plusSeconds(90))));
      drain.step();
      store.database.execute(
          "INSERT INTO lease VALUES ('schedule', '00000000-0000-0001-0000-000000000002', 3,"
              + " '2024-05-01 12:00:00+00')",
          "INSERT INTO scheduled_tasks (task_name, task_instance, execution_time, picked, version)"
              + " VALUES ('retention', 'recurring', '2024-05-02 03:10:00+00', false, 1)");
      running.accept(entries(3));
      Files.writeString(folder.resolve("database.sql"), dump(store));
    }
  }

  private static String dump(StoreFixture store) throws IOException, SQLException {
    StringBuilder out = new StringBuilder();
    for (int version = 1; version <= Migrations.NEWEST; version++) {
      out.append(Files.readString(script(version))).append('\n');
    }
    out.append(HISTORY);
    store.rows(PARTITIONS).forEach(line -> out.append(line).append('\n'));
    try (Connection connection = store.database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      for (String table : store.rows(NAMES)) {
        try (ResultSet row = statement.executeQuery("SELECT * FROM " + table)) {
          while (row.next()) {
            out.append("INSERT INTO %s VALUES (%s);%n".formatted(table, values(row)));
          }
        }
      }
    }
    return out.toString();
  }

  static Path script(int version) throws IOException {
    try (var files = Files.list(scripts())) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("V" + version + "__"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static String values(ResultSet row) throws SQLException {
    List<String> values = new ArrayList<>();
    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
      values.add(literal(row.getString(i)));
    }
    return String.join(", ", values);
  }

  private static String literal(@Nullable String value) {
    return value == null ? "NULL" : "'" + value.replace("'", "''") + "'";
  }
}
