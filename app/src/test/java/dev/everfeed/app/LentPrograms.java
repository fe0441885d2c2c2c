package dev.everfeed.app;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
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
    List<Path> programs = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(unpacked, "binaries-*")) {
      for (Path each : found) {
        try (Stream<Path> files = Files.walk(each)) {
          programs.addAll(files.toList());
        }
      }
    }
    for (Path each : programs) {
      Path own = data.resolve("postgres").resolve(unpacked.relativize(each));
      if (Files.isSymbolicLink(each)) {
        Files.createSymbolicLink(own, Files.readSymbolicLink(each));
      } else if (Files.isDirectory(each)) {
        Files.createDirectories(own);
      } else if (Files.getFileStore(each).equals(Files.getFileStore(own.getParent()))) {
        Files.createLink(own, each);
      } else {
        Files.copy(each, own, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
