package dev.everfeed.hub.api;

import dev.everfeed.core.engine.Failover;
import dev.everfeed.core.model.Symbol;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// `/v1/failovers` and what operators do to gateways. Runs on the server's event loop.
final class FailingOver {
  static final int USUAL = 100;
  static final int MAX = 1_000;
  private static final String EXAMPLE = "1763769600000-4";
  private static final Pattern ID = Pattern.compile("(\\d{1,18})-(\\d{1,18})");

  private final Vertx vertx;
  private final Desk desk;

  FailingOver(Vertx vertx, Desk desk) {
    this.vertx = vertx;
    this.desk = desk;
  }

  List<Endpoint> endpoints() {
    List<Endpoint> all = new ArrayList<>();
    all.add(Endpoint.of(
            "/v1/failovers",
            List.of("gateway", "symbol", "result", "kind", "limit", "cursor"),
            p -> Answer.json(list(p)))
        .with(HttpMethod.POST, Endpoint.Action.later(true, (_, body) -> move(body))));
    all.add(Endpoint.action(
        "/v1/failovers/back",
        HttpMethod.POST,
        Endpoint.Action.later(true, (_, body) -> back(body))));
    all.add(Endpoint.of("/v1/failovers/summary", () -> Answer.json(summary())));
    all.add(Endpoint.of("/v1/failovers/{id}", List.of(), p -> Answer.json(one(p))));
    all.add(order("start", List.of(), (it, id, _) -> it.start(id)));
    all.add(order("stop", List.of("force"), (it, id, body) -> it.stop(id, body.isTrue("force"))));
    all.add(order("restart", List.of(), (it, id, _) -> it.restart(id)));
    return all;
  }

  // ---- what was

  private FailoverHistory history() {
    return desk.failovers().map(Failovers::history).orElse(FailoverHistory.NONE);
  }

  private String list(Parameters p) {
    Optional<String> gateway = p.text("gateway");
    Optional<String> symbol = p.text("symbol");
    gateway.ifPresent(id -> known(id, 400));
    symbol.ifPresent(name -> symbol(name, 404));
    Optional<Failover.Result> result =
        word(p, "result", Failover.Result.values(), Failover.Result::text);
    Optional<Failover.Kind> kind = word(p, "kind", Failover.Kind.values(), Failover.Kind::text);
    int limit = p.limit(USUAL, MAX);
    Stream<FailoverView> all = history().newest().stream();
    Optional<String> cursor = p.text("cursor");
    if (cursor.isPresent()) {
      Matcher id = ID.matcher(cursor.get());
      if (!id.matches()) {
        throw Problem.badParameter("cursor must be the next_cursor of an earlier answer, was \"%s\""
            .formatted(Parameters.shown(cursor.get())));
      }
      long epoch = Long.parseLong(id.group(1));
      long before = Long.parseLong(id.group(2));
      all = all.filter(
          each -> each.epoch() < epoch || (each.epoch() == epoch && each.number() < before));
    }
    List<FailoverView> found = all.filter(each ->
            gateway.map(id -> id.equals(each.from()) || id.equals(each.to())).orElse(true))
        .filter(each -> symbol.map(each::isOf).orElse(true))
        .filter(each -> result.map(each.result()::equals).orElse(true))
        .filter(each -> kind.map(each.kind()::equals).orElse(true))
        .limit(limit + 1L)
        .toList();
    JsonText json = new JsonText().open().key("failovers").openList();
    found.stream().limit(limit).forEach(each -> each.write(json, false));
    return json.closeList()
        .field("next_cursor", found.size() > limit ? found.get(limit - 1).id() : null)
        .close()
        .toString();
  }

  private static <E> Optional<E> word(
      Parameters p, String name, E[] values, Function<E, String> text) {
    return p.text(name)
        .map(word -> Arrays.stream(values)
            .filter(value -> text.apply(value).equals(word))
            .findFirst()
            .orElseThrow(() -> Problem.badParameter("%s must be one of %s, was \"%s\""
                .formatted(
                    name,
                    Arrays.stream(values).map(text).collect(Collectors.joining(", ")),
                    Parameters.shown(word)))));
  }

