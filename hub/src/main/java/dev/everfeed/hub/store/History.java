package dev.everfeed.hub.store;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.normalise.Gap;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// Reads what was stored. Each question has a time limit, which the server keeps (SQLSTATE 57014
/// when it is over). Any thread may ask; it blocks the one that does.
public final class History {
  /// Most rows of one answer.
  public static final int LIMIT_MAX = 10_000;

  private static final String BAR_COLUMNS =
      "o.time, o.open, o.high, o.low, o.close, o.volume, o.complete, o.source, o.received_at";

  /// For each exchange as many as are wanted, and of one time that of the first exchange.
  private static final String BARS = """
      SELECT DISTINCT ON (b.time) b.*, e.exchange
        FROM unnest(?::text[]) WITH ORDINALITY AS e (exchange, rank)
        CROSS JOIN LATERAL (SELECT %1$s FROM ohlcv o
          WHERE o.exchange = e.exchange AND o.symbol = ? AND o.interval = ? AND o.time < ?%3$s
          ORDER BY o.time %2$s LIMIT ?) b
        ORDER BY b.time %2$s, e.rank LIMIT ?""";

  private static final String NEWEST_OF_EACH = """
      SELECT b.*, e.exchange FROM unnest(?::text[]) AS e (exchange)
        CROSS JOIN LATERAL (SELECT %s FROM ohlcv o
          WHERE o.exchange = e.exchange AND o.symbol = ? AND o.interval = ? AND o.time >= ?
            AND o.time < ?
          ORDER BY o.time DESC LIMIT ?) b
        ORDER BY e.exchange, b.time""".formatted(BAR_COLUMNS);

  private static final String BARS_OF_ONE = """
      SELECT %1$s, o.exchange FROM ohlcv o
        WHERE o.exchange = ? AND o.symbol = ? AND o.interval = ? AND o.time < ?%3$s
        ORDER BY o.time %2$s LIMIT ?""";

  /// Ids that are numbers rise with their length first; so do those of one nanosecond.
  private static final String TRADES = """
      SELECT t.*, e.exchange FROM unnest(?::text[]) AS e (exchange)
        CROSS JOIN LATERAL (SELECT o.id, o.time_ns, o.price, o.size, o.side, o.source, o.received_at
          FROM trade o WHERE o.exchange = e.exchange AND o.symbol = ? AND o.time_ns >= ?
            AND o.time_ns < ?%2$s
          ORDER BY o.time_ns %1$s, length(o.id) %1$s, o.id %1$s LIMIT ?) t
        ORDER BY t.time_ns %1$s, length(t.id) %1$s, t.id %1$s LIMIT ?""";

  private static final String TIME_OF_TRADE = """
      SELECT max(t.time_ns) FROM unnest(?::text[]) AS e (exchange)
        CROSS JOIN LATERAL (SELECT time_ns FROM trade o
          WHERE o.exchange = e.exchange AND o.symbol = ? AND o.id = ? AND o.time_ns >= ?
          ORDER BY o.time_ns DESC LIMIT 1) t""";

  private static final String LATEST = """
      SELECT symbol, source, exchange, price, price_time, price_received_at, bid, bid_size, ask,
          ask_size, quote_time, quote_received_at
        FROM latest_quote ORDER BY symbol, source, exchange""";

  private static final String SENTIMENT = """
      SELECT DISTINCT ON (source, measure, symbol)
          source, measure, symbol, time, value, label, received_at
        FROM sentiment ORDER BY source, measure, symbol, time DESC""";

  private static final String TABLES = """
      SELECT r.relname,
          sum(CASE WHEN s.n_live_tup > 0 THEN s.n_live_tup ELSE greatest(c.reltuples, 0) END)
            FILTER (WHERE c.relkind = 'r')::bigint,
          sum(pg_total_relation_size(c.oid))::bigint
        FROM pg_class r
        CROSS JOIN LATERAL (SELECT r.oid UNION ALL
          SELECT inhrelid FROM pg_inherits WHERE inhparent = r.oid) AS m (oid)
        JOIN pg_class c ON c.oid = m.oid
        LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
        WHERE r.relnamespace = current_schema()::regnamespace AND r.relkind IN ('r', 'p')
          AND NOT r.relispartition AND obj_description(r.oid, 'pg_class') IS NOT NULL
        GROUP BY r.relname ORDER BY r.relname""";

