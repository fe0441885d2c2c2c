package dev.everfeed.hub.api;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.request.Tried;
import dev.everfeed.hub.source.Content;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Replies of the hub as the JSON of `/v1/price`, `/v1/trades` and `/v1/sentiment`.
final class Values {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private Values() {}

  static String price(Symbol asked, Reply reply, HubView view, boolean strings) {
    Reply.Value value = valueOf(reply, "prices of " + asked);
    Served served = value.served();
    Event.Price price = pick(served, Event.Price.class, asked, Event.Price::symbol);
    Event.Quote quote = pick(served, Event.Quote.class, asked, Event.Quote::symbol);
    if (price == null && quote == null) {
      throw new IllegalStateException(
          "%s answered the price of %s with neither a price nor a quote: %s"
              .formatted(served.source(), asked, served.events()));
    }
    Symbol symbol =
        price != null ? price.symbol() : Objects.requireNonNull(quote).symbol();
    String exchange =
        price != null ? price.exchange() : Objects.requireNonNull(quote).exchange();
    Instant time = price != null ? price.time() : null;
    if (time == null && quote != null) {
      time = quote.time();
    }
    JsonText json = new JsonText(strings)
        .open()
        .field("symbol", symbol.text())
        .field("equivalent_of", symbol.equals(asked) ? null : asked.text())
        .field("price", price == null ? null : price.price())
        .field("bid", quote == null ? null : quote.bid())
        .field("ask", quote == null ? null : quote.ask())
        .field("bid_size", quote == null ? null : quote.bidSize())
        .field("ask_size", quote == null ? null : quote.askSize());
    origin(json, served.source(), exchange, view)
        .field("status", value.status().text())
        .field("age_ms", value.ageNanos() / NANOS_PER_MILLI)
        .field("time", time)
        .field("received_at", view.clock().at(served.receivedAtNanos()));
    return tried(json, value.tried()).close().toString();
  }

  static JsonText origin(JsonText json, SourceId source, @Nullable String exchange, HubView view) {
    String content = view.source(source)
        .map(SourceView::content)
        .orElse(exchange == null ? Content.AGGREGATE : Content.EXCHANGE)
        .text();
    return json.field("source", source.name())
        .field("exchange", exchange)
        .field("gateway", source.name())
        .field("content", content);
  }

  /// The event of the asked symbol; of an equivalent, the one with the same base.
  private static <E extends Event> @Nullable E pick(
      Served served, Class<E> form, Symbol asked, java.util.function.Function<E, Symbol> symbolOf) {
    List<E> events =
        served.events().stream().filter(form::isInstance).map(form::cast).toList();
    Optional<E> exact =
        events.stream().filter(e -> symbolOf.apply(e).equals(asked)).findFirst();
    if (exact.isPresent() || !served.equivalent()) {
      return exact.orElse(null);
    }
    return events.stream()
        .filter(e -> symbolOf.apply(e).base().equals(asked.base()))
        .findFirst()
        .orElse(null);
  }

  static String trades(Query.Trades asked, Reply reply, HubView view, boolean strings) {
    Reply.Value value = valueOf(reply, "trades of " + asked.symbol());
    Served served = value.served();
    List<Event.Trade> trades = served.events().stream()
        .filter(Event.Trade.class::isInstance)
        .map(Event.Trade.class::cast)
        .toList();
    String exchange = trades.isEmpty()
        ? view.source(served.source()).map(SourceView::exchange).orElse(null)
        : trades.getFirst().exchange();
    JsonText json = new JsonText(strings).open().field("symbol", asked.symbol().text());
    origin(json, served.source(), exchange, view)
        .field("status", value.status().text())
        .field("age_ms", value.ageNanos() / NANOS_PER_MILLI)
        .field("received_at", view.clock().at(served.receivedAtNanos()));
    tried(json, value.tried()).key("trades").openList();
    for (Event.Trade trade : trades) {
      json.open()
          .field("time", trade.time())
          .field("price", trade.price())
          .field("size", trade.size())
          .field("side", trade.side() == null ? null : trade.side().text())
          .field("trade_id", trade.tradeId())
          .close();
    }
    return json.closeList().close().toString();
  }

  static String sentiment(@Nullable Symbol asked, Reply reply, HubView view, boolean strings) {
    JsonText json = new JsonText(strings).open();
    Event.Sentiment mood = null;
    if (reply instanceof Reply.Value value) {
      mood = value.served().events().stream()
          .filter(Event.Sentiment.class::isInstance)
          .map(Event.Sentiment.class::cast)
          .findFirst()
          .orElse(null);
      if (mood != null) {
        Symbol symbol = mood.symbol();
        json.field("symbol", symbol == null ? null : symbol.text())
            .field("measure", mood.measure())
            .field("value", mood.value())
            .field("label", mood.label())
            .field("source", mood.source().name())
            .field("status", value.status().text())
            .field("age_ms", value.ageNanos() / NANOS_PER_MILLI)
            .field("time", mood.time())
            .field("received_at", view.clock().at(value.served().receivedAtNanos()));
      }
    }
    if (mood == null) {
      json.field("symbol", asked == null ? null : asked.text())
          .fieldNull("measure")
          .fieldNull("value")
          .fieldNull("label")
          .fieldNull("source")
          .field("status", "unavailable")
          .fieldNull("age_ms")
          .fieldNull("time")
          .fieldNull("received_at");
    }
    return tried(json, reply.tried()).close().toString();
  }

  static JsonText tried(JsonText json, List<Tried> tried) {
    json.key("tried").openList();
    for (Tried t : tried) {
      json.open()
          .field("source", t.source().name())
          .field("kind", t.failure().kind().text())
          .field("message", t.failure().message())
          .close();
    }
    return json.closeList();
  }

  static Reply.Value valueOf(Reply reply, String what) {
    return switch (reply) {
      case Reply.Value value -> value;
      case Reply.Unavailable unavailable ->
        throw Problem.unavailable(
            "no provider has %s and nothing usable is remembered. %s"
                .formatted(what, unavailable.message()),
            unavailable.tried());
    };
  }
}
