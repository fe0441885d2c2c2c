package dev.everfeed.hub.store;

import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Positioned;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/// The table `refresh`: the newer time stays, unless it is from the future.
final class RefreshTable implements Table<RefreshTable.Asked> {
  private static final String UPSERT = """
      INSERT INTO refresh AS o (what, asked_at) VALUES (?, ?)
        ON CONFLICT (what) DO UPDATE SET asked_at = excluded.asked_at
        WHERE excluded.asked_at > o.asked_at
          OR (o.asked_at > now() AND excluded.asked_at < o.asked_at)""";

  /// One question of a run.
  record Asked(Positioned entry, Entry.Asked asked) implements Row {
    static final Comparator<Asked> BY_KEY = Comparator.comparing(Asked::what);

    String what() {
      return SafeText.of(asked.what());
    }
  }

  /// The rule of the statement, for the states of one batch.
  static boolean replaces(Asked stored, Asked next, Instant now) {
    Instant storedAt = stored.asked.at();
    Instant nextAt = next.asked.at();
    return nextAt.isAfter(storedAt) || (storedAt.isAfter(now) && nextAt.isBefore(storedAt));
  }

  @Override
  public String name() {
    return "refresh";
  }

  @Override
  public int write(Connection connection, List<Asked> rows) throws SQLException {
    try (PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
      for (Asked row : rows) {
        upsert.setString(1, row.what());
        Parameters.time(upsert, 2, row.asked.at());
        upsert.addBatch();
      }
      return Parameters.changed(upsert.executeBatch());
    }
  }
}