  private final Questions questions;
  private final SeriesHistory series;

  /// How full a table is.
  ///
  /// @param rows  estimated, from the database's statistics
  /// @param bytes on disk, with indexes
  public record TableSize(String name, long rows, long bytes) {}

  /// @param limit of each question; 1 ms to 10 minutes
  public History(DataSource database, Duration limit) {
    questions = new Questions(database, limit);
    series = new SeriesHistory(questions);
  }

  /// Bars that open in `[from, to)`, oldest first: the oldest `limit` of them, or the newest
  /// when `from` is null.
  ///
  /// @param exchanges whose bars, 1 or more; of one time the bar of the first that has one. The
  ///     empty name is that of aggregates.
  /// @param from      or null for the newest
  /// @param to        or null for no end
  /// @param limit     1 to [#LIMIT_MAX]
  public List<Stored> bars(
      List<String> exchanges,
      Symbol symbol,
      Interval interval,
      @Nullable Instant from,
      @Nullable Instant to,
      int limit)
      throws SQLException {
    check(exchanges, limit);
    String order = from == null ? "DESC" : "ASC";
    String since = from == null ? "" : " AND o.time >= ?";
    boolean one = exchanges.size() == 1;
    String sql = (one ? BARS_OF_ONE : BARS).formatted(BAR_COLUMNS, order, since);
    List<Stored> bars = ask(
        sql,
        (connection, select) -> {
          int i = 1;
          if (one) {
            select.setString(i++, exchanges.getFirst());
          } else {
            select.setArray(i++, connection.createArrayOf("text", exchanges.toArray()));
          }
          select.setString(i++, symbol.text());
          select.setString(i++, interval.text());
          Parameters.time(select, i++, to == null ? Instant.MAX : to);
          if (from != null) {
            Parameters.time(select, i++, from);
          }
          select.setInt(i++, limit);
          if (!one) {
            select.setInt(i, limit);
          }
        },
        bars(symbol, interval));
    return from == null ? reversed(bars) : bars;
  }

  /// The newest bars of each exchange that open in `[from, to)`: by exchange, oldest first.
  ///
  /// @param each at most so many of each; 1 to [#LIMIT_MAX]
  List<Stored> newestBarsOfEach(
      List<String> exchanges, Symbol symbol, Interval interval, Instant from, Instant to, int each)
      throws SQLException {
    check(exchanges, each);
    return ask(
        NEWEST_OF_EACH,
        (connection, select) -> {
          select.setArray(1, connection.createArrayOf("text", exchanges.toArray()));
          select.setString(2, symbol.text());
          select.setString(3, interval.text());
          Parameters.time(select, 4, from);
          Parameters.time(select, 5, to);
          select.setInt(6, each);
        },
        bars(symbol, interval));
  }

  private static Questions.Reader<Stored> bars(Symbol symbol, Interval interval) {
    Map<String, SourceId> sources = new HashMap<>(); // a few names in thousands of rows
    Map<String, String> names = new HashMap<>();
    return row -> new Stored(
        new Event.Bar(
            symbol,
            orNull(names.computeIfAbsent(row.getString(10), name -> name)),
            sources.computeIfAbsent(row.getString(8), SourceId::new),
            interval,
            instant(row, 1),
            decimal(row, 2),
            decimal(row, 3),
            decimal(row, 4),
            decimal(row, 5),
            decimalOrNull(row, 6),
            (Boolean) row.getObject(7)),
        instant(row, 9));
  }

