package dev.everfeed.hub.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// Answers made by hand, and what they amount to.
final class Answers {
  private Answers() {}

  static HttpResult answer(int status, String body) {
    return answer(status, body, Map.of());
  }

  static HttpResult answer(int status, String body, Map<String, String> headers) {
    return new HttpResult(status, headers, body.getBytes(StandardCharsets.UTF_8));
  }

  static Failure failureOf(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Unusable.class);
    return ((Outcome.Unusable) outcome).failure();
  }

  static List<Event> eventsOf(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Usable.class);
    return ((Outcome.Usable) outcome).events();
  }
}
