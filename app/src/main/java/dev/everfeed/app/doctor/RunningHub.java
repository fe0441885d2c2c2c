package dev.everfeed.app.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.hub.config.HttpSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The hub that answers where the configuration says, if one does. With TLS it is known by the
/// certificate that the configuration names, whatever names that is for; nobody else is shown a
/// key.
final class RunningHub {
  private static final Duration WITHIN = Duration.ofMillis(1_500);

  private final boolean answers;

  /// Of `/health`; null where it was not told.
  private final @Nullable JsonNode health;

  private final @Nullable String untold;

  private RunningHub(boolean answers, @Nullable JsonNode health, @Nullable String untold) {
    this.answers = answers;
    this.health = health;
    this.untold = untold;
  }

  /// Asks, in up to four steps of [#WITHIN] each.
  static RunningHub find(HttpSettings http, Doctor.Key key) {
    if (http.port() == 0) {
      return new RunningHub(false, null, null);
    }
    URI base = URI.create("%s://%s:%d"
        .formatted(
            http.tls().certificateFile() == null ? "http" : "https",
            reachable(http.host()),
            http.port()));
    HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(WITHIN);
    String certificate = http.tls().certificateFile();
    if (certificate != null) {
      if (!isSomebodyThere(base)) {
        return new RunningHub(false, null, null);
      }
      try {
        builder.sslContext(only(Path.of(certificate)));
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return new RunningHub(false, null, null);
      } catch (IOException e) {
        return new RunningHub(
            false,
            null,
            "the certificate that it would be known by cannot be read: " + e.getMessage());
      }
    }
    HttpClient client = builder.build();
    try {
      HttpResponse<String> ready = get(client, base.resolve("/health/ready"), key);
      if (!new ObjectMapper().readTree(ready.body()).path("ready").isBoolean()) {
        return new RunningHub(false, null, null);
      }
      HttpResponse<String> all = get(client, base.resolve("/health"), key);
      JsonNode json = new ObjectMapper().readTree(all.body());
      return json.path("status").isTextual() && json.has("reasons")
          ? new RunningHub(true, json, null)
          : new RunningHub(true, null, "it answered %d to /health".formatted(all.statusCode()));
    } catch (SSLException e) {
      return new RunningHub(
          false, null, "%s: %s".formatted(base.getAuthority(), String.valueOf(e.getMessage())));
    } catch (HttpConnectTimeoutException _) {
      return new RunningHub(false, null, null); // nobody is there
    } catch (HttpTimeoutException _) {
      return new RunningHub(
          false,
          null,
          "%s: no answer within %,d ms".formatted(base.getAuthority(), WITHIN.toMillis()));
    } catch (IOException _) {
      return new RunningHub(false, null, null); // no HTTP, or no JSON: no hub
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return new RunningHub(false, null, null);
    } finally {
      client.shutdownNow();
    }
  }

  private static boolean isSomebodyThere(URI base) {
    try (Socket socket = new Socket()) {
      String host = base.getHost().replaceAll("[\\[\\]]", "");
      socket.connect(
          new InetSocketAddress(host, base.getPort()), Math.toIntExact(WITHIN.toMillis()));
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /// A file system that hangs is given up: a thread that waits in one cannot be interrupted.
  private static SSLContext only(Path certificate) throws IOException, InterruptedException {
    FutureTask<SSLContext> reading = new FutureTask<>(() -> OnlyCertificate.of(certificate));
    Thread.ofPlatform().daemon().start(reading);
    try {
      return reading.get(WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      throw new IOException(
          "%s is not read within %,d ms".formatted(certificate, WITHIN.toMillis()), e);
    }
  }

  private static HttpResponse<String> get(HttpClient client, URI uri, Doctor.Key key)
      throws IOException, InterruptedException {
    return client.send(
        key.shownBy(HttpRequest.newBuilder(uri)).timeout(WITHIN).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /// Where a server is asked that listens on every address.
  private static String reachable(String host) {
    if (host.equals("0.0.0.0")) {
      return "127.0.0.1";
    }
    if (host.equals("::") || host.equals("[::]")) {
      return "[::1]";
    }
    return host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
  }

  /// Whether what answers there is a hub.
  boolean answers() {
    return answers;
  }

  /// Whether somebody is there who may be the hub, and could not be asked.
  boolean isUnproven() {
    return !answers && untold != null;
  }

  /// What it says of itself; empty when nobody is there.
  Optional<Finding> health() {
    if (!answers) {
      return Optional.ofNullable(untold)
          .map(
              why -> Finding.warn(
                  "hub",
                  "somebody is there, and was not asked how it does: " + why,
                  "when it is the hub its log says more, as why it has not taken a new certificate; else another program has the port"));
    }
    if (health == null) {
      return Optional.of(
          Finding.skipped("hub", "a hub runs, and does not tell how it does: " + untold));
    }
    String status = health.path("status").asText();
    if (status.equals("ok")) {
      return Optional.of(Finding.ok("hub", "a hub runs, and is well"));
    }
    List<String> reasons = new ArrayList<>();
    health.path("reasons").forEach(reason -> reasons.add(reason.asText()));
    String what = "a hub runs, and is %s: %s".formatted(status, String.join("; ", reasons));
    String remedy = "`everfeed status` shows which source, and since when";
    return Optional.of(
        status.equals("down")
            ? Finding.fail("hub", what, remedy)
            : Finding.warn("hub", what, remedy));
  }
}
