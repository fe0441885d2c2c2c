package dev.everfeed.hub.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/// How rows of one kind are written.
interface Table<R extends Row> {

  /// As in the schema.
  String name();

  /// Writes rows within the caller's transaction. Equal rows may have been written before.
  ///
  /// @param rows in the order of the key, each key once
  /// @return rows that were inserted or changed
  int write(Connection connection, List<R> rows) throws SQLException;
}
