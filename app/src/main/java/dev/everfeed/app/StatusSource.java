package dev.everfeed.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a running hub says of itself, asked over its public interface. For one thread.
final class StatusSource implements AutoCloseable {
  private static final Pattern METER =
      Pattern.compile("(?m)^(everfeed_stream_readers(?:_slow)?|everfeed_http_connections) (\\S+)$");

  private final URI url;
  private final HttpClient client;
  private final Duration within;

  /// @param within for each answer
  StatusSource(URI url, Duration within) {
    this.url = url;
    this.within = within;
    this.client = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(2))
        .build();
  }

  /// All of it, from one moment or nearly.
  ///
  /// @param meters `everfeed_stream_readers` and two more
  record Told(
      Instant at,
      JsonNode health,
      JsonNode gateways,
      JsonNode routes,
      JsonNode verdicts,
      JsonNode gaps,
      JsonNode failovers,
      Map<String, Long> meters) {}

  /// @throws IOException when it does not answer, or not as a hub does
  Told ask() throws IOException, InterruptedException {
    JsonNode health = get("/health");
    if (!health.path("reasons").isArray()) {
      throw new IOException("what answers there is no hub");
    }
    return new Told(
        Instant.now(),
        health,
        get("/v1/gateways").path("gateways"),
        get("/v1/routes").path("streams"),
        get("/v1/verdict").path("verdicts"),
        get("/v1/gaps"),
        get("/v1/failovers?limit=20").path("failovers"),
        meters(text("/metrics")));
  }

  private static Map<String, Long> meters(String text) {
    Map<String, Long> meters = new HashMap<>();
    Matcher meter = METER.matcher(text);
    while (meter.find()) {
      meters.put(meter.group(1), Math.round(Double.parseDouble(meter.group(2))));
    }
    return meters;
  }

  JsonNode get(String path) throws IOException, InterruptedException {
    return new ObjectMapper().readTree(text(path));
  }

  private String text(String path) throws IOException, InterruptedException {
    HttpResponse<String> response = client.send(
        HubKey.shownBy(HttpRequest.newBuilder(url.resolve(path)))
            .timeout(within)
            .build(),
        HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() == 401 || response.statusCode() == 403) {
      throw new IOException("%s: HTTP %d: %s; %s or %s names the key"
          .formatted(
              path, response.statusCode(), why(response.body()), HubKey.VARIABLE, HubKey.FILE));
    }
    return response.body();
  }

  private static final int DETAIL_MAX = 500;

  /// In the hub's own words, which say what to do: revoke a key that was shown in the open.
  private static String why(String body) {
    try {
      String detail = new ObjectMapper().readTree(body).path("detail").asText("");
      String line = detail.replaceAll("\\p{Cntrl}", "·"); // whoever it is that answers there
      return line.isEmpty()
          ? "it wants another API key"
          : line.substring(0, Math.min(DETAIL_MAX, line.length()));
    } catch (IOException e) {
      return "it wants another API key";
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
