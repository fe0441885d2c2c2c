package dev.everfeed.hub.store;

import dev.everfeed.core.model.Span;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Positioned;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// The table `ohlcv_coverage`: what is covered is added to what is there, one row for each
/// series and batch.
///
/// The bars that are covered stand in the journal before the entry that says so, and within a
/// batch they are written before: nobody reads coverage without them. One that the database
/// refuses is in `quarantine`, and its interval is covered without it.
final class CoverageTable implements Table<CoverageTable.Covered> {
  private static final String UPSERT = """
      INSERT INTO ohlcv_coverage AS c (exchange, symbol, interval, covered, updated_at)
        VALUES (?, ?, ?, ?::tstzmultirange, ?)
        ON CONFLICT (exchange, symbol, interval) DO UPDATE SET
          covered = c.covered + excluded.covered,
          updated_at = greatest(c.updated_at, excluded.updated_at)
        WHERE NOT c.covered @> excluded.covered OR excluded.updated_at > c.updated_at""";

  /// What of one series is covered, by one entry or several.
  ///
  /// @param entry the first that said so
  /// @param spans in any order; they may overlap
  /// @param at    of the newest that said so
  record Covered(
      Positioned entry,
      String exchange,
      String symbol,
      String interval,
      List<Span> spans,
      Instant at)
      implements Row {
    static final Comparator<Covered> BY_KEY = Comparator.comparing(Covered::symbol)
        .thenComparing(Covered::interval)
        .thenComparing(Covered::exchange);

    static Covered of(Positioned entry, Entry.Covered covered) {
      List<Span> spans = new ArrayList<>(1);
      spans.add(covered.span());
      return new Covered(
          entry,
          SafeText.of(covered.exchange()),
          SafeText.of(covered.symbol().text()),
          covered.interval().text(),
          spans,
          covered.at());
    }

    /// Both together, in the list of this one: a batch may have thousands of one series.
    Covered and(Covered other) {
      spans.addAll(other.spans);
      return new Covered(
          entry, exchange, symbol, interval, spans, other.at.isAfter(at) ? other.at : at);
    }

    /// As PostgreSQL reads them.
    String multirange() {
      return spans.stream()
          .map(
              span -> "[%s,%s)".formatted(Times.parameter(span.from()), Times.parameter(span.to())))
          .collect(Collectors.joining(",", "{", "}"));
    }
  }

  @Override
  public String name() {
    return "ohlcv_coverage";
  }

  @Override
  public int write(Connection connection, List<Covered> rows) throws SQLException {
    try (PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
      for (Covered row : rows) {
        upsert.setString(1, row.exchange);
        upsert.setString(2, row.symbol);
        upsert.setString(3, row.interval);
        upsert.setString(4, row.multirange());
        Parameters.time(upsert, 5, row.at);
        upsert.addBatch();
      }
      return Parameters.changed(upsert.executeBatch());
    }
  }
}
