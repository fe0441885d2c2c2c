package dev.everfeed.hub.api;

import io.vertx.core.buffer.Buffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What goes back to a reader.
///
/// @param etag of what may be asked for again and not have changed, or null (RFC 9110, section
///     8.8.3)
/// @param headers further ones, by name in lower case
record Answer(
    int status,
    String contentType,
    Buffer body,
    @Nullable String etag,
    Map<String, String> headers) {
  static final String JSON = "application/json";
  static final String PROBLEM = "application/problem+json";

  Answer(int status, String contentType, Buffer body) {
    this(status, contentType, body, null);
  }

  Answer(int status, String contentType, Buffer body, @Nullable String etag) {
    this(status, contentType, body, etag, Map.of());
  }

  static Answer json(String text) {
    return new Answer(200, JSON, Buffer.buffer(text));
  }

  static Answer page(HealthPages.Page page) {
    return new Answer(page.status(), JSON, page.body());
  }

  static Answer problem(Problem problem, String instance) {
    return new Answer(
        problem.status(), PROBLEM, Buffer.buffer(problem.json(instance)), null, problem.headers());
  }
}
