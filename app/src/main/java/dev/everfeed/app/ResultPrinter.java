package dev.everfeed.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Prints what a statement brought. Values are as the server writes them, to the last digit.
final class ResultPrinter {
  /// The widths of columns come from so many rows; of longer answers the rest may stand out.
  private static final int MEASURED = 1_000;

  private static final int WIDEST = 60;
  private static final Set<Integer> NUMBERS = Set.of(
      Types.SMALLINT,
      Types.INTEGER,
      Types.BIGINT,
      Types.NUMERIC,
      Types.DECIMAL,
      Types.REAL,
      Types.DOUBLE,
      Types.FLOAT);

  private final ResultSet rows;
  private final PrintWriter out;
  private final List<String> names = new ArrayList<>();
  private final List<Boolean> right = new ArrayList<>();

  ResultPrinter(ResultSet rows, PrintWriter out) throws SQLException {
    this.rows = rows;
    this.out = out;
    ResultSetMetaData columns = rows.getMetaData();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      names.add(columns.getColumnLabel(i));
      right.add(NUMBERS.contains(columns.getColumnType(i)));
    }
  }

  /// RFC 4180; null is nothing, the empty text is `""`.
  void csv() throws SQLException, IOException {
    out.println(String.join(",", names.stream().map(ResultPrinter::quoted).toList()));
    long count = 0;
    while (rows.next()) {
      out.println(
          String.join(",", row().stream().map(v -> v == null ? "" : quoted(v)).toList()));
      goOn(++count);
    }
    written();
  }

  /// Looks now and then whether anybody still takes what is written.
  private void goOn(long rows) throws IOException {
    if (rows % MEASURED == 0) {
      written();
    }
  }

  private void written() throws IOException {
    if (out.checkError()) {
      throw new IOException(
          "the output cannot be written: it is full, or nobody reads it any more");
    }
  }

  private static String quoted(String value) {
    boolean plain = !value.isEmpty()
        && value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
  }

  /// Columns side by side, numbers to the right; then how many rows there were.
  void table() throws SQLException, IOException {
    List<List<String>> measured = new ArrayList<>();
    while (measured.size() < MEASURED && rows.next()) {
      measured.add(shown(row()));
    }
    int[] widths = new int[names.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = names.get(i).length();
      for (List<String> row : measured) {
        widths[i] = Math.min(WIDEST, Math.max(widths[i], row.get(i).length()));
      }
    }
    line(names, widths);
    StringBuilder rule = new StringBuilder();
    for (int width : widths) {
      rule.append(rule.isEmpty() ? "" : "-+-").append("-".repeat(width));
    }
    out.println(rule);
    measured.forEach(row -> line(row, widths));
    long count = measured.size();
    while (rows.next()) {
      line(shown(row()), widths);
      goOn(++count);
    }
    out.println("(%,d row%s)".formatted(count, count == 1 ? "" : "s"));
    written();
  }

  private void line(List<String> values, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String value = values.get(i);
      String padding = " ".repeat(Math.max(0, widths[i] - value.length()));
      line.append(i == 0 ? "" : " | ").append(right.get(i) ? padding + value : value + padding);
    }
    out.println(line.toString().stripTrailing());
  }

  private List<@Nullable String> row() throws SQLException {
    List<@Nullable String> values = new ArrayList<>(names.size());
    for (int i = 1; i <= names.size(); i++) {
      values.add(rows.getString(i));
    }
    return values;
  }

  /// What comes from outside must not move the cursor or colour the terminal.
  private static List<String> shown(List<@Nullable String> row) {
    return row.stream()
        .map(value -> value == null ? "" : value.replaceAll("\\p{Cntrl}", "·"))
        .toList();
  }
}
