package dev.everfeed.app;

import dev.everfeed.hub.config.Secret;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.config.StoreSettings;
import dev.everfeed.hub.store.DataDirectory;
import dev.everfeed.hub.store.DataDirectoryInUseException;
import dev.everfeed.hub.store.DatabaseAddress;
import dev.everfeed.hub.store.DatabaseCheck;
import dev.everfeed.hub.store.EmbeddedServer;
import dev.everfeed.hub.store.EmbeddedServerException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Parser;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `sql`: one statement on the store, embedded or external, while a hub runs or not.
@Command(
    name = "sql",
    description =
        "Runs one SQL statement on the store and prints a table, or CSV. It reads, and changes nothing.",
    mixinStandardHelpOptions = true)
final class SqlCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "STATEMENT",
      description =
          "As in \"SELECT exchange, symbol, COUNT(*) FROM ohlcv GROUP BY exchange, symbol\".")
  private String statement = "";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The hub's configuration; its store is asked.")
  private @Nullable Path config;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder of an embedded store (default: " + DataFolders.RUN
          + ", or that of the demo when there is no such folder).")
  private @Nullable Path data;

  @Option(names = "--csv", description = "CSV instead of a table.")
  private boolean csv;

  @Option(
      names = "--timeout",
      defaultValue = "60",
      paramLabel = "SECONDS",
      description = "Longest time for the statement (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before call()
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if (timeoutSeconds < 1) {
      throw new ParameterException(
          spec.commandLine(), "--timeout must be at least 1 second, was " + timeoutSeconds);
    }
    Settings settings = config == null
        ? Settings.parse("", System.getenv())
        : Settings.load(config, System.getenv());
    StoreSettings store = settings.store();
    if (data == null && store.url() != null) {
      return askExternal(store, store.url());
    }
    Path folder = data != null ? data : folderOf(settings);
    if (!Files.isDirectory(folder.resolve("postgres"))) {
      return fail("%s: no embedded store is there. Has a hub run with this folder? --data or"
              .formatted(folder)
          + " --config names another one");
    }
    return askEmbedded(folder);
  }

  private int askExternal(StoreSettings store, Secret url) {
    DatabaseAddress address;
    try {
      address = DatabaseAddress.parse(url.reveal(), store.user(), store.password())
          .withTimeouts(store.connectTimeout(), store.socketTimeout());
    } catch (IllegalArgumentException e) {
      spec.commandLine().getErr().println("everfeed: " + e.getMessage());
      return Everfeed.MISCONFIGURED;
    }
    return ask(address, "SELECT 1"); // from now on this transaction cannot become a writing one
  }

  private Path folderOf(Settings settings) {
    Path usual = Path.of(settings.dataDir());
    Path demo = Path.of(DataFolders.DEMO);
    boolean onlyDemo = config == null && !Files.isDirectory(usual) && Files.isDirectory(demo);
    if (onlyDemo) {
      spec.commandLine().getErr().println("everfeed: the demo's data, in " + demo);
    }
    return onlyDemo ? demo : usual;
  }

  /// A server that runs is asked; where none does, one is started for the question.
  private int askEmbedded(Path folder) throws InterruptedException {
    try (DataDirectory mine = DataDirectory.open(folder);
        EmbeddedServer server =
            new EmbeddedServer(mine.path().resolve("postgres"), System::nanoTime)) {
      return askOwn(server.start(EmbeddedServer.START_WITHIN));
    } catch (DataDirectoryInUseException _) {
      return askRunning(folder);
    } catch (EmbeddedServerException | IOException e) {
      return fail(String.valueOf(e.getMessage()));
    }
  }

  private int askRunning(Path folder) {
    try {
      Optional<DatabaseAddress> running = EmbeddedServer.find(folder.resolve("postgres"));
      return running.isPresent()
          ? askOwn(running.get())
          : fail("a hub runs on %s, but its database does not; `everfeed status` tells why"
              .formatted(folder));
    } catch (IOException e) {
      return fail(String.valueOf(e.getMessage()));
    }
  }

  /// As the administrator of the embedded server one could run programs even in a transaction
  /// that only reads: this role reads, and nothing else.
  private static final String READER = """
      DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'everfeed_reader') THEN
          CREATE ROLE everfeed_reader NOLOGIN;
          GRANT pg_read_all_data, pg_read_all_stats, pg_read_all_settings TO everfeed_reader;
        END IF;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- another one has just made it
      END $$""";

  private int askOwn(DatabaseAddress address) {
    try (Connection connection = address.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(READER);
    } catch (SQLException e) {
      return fail(
          "%s: %s".formatted(address.describe(), DatabaseCheck.explain(e).sentence()));
    }
    return ask(address, "SET ROLE everfeed_reader");
  }

  /// @param first run before the statement
  private int ask(DatabaseAddress address, String first) {
    PrintWriter out = spec.commandLine().getOut();
    try (Connection connection = address.connect()) {
      int statements =
          Parser.parseJdbcSql(statement, true, false, true, false, false).size();
      if (statements != 1) {
        return fail("one statement at a time: of several, one could make the others write; found "
            + statements);
      }
      connection.setReadOnly(true);
      connection.setAutoCommit(false); // a cursor: an answer of any size needs little memory
      try (Statement sql = connection.createStatement()) {
        // Also of a transaction that the statement begins itself.
        sql.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
        sql.execute(first);
        sql.setFetchSize(1_000);
        sql.setQueryTimeout(timeoutSeconds);
        if (!sql.execute(statement)) {
          out.println("done");
          return 0;
        }
        try (ResultSet rows = sql.getResultSet()) {
          ResultPrinter printer = new ResultPrinter(rows, out);
          if (csv) {
            printer.csv();
          } else {
            printer.table();
          }
        }
      }
      return 0;
    } catch (SQLException e) {
      String state = String.valueOf(e.getSQLState());
      return fail(
          state.startsWith("08") || state.startsWith("28") || state.startsWith("3D")
              ? "%s: %s".formatted(address.describe(), DatabaseCheck.explain(e).sentence())
              : "%s (SQLSTATE %s)".formatted(e.getMessage(), state));
    } catch (IOException e) {
      return fail(String.valueOf(e.getMessage()));
    } finally {
      out.flush();
    }
  }

  private int fail(String message) {
    spec.commandLine().getErr().println("everfeed: " + message);
    return 1;
  }
}
