package dev.everfeed.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.hub.store.DataDirectory;
import dev.everfeed.hub.store.DatabaseAddress;
import dev.everfeed.hub.store.EmbeddedServer;
import dev.everfeed.hub.store.Migrations;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// `sql` on a real embedded store, with and without somebody who runs it.
@Timeout(120)
class SqlCommandTest {
  private static final Duration START_WITHIN = Duration.ofSeconds(60);
  private static final String README =
      "SELECT exchange, symbol, COUNT(*) FROM ohlcv WHERE symbol = 'BTC/USDT'"
          + " GROUP BY exchange, symbol ORDER BY exchange";

  @TempDir
  static Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void fill() throws Exception {
    LentPrograms.to(folder.resolve("filled"));
    try (DataDirectory data = DataDirectory.open(folder.resolve("filled"));
        EmbeddedServer server =
            new EmbeddedServer(data.path().resolve("postgres"), System::nanoTime)) {
      DatabaseAddress address = server.start(START_WITHIN);
      Migrations.run(address.dataSource());
      try (Connection connection = address.connect();
          Statement statement = connection.createStatement()) {
        statement.execute(
            "CREATE TABLE ohlcv_2026_11 PARTITION OF ohlcv FOR VALUES FROM ('2026-11-01') TO"
                + " ('2026-12-01')");
        statement.execute("INSERT INTO ohlcv SELECT e, 'BTC/USDT', '1m', '2026-11-20 12:00+00',"
            + " 100.10, 101, 99, 100.50, NULL, true, 'binance', now()"
            + " FROM unnest(ARRAY['binance', '']) AS e");
      }
    }
  }

  /// The next run of the tests begins with an empty folder anyway; this one's server is gone.
  @AfterAll
  static void nothingIsLeftRunning() throws Exception {
    assertThat(EmbeddedServer.find(folder.resolve("filled/postgres"))).isEmpty();
  }

  private int run(String... arguments) {
    CommandLine line = Everfeed.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  private int sql(String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "sql";
    all[1] = "--data";
    all[2] = folder.resolve("filled").toString();
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    return run(all);
  }

  @Test
  void theQuestionOfTheReadmeIsAnsweredAsATableThoughNoHubRuns() {
    assertThat(sql(README)).as(err.toString()).isZero();
    assertThat(out.toString()).isEqualToNormalizingNewlines("""
        exchange | symbol   | count
        ---------+----------+------
                 | BTC/USDT |     1
        binance  | BTC/USDT |     1
        (2 rows)
        """);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void csvTellsNullFromTheEmptyTextAndKeepsEveryDigit() {
    assertThat(
            sql(
                "--csv",
                "SELECT exchange, open, volume, 'a,\"b\"' AS \"odd, name\" FROM ohlcv ORDER BY exchange"))
        .as(err.toString())
        .isZero();
    assertThat(out.toString()).isEqualToNormalizingNewlines("""
        exchange,open,volume,"odd, name"
        "",100.10,,"a,""b""\"
        binance,100.10,,"a,""b""\"
        """);
  }

  /// What a source has said may be in a row: it must not reach the terminal as it is.
  @Test
  void controlCharactersAreNotPrintedInATable() {
    assertThat(sql("SELECT E'\\x1b[31mred' AS word")).as(err.toString()).isZero();
    assertThat(out.toString()).contains("·[31mred").doesNotContain("\u001b");
  }

  @Test
  void oneRowIsOneRowAndLongAnswersAreCounted() {
    assertThat(sql("SELECT 1 AS one")).isZero();
    assertThat(out.toString()).contains("(1 row)");
    assertThat(sql("SELECT n FROM generate_series(1, 2500) AS n")).isZero();
    assertThat(out.toString()).contains("2500").contains("(2,500 rows)");
  }

  @Test
  void aWrongStatementIsToldInOneLineWithoutAStackTrace() {
    assertThat(sql("SELEC 1")).isEqualTo(1);
    assertThat(err.toString()).contains("syntax error").contains("42601").doesNotContain("\tat ");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void nothingCanBeChanged() {
    assertThat(sql("DELETE FROM ohlcv")).isEqualTo(1);
    assertThat(err.toString()).contains("read-only").doesNotContain("\tat ");
    assertThat(sql("COPY (SELECT 1) TO PROGRAM 'true'")).isEqualTo(1);
    assertThat(err.toString()).contains("permission denied");
    assertThat(sql("COMMIT; SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE;"
            + " BEGIN; DELETE FROM ohlcv; COMMIT"))
        .isEqualTo(1);
    assertThat(err.toString()).contains("one statement at a time", "found 5");
    assertThat(sql("SELECT COUNT(*) FROM ohlcv;")).isZero();
    assertThat(out.toString()).contains(" 2\n");
  }

  @Test
  void aStatementThatTakesTooLongIsEnded() {
    assertThat(sql("--timeout", "1", "SELECT pg_sleep(60)")).isEqualTo(1);
    assertThat(err.toString()).contains("57014").doesNotContain("\tat ");
  }

  @Test
  void whereNothingIsItSaysSo() {
    Path none = folder.resolve("none");
    assertThat(run("sql", "--data", none.toString(), "SELECT 1")).isEqualTo(1);
    assertThat(err.toString())
        .contains(none.toString())
        .contains("no embedded store is there")
        .doesNotContain("\tat ");
    assertThat(none).doesNotExist();
  }

  @Test
  void whileAHubHasTheFolderItsServerIsAsked() throws Exception {
    try (DataDirectory data = DataDirectory.open(folder.resolve("filled"));
        EmbeddedServer server =
            new EmbeddedServer(data.path().resolve("postgres"), System::nanoTime)) {
      server.start(START_WITHIN);

      assertThat(sql("--csv", README)).as(err.toString()).isZero();
      assertThat(out.toString()).contains("binance,BTC/USDT,1");
      assertThat(EmbeddedServer.find(data.path().resolve("postgres")))
          .as("it runs on")
          .isPresent();
    }
  }

  @Test
  void aHubWhoseServerIsDownIsToldAsSuch() throws Exception {
    try (DataDirectory _ = DataDirectory.open(folder.resolve("filled"))) {
      assertThat(sql("SELECT 1")).isEqualTo(1);
      assertThat(err.toString())
          .contains("a hub runs on")
          .contains("everfeed status")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void anExternalDatabaseThatIsNotThereIsToldWithoutThePassword() throws Exception {
    Path config = folder.resolve("external.yaml");
    Files.writeString(config, "store: {url: 'postgres://me:secret-word@127.0.0.1:9/x'}\n");
    assertThat(run("sql", "--config", config.toString(), "SELECT 1")).isEqualTo(1);
    assertThat(err.toString())
        .contains("127.0.0.1:9")
        .doesNotContain("secret-word")
        .doesNotContain("\tat ");
  }
}
