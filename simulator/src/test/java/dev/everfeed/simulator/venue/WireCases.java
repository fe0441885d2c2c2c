package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/// The recorded payloads that lie beside the project.
///
/// Where they are not there a test is skipped and says so; in CI (`CI=true`) it fails.
final class WireCases {
  private WireCases() {}

  /// @param name like `binance/rest_bars/0006.json`
  static Path file(String name) {
    Path project = Path.of(System.getProperty("everfeed.project", "..")).toAbsolutePath();
    Path file = project.resolveSibling("shared/wire/cases").resolve(name).normalize();
    if (!Files.isRegularFile(file)) {
      String message =
          "recorded payload %s is not at ../shared/wire/cases of %s".formatted(name, project);
      if ("true".equals(System.getenv("CI"))) {
        fail(message);
      }
      assumeTrue(false, message);
    }
    return file;
  }
}
