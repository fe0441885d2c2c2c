package dev.everfeed.simulator.fault;

import dev.everfeed.core.model.Symbol;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Orders and heals faults over loopback HTTP, and tells how each venue and each line stands.
///
/// | request | answer |
/// |---|---|
/// | `GET /` | a short text |
/// | `GET /venues` | `{"venues":[…]}` |
/// | `POST /venues/{name}/fault` with `{"kind":"slow","for":"30s","delay_ms":500}` | the venue |
/// | `POST /venues/{name}/fault` with `{"kind":"gap","count":3}` | the venue |
/// | the same with `{"kind":"silent","symbol":"BTC/USDT","channel":"trade"}` | the venue |
/// | `POST /venues/{name}/heal` | the venue |
/// | `POST /heal` | all venues |
///
/// Mistakes are answered with problem details (RFC 9457) that list what is valid. Everything
/// here runs on the event loop it was started on, the same as the venues'.
public final class Console {
  private static final Logger LOG = LoggerFactory.getLogger(Console.class);
  private static final int BODY_MAX = 16_384;

  private final Map<String, Faulty> venues = new LinkedHashMap<>();
  private final HttpServer server;

  public Console(Vertx vertx, List<? extends Faulty> venues) {
    venues.forEach(venue -> this.venues.put(venue.name(), venue));
    this.server = vertx
        .createHttpServer(new HttpServerOptions().setIdleTimeout(60))
        .requestHandler(this::handle);
  }

  /// Completes with the port.
  public Future<Integer> listen(String host, int port) {
    return server.listen(port, host).map(HttpServer::actualPort);
  }

  private void handle(HttpServerRequest request) {
    HttpMethod method = request.method();
    String path = request.path() == null ? "/" : request.path();
    String[] parts = path.split("/", -1);
    if (path.equals("/") && method.equals(HttpMethod.GET)) {
      request.response().putHeader("content-type", "text/plain; charset=utf-8").end(help());
    } else if (path.equals("/venues") && method.equals(HttpMethod.GET)) {
      json(request, 200, all());
    } else if (path.equals("/heal") && method.equals(HttpMethod.POST)) {
      answer(request, healAll().map(_ -> all()));
    } else if (parts.length == 4 && parts[1].equals("venues") && method.equals(HttpMethod.POST)) {
      venue(request, parts[2], parts[3]);
    } else {
      problem(
          request,
          404,
          "No such page",
          "%s %s is not known; valid are GET /, GET /venues, POST /venues/{name}/fault, POST /venues/{name}/heal, POST /heal"
              .formatted(method, path));
    }
  }

  private void venue(HttpServerRequest request, String name, String action) {
    Faulty venue = venues.get(name);
    if (venue == null) {
      problem(
          request,
          404,
          "Unknown venue",
          "no simulated venue \"%s\"; there are: %s"
              .formatted(name, String.join(", ", venues.keySet())));
    } else if (action.equals("heal")) {
      answer(request, venue.heal().map(StatusJson::of));
    } else if (action.equals("fault")) {
      body(request, venue);
    } else {
      problem(
          request,
          404,
          "Unknown action",
          "\"%s\" is not known; valid are: fault, heal".formatted(action));
    }
  }

  private void body(HttpServerRequest request, Faulty venue) {
    Buffer body = Buffer.buffer();
    request.handler(chunk -> {
      if (body.length() <= BODY_MAX) {
        body.appendBuffer(chunk);
      }
    });
    request.endHandler(_ -> {
      FaultOrder order;
      try {
        order = order(body);
      } catch (IllegalArgumentException mistake) {
        problem(request, 400, "Invalid fault", String.valueOf(mistake.getMessage()));
        return;
      }
      answer(request, venue.apply(order).map(StatusJson::of));
    });
  }

