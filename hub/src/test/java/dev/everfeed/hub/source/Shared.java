package dev.everfeed.hub.source;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;

/// Where the recorded payloads lie: `../shared/wire` beside the project, never copied into it.
public final class Shared {
  private Shared() {}

  /// A folder or file below it. Where it is absent, CI fails and any other test run is told so.
  public static Path wire(String path) {
    String project = System.getProperty("everfeed.project");
    Path root =
        Path.of(project == null ? ".." : project).resolve("../shared/wire").normalize();
    if (!Files.isDirectory(root)) {
      String message = "recorded payloads are not there: %s; these tests need them"
          .formatted(root.toAbsolutePath());
      if ("true".equals(System.getenv("CI"))) {
        return fail(message);
      }
      return abort(message);
    }
    return root.resolve(path);
  }
}
