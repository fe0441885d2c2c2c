package dev.everfeed.hub.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/// Puts questions to the database, each in a transaction of its own and with a time limit that
/// the server keeps (SQLSTATE 57014 when it is over). Any thread may ask; it blocks the one that
/// does.
final class Questions {
  /// Rows that are fetched at once where they are looked at one by one.
  private static final int AT_ONCE = 5_000;

  private final DataSource database;
  private final String bounds;

  /// @param limit of each question; 1 ms to 10 minutes
  Questions(DataSource database, Duration limit) {
    if (limit.toMillis() < 1 || limit.compareTo(Duration.ofMinutes(10)) > 0) {
      throw new IllegalArgumentException("limit must be 1 ms to 10 minutes, was " + limit);
    }
    this.database = database;
    bounds = "SET LOCAL statement_timeout = '%dms'; ".formatted(limit.toMillis());
  }

  /// Sets a question's parameters.
  interface Question {
    void put(Connection connection, PreparedStatement select) throws SQLException;
  }

  interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /// Looks at one row.
  interface Look {
    void at(ResultSet row) throws SQLException;
  }

  /// One round trip, and all rows in memory.
  <T> List<T> ask(String sql, Question question, Reader<T> reader) throws SQLException {
    List<T> answer = new ArrayList<>();
    inTransaction(connection -> {
      try (PreparedStatement select = connection.prepareStatement(bounds + sql)) {
        question.put(connection, select);
        select.execute();
        select.getMoreResults(); // the first is that of SET
        try (ResultSet row = select.getResultSet()) {
          while (row.next()) {
            answer.add(reader.read(row));
          }
        }
      }
    });
    return answer;
  }

  /// Row after row, however many there are.
  void each(String sql, Question question, Look look) throws SQLException {
    inTransaction(connection -> {
      try (Statement first = connection.createStatement()) {
        first.execute(bounds); // apart: a cursor has one statement only
      }
      try (PreparedStatement select = connection.prepareStatement(sql)) {
        select.setFetchSize(AT_ONCE);
        question.put(connection, select);
        try (ResultSet row = select.executeQuery()) {
          while (row.next()) {
            look.at(row);
          }
        }
      }
    });
  }

  private interface Work {
    void on(Connection connection) throws SQLException;
  }

  private void inTransaction(Work work) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        work.on(connection);
        connection.rollback();
      } catch (SQLException | RuntimeException e) {
        try {
          connection.rollback();
        } catch (SQLException again) {
          e.addSuppressed(again);
        }
        throw e;
      }
    }
  }
}