  private static FaultOrder order(Buffer body) {
    if (body.length() > BODY_MAX) {
      throw new IllegalArgumentException("the body may have %d bytes".formatted(BODY_MAX));
    }
    Object kindWord;
    Object lasting;
    Object delay;
    Object count;
    Object symbol;
    Object channel;
    try {
      var json = new JsonObject(body);
      kindWord = json.getValue("kind");
      lasting = json.getValue("for");
      delay = json.getValue("delay_ms");
      count = json.getValue("count");
      symbol = json.getValue("symbol");
      channel = json.getValue("channel");
    } catch (DecodeException | ClassCastException e) {
      throw new IllegalArgumentException(
          "the body must be a JSON object like {\"kind\":\"refuse\",\"for\":\"30s\"}", e);
    }
    FaultKind kind = FaultKind.parse(String.valueOf(kindWord))
        .orElseThrow(() -> new IllegalArgumentException(
            "kind: must be one of %s, was %s".formatted(FaultKind.all(), kindWord)));
    Duration lasts = lasting == null
        ? null
        : FaultOrder.duration(String.valueOf(lasting))
            .orElseThrow(() -> new IllegalArgumentException(
                "for: must be like 250ms, 30s, 2m, 1h, was " + lasting));
    if (delay != null && !(delay instanceof Integer || delay instanceof Long)) {
      throw new IllegalArgumentException("delay_ms: must be a whole number, was " + delay);
    }
    Duration delayed = delay == null ? null : Duration.ofMillis(((Number) delay).longValue());
    if (count != null && !(count instanceof Integer)) {
      throw new IllegalArgumentException("count: must be a whole number, was " + count);
    }
    if (symbol != null && !(symbol instanceof String)) {
      throw new IllegalArgumentException("symbol: must be like \"BTC/USDT\", was " + symbol);
    }
    FaultOrder.Channel one = channel == null
        ? null
        : FaultOrder.Channel.parse(String.valueOf(channel))
            .orElseThrow(() -> new IllegalArgumentException(
                "channel: must be one of %s, was %s".formatted(FaultOrder.Channel.all(), channel)));
    Symbol only = symbol == null ? null : Symbol.of((String) symbol);
    return new FaultOrder(kind, lasts, delayed, (Integer) count, only, one);
  }

  private Future<Void> healAll() {
    return Future.join(venues.values().stream().map(Faulty::heal).toList()).mapEmpty();
  }

  private JsonObject all() {
    var list = new JsonArray();
    venues.values().forEach(venue -> list.add(StatusJson.of(venue.status())));
    return new JsonObject().put("venues", list);
  }

  private static void answer(HttpServerRequest request, Future<JsonObject> result) {
    result.onSuccess(body -> json(request, 200, body)).onFailure(failure -> {
      if (failure instanceof IllegalArgumentException) {
        problem(request, 409, "Not possible here", String.valueOf(failure.getMessage()));
        return;
      }
      LOG.error("console: {} failed", request.uri(), failure);
      problem(request, 500, "The fault could not be changed", String.valueOf(failure.getMessage()));
    });
  }

  private static void json(HttpServerRequest request, int status, JsonObject body) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "application/json")
        .end(body.toBuffer());
  }

  private static void problem(HttpServerRequest request, int status, String title, String detail) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "application/problem+json")
        .end(new JsonObject()
            .put("type", "about:blank")
            .put("title", title)
            .put("status", status)
            .put("detail", detail)
            .toBuffer());
  }

  private String help() {
    return """
      Everfeed simulated venues

        GET  /venues                 how each venue stands
        POST /venues/NAME/fault      {"kind":"refuse","for":"30s","delay_ms":2000,"count":3}
        POST /venues/NAME/heal
        POST /heal                   all of them

      Kinds: %s
      "for", "delay_ms" and "count" (of frames) may be left out; a new fault replaces the one in force.
      "symbol":"BTC/USDT" hurts the streams of one symbol alone, with these: %s
      "channel":"trade" (or one of: %s) those of one channel, with these: %s
      Names: %s
      """.formatted(
            FaultKind.all(),
            FaultKind.ofSymbols(),
            FaultOrder.Channel.all(),
            FaultKind.ofChannels(),
            String.join(" ", venues.keySet()));
  }
}
