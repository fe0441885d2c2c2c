package dev.everfeed.hub.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// Answers made by hand, and what they amount to.
public final class Answers {
  private Answers() {}

  public static HttpResult answer(int status, String body) {
    return answer(status, body, Map.of());
  }

  public static HttpResult answer(int status, String body, Map<String, String> headers) {
    return new HttpResult(status, headers, body.getBytes(StandardCharsets.UTF_8));
  }

  public static Failure failureOf(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Unusable.class);
    return ((Outcome.Unusable) outcome).failure();
  }

  public static List<Event> eventsOf(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Usable.class);
    return ((Outcome.Usable) outcome).events();
  }
}
