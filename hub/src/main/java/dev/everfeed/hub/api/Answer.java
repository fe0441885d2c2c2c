package dev.everfeed.hub.api;

import io.vertx.core.buffer.Buffer;

/// What goes back to a reader.
record Answer(int status, String contentType, Buffer body) {
  static final String JSON = "application/json";
  static final String PROBLEM = "application/problem+json";

  static Answer json(String text) {
    return new Answer(200, JSON, Buffer.buffer(text));
  }

  static Answer page(HealthPages.Page page) {
    return new Answer(page.status(), JSON, page.body());
  }

  static Answer problem(Problem problem, String instance) {
    return new Answer(problem.status(), PROBLEM, Buffer.buffer(problem.json(instance)));
  }
}
