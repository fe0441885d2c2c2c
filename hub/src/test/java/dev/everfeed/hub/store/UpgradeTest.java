package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A data directory that an older program has written opens with this one: its tables are
/// migrated, its rows are there, and what waits in its journal is drained.
///
/// Run with `-Deverfeed.write=true`, this writes the directory of the schema as it is now, if
/// there is none yet: before the next script is added (CONTRIBUTING.md, "Changing the schema").
@Timeout(120)
class UpgradeTest {
  /// A script that was released is what databases out there were made with: it never changes.
  private static final Map<String, String> CHECKSUMS = Map.of(
      "V1__store.sql", "222961db512ae51d854b325209bd7c259950039aacd0f62a9a1fa80e3915e657",
      "V2__records_by_time.sql", "2f428ce9c84f17e9eed45afc04402a5491e5eeb3a6a72e545fcf90961a79fc74",
      "V3__coverage.sql", "b61e38a45b36751d2a31f691ff1da4b9a80c62e9bd0d4548def9e69da6f6832e",
      "V4__market_data_account.sql",
          "ecccc6b2897630b92006b19c555a87484f179d3ec19ab0f89ed9b646b36f6e49");

  @TempDir
  Path folder;

  @Test
  void aReleasedScriptNeverChanges() throws Exception {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    Map<String, String> found = new TreeMap<>();
    try (var scripts = Files.list(UpgradeFixture.scripts())) {
      for (Path script : scripts.toList()) {
        String text = Files.readString(script).replace("\r\n", "\n");
        found.put(
            script.getFileName().toString(),
            HexFormat.of().formatHex(sha256.digest(text.getBytes(StandardCharsets.UTF_8))));
      }
    }
    assertThat(found)
        .as("a script that was released never changes: write a new one, and add its SHA-256 here")
        .containsExactlyInAnyOrderEntriesOf(CHECKSUMS);
  }

  @BeforeAll
  static void writeThatOfTheNewestSchema() throws Exception {
    Path newest = UpgradeFixture.folder(Migrations.NEWEST);
    if (Boolean.getBoolean("everfeed.write") && !Files.exists(newest)) {
      Files.createDirectories(newest.resolve("journal"));
      UpgradeFixture.write(newest);
    }
  }

  static IntStream older() {
    return IntStream.range(1, Migrations.NEWEST);
  }

  @ParameterizedTest
  @MethodSource("older")
  void rowsAndJournalOfAnOlderSchemaAreThereAfterwards(int version) throws Exception {
    Path old = UpgradeFixture.folder(version);
    copy(old.resolve("journal"), folder);
    try (TestDatabase database = TestDatabase.create()) {
      database.execute(Files.readString(old.resolve("database.sql")));

      assertThat(Migrations.run(database.dataSource())).isEqualTo(Migrations.NEWEST - version);

      try (StoreFixture store = new StoreFixture(database);
          RunningJournal running = new RunningJournal(folder)) {
        oldRowsAreThere(store);
        StoreWriter writer = new StoreWriter(store.pool, System::nanoTime, StoreFixture.FOR_EVER);
        Drain drain = new Drain(running.journal, writer, () -> UpgradeFixture.THEN);
        drain.begin();
        Drain.Step first = drain.step();
        assertThat(first.written()).isNotNull();
        assertThat(drain.step().idle()).isTrue();
        oldAndNewAreThere(store);
        running.accept(UpgradeFixture.entries(4)); // and it goes on
        assertThat(drain.step().idle()).isFalse();
        assertThat(store.one("SELECT count(*) FROM event")).isEqualTo("3");
      }
    }
  }

  private static void oldRowsAreThere(StoreFixture store) throws SQLException {
    assertThat(store.rows("SELECT close, complete FROM ohlcv")).containsExactly("100.5|t");
    assertThat(store.rows("SELECT close FROM ohlcv_revision")).containsExactly("100.1");
    assertThat(store.rows("SELECT time_ns, price FROM trade ORDER BY id DESC"))
        .containsExactly("1714564860000000001|100.1", "1714564860000000001|100.1");
    assertThat(store.one("SELECT price, bid, ask FROM latest_quote")).isEqualTo("100.1|99.1|101.1");
    assertThat(store.one("SELECT value, label FROM sentiment")).isEqualTo("41|Fear");
    assertThat(store.one("SELECT number FROM scheduler_run")).isEqualTo("1");
    assertThat(store.one("SELECT what FROM refresh")).isEqualTo("BTC/USDT 1m");
    assertThat(store.one("SELECT detail FROM event")).isEqualTo("{\"n\": 1}");
    assertThat(store.one("SELECT reason FROM quarantine")).isEqualTo("a price of 0, number 1");
    assertThat(store.one("SELECT token FROM lease")).isEqualTo("3");
    assertThat(store.one("SELECT task_name FROM scheduled_tasks")).isEqualTo("retention");
  }

  private static void oldAndNewAreThere(StoreFixture store) throws SQLException {
    assertThat(store.rows("SELECT close FROM ohlcv ORDER BY time"))
        .containsExactly("100.5", "100.3");
    assertThat(store.rows("SELECT price FROM trade ORDER BY time_ns"))
        .isEqualTo(List.of("100.1", "100.1", "100.3", "100.3"));
    assertThat(store.one("SELECT price, bid, ask FROM latest_quote")).isEqualTo("100.3|99.3|101.3");
    assertThat(store.rows("SELECT value FROM sentiment ORDER BY time")).containsExactly("41", "43");
    assertThat(store.rows("SELECT number FROM scheduler_run ORDER BY 1")).containsExactly("1", "3");
    assertThat(store.one("SELECT extract(minute FROM asked_at) FROM refresh")).isEqualTo("3");
    assertThat(store.rows("SELECT detail ->> 'n' FROM event ORDER BY position"))
        .containsExactly("1", "3");
    assertThat(store.one("SELECT count(*) FROM quarantine")).isEqualTo("2");
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
  }
}
