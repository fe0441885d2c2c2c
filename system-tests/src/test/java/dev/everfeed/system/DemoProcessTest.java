package dev.everfeed.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The demo starts where it says, and a stop is a stop: SIGTERM closes everything in order.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DemoProcessTest {
  @Test
  void theDemoAnswersWhereItSaysAndStopsWhenAsked() throws Exception {
    DemoProcess demo = new DemoProcess("starts-and-stops");
    try (demo;
        HttpClient client = HttpClient.newHttpClient()) {
      var live = HttpRequest.newBuilder(demo.hub().resolve("/health/live"))
          .timeout(Duration.ofSeconds(5))
          .build();
      assertThat(client.send(live, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
      var venues = HttpRequest.newBuilder(demo.console().resolve("/venues"))
          .timeout(Duration.ofSeconds(5))
          .build();
      assertThat(client.send(venues, BodyHandlers.ofString()).body()).contains("\"binance\"");
    }
    assertThat(demo.isAlive()).isFalse();
    assertThat(demo.output()).contains("everfeed: stopped");
  }
}