  /// Deals, oldest first: the oldest `limit` from `fromId` or `from` on, or the newest when both
  /// are null. Of one nanosecond those with shorter ids come first.
  ///
  /// To find an id it is looked for from the newest deal backwards: with an old id give the time
  /// as well.
  ///
  /// @param exchanges 1 or more; the empty name is that of aggregates
  /// @param fromId    the first one; an answer is empty when it is not stored
  /// @param from      inclusive
  /// @param to        exclusive, or null for no end
  /// @param limit     1 to [#LIMIT_MAX]
  public List<Stored> trades(
      List<String> exchanges,
      Symbol symbol,
      @Nullable String fromId,
      @Nullable Instant from,
      @Nullable Instant to,
      int limit)
      throws SQLException {
    check(exchanges, limit);
    String where = "";
    long sinceNanos = from == null ? Long.MIN_VALUE : nanos(from);
    if (fromId != null) {
      Long found = timeOf(exchanges, symbol, fromId, from);
      if (found == null) {
        return List.of();
      }
      sinceNanos = found;
      where = " AND (o.time_ns > ? OR (length(o.id), o.id) >= (length(?), ?))";
    }
    boolean newest = fromId == null && from == null;
    long begin = sinceNanos;
    Map<String, SourceId> sources = new HashMap<>();
    List<Stored> trades = ask(
        TRADES.formatted(newest ? "DESC" : "ASC", where),
        (connection, select) -> {
          int i = 1;
          select.setArray(i++, connection.createArrayOf("text", exchanges.toArray()));
          select.setString(i++, symbol.text());
          select.setLong(i++, begin);
          select.setLong(i++, to == null ? Long.MAX_VALUE : nanos(to));
          if (fromId != null) {
            select.setLong(i++, begin);
            select.setString(i++, fromId);
            select.setString(i++, fromId);
          }
          select.setInt(i++, limit);
          select.setInt(i, limit);
        },
        row -> new Stored(
            new Event.Trade(
                symbol,
                orNull(row.getString(8)),
                sources.computeIfAbsent(row.getString(6), SourceId::new),
                decimal(row, 3),
                decimal(row, 4),
                side(row.getString(5)),
                row.getString(1),
                Times.ofNanos(row.getLong(2))),
            instant(row, 7)));
    return newest ? reversed(trades) : trades;
  }

  private @Nullable Long timeOf(
      List<String> exchanges, Symbol symbol, String id, @Nullable Instant from)
      throws SQLException {
    List<Long> times = new ArrayList<>();
    ask(
        TIME_OF_TRADE,
        (connection, select) -> {
          select.setArray(1, connection.createArrayOf("text", exchanges.toArray()));
          select.setString(2, symbol.text());
          select.setString(3, id);
          select.setLong(4, from == null ? Long.MIN_VALUE : nanos(from));
        },
        row -> {
          long time = row.getLong(1);
          return row.wasNull() || times.add(time);
        });
    return times.isEmpty() ? null : times.getFirst();
  }

  /// The last price and the last quote of every symbol at every source.
  public List<Stored> latest() throws SQLException {
    List<Stored> latest = new ArrayList<>();
    ask(LATEST, (_, _) -> {}, row -> {
      Symbol symbol = new Symbol(row.getString(1));
      SourceId source = new SourceId(row.getString(2));
      String exchange = orNull(row.getString(3));
      if (row.getObject(6) != null) {
        latest.add(new Stored(
            new Event.Price(symbol, exchange, source, decimal(row, 4), instantOrNull(row, 5)),
            instant(row, 6)));
      }
      if (row.getObject(12) != null) {
        latest.add(new Stored(
            new Event.Quote(
                symbol,
                exchange,
                source,
                decimalOrNull(row, 7),
                decimalOrNull(row, 8),
                decimalOrNull(row, 9),
                decimalOrNull(row, 10),
                instantOrNull(row, 11)),
            instant(row, 12)));
      }
      return row;
    });
    return List.copyOf(latest);
  }

  /// The latest of each measure of each source, market-wide and for each symbol.
  public List<Stored> sentiment() throws SQLException {
    return ask(SENTIMENT, (_, _) -> {}, row -> {
      Instant time = instant(row, 4);
      Instant receivedAt = instant(row, 7);
      String symbol = orNull(row.getString(3));
      return new Stored(
          new Event.Sentiment(
              new SourceId(row.getString(1)),
              row.getString(2),
              symbol == null ? null : new Symbol(symbol),
              decimal(row, 5),
              row.getString(6),
              time.equals(receivedAt) ? null : time),
          receivedAt);
    });
  }

  /// When the schedule last asked what it does not ask in every run.
  public SequencedMap<String, Instant> asked() throws SQLException {
    SequencedMap<String, Instant> asked = new LinkedHashMap<>();
    ask(
        "SELECT what, asked_at FROM refresh ORDER BY what",
        (_, _) -> {},
        row -> String.valueOf(asked.put(row.getString(1), instant(row, 2))));
    return Collections.unmodifiableSequencedMap(asked);
  }

