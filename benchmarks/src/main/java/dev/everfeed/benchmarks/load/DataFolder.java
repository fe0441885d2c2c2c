package dev.everfeed.benchmarks.load;

import dev.everfeed.hub.store.ConnectionPool;
import dev.everfeed.hub.store.DataDirectory;
import dev.everfeed.hub.store.DatabaseAddress;
import dev.everfeed.hub.store.EmbeddedServer;
import dev.everfeed.hub.store.Migrations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// The data folder of a hub, and the embedded database in it as seen from beside the hub.
public record DataFolder(Path path) {
  private static final long UP_WITHIN_NANOS = Duration.ofSeconds(30).toNanos();
  private static final long LOOK_EVERY_NANOS = 5_000_000L;

  /// One in `benchmarks/target` that is not there yet; what an earlier run has left is deleted.
  public static DataFolder fresh(String name) throws IOException {
    DataFolder folder = new DataFolder(Path.of("benchmarks/target").resolve(name));
    folder.delete();
    return folder;
  }

  public Path postgres() {
    return path.resolve("postgres");
  }

  /// Waits until the database that the hub starts can be asked.
  public Connection connect() throws IOException {
    long began = System.nanoTime();
    while (true) {
      SQLException failed = null;
      Optional<DatabaseAddress> found = Files.isDirectory(postgres().resolve("data"))
          ? EmbeddedServer.find(postgres())
          : Optional.empty();
      if (found.isPresent()) {
        try {
          return found.get().connect();
        } catch (SQLException e) {
          failed = e; // it has just begun to start
        }
      }
      if (System.nanoTime() - began > UP_WITHIN_NANOS) {
        throw new IOException(
            "%s: no database answers after %d s".formatted(path, UP_WITHIN_NANOS / 1_000_000_000L),
            failed);
      }
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
  }

  /// Makes the database while no hub has the folder, so that a hub finds it as after a restart.
  public void make() throws Exception {
    try (DataDirectory directory = DataDirectory.open(path);
        EmbeddedServer server =
            new EmbeddedServer(directory.path().resolve("postgres"), System::nanoTime);
        ConnectionPool pool = new ConnectionPool(server.start(EmbeddedServer.START_WITHIN))) {
      Migrations.run(pool.dataSource());
    }
  }

  public void delete() throws IOException {
    if (Files.exists(path)) {
      try (Stream<Path> files = Files.walk(path)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
