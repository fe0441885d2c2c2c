package dev.everfeed.simulator.fault;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Talks to the [Console] of running simulated venues. Blocking; at most 5 s a call.
public final class ConsoleClient implements AutoCloseable {
  /// Where `everfeed demo` puts its console.
  public static final URI DEFAULT = URI.create("http://127.0.0.1:8090");

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final URI console;
  private final HttpClient client = HttpClient.newBuilder()
      .connectTimeout(TIMEOUT)
      .version(HttpClient.Version.HTTP_1_1)
      .build();

  public ConsoleClient(URI console) {
    this.console = console;
  }

  public List<VenueStatus> venues() throws ConsoleRefused {
    return list(send("GET", "/venues", null));
  }

  public VenueStatus fault(String venue, FaultOrder order) throws ConsoleRefused {
    var body = new JsonObject().put("kind", order.kind().word());
    Duration lasting = order.lasting();
    if (lasting != null) {
      body.put("for", lasting.toMillis() + "ms");
    }
    Duration delay = order.delay();
    if (delay != null) {
      body.put("delay_ms", delay.toMillis());
    }
    if (order.count() != null) {
      body.put("count", order.count());
    }
    if (order.symbol() != null) {
      body.put("symbol", order.symbol().text());
    }
    if (order.channel() != null) {
      body.put("channel", order.channel().word());
    }
    return one(send("POST", venuePath(venue) + "/fault", body.encode()));
  }

  public VenueStatus heal(String venue) throws ConsoleRefused {
    return one(send("POST", venuePath(venue) + "/heal", ""));
  }

  public List<VenueStatus> healAll() throws ConsoleRefused {
    return list(send("POST", "/heal", ""));
  }

  @Override
  public void close() {
    client.close();
  }

  private static String venuePath(String venue) throws ConsoleRefused {
    if (!venue.matches("[A-Za-z0-9_.-]{1,64}")) {
      throw new ConsoleRefused("\"%s\" cannot be the name of a venue".formatted(venue));
    }
    return "/venues/" + venue;
  }

  private JsonObject send(String method, String path, @Nullable String body) throws ConsoleRefused {
    HttpResponse<String> response;
    try {
      HttpRequest request = HttpRequest.newBuilder(console.resolve(path))
          .timeout(TIMEOUT)
          .header("content-type", "application/json")
          .method(
              method,
              body == null
                  ? HttpRequest.BodyPublishers.noBody()
                  : HttpRequest.BodyPublishers.ofString(body))
          .build();
      response = client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException | IllegalArgumentException e) {
      throw new ConsoleRefused(
          "no simulated venues answer at %s (%s); is `./everfeed demo` running?"
              .formatted(
                  console, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConsoleRefused("interrupted while waiting for " + console, e);
    }
    JsonObject json;
    try {
      json = new JsonObject(response.body());
    } catch (DecodeException e) {
      throw foreign(response, e);
    }
    if (response.statusCode() != 200) {
      String detail = json.getString("detail");
      throw new ConsoleRefused(
          detail == null ? "the console answered " + response.statusCode() : detail);
    }
    return json;
  }

  private VenueStatus one(JsonObject json) throws ConsoleRefused {
    try {
      return StatusJson.parse(json);
    } catch (RuntimeException e) {
      throw new ConsoleRefused(console + " is not the console of simulated venues", e);
    }
  }

  private List<VenueStatus> list(JsonObject json) throws ConsoleRefused {
    JsonArray venues = json.getJsonArray("venues", new JsonArray());
    List<VenueStatus> list = new ArrayList<>();
    for (int i = 0; i < venues.size(); i++) {
      list.add(one(venues.getJsonObject(i)));
    }
    return list;
  }

  private ConsoleRefused foreign(HttpResponse<String> response, Exception cause) {
    return new ConsoleRefused(
        "%s is not the console of simulated venues: it answered %d without JSON"
            .formatted(console, response.statusCode()),
        cause);
  }
}
