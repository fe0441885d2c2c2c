package dev.everfeed.hub.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A hub of lines of one simulated venue and of another venue, for tests of what it does over HTTP.
abstract class LineHub extends SimulatedHub {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// @param gateways of `binance`, `binance_2`, `binance_3` and `coinbase_exchange` those that
  ///     are there
  final void start(String policy, String... gateways) throws Exception {
    startWith("store: {enabled: false}", policy, gateways);
  }

  /// @param more of the configuration
  final void startWith(String more, String policy, String... gateways) throws Exception {
    startWith(more, policy, gateways, gateways);
  }

  /// @param healthy those that are waited for
  final void startWith(String more, String policy, String[] gateways, String... healthy)
      throws Exception {
    startVenues(trading(60).withLines("binance", "binance_2", "binance_3"));
    String lines = Stream.of(gateways)
        .map(id -> id.startsWith("binance")
            ? "    %s: {source: binance, stream_url: \"%s\", standby: hot}"
                .formatted(id, venues().baseUrl(id).toString().replaceFirst("^http", "ws"))
            : "    %s: {standby: hot}".formatted(id))
        .collect(Collectors.joining("\n"));
    startHub("""
        %s
        symbols: [BTC/USDT]
        stream:
          gateways:
        %s
          failover: {policy: %s, cooldown: 1s, fail_back_after: 1s, probation: 500ms}
        """.formatted(more, lines, policy));
    for (String id : healthy) {
      eventually(() -> state(id).equals("HEALTHY"));
    }
  }

  // ---- the hub from outside

  record Answered(int status, String body) {
    JsonNode json() throws IOException {
      return JSON.readTree(body);
    }
  }

  final Answered post(String path, String body, @Nullable String key) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
    if (key != null) {
      request.header("idempotency-key", key);
    }
    HttpResponse<String> got = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answered(got.statusCode(), got.body());
  }

  final String at() throws Exception {
    return get("/v1/routes").at("/streams/0/gateway").asText();
  }

  /// Prices of the trades that were published, as far as they are remembered.
  final List<BigDecimal> trades() throws Exception {
    List<BigDecimal> prices = new ArrayList<>();
    get("/v1/replay?limit=5000&stream=" + encoded("trade|BTC/USDT") + "&epoch=" + epoch()
            + "&from_seq=1")
        .get("messages")
        .forEach(message -> prices.add(new BigDecimal(message.get("price").asText())));
    return prices;
  }
}
