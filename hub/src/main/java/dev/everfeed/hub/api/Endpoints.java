package dev.everfeed.hub.api;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Reply;
import dev.everfeed.hub.telemetry.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What each path answers. Everything here runs on the server's event loop and never blocks it.
final class Endpoints {
  private static final String NUMBERS = "numbers";
  private static final int BARS_USUAL = 500;
  private static final int TRADES_USUAL = 100;

  /// A view this old means that the runtime is not keeping up: it renews it every 250 ms.
  private static final Duration VIEW_LATE_AFTER = Duration.ofSeconds(5);

  /// A view this old means that the hub hangs, and that a restart is the way out.
  private static final Duration VIEW_DEAD_AFTER = Duration.ofSeconds(30);

  private final Vertx vertx;
  private final Desk desk;
  private final Metrics metrics;
  private final LongSupplier nanos;
  private final Lists lists = new Lists();
  private final Buffer openapi = resource("/openapi.yaml");
  private final Buffer landing = resource("/dev/everfeed/hub/api/landing.html");
  private @Nullable HealthPages pages;
  private @Nullable Future<Answer> scrape;

  Endpoints(Vertx vertx, Desk desk, Metrics metrics, LongSupplier nanos) {
    this.vertx = vertx;
    this.desk = desk;
    this.metrics = metrics;
    this.nanos = nanos;
  }

  List<Endpoint> all() {
    return List.of(
        Endpoint.of("/", () -> new Answer(200, "text/html; charset=utf-8", landing)),
        new Endpoint("/v1/price", List.of("symbol", NUMBERS), this::price),
        new Endpoint(
            "/v1/bars",
            List.of("symbol", "interval", "from", "to", "limit", "exchange", NUMBERS),
            this::bars),
        new Endpoint("/v1/trades", List.of("symbol", "from_id", "limit", NUMBERS), this::trades),
        new Endpoint("/v1/sentiment", List.of("symbol", NUMBERS), this::sentiment),
        Endpoint.of("/v1/sources", () -> Answer.json(Lists.sources(desk.view()))),
        Endpoint.of(
            "/v1/instruments",
            List.of("source", "quote", "limit", "cursor"),
            p -> Answer.json(lists.instruments(p, desk.view()))),
        Endpoint.of("/v1/gateways", () -> Answer.json(Lists.gateways(desk.view()))),
        Endpoint.of("/health", this::health),
        Endpoint.of("/health/live", this::live),
        Endpoint.of("/health/ready", () -> Answer.page(pages().ready())),
        Endpoint.of("/health/scheduler", () -> Answer.page(pages().scheduler())),
        Endpoint.of("/health/gateways", () -> Answer.page(pages().gateways())),
        new Endpoint("/metrics", List.of(), _ -> metrics()),
        Endpoint.of("/openapi.yaml", () -> new Answer(200, "application/yaml", openapi)));
  }

  private Future<Answer> price(Parameters p) {
    HubView view = desk.view();
    Symbol symbol = p.symbol(p.required("symbol", "BTC/USDT"), view);
    boolean strings = p.decimalsAsStrings();
    return desk.ask(Query.Prices.of(symbol))
        .map(reply -> Answer.json(Values.price(symbol, reply, desk.view(), strings)));
  }

  private Future<Answer> bars(Parameters p) {
    HubView view = desk.view();
    Symbol symbol = p.symbol(p.required("symbol", "BTC/USDT"), view);
    boolean strings = p.decimalsAsStrings();
    Instant from = p.time("from");
    Instant to = p.time("to");
    if (from != null && to != null && !from.isBefore(to)) {
      throw Problem.badParameter("from must be before to, was %s and %s".formatted(from, to));
    }
    String exchange = p.text("exchange").map(name -> exchange(name, view)).orElse(null);
    Query.Bars query = new Query.Bars(
        symbol, p.interval(view), from, to, p.limit(BARS_USUAL, Query.Bars.MAX_LIMIT));
    return desk.ask(query).map(reply -> {
      requireExchange(exchange, reply, desk.view());
      return Answer.json(Values.bars(query, reply, desk.view(), strings));
    });
  }

