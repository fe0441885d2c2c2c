package dev.everfeed.app;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The API key that commands show to a running hub: from the environment or a file, never from the
/// command line, which everybody on the machine can read.
final class HubKey {
  static final String VARIABLE = "EVERFEED_API_KEY";
  static final String FILE = "EVERFEED_API_KEY_FILE";

  private HubKey() {}

  /// Adds the header where there is a key.
  ///
  /// @throws IOException when the file that should hold it cannot be read
  static HttpRequest.Builder shownBy(HttpRequest.Builder request) throws IOException {
    return shownBy(request, System.getenv());
  }

  static HttpRequest.Builder shownBy(HttpRequest.Builder request, Map<String, String> environment)
      throws IOException {
    String key = environment.getOrDefault(VARIABLE, "").strip();
    String file = environment.getOrDefault(FILE, "").strip();
    if (key.isEmpty() && !file.isEmpty()) {
      try {
        key = Files.readString(Path.of(file)).strip();
      } catch (IOException e) {
        throw new IOException("%s: %s cannot be read: %s".formatted(FILE, file, e.getMessage()), e);
      }
    }
    if (!key.isEmpty() && !key.matches("[\\x21-\\x7e]{1,200}")) {
      throw new IOException(
          "%s: must be one key, as `everfeed keys create` prints it".formatted(VARIABLE));
    }
    return key.isEmpty() ? request : request.header("authorization", "Bearer " + key);
  }
}
