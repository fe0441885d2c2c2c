package dev.everfeed.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.hub.api.BackfillOrder;
import dev.everfeed.hub.api.BackfillRefused;
import dev.everfeed.hub.api.BackfillView;
import dev.everfeed.hub.api.Backfiller;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.runtime.Hub;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A hub that fills history in: one that runs, over HTTP, or one of this process's own. What it
/// says is the JSON of its interface.
sealed interface BackfillingHub extends AutoCloseable {
  ObjectMapper JSON = new ObjectMapper();

  /// The hub has said no, or something that no hub says. The message is for the user.
  final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    /// Whether the order is to blame.
    final boolean mistaken;

    RefusedException(boolean mistaken, String message) {
      super(message);
      this.mistaken = mistaken;
    }
  }

  /// Begins, or joins what is under way.
  ///
  /// @throws ConnectException when nobody is there
  JsonNode start(BackfillOrder order) throws IOException, InterruptedException, RefusedException;

  JsonNode look(String id) throws IOException, InterruptedException, RefusedException;

  /// What becomes of the backfill when nobody follows it any more, and how to go on.
  String afterwards(String id);

  @Override
  void close();

  /// One that runs.
  final class Running implements BackfillingHub {
    private final URI url;
    private final HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    Running(URI url) {
      this.url = url;
    }

    @Override
    public JsonNode start(BackfillOrder order)
        throws IOException, InterruptedException, RefusedException {
      var body = JSON.createObjectNode()
          .put("symbol", order.symbol().text())
          .put("interval", order.interval().text())
          .put("from", order.from().toString())
          .put("to", order.to() == null ? null : order.to().toString())
          .put("exchange", order.exchanges().isEmpty() ? null : String.join(",", order.exchanges()))
          .put("again", order.again());
      return ask(HttpRequest.newBuilder(url.resolve("/v1/backfills"))
          .header("content-type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
    }

    @Override
    public JsonNode look(String id) throws IOException, InterruptedException, RefusedException {
      return ask(HttpRequest.newBuilder(url.resolve("/v1/backfills/" + id)));
    }

    private JsonNode ask(HttpRequest.Builder request)
        throws IOException, InterruptedException, RefusedException {
      HttpResponse<String> response = client.send(
          HubKey.shownBy(request).timeout(Duration.ofSeconds(10)).build(),
          HttpResponse.BodyHandlers.ofString());
      JsonNode said;
      try {
        said = JSON.readTree(response.body());
      } catch (IOException e) {
        said = JSON.missingNode();
      }
      if (response.statusCode() < 300 && said.path("exchanges").isArray()) {
        return said;
      }
      throw new RefusedException(
          response.statusCode() == 400,
          said.path("detail").isTextual()
              ? said.path("detail").asText()
              : "what answers at %s is no hub that fills history in: HTTP %d"
                  .formatted(url, response.statusCode()));
    }

    @Override
    public String afterwards(String id) {
      return """
          it goes on in the hub at %1$s. The same command shows it again
          to end it: curl -X DELETE %1$s/v1/backfills/%2$s""".formatted(url, id);
    }

    @Override
    public void close() {
      client.shutdownNow();
      client.close();
    }
  }

  /// One of this process's own, on the configured folder and database.
  final class Own implements BackfillingHub {
    private final Hub hub;

    /// @throws dev.everfeed.hub.runtime.StorageException when another hub has the folder
    Own(Settings settings) {
      hub = Hub.forBackfills(settings);
    }

    private Backfiller backfills() {
      return hub.backfills().orElseThrow();
    }

    @Override
    public JsonNode start(BackfillOrder order) throws IOException, RefusedException {
      try {
        return json(backfills().start(order).backfill());
      } catch (BackfillRefused e) {
        throw new RefusedException(
            e.reason() == BackfillRefused.Reason.MISTAKEN, String.valueOf(e.getMessage()));
      }
    }

    @Override
    public JsonNode look(String id) throws IOException {
      return json(backfills().find(id).orElse(null));
    }

    private static JsonNode json(@Nullable BackfillView view) throws IOException {
      return view == null ? JSON.missingNode() : JSON.readTree(view.json());
    }

    @Override
    public String afterwards(String id) {
      return "it has stopped. The same command goes on with what is not there yet";
    }

    @Override
    public void close() {
      hub.close();
    }
  }
}