  /// An exchange that some source serves bars of.
  private static String exchange(String name, HubView view) {
    List<String> known = view.sources().stream()
        .filter(source -> source.offers().containsKey(Query.Kind.BARS))
        .map(SourceView::exchange)
        .filter(Objects::nonNull)
        .distinct()
        .toList();
    if (!known.contains(name)) {
      throw Problem.listing(
          400,
          "unknown-exchange",
          "The exchange is not known",
          "exchange \"%s\" has no bars here; known: %s"
              .formatted(Parameters.shown(name), String.join(", ", known)),
          known,
          known.size());
    }
    return name;
  }

  private static void requireExchange(@Nullable String exchange, Reply reply, HubView view) {
    if (exchange == null || !(reply instanceof Reply.Value value)) {
      return;
    }
    List<Event.Bar> bars = value.served().events().stream()
        .filter(Event.Bar.class::isInstance)
        .map(Event.Bar.class::cast)
        .toList();
    String answered = Values.exchangeOf(bars, value.served().source(), view);
    if (!exchange.equals(answered)) {
      throw Problem.unavailable(
          "exchange %s did not answer; %s did, and the request asks for no other"
              .formatted(exchange, answered),
          value.tried());
    }
  }

  private Future<Answer> trades(Parameters p) {
    Symbol symbol = p.symbol(p.required("symbol", "BTC/USDT"), desk.view());
    boolean strings = p.decimalsAsStrings();
    Query.Trades query =
        new Query.Trades(symbol, p.tradeId(), p.limit(TRADES_USUAL, Query.Trades.MAX_LIMIT));
    return desk.ask(query)
        .map(reply -> Answer.json(Values.trades(query, reply, desk.view(), strings)));
  }

  private Future<Answer> sentiment(Parameters p) {
    HubView view = desk.view();
    Symbol symbol = p.text("symbol").map(text -> p.symbol(text, view)).orElse(null);
    boolean strings = p.decimalsAsStrings();
    return desk.ask(new Query.Sentiments(symbol))
        .map(reply -> Answer.json(Values.sentiment(symbol, reply, desk.view(), strings)));
  }

  // A view is one moment: another object is another moment, whatever it holds.
  @SuppressWarnings("ReferenceEquality")
  private HealthPages pages() {
    HubView view = desk.view();
    HealthPages kept = pages;
    if (kept == null || kept.view() != view) {
      kept = new HealthPages(view);
      pages = kept;
    }
    return kept;
  }

  private Duration viewAge(HubView view) {
    return Duration.ofNanos(Math.max(0, nanos.getAsLong() - view.nowNanos()));
  }

  private Answer health() {
    HubView view = desk.view();
    Duration age = viewAge(view);
    if (age.compareTo(VIEW_LATE_AFTER) <= 0) {
      return Answer.page(pages().overall());
    }
    String reason = "the hub's picture of itself is %,d ms old (limit %,d ms)"
        .formatted(age.toMillis(), VIEW_LATE_AFTER.toMillis());
    return new Answer(
        503,
        Answer.JSON,
        Buffer.buffer(HealthPages.overall(view, "down", List.of(reason)).toString()));
  }

  private Answer live() {
    HubView view = desk.view();
    Duration age = viewAge(view);
    boolean live = age.compareTo(VIEW_DEAD_AFTER) <= 0;
    JsonText json = new JsonText()
        .open()
        .field("live", live)
        .field("started_at", view.startedAt())
        .field("view_age_ms", age.toMillis())
        .close();
    return new Answer(live ? 200 : 503, Answer.JSON, Buffer.buffer(json.toString()));
  }

  /// Drawn on a worker thread, once for all who ask at the same time.
  private Future<Answer> metrics() {
    Future<Answer> running = scrape;
    if (running == null) {
      running = vertx
          .executeBlocking(metrics::page)
          .map(text -> new Answer(
              200,
              "text/plain; version=0.0.4; charset=utf-8",
              Buffer.buffer(String.valueOf(text))));
      scrape = running;
      running.onComplete(_ -> scrape = null);
    }
    return running;
  }

  private static Buffer resource(String name) {
    try (InputStream in = Endpoints.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the program was built without " + name);
      }
      return Buffer.buffer(in.readAllBytes());
    } catch (IOException e) {
      throw new IllegalStateException("the program's own " + name + " cannot be read", e);
    }
  }
}
