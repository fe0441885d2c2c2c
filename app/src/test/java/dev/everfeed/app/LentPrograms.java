package dev.everfeed.app;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The programs of the embedded server that the hub's tests have unpacked, if they were run here.
public final class LentPrograms {
  private LentPrograms() {}

  /// A server that is new in this data folder does not unpack them anew, which takes three seconds
  /// of a processor: they are linked there.
  public static void to(Path data) throws IOException {
    String project = System.getProperty("everfeed.project", "..");
    Path unpacked = Path.of(project, "hub/target/test-postgres-1/postgres").toAbsolutePath();
    if (!Files.isDirectory(unpacked) || Files.exists(data.resolve("postgres"))) {
      return;
    }
    try (DirectoryStream<Path> programs = Files.newDirectoryStream(unpacked, "binaries-*");
        Stream<Path> files = Files.walk(programs.iterator().next())) {
      for (Path each : files.toList()) {
        Path own = data.resolve("postgres").resolve(unpacked.relativize(each));
        if (Files.isSymbolicLink(each)) {
          Files.createSymbolicLink(own, Files.readSymbolicLink(each));
        } else if (Files.isDirectory(each)) {
          Files.createDirectories(own);
        } else {
          Files.createLink(own, each);
        }
      }
    }
  }
}
