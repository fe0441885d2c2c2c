package dev.everfeed.hub.store;

import dev.everfeed.core.model.Event;
import dev.everfeed.hub.journal.Positioned;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/// The table `ohlcv`: rows are copied to a temporary table and go on from there in one
/// statement.
///
/// Which of two states of a bar stays is said twice, here in [#replaces] for the states of one
/// batch and in the statement for the stored one; a test compares both.
final class BarTable implements Table<BarTable.Bar> {
  private static final String STAGE =
      "CREATE TEMPORARY TABLE IF NOT EXISTS ohlcv_staging (LIKE ohlcv) ON COMMIT DELETE ROWS";
  private static final String CLEAR = "; TRUNCATE ohlcv_staging";
  private static final String COPY = "COPY ohlcv_staging (exchange, symbol, interval, time, open,"
      + " high, low, close, volume, complete, source, received_at) FROM STDIN (FORMAT binary)";
  private static final int FIELDS = 12;

  /// `now()` is the begin of the transaction, as in [#replaces].
  private static final String UPSERT = """
      INSERT INTO ohlcv AS o (exchange, symbol, interval, time, open, high, low, close, volume,
          complete, source, received_at)
        SELECT exchange, symbol, interval, time, open, high, low, close, volume, complete, source,
          received_at FROM ohlcv_staging
        ON CONFLICT (exchange, symbol, interval, time) DO UPDATE SET
          open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
          volume = excluded.volume, complete = excluded.complete, source = excluded.source,
          received_at = excluded.received_at
        WHERE CASE
          WHEN (excluded.complete IS TRUE) <> (o.complete IS TRUE) THEN excluded.complete IS TRUE
          WHEN (o.open, o.high, o.low, o.close, o.volume, o.complete) IS NOT DISTINCT FROM
            (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume,
              excluded.complete) THEN false
          ELSE excluded.received_at > o.received_at OR o.received_at > now() END""";

  /// One state of one bar.
  record Bar(
      Positioned entry,
      Event.Bar bar,
      String exchange,
      String symbol,
      String interval,
      long timeMicros,
      long receivedAtMicros)
      implements Row {
    static final Comparator<Bar> BY_KEY = Comparator.comparing(Bar::symbol)
        .thenComparing(Bar::interval)
        .thenComparing(Bar::exchange)
        .thenComparingLong(Bar::timeMicros);

    static Bar of(Positioned entry, Event.Bar bar) {
      return new Bar(
          entry,
          bar,
          bar.exchange() == null ? "" : SafeText.of(bar.exchange()),
          SafeText.of(bar.symbol().text()),
          bar.interval().text(),
          Times.micros(bar.time()),
          Times.micros(entry.entry().at()));
    }

    private boolean isComplete() {
      return Boolean.TRUE.equals(bar.complete());
    }
  }

  private boolean staged;

  /// Whether a state takes the place of the one stored.
  ///
  /// @param nowMicros the database's clock: a stored state from its future was received by a
  ///     clock that has stepped back since, and cannot keep its place
  static boolean replaces(Bar stored, Bar next, long nowMicros) {
    if (stored.isComplete() != next.isComplete()) {
      return next.isComplete();
    }
    Event.Bar a = stored.bar;
    Event.Bar b = next.bar;
    boolean same = a.open().equals(b.open())
        && a.high().equals(b.high())
        && a.low().equals(b.low())
        && a.close().equals(b.close())
        && Objects.equals(a.volume(), b.volume())
        && Objects.equals(a.complete(), b.complete());
    return !same
        && (next.receivedAtMicros > stored.receivedAtMicros || stored.receivedAtMicros > nowMicros);
  }

  @Override
  public String name() {
    return "ohlcv";
  }

  @Override
  public int write(Connection connection, List<Bar> rows) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(staged ? STAGE + CLEAR : STAGE);
    }
    staged = true;
    CopyRows copy = new CopyRows(connection, COPY);
    try {
      for (Bar row : rows) {
        Event.Bar bar = row.bar;
        copy.row(FIELDS)
            .text(row.exchange)
            .text(row.symbol)
            .text(row.interval)
            .timestamp(row.timeMicros)
            .numeric(bar.open())
            .numeric(bar.high())
            .numeric(bar.low())
            .numeric(bar.close())
            .numeric(bar.volume())
            .bool(bar.complete())
            .text(bar.source().name())
            .timestamp(row.receivedAtMicros);
      }
      copy.end();
    } catch (SQLException e) {
      copy.cancel(e);
      throw e;
    }
    try (PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
      return upsert.executeUpdate();
    }
  }
}
