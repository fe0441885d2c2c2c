package dev.everfeed.hub.api;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.verdict.Evidence;
import dev.everfeed.core.verdict.VerdictRule;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// `/v1/verdict`: may a program trade on what is known of a symbol? Of what is published the
/// tick loop judges, 250 ms ago at most; of another symbol its latest price, which is asked for.
/// Runs on the server's event loop.
final class Judging {
  private final Desk desk;
  private final LongSupplier nanos;

  Judging(Desk desk, LongSupplier nanos) {
    this.desk = desk;
    this.nanos = nanos;
  }

  List<Endpoint> endpoints() {
    return List.of(new Endpoint(
        "/v1/verdict",
        List.of("symbol"),
        p -> p.text("symbol").map(text -> one(p.symbol(text, desk.view()))).orElseGet(this::all)));
  }

  private Future<Answer> all() {
    JsonText json = new JsonText().open().key("verdicts").openList();
    desk.verdicts().bySymbol().values().forEach(view -> write(json, view));
    return Future.succeededFuture(Answer.json(json.closeList().close().toString()));
  }

  private Future<Answer> one(Symbol symbol) {
    VerdictView published = desk.verdicts().bySymbol().get(symbol.text());
    return published != null
        ? Future.succeededFuture(answer(published))
        : desk.ask(Query.Prices.of(symbol)).map(reply -> answer(of(symbol, reply)));
  }

  private Answer answer(VerdictView view) {
    JsonText json = new JsonText();
    write(json, view);
    return Answer.json(json.toString());
  }

  /// What was not judged for longer than it is good says nothing any more, except that the hub
  /// hangs.
  private void write(JsonText json, VerdictView view) {
    VerdictRule rule = desk.verdictRule();
    HubView now = desk.view();
    long since = nanos.getAsLong() - view.atNanos();
    long left = rule.policy().validForNanos() - since;
    (left > 0 ? view : view.with(rule.late(since)))
        .write(
            json,
            now.clock().at(view.atNanos()),
            now.clock().at(view.atNanos() + rule.policy().validForNanos()),
            left);
  }

  private VerdictView of(Symbol symbol, Reply reply) {
    VerdictRule rule = desk.verdictRule();
    if (!(reply instanceof Reply.Value value)) {
      String why = reply instanceof Reply.Unavailable nobody ? nobody.message() : null;
      return new VerdictView(
          symbol.text(),
          rule.nothing(why),
          nanos.getAsLong(),
          null,
          false,
          null,
          ValueStatus.STALE,
          Evidence.NEVER,
          0);
    }
    Evidence seen = new Evidence(
        desk.view().playback() != null,
        value.status(),
        value.ageNanos(),
        1,
        false,
        0,
        null,
        standIn(symbol, value.served()));
    return new VerdictView(
        symbol.text(),
        rule.of(seen),
        nanos.getAsLong(),
        null,
        false,
        value.served().source().name(),
        value.status(),
        value.ageNanos(),
        1);
  }

  private static @Nullable String standIn(Symbol asked, Served served) {
    for (Event event : served.events()) {
      boolean ofAsked = event instanceof Event.Price price
          ? price.symbol().equals(asked) && price.exchange() != null
          : event instanceof Event.Quote quote
              && quote.symbol().equals(asked)
              && quote.exchange() != null;
      if (ofAsked) {
        return null;
      }
    }
    return served.equivalent()
        ? served.source() + " gave an equivalent"
        : served.source() + " averages several exchanges";
  }
}
