package dev.everfeed.hub.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Draws `docs/database.md` from the catalogue of a database with our tables. What stands
/// between the two marks of the page is drawn, the words around it are written by hand.
///
/// [DatabaseDocumentTest] compares, and writes the page when it is told to.
final class DatabaseDocument {
  static final String BEGIN = "<!-- drawn from the catalogue: begin -->\n";
  static final String END = "<!-- drawn from the catalogue: end -->\n";

  private static final String TABLES = """
      SELECT c.oid, c.relname, obj_description(c.oid, 'pg_class'), pg_get_partkeydef(c.oid)
        FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT c.relispartition AND c.relname <> 'everfeed_schema_history'
        ORDER BY c.relname COLLATE "C" """;
  private static final String COLUMNS = """
      SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
          col_description(a.attrelid, a.attnum)
        FROM pg_attribute a
        WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum""";
  private static final String INDEXES = """
      SELECT i.indisprimary, pg_get_indexdef(i.indexrelid)
        FROM pg_index i WHERE i.indrelid = ?
        ORDER BY i.indisprimary DESC, i.indexrelid""";

  /// The longer names of the catalogue, and the ones that people write.
  private static final Map<String, String> TYPES =
      Map.of("timestamp with time zone", "timestamptz");

  private DatabaseDocument() {}

  static Path file() {
    return Path.of(System.getProperty("everfeed.project")).resolve("docs/database.md");
  }

  /// The page as it should be.
  static String page(Connection connection) throws IOException, SQLException {
    String text = Files.readString(file());
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException(
          "%s: the lines %s and %s must stand in it".formatted(file(), BEGIN.strip(), END.strip()));
    }
    return text.substring(0, begin + BEGIN.length()) + "\n" + tables(connection)
        + text.substring(end);
  }

  private static String tables(Connection connection) throws SQLException {
    StringBuilder out = new StringBuilder();
    try (Statement statement = connection.createStatement();
        ResultSet table = statement.executeQuery(TABLES)) {
      while (table.next()) {
        long oid = table.getLong(1);
        out.append("### ").append(table.getString(2)).append("\n\n");
        out.append(table.getString(3)).append("\n\n");
        out.append("| column | type | |\n|---|---|---|\n");
        columns(connection, oid, out);
        out.append('\n');
        for (String index : indexes(connection, oid)) {
          out.append("- ").append(index).append('\n');
        }
        String partitions = table.getString(4);
        if (partitions != null) {
          out.append("- Partitions: ").append(partitions.replace("\"", "")).append('\n');
        }
        out.append('\n');
      }
    }
    return out.toString();
  }

  private static void columns(Connection connection, long table, StringBuilder out)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(COLUMNS)) {
      select.setLong(1, table);
      try (ResultSet column = select.executeQuery()) {
        while (column.next()) {
          String type = column.getString(2);
          out.append("| `").append(column.getString(1)).append("` | ");
          out.append(TYPES.getOrDefault(type, type));
          out.append(column.getBoolean(3) ? "" : ", may be null");
          out.append(" | ").append(column.getString(4)).append(" |\n");
        }
      }
    }
  }

  private static List<String> indexes(Connection connection, long table) throws SQLException {
    List<String> lines = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(INDEXES)) {
      select.setLong(1, table);
      try (ResultSet index = select.executeQuery()) {
        while (index.next()) {
          String definition = index.getString(2);
          String columns =
              definition.substring(definition.indexOf('(') + 1, definition.lastIndexOf(')'));
          lines.add((index.getBoolean(1) ? "Key: " : "Index: ") + "`"
              + columns.replace("\"", "").replace(", ", "`, `") + "`");
        }
      }
    }
    return lines;
  }
}