  private String one(Parameters p) {
    String id = p.required("id", EXAMPLE);
    FailoverView found = history()
        .find(id)
        .orElseThrow(() -> Problem.of(
            404,
            "unknown-failover",
            "The failover is not known",
            "no failover \"%s\" is known here; the last 1,000 are, until the hub is restarted"
                .formatted(Parameters.shown(id))));
    JsonText json = new JsonText();
    found.write(json, true);
    return json.toString();
  }

  private String summary() {
    FailoverHistory history = history();
    FailoverHistory.Counts counts = history.counts();
    JsonText json = new JsonText()
        .open()
        .field("since", desk.view().startedAt())
        .field(
            "total", counts.kinds().values().stream().mapToLong(Long::longValue).sum())
        .field("open", history.open().size())
        .key("results")
        .open();
    for (Failover.Result result : Failover.Result.values()) {
      if (result != Failover.Result.PENDING) {
        json.field(result.text(), counts.results().getOrDefault(result, 0L));
      }
    }
    json.close().key("kinds").open();
    for (Failover.Kind kind : Failover.Kind.values()) {
      json.field(kind.text(), counts.kinds().getOrDefault(kind, 0L));
    }
    json.close()
        .field("contracts_moved", counts.moved())
        .field("ticks_lost", counts.lost())
        .field("unproved", counts.unproved());
    List<FailoverView> moved = history.newest().stream()
        .filter(each -> each.isOver() && each.switchNanos() >= 0)
        .toList();
    spread(
        json,
        "detection_ms",
        moved.stream()
            .filter(each -> each.kind() == Failover.Kind.FAIL_OVER)
            .mapToLong(FailoverView::detectionNanos)
            .toArray());
    spread(
        json, "switch_ms", moved.stream().mapToLong(FailoverView::switchNanos).toArray());
    json.key("gateways").openList();
    for (FailoverHistory.OfGateway each : counts.gateways()) {
      json.open()
          .field("gateway", each.gateway())
          .field("left", each.left())
          .field("taken", each.taken())
          .field("contracts_moved_away", each.contracts())
          .field("convictions", each.convictions())
          .close();
    }
    return json.closeList().close().toString();
  }

  /// Exact, of all that are given.
  private static void spread(JsonText json, String name, long[] nanos) {
    Arrays.sort(nanos);
    json.key(name).open().field("count", nanos.length);
    FailoverView.millis(json, "p50", rank(nanos, 0.50));
    FailoverView.millis(json, "p99", rank(nanos, 0.99));
    FailoverView.millis(json, "max", rank(nanos, 1));
    json.close();
  }

  /// The nearest rank; -1 of nothing.
  private static long rank(long[] sorted, double share) {
    return sorted.length == 0 ? -1 : sorted[(int) Math.ceil(share * sorted.length) - 1];
  }

  // ---- where symbols are

  /// With `/v1/routes`: of the streams.
  Future<List<StreamRouteView>> routes() {
    return desk.failovers().map(Failovers::routes).orElse(Future.succeededFuture(List.of()));
  }

  // ---- what operators do

  Failovers failovers() {
    return desk.failovers()
        .orElseThrow(() -> Problem.of(
            503,
            "nothing-is-streamed",
            "Nothing is streamed",
            "this hub has no source that it listens to"));
  }

  private Future<Answer> move(Buffer body) {
    JsonOrder order = JsonOrder.read(body, List.of("symbols", "from", "to", "dry_run"));
    Failovers failovers = failovers();
    String to = gateway(order, "to");
    Failovers.Move move = move(order, to);
    if (to != null && to.equals(move.from())) {
      throw JsonOrder.wrong("to must be another gateway than from, was \"%s\"".formatted(to));
    }
    return moved(move, failovers.move(move));
  }

  private Future<Answer> back(Buffer body) {
    JsonOrder order = JsonOrder.read(body, List.of("symbols", "from", "dry_run"));
    Failovers failovers = failovers();
    Failovers.Move move = move(order, null);
    return moved(move, failovers.back(move));
  }

  private Failovers.Move move(JsonOrder order, @Nullable String to) {
    List<Symbol> symbols = symbols(order);
    String from = gateway(order, "from");
    if (symbols.isEmpty() == (from == null)) {
      throw JsonOrder.wrong(
          "either symbols or from is required, as in \"symbols\": [\"BTC/USDT\"], or \"from\": \"binance\"");
    }
    return new Failovers.Move(symbols, from, to, order.isTrue("dry_run"));
  }