  /// How full the tables are, by name; estimated, so that it is quick however full they are.
  public List<TableSize> tables() throws SQLException {
    return ask(
        TABLES,
        (_, _) -> {},
        row -> new TableSize(row.getString(1), row.getLong(2), row.getLong(3)));
  }

  /// A stretch that lies between two that are covered, and is not.
  ///
  /// @param span cut to what was asked
  public record Hole(String exchange, Symbol symbol, Interval interval, Span span) {}

  /// For which time all bars that the exchange has are stored: rising, apart, and cut to
  /// `within`.
  public List<Span> covered(String exchange, Symbol symbol, Interval interval, Span within)
      throws SQLException {
    return series.covered(exchange, symbol, interval, within);
  }

  /// How many finished bars open in a stretch; a million in a fifth of a second.
  public long count(String exchange, Symbol symbol, Interval interval, Span within)
      throws SQLException {
    return series.count(exchange, symbol, interval, within);
  }

  /// The stretches without a finished bar, rising, and what each is; of more than `most` the
  /// first ones.
  ///
  /// @param within         whole intervals
  /// @param covered        as [#covered] tells it
  /// @param emptyIntervals whether the exchange has a bar for an interval without trades
  public List<Gap> gaps(
      String exchange,
      Symbol symbol,
      Interval interval,
      Span within,
      List<Span> covered,
      boolean emptyIntervals,
      int most)
      throws SQLException {
    List<Gap> gaps = new ArrayList<>();
    series.eachGap(exchange, symbol, interval, within, covered, emptyIntervals, gap -> {
      if (gaps.size() < most) {
        gaps.add(gap);
      }
    });
    return gaps;
  }

  /// The same, one by one and all of them, however many there are.
  public void eachGap(
      String exchange,
      Symbol symbol,
      Interval interval,
      Span within,
      List<Span> covered,
      boolean emptyIntervals,
      Consumer<Gap> out)
      throws SQLException {
    series.eachGap(exchange, symbol, interval, within, covered, emptyIntervals, out);
  }

  /// Holes in what is covered, of all series, the newest first.
  public List<Hole> holes(Span within, int most) throws SQLException {
    return series.holes(within, most);
  }

  private <T> List<T> ask(String sql, Questions.Question question, Questions.Reader<T> reader)
      throws SQLException {
    return questions.ask(sql, question, reader);
  }

  private static void check(List<String> exchanges, int limit) {
    if (exchanges.isEmpty()) {
      throw new IllegalArgumentException("at least one exchange must be named");
    }
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new IllegalArgumentException(
          "limit must be 1 to %d, was %d".formatted(LIMIT_MAX, limit));
    }
  }

  /// Nanoseconds since 1970; of a time beyond what a `long` holds, the end of it.
  private static long nanos(Instant time) {
    if (time.isBefore(Times.ofNanos(Long.MIN_VALUE))) {
      return Long.MIN_VALUE;
    }
    return time.isAfter(Times.ofNanos(Long.MAX_VALUE)) ? Long.MAX_VALUE : Times.nanos(time);
  }

  private static <T> List<T> reversed(List<T> list) {
    Collections.reverse(list);
    return list;
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static @Nullable Side side(@Nullable String text) {
    if (text == null) {
      return null;
    }
    return text.equals(Side.BUY.text()) ? Side.BUY : Side.SELL;
  }

  private static Decimal decimal(ResultSet row, int column) throws SQLException {
    return decimal(row.getBigDecimal(column));
  }

  private static @Nullable Decimal decimalOrNull(ResultSet row, int column) throws SQLException {
    BigDecimal value = row.getBigDecimal(column);
    return value == null ? null : decimal(value);
  }

  /// PostgreSQL writes the zeros of `1E+100`, which are more digits than a decimal has.
  private static Decimal decimal(BigDecimal value) {
    return Decimal.of(value.precision() <= Decimal.MAX_DIGITS ? value : value.stripTrailingZeros());
  }

  private static Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  private static @Nullable Instant instantOrNull(ResultSet row, int column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
