package dev.everfeed.hub.api;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Reply;
import dev.everfeed.hub.telemetry.Metrics;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
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
  private final BarTurns barTurns;
  private final FailingOver failingOver;
  private final Buffer openapi = resource("/openapi.yaml");
  private final Buffer asyncapi = resource("/asyncapi.yaml");
  private final Buffer landing = resource("/dev/everfeed/hub/api/landing.html");
  private @Nullable HealthPages pages;
  private @Nullable Future<Answer> scrape;

  Endpoints(Vertx vertx, Desk desk, Metrics metrics, LongSupplier nanos) {
    this.vertx = vertx;
    this.desk = desk;
    this.metrics = metrics;
    this.nanos = nanos;
    this.barTurns = new BarTurns(nanos);
    this.failingOver = new FailingOver(vertx, desk);
  }

  List<Endpoint> all() {
    List<Endpoint> all = new ArrayList<>(read());
    all.addAll(new Backfilling(desk).endpoints());
    all.addAll(new Replaying(desk).endpoints());
    all.addAll(failingOver.endpoints());
    all.addAll(new Controlling(failingOver).endpoints());
    all.addAll(new Auditing(desk).endpoints());
    all.addAll(new Gaps(desk).endpoints());
    all.addAll(new Accounting(vertx, desk).endpoints());
    all.addAll(new Judging(desk, nanos).endpoints());
    return List.copyOf(all);
  }

  private List<Endpoint> read() {
    return List.of(
        Endpoint.of("/", () -> new Answer(200, "text/html; charset=utf-8", landing))
            .readBy(null),
        new Endpoint("/v1/price", List.of("symbol", NUMBERS), this::price),
        new Endpoint(
            "/v1/bars",
            List.of("symbol", "interval", "from", "to", "limit", "exchange", "format", NUMBERS),
            this::bars),
        new Endpoint(
            "/v1/trades",
            List.of("symbol", "from_id", "from", "limit", "exchange", NUMBERS),
            this::trades),
        new Endpoint("/v1/sentiment", List.of("symbol", NUMBERS), this::sentiment),
        Endpoint.of("/v1/sources", () -> Answer.json(Lists.sources(desk.view()))),
        Endpoint.of(
            "/v1/instruments",
            List.of("source", "quote", "limit", "cursor"),
            p -> Answer.json(lists.instruments(p, desk.view()))),
        new Endpoint(
            "/v1/routes",
            List.of(),
            _ -> failingOver
                .routes()
                .map(streams -> Answer.json(Lists.routes(desk.view(), streams)))),
        Endpoint.of("/v1/gateways", () -> Answer.json(Lists.gateways(desk.view()))),
        Endpoint.of("/health", this::health),
        Endpoint.of("/health/live", this::live).readBy(null),
        Endpoint.of("/health/ready", () -> Answer.page(pages().ready())).readBy(null),
        Endpoint.of("/health/scheduler", () -> Answer.page(pages().scheduler())),
        Endpoint.of("/health/gateways", () -> Answer.page(pages().gateways())),
        new Endpoint("/metrics", List.of(), _ -> metrics()),
        Endpoint.of("/openapi.yaml", () -> new Answer(200, "application/yaml", openapi))
            .readBy(null),
        Endpoint.of("/asyncapi.yaml", () -> new Answer(200, "application/yaml", asyncapi))
            .readBy(null));
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
    Query.Bars query = new Query.Bars(
        symbol, p.interval(view), from, to, p.limit(BARS_USUAL, Query.Bars.MAX_LIMIT));
    boolean csv = p.csv();
    String named = p.text("exchange").orElse(null);
    if (named != null && (named.equals("all") || named.indexOf(',') >= 0)) {
      return barsOfEach(query, named, view, strings, csv);
    }
    Query.Bars asked = query.at(Exchanges.known(named, Query.Kind.BARS, view));
    return barTurns.take(
        asked.limit(),
        () -> onLoop(desk.ask(asked)).map(reply -> {
          HubView now = desk.view();
          BarAnswers answers = new BarAnswers(asked, now, strings);
          return csv
              ? new BarLines(asked, now, answers)
                  .one(reply, next -> "/v1/bars?" + p.with("from", next.toString()))
              : answers.one(reply);
        }));
  }

  /// Completes on the server's loop, whichever thread the desk completes on.
  private <T> Future<T> onLoop(Future<T> future) {
    Context loop = vertx.getOrCreateContext();
    Promise<T> promise = Promise.promise();
    future.onComplete(done -> loop.runOnContext(_ -> promise.handle(done)));
    return promise.future();
  }

  /// All exchanges are asked at once, and each answers for itself.
  private Future<Answer> barsOfEach(
      Query.Bars query, String named, HubView view, boolean strings, boolean csv) {
    List<String> known = Exchanges.ofBars(view);
    Set<String> wanted = new LinkedHashSet<>(known);
    List<String> unknown = new ArrayList<>();
    if (!named.equals("all")) {
      wanted.clear();
      for (String name : named.split(",", -1)) {
        String stripped = name.strip();
        if (known.contains(stripped)) {
          wanted.add(stripped);
        } else if (!unknown.contains(Parameters.shown(stripped)) && unknown.size() < 20) {
          unknown.add(Parameters.shown(stripped));
        }
      }
      if (wanted.isEmpty()) {
        Exchanges.known(unknown.getFirst(), Query.Kind.BARS, view);
      }
    }
    return barTurns.take(query.limit() * wanted.size(), () -> {
      SequencedMap<String, Future<Reply>> asked = new LinkedHashMap<>();
      wanted.forEach(exchange -> asked.put(exchange, desk.ask(query.at(exchange))));
      return onLoop(Future.join(List.copyOf(asked.values()))).map(_ -> {
        SequencedMap<String, Reply> replies = new LinkedHashMap<>();
        asked.forEach((exchange, reply) -> replies.put(exchange, reply.result()));
        HubView now = desk.view();
        BarAnswers answers = new BarAnswers(query, now, strings);
        return csv
            ? new BarLines(query, now, answers).each(replies, unknown)
            : answers.each(replies, unknown);
      });
    });
  }

  /// Ids of two exchanges have nothing in common: without a name they are those of the first on
  /// the route.
  private Future<Answer> trades(Parameters p) {
    HubView view = desk.view();
    Symbol symbol = p.symbol(p.required("symbol", "BTC/USDT"), view);
    boolean strings = p.decimalsAsStrings();
    String id = p.tradeId();
    Instant from = p.time("from");
    if (id != null && from != null) {
      throw Problem.badParameter("from_id and from must not both be given");
    }
    String exchange = Exchanges.known(p.text("exchange").orElse(null), Query.Kind.TRADES, view);
    if (exchange == null && id != null) {
      exchange = Exchanges.of(Query.Kind.TRADES, view).stream().findFirst().orElse(null);
    }
    Query.Trades query =
        new Query.Trades(symbol, id, from, p.limit(TRADES_USUAL, Query.Trades.MAX_LIMIT), exchange);
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