  /// Each once, as streamed.
  List<Symbol> symbols(JsonOrder order) {
    Set<Symbol> symbols = new LinkedHashSet<>();
    order.texts("symbols").forEach(name -> symbols.add(symbol(name, 400)));
    return List.copyOf(symbols);
  }

  private Future<Answer> moved(Failovers.Move order, Future<Failovers.Moved> ordered) {
    return answered(order.dryRun() ? 200 : 202, ordered, moved -> {
      JsonText json = new JsonText()
          .open()
          .field("dry_run", order.dryRun())
          .key("failovers")
          .openList();
      moved.failovers().forEach(each -> each.write(json, true));
      json.closeList().key("would_move").openList();
      for (Failovers.Would each : moved.would()) {
        json.open()
            .field("symbol", each.symbol())
            .field("gateway", each.from())
            .field("to", each.to())
            .field("same_content", each.sameContent())
            .field("connected", each.connected())
            .close();
      }
      stays(json.closeList(), moved.stayed());
      return json.close().toString();
    });
  }

  private @Nullable String gateway(JsonOrder order, String field) {
    String id = order.text(field);
    return id == null ? null : known(id, 400);
  }

  private Symbol symbol(String name, int status) {
    List<Symbol> known = desk.failovers().map(Failovers::symbols).orElse(List.of());
    return known.stream()
        .filter(symbol -> symbol.text().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown(
            status,
            "unknown-symbol",
            "The symbol is not streamed",
            "symbol \"%s\" is not streamed; streamed: %s",
            name,
            known.stream().map(Symbol::text).toList()));
  }

  private String known(String id, int status) {
    List<String> known = desk.failovers().map(Failovers::gateways).orElse(List.of());
    if (!known.contains(id)) {
      throw unknown(
          status,
          "unknown-gateway",
          "The gateway is not known",
          "gateway \"%s\" is none that is listened to; these are: %s",
          id,
          known);
    }
    return id;
  }

  private static Problem unknown(
      int status, String type, String title, String detail, String name, List<String> known) {
    List<String> shown = known.stream().limit(Parameters.SHOWN).toList();
    return Problem.listing(
        status,
        type,
        title,
        detail.formatted(
            Parameters.shown(name), shown.isEmpty() ? "none" : String.join(", ", shown)),
        shown,
        known.size());
  }

  private interface Order {
    Future<Failovers.Switched> give(Failovers failovers, String gateway, JsonOrder body);
  }

  private Endpoint order(String verb, List<String> fields, Order order) {
    return Endpoint.action(
        "/v1/gateways/{id}/" + verb, HttpMethod.POST, Endpoint.Action.later(true, (p, body) -> {
          JsonOrder read = JsonOrder.readOrEmpty(body, fields);
          Failovers failovers = failovers();
          String id = known(p.required("id", "binance"), 404);
          return answered(202, order.give(failovers, id, read), switched -> {
            HubView view = desk.view();
            JsonText json = new JsonText().open().key("gateway");
            StreamView gateway = switched.gateway();
            HealthPages.gateway(json, gateway, GatewayHealth.of(gateway), view);
            json.key("failovers").openList();
            switched.failovers().forEach(each -> each.write(json, true));
            return json.closeList().close().toString();
          });
        }));
  }

  <T> Future<Answer> answered(int status, Future<T> ordered, Function<T, String> text) {
    Context loop = vertx.getOrCreateContext();
    Promise<Answer> promise = Promise.promise();
    ordered.onComplete(done -> loop.runOnContext(_ -> {
      if (done.succeeded()) {
        promise.complete(new Answer(status, Answer.JSON, Buffer.buffer(text.apply(done.result()))));
      } else if (done.cause() instanceof OrderRefused refused) {
        promise.fail(Problem.impossible(String.valueOf(refused.getMessage()), refused.stays()));
      } else {
        promise.fail(done.cause());
      }
    }));
    return promise.future();
  }

  static void stays(JsonText json, Collection<Failovers.Stay> stays) {
    json.key("stayed").openList();
    for (Failovers.Stay stay : stays) {
      json.open()
          .field("symbol", stay.symbol())
          .field("gateway", stay.at())
          .field("reason", stay.reason())
          .key("possible")
          .openList();
      stay.possible().forEach(json::value);
      json.closeList().close();
    }
    json.closeList();
  }
}
