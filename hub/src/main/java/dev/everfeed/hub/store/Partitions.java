package dev.everfeed.hub.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The partitions of `ohlcv` (`ohlcv_2026_11`, a month) and `trade` (`trade_2026_11_22`, a UTC
/// day): made when rows need them, dropped when they are old. Where the tables are
/// TimescaleDB's, it makes them itself.
///
/// Making one does not stop readers and writers of the others: an empty table is made and then
/// attached, which PostgreSQL does beside them. Of two hubs that need one at once the second
/// waits for the first. Remembers which are there; of one thread.
final class Partitions {
  /// In one transaction, so that it holds few locks.
  private static final int MADE_AT_ONCE_MAX = 32;

  /// The key of the advisory lock: `everfeed` in ASCII.
  private static final long LOCK = 0x6576657266656564L;

  private static final String THERE = """
      SELECT c.relname, (SELECT relkind FROM pg_class WHERE oid = to_regclass(?)) AS kind
        FROM (SELECT 1) one LEFT JOIN (pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid)
          ON i.inhparent = to_regclass(?)""";

  private final Set<Partition> known = new HashSet<>();
  private boolean timescale;

  /// One stretch of one table.
  ///
  /// @param from inclusive
  /// @param to   exclusive
  record Partition(String table, String name, LocalDate from, LocalDate to)
      implements Comparable<Partition> {

    static Partition ofBar(long timeMicros) {
      YearMonth month =
          YearMonth.from(LocalDate.ofInstant(Times.ofMicros(timeMicros), ZoneOffset.UTC));
      return ofMonth(month);
    }

    private static Partition ofMonth(YearMonth month) {
      return new Partition(
          "ohlcv",
          "ohlcv_%04d_%02d".formatted(month.getYear(), month.getMonthValue()),
          month.atDay(1),
          month.plusMonths(1).atDay(1));
    }

    static Partition ofTrade(long timeNanos) {
      LocalDate day = LocalDate.ofInstant(Times.ofNanos(timeNanos), ZoneOffset.UTC);
      return new Partition(
          "trade",
          "trade_%04d_%02d_%02d".formatted(day.getYear(), day.getMonthValue(), day.getDayOfMonth()),
          day,
          day.plusDays(1));
    }

    private String bound(LocalDate day) {
      return table.equals("trade")
          ? Long.toString(Times.nanos(day.atStartOfDay(ZoneOffset.UTC).toInstant()))
          : "'" + day + " 00:00:00+00'";
    }

    @Override
    public int compareTo(Partition other) {
      return name.compareTo(other.name);
    }
  }

  /// Those that a batch needs and that are not known to be there, in order.
  List<Partition> missing(Batch batch) {
    if (timescale) {
      return List.of();
    }
    Set<Partition> needed = new TreeSet<>();
    long last = Long.MIN_VALUE;
    for (BarTable.Bar bar : batch.bars) {
      long day = Math.floorDiv(bar.timeMicros(), 86_400_000_000L);
      if (day != last) {
        last = day;
        needed.add(Partition.ofBar(bar.timeMicros()));
      }
    }
    last = Long.MIN_VALUE;
    for (TradeTable.Trade trade : batch.trades) {
      long day = Math.floorDiv(trade.timeNanos(), 86_400_000_000_000L);
      if (day != last) {
        last = day;
        needed.add(Partition.ofTrade(trade.timeNanos()));
      }
    }
    needed.removeAll(known);
    return List.copyOf(needed);
  }

  /// Makes those that are not there, in transactions of its own.
  ///
  /// @param connection without a transaction
  void make(Connection connection, List<Partition> wanted) throws SQLException {
    for (int i = 0; i < wanted.size(); i += MADE_AT_ONCE_MAX) {
      List<Partition> some = wanted.subList(i, Math.min(wanted.size(), i + MADE_AT_ONCE_MAX));
      try (Statement statement = connection.createStatement()) {
        statement.execute(StoreWriter.BOUNDS);
        statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
        Set<String> there = new HashSet<>(there(connection, "ohlcv"));
        there.addAll(there(connection, "trade"));
        for (Partition partition : some) {
          if (!timescale && !there.contains(partition.name)) {
            statement.execute("CREATE TABLE %s (LIKE %s INCLUDING ALL)"
                .formatted(partition.name, partition.table));
            statement.execute("ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s)"
                .formatted(
                    partition.table,
                    partition.name,
                    partition.bound(partition.from),
                    partition.bound(partition.to)));
          }
        }
      }
      connection.commit();
      known.addAll(some);
    }
  }

  /// Looks again before the next batch: somebody has dropped one.
  void forget() {
    known.clear();
  }

  /// Drops what is wholly before a time.
  ///
  /// @param connection without a transaction; it is left so
  /// @param table      `ohlcv` or `trade`
  /// @return the names of what was dropped
  List<String> dropBefore(Connection connection, String table, Instant time) throws SQLException {
    List<String> dropped = new ArrayList<>();
    LocalDate day = LocalDate.ofInstant(time, ZoneOffset.UTC);
    for (String name : there(connection, table)) {
      if (!name.matches(table + "_\\d{4}_\\d{2}(_\\d{2})?")) {
        continue; // not ours
      }
      String[] date = name.substring(table.length() + 1).split("_", -1);
      LocalDate from = LocalDate.of(
          Integer.parseInt(date[0]),
          Integer.parseInt(date[1]),
          date.length == 3 ? Integer.parseInt(date[2]) : 1);
      LocalDate to = date.length == 3 ? from.plusDays(1) : from.plusMonths(1);
      if (!to.isAfter(day)) {
        try (Statement statement = connection.createStatement()) {
          // To drop one it needs the whole table for a moment, and readers queue behind it.
          statement.execute("SET LOCAL lock_timeout = '2s'");
          statement.execute("DROP TABLE " + name);
        }
        connection.commit();
        known.removeIf(partition -> partition.name.equals(name));
        dropped.add(name);
      }
    }
    if (timescale) {
      dropped.addAll(dropChunks(connection, table, time));
    }
    connection.commit();
    return dropped;
  }

  /// The names of a table's partitions; also finds out whether the table is TimescaleDB's.
  private List<String> there(Connection connection, String table) throws SQLException {
    List<String> names = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(THERE)) {
      select.setString(1, table);
      select.setString(2, table);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          timescale = "r".equals(row.getString(2));
          if (!timescale && row.getString(1) != null) {
            names.add(row.getString(1));
          }
        }
      }
    }
    names.sort(null);
    return names;
  }

  private static List<String> dropChunks(Connection connection, String table, Instant time)
      throws SQLException {
    String bound =
        table.equals("trade") ? Long.toString(Times.nanos(time)) : "'" + time + "'::timestamptz";
    List<String> names = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(
            "SELECT drop_chunks('%s', older_than => %s)".formatted(table, bound))) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return names;
  }
}
