package dev.everfeed.hub.api;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.everfeed.hub.access.Access;
import dev.everfeed.hub.config.HttpSettings;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.config.StreamSettings;
import dev.everfeed.hub.telemetry.Metrics;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/// A server on a free loopback port with a desk and a clock of the test, and a client for it.
/// Every answer that the client reads is held against the reference ([Reference]).
final class RunningServer implements AutoCloseable {
  static final ObjectMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
      .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
      .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
      .build();

  /// Bytes of answers that readers may leave untaken; the product's bound would need many more.
  static final long UNSENT_MAX = 4 << 20;

  final CannedDesk desk = new CannedDesk();
  final AtomicLong nanos = new AtomicLong(100 * CannedDesk.SECOND);
  final Metrics metrics = new Metrics();
  final ApiServer server;
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  RunningServer(String... settings) {
    server =
        start(Settings.parse("http: {port: 0, %s}".formatted(String.join(", ", settings)), Map.of())
            .http());
  }

  /// @param pace of the readers at the WebSocket
  RunningServer(Settings settings, LiveStreams.Pace pace) {
    server = start(settings, pace);
  }

  /// @param access who may ask
  RunningServer(Access access, Settings settings) {
    server = start(access, settings.stream().readers(), LiveStreams.Pace.USUAL);
  }

  ApiServer start(HttpSettings http) {
    Settings usual = Settings.defaults();
    return start(http, usual.stream().readers(), LiveStreams.Pace.USUAL);
  }

  private ApiServer start(Settings settings, LiveStreams.Pace pace) {
    return start(settings.http(), settings.stream().readers(), pace);
  }

  private ApiServer start(
      HttpSettings http, StreamSettings.Readers readers, LiveStreams.Pace pace) {
    return start(Access.local(http), readers, pace);
  }

  private ApiServer start(Access access, StreamSettings.Readers readers, LiveStreams.Pace pace) {
    try {
      return ApiServer.start(vertx, access, readers, pace, desk, metrics, nanos::get, UNSENT_MAX)
          .await(10, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("the server did not start within 10 s", e);
    }
  }

  record Got(int status, HttpResponse<String> response, String body) {
    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new AssertionError("not JSON: " + body, e);
      }
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }
  }

  /// @param headers names and values, one after the other
  Got get(String pathAndQuery, String... headers) {
    return send("GET", pathAndQuery, headers);
  }

  Got send(String method, String pathAndQuery, String... headers) {
    return send(method, pathAndQuery, HttpRequest.BodyPublishers.noBody(), headers);
  }

  /// @param headers further names and values, one after the other
  Got post(String path, String json, String... headers) {
    List<String> all = new ArrayList<>(List.of("content-type", "application/json; charset=utf-8"));
    all.addAll(List.of(headers));
    return send(
        "POST", path, HttpRequest.BodyPublishers.ofString(json), all.toArray(new String[0]));
  }

  /// @param headers further names and values, one after the other
  Got order(String method, String path, String json, String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    if (!all.contains("content-type")) {
      all.addAll(List.of("content-type", "application/json"));
    }
    return send(
        method, path, HttpRequest.BodyPublishers.ofString(json), all.toArray(new String[0]));
  }

  private Got send(
      String method, String pathAndQuery, HttpRequest.BodyPublisher body, String... headers) {
    HttpRequest.Builder builder = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.port() + pathAndQuery))
        .method(method, body)
        .timeout(Duration.ofSeconds(10));
    if (headers.length > 0) {
      builder.headers(headers);
    }
    HttpRequest request = builder.build();
    try {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      Got got = new Got(response.statusCode(), response, response.body());
      Reference.check(method, pathAndQuery, got);
      return got;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  Socket socket() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  /// Sends bytes as they are and reads to the end of the connection.
  String raw(byte[] request) throws IOException {
    try (Socket socket = socket()) {
      socket.getOutputStream().write(request);
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() {
    try {
      shut();
    } catch (TimeoutException e) {
      throw new AssertionError("the server did not close within 10 s", e);
    }
  }

  private void shut() throws TimeoutException {
    client.close();
    server.close().await(10, TimeUnit.SECONDS);
    vertx.close().await(10, TimeUnit.SECONDS);
    metrics.close();
  }
}
