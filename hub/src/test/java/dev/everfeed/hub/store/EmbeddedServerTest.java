package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real server, made, killed and found again.
class EmbeddedServerTest {

  @TempDir
  Path folder;

  @Test
  void theFirstStartMakesADatabaseAndLaterOnesFindItsRows() throws Exception {
    try (EmbeddedServer server = new EmbeddedServer(folder.resolve("postgres"), System::nanoTime)) {
      long t = System.nanoTime();
      DatabaseAddress address = server.start(EmbeddedServer.START_WITHIN);
      System.out.println("first " + (System.nanoTime() - t) / 1e6);
      execute(address, "create table t (a int)");
      execute(address, "insert into t values (1)");
      for (int i = 0; i < 3; i++) {
        t = System.nanoTime();
        server.stop();
        System.out.println("stop " + (System.nanoTime() - t) / 1e6);
        t = System.nanoTime();
        address = server.start(EmbeddedServer.START_WITHIN);
        System.out.println("later " + (System.nanoTime() - t) / 1e6);
      }
      execute(address, "delete from t where a = 1");
    }
    assertThat(folder).exists();
  }

  private static void execute(DatabaseAddress address, String sql) throws SQLException {
    try (var connection = address.connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
