package dev.everfeed.hub.store;

import dev.everfeed.core.model.Decimal;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Values of ours as parameters of a statement.
final class Parameters {
  private Parameters() {}

  static void number(PreparedStatement statement, int index, @Nullable Decimal value)
      throws SQLException {
    if (value == null) {
      statement.setNull(index, Types.NUMERIC);
    } else {
      statement.setBigDecimal(index, value.toBigDecimal());
    }
  }

  static void time(PreparedStatement statement, int index, @Nullable Instant time)
      throws SQLException {
    if (time == null) {
      statement.setNull(index, Types.TIMESTAMP_WITH_TIMEZONE);
    } else {
      statement.setObject(index, Times.parameter(time), Types.TIMESTAMP_WITH_TIMEZONE);
    }
  }

  /// Rows that a batch inserted or changed.
  static int changed(int[] counts) {
    int changed = 0;
    for (int count : counts) {
      changed += Math.max(0, count);
    }
    return changed;
  }
}
