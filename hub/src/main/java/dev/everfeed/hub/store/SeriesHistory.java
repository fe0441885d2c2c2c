package dev.everfeed.hub.store;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.normalise.Gap;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// What of a series of bars is stored, and what is not. See [History], which is how others ask.
final class SeriesHistory {
  /// `?` are the bounds; the product of multiranges cuts what reaches over them.
  private static final String COVERED = """
      SELECT lower(r), upper(r) FROM (
          SELECT unnest(covered * tstzmultirange(tstzrange(?, ?))) AS r FROM ohlcv_coverage
            WHERE exchange = ? AND symbol = ? AND interval = ?) AS each
        ORDER BY 1""";

  private static final String OF_SERIES =
      "exchange = ? AND symbol = ? AND interval = ? AND complete AND time >= ? AND time < ?";

  private static final String COUNT = "SELECT count(*) FROM ohlcv WHERE " + OF_SERIES;

  /// Each bar beside the next one, in the order of the index; before the first one, the begin.
  /// An unfinished bar is none: it says nothing of what its interval became.
  private static final String GAPS = """
      SELECT ends, next FROM (
          SELECT ?::timestamptz AS ends, coalesce(
              (SELECT time FROM ohlcv WHERE %1$s ORDER BY time LIMIT 1), ?::timestamptz) AS next
          UNION ALL
          SELECT %2$s, lead(time, 1, ?::timestamptz) OVER (ORDER BY time)
            FROM ohlcv WHERE %1$s) AS neighbours
        WHERE ends < next ORDER BY ends""";

  private static final String HOLES = """
      SELECT exchange, symbol, interval, lower(hole), upper(hole) FROM (
          SELECT exchange, symbol, interval, unnest((multirange(range_merge(covered)) - covered)
              * tstzmultirange(tstzrange(?, ?))) AS hole
            FROM ohlcv_coverage WHERE NOT isempty(covered)) AS each
        ORDER BY upper(hole) DESC, symbol, interval, exchange LIMIT ?""";

  private final Questions questions;

  SeriesHistory(Questions questions) {
    this.questions = questions;
  }

  List<Span> covered(String exchange, Symbol symbol, Interval interval, Span within)
      throws SQLException {
    return questions.ask(
        COVERED,
        (_, select) -> {
          Parameters.time(select, 1, within.from());
          Parameters.time(select, 2, within.to());
          select.setString(3, exchange);
          select.setString(4, symbol.text());
          select.setString(5, interval.text());
        },
        row -> new Span(instant(row, 1), instant(row, 2)));
  }

  long count(String exchange, Symbol symbol, Interval interval, Span within) throws SQLException {
    return questions
        .ask(
            COUNT,
            (_, select) -> series(select, 1, exchange, symbol, interval, within),
            row -> row.getLong(1))
        .getFirst();
  }

  void eachGap(
      String exchange,
      Symbol symbol,
      Interval interval,
      Span within,
      List<Span> covered,
      boolean emptyIntervals,
      Consumer<Gap> out)
      throws SQLException {
    String end = interval == Interval.MONTH
        ? "(time AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC'"
        : "time + interval '%d seconds'".formatted(interval.duration().toSeconds());
    List<Gap> found = new ArrayList<>();
    int[] firstCovered = {0};
    questions.each(
        GAPS.formatted(OF_SERIES, end),
        (_, select) -> {
          Parameters.time(select, 1, within.from());
          int next = series(select, 2, exchange, symbol, interval, within);
          Parameters.time(select, next, within.to());
          Parameters.time(select, next + 1, within.to());
          series(select, next + 2, exchange, symbol, interval, within);
        },
        row -> {
          Span absent = new Span(instant(row, 1), instant(row, 2));
          while (firstCovered[0] < covered.size()
              && !covered.get(firstCovered[0]).to().isAfter(absent.from())) {
            firstCovered[0]++; // of what was covered before, nothing is looked at twice
          }
          int last = firstCovered[0];
          while (last < covered.size() && covered.get(last).from().isBefore(absent.to())) {
            last++;
          }
          Gap.addAll(
              absent, interval, covered.subList(firstCovered[0], last), emptyIntervals, found);
          found.forEach(out);
          found.clear();
        });
  }

  List<History.Hole> holes(Span within, int most) throws SQLException {
    return questions.ask(
        HOLES,
        (_, select) -> {
          Parameters.time(select, 1, within.from());
          Parameters.time(select, 2, within.to());
          select.setInt(3, most);
        },
        row -> new History.Hole(
            row.getString(1),
            new Symbol(row.getString(2)),
            Interval.parse(row.getString(3))
                .orElseThrow(() -> new SQLException("ohlcv_coverage has an interval of no kind")),
            new Span(instant(row, 4), instant(row, 5))));
  }

  /// @return the index of the next parameter
  private static int series(
      PreparedStatement select,
      int first,
      String exchange,
      Symbol symbol,
      Interval interval,
      Span within)
      throws SQLException {
    select.setString(first, exchange);
    select.setString(first + 1, symbol.text());
    select.setString(first + 2, interval.text());
    Parameters.time(select, first + 3, within.from());
    Parameters.time(select, first + 4, within.to());
    return first + 5;
  }

  private static Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
