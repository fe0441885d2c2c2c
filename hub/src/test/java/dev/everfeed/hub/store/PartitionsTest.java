package dev.everfeed.hub.store;

import static dev.everfeed.hub.store.Sample.T0;
import static dev.everfeed.hub.store.Sample.bar;
import static dev.everfeed.hub.store.Sample.received;
import static dev.everfeed.hub.store.Sample.trade;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.hub.journal.Entry;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Partitions are made at the borders of months and days, and dropped when they are old.
class PartitionsTest {
  private StoreFixture store;

  @BeforeEach
  void open() throws MigrationException {
    store = new StoreFixture();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void barsAtTheBordersOfMonthsHaveTheirPartitions() throws Exception {
    store.write(
        received(bar(Instant.parse("2025-12-31T23:59:00Z"), "1", true), T0),
        received(bar(Instant.parse("2026-01-01T00:00:00Z"), "2", true), T0),
        received(bar(Instant.parse("2026-01-31T23:59:00Z"), "3", true), T0),
        received(bar(Instant.parse("2026-02-01T00:00:00Z"), "4", true), T0));

    assertThat(store.rows("SELECT tableoid::regclass, close FROM ohlcv ORDER BY time"))
        .containsExactly(
            "ohlcv_2025_12|1", "ohlcv_2026_01|2", "ohlcv_2026_01|3", "ohlcv_2026_02|4");
  }

  @Test
  void tradesAtTheBordersOfDaysHaveTheirPartitions() throws Exception {
    Instant midnight = Instant.parse("2026-03-01T00:00:00Z");
    store.write(
        received(trade("1", midnight.minusNanos(1), "1"), T0),
        received(trade("2", midnight, "1"), T0),
        received(trade("3", midnight.plus(Duration.ofDays(1)).minusNanos(1), "1"), T0));

    assertThat(store.rows("SELECT tableoid::regclass, id FROM trade ORDER BY id"))
        .containsExactly("trade_2026_02_28|1", "trade_2026_03_01|2", "trade_2026_03_01|3");
  }

  @Test
  void theSessionsTimeZoneMovesNoBorder() throws Exception {
    store.database.execute(
        "ALTER DATABASE " + store.database.address().database() + " SET timezone = 'Asia/Tokyo'");
    store.write(
        received(bar(Instant.parse("2026-01-31T23:59:00Z"), "3", true), T0),
        received(trade("1", Instant.parse("2026-01-31T23:59:00Z"), "1"), T0));

    assertThat(store.rows("SELECT tableoid::regclass FROM ohlcv")).containsExactly("ohlcv_2026_01");
    assertThat(store.rows("SELECT tableoid::regclass FROM trade"))
        .containsExactly("trade_2026_01_31");
    assertThat(store
            .history
            .bars(
                List.of("binance"), Sample.BTC, dev.everfeed.core.model.Interval.M1, null, null, 1)
            .getFirst()
            .event())
        .isEqualTo(bar(Instant.parse("2026-01-31T23:59:00Z"), "3", true));
  }

  @Test
  void aHundredNewDaysInOneBatchAreWritten() throws Exception {
    List<Entry> entries = new ArrayList<>();
    for (int day = 0; day < 100; day++) {
      entries.add(received(trade("" + day, T0.minus(Duration.ofDays(day)), "1"), T0));
    }
    Written written = store.write(entries.toArray(Entry[]::new));

    assertThat(written.rows("trade")).isEqualTo(100);
    assertThat(written.quarantined()).isZero();
  }

  @Test
  void aCorrectionInAPartitionIsARevisionToo() throws Exception {
    store.write(received(bar(T0, "1", true), T0));
    store.write(received(bar(T0, "2", true), T0.plusSeconds(1)));
    assertThat(store.rows("SELECT close FROM ohlcv_revision")).containsExactly("1");
  }

  @Test
  void whatIsWhollyBeforeATimeIsDropped() throws Exception {
    store.write(
        received(bar(Instant.parse("2026-01-15T00:00:00Z"), "1", true), T0),
        received(bar(Instant.parse("2026-02-15T00:00:00Z"), "2", true), T0),
        received(trade("1", Instant.parse("2026-02-13T00:00:00Z"), "1"), T0),
        received(trade("2", Instant.parse("2026-02-14T00:00:00Z"), "1"), T0));
    Partitions partitions = new Partitions();
    Instant bound = Instant.parse("2026-02-14T12:00:00Z");
    try (Connection connection = store.database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      assertThat(partitions.dropBefore(connection, "ohlcv", bound))
          .containsExactly("ohlcv_2026_01");
      assertThat(partitions.dropBefore(connection, "trade", bound))
          .containsExactly("trade_2026_02_13");
    }
    assertThat(store.rows("SELECT close FROM ohlcv")).containsExactly("2");
    assertThat(store.rows("SELECT id FROM trade")).containsExactly("2");
  }

  /// The writer remembers which partitions are there, and somebody else drops one.
  @Test
  void aPartitionThatSomebodyDroppedIsMadeAgainAndNothingIsQuarantined() throws Exception {
    store.write(received(bar(T0, "1", true), T0), received(trade("1", T0, "1"), T0));
    store.database.execute("DROP TABLE ohlcv_2026_11", "DROP TABLE trade_2026_11_20");

    Written written =
        store.write(received(bar(T0, "2", true), T0), received(trade("2", T0, "1"), T0));

    assertThat(written.quarantined()).isZero();
    assertThat(store.rows("SELECT close FROM ohlcv")).containsExactly("2");
    assertThat(store.rows("SELECT id FROM trade")).containsExactly("2");
  }

  /// Then nothing can be written, and nothing must be quarantined for it.
  @Test
  void aPartitionThatSomebodyDetachedStopsTheWriterWithoutBlamingTheRows() throws Exception {
    store.write(received(bar(T0, "1", true), T0));
    store.database.execute("ALTER TABLE ohlcv DETACH PARTITION ohlcv_2026_11");

    org.assertj.core.api.Assertions.assertThatExceptionOfType(java.sql.SQLException.class)
        .isThrownBy(() -> store.write(received(bar(T0, "2", true), T0)))
        .withMessageContaining("ohlcv_2026_11");
    assertThat(store.one("SELECT count(*) FROM quarantine")).isEqualTo("0");
  }
}
