package dev.everfeed.hub.api;

import dev.everfeed.core.model.Interval;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.Arrays;
import java.util.List;

/// `/v1/backfills`: orders in, how far they are out. Runs on the server's event loop.
///
final class Backfilling {
  private static final List<String> FIELDS =
      List.of("symbol", "interval", "from", "to", "exchange", "again");

  private final Desk desk;

  Backfilling(Desk desk) {
    this.desk = desk;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.of("/v1/backfills", () -> Answer.json(list()))
            .with(HttpMethod.POST, Endpoint.Action.now(true, (_, body) -> order(body))),
        Endpoint.of("/v1/backfills/{id}", List.of(), p -> Answer.json(one(p).json()))
            .with(HttpMethod.DELETE, Endpoint.Action.now(false, (p, _) -> cancel(p))));
  }

  private String list() {
    JsonText json = new JsonText().open().key("backfills").openList();
    desk.backfills().map(Backfiller::all).orElse(List.of()).forEach(each -> each.write(json));
    return json.closeList().close().toString();
  }

  private BackfillView one(Parameters p) {
    String id = p.required("id", "1f0c22aa");
    return desk.backfills().flatMap(known -> known.find(id)).orElseThrow(() -> unknown(id));
  }

  private Answer cancel(Parameters p) {
    String id = p.required("id", "1f0c22aa");
    BackfillView view =
        desk.backfills().flatMap(known -> known.cancel(id)).orElseThrow(() -> unknown(id));
    return new Answer(202, Answer.JSON, Buffer.buffer(view.json()));
  }

  private static Problem unknown(String id) {
    return Problem.of(
        404,
        "unknown-backfill",
        "The backfill is not known",
        "no backfill \"%s\" is known here; the last ones are, until the hub is restarted"
            .formatted(Parameters.shown(id)));
  }

  private Answer order(Buffer body) {
    BackfillOrder order = read(body);
    Backfiller backfills = desk.backfills()
        .orElseThrow(() -> Problem.of(
            409,
            "nothing-is-kept",
            "This hub keeps nothing",
            "a backfill fills the store, and store.enabled is false"));
    try {
      Backfiller.Started started = backfills.start(order);
      return new Answer(
          started.joined() ? 200 : 202,
          Answer.JSON,
          Buffer.buffer(started.backfill().json()));
    } catch (BackfillRefused e) {
      String why = String.valueOf(e.getMessage());
      throw switch (e.reason()) {
        case MISTAKEN -> Problem.of(400, "invalid-order", "The order is wrong", why);
        case BUSY -> Problem.of(429, "too-many-backfills", "Enough is under way", why);
        case IMPOSSIBLE -> Problem.of(503, "stopping", "The hub is stopping", why);
      };
    }
  }

  private static BackfillOrder read(Buffer body) {
    JsonOrder order = JsonOrder.read(body, FIELDS);
    String interval = order.required("interval", "1m");
    if (Interval.parse(interval).isEmpty()) {
      List<String> valid = Arrays.stream(Interval.values()).map(Interval::text).toList();
      throw Problem.listing(
          400,
          "unknown-interval",
          "The interval is not known",
          "interval \"%s\" is none; there are %s"
              .formatted(Parameters.shown(interval), String.join(", ", valid)),
          valid,
          valid.size());
    }
    try {
      return BackfillOrder.parse(
          order.required("symbol", "BTC/USDT"),
          interval,
          order.required("from", "2024-01-01"),
          order.text("to"),
          order.text("exchange"),
          order.isTrue("again"));
    } catch (IllegalArgumentException e) {
      throw JsonOrder.wrong(String.valueOf(e.getMessage()));
    }
  }
}
