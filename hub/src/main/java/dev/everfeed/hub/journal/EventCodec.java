package dev.everfeed.hub.journal;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The events inside entries: one byte for the form, then its components in order.
final class EventCodec {
  private static final int TRADE = 1;
  private static final int QUOTE = 2;
  private static final int PRICE = 3;
  private static final int BAR = 4;
  private static final int LISTING = 5;
  private static final int SERVER_TIME = 6;
  private static final int SOURCE_STATUS = 7;
  private static final int ACK = 8;
  private static final int HEARTBEAT = 9;
  private static final int PROVIDER_ERROR = 10;
  private static final int SENTIMENT = 11;

  private static final int KNOWN_MAX = 1_024;

  /// Sources and symbols are few and come again and again.
  private final Map<String, SourceId> sources = new HashMap<>();

  private final Map<String, Symbol> symbols = new HashMap<>();

  static void write(Event event, Encoder out) {
    switch (event) {
      case Event.Trade trade -> {
        out.oneByte(TRADE);
        what(trade.symbol(), trade.exchange(), trade.source(), out);
        out.decimal(trade.price());
        out.decimal(trade.size());
        Side side = trade.side();
        out.optionalText(side == null ? null : side.text());
        out.optionalText(trade.tradeId());
        out.optionalInstant(trade.time());
      }
      case Event.Quote quote -> {
        out.oneByte(QUOTE);
        what(quote.symbol(), quote.exchange(), quote.source(), out);
        out.optionalDecimal(quote.bid());
        out.optionalDecimal(quote.bidSize());
        out.optionalDecimal(quote.ask());
        out.optionalDecimal(quote.askSize());
        out.optionalInstant(quote.time());
      }
      case Event.Price price -> {
        out.oneByte(PRICE);
        what(price.symbol(), price.exchange(), price.source(), out);
        out.decimal(price.price());
        out.optionalInstant(price.time());
      }
      case Event.Bar bar -> {
        out.oneByte(BAR);
        what(bar.symbol(), bar.exchange(), bar.source(), out);
        write(bar, out);
      }
      case Event.Listing listing -> {
        out.oneByte(LISTING);
        what(listing.symbol(), listing.exchange(), listing.source(), out);
        out.text(listing.nativeName());
        out.text(listing.base());
        out.text(listing.quote());
        // empty for unknown, where version 1 always had a word
        out.text(listing.status() == null ? "" : listing.status().text());
      }
      case Event.ServerTime time -> {
        out.oneByte(SERVER_TIME);
        out.text(time.source().name());
        out.instant(time.time());
      }
      case Event.SourceStatus status -> {
        out.oneByte(SOURCE_STATUS);
        out.text(status.source().name());
        out.text(status.status().text());
      }
      case Event.Ack ack -> {
        out.oneByte(ACK);
        out.text(ack.source().name());
        out.oneByte(ack.ok() ? 1 : 0);
        out.optionalText(ack.nativeName());
      }
      case Event.Heartbeat heartbeat -> {
        out.oneByte(HEARTBEAT);
        out.text(heartbeat.source().name());
      }
      case Event.ProviderError error -> {
        out.oneByte(PROVIDER_ERROR);
        out.text(error.source().name());
        out.optionalText(error.code());
        out.text(error.message());
      }
      case Event.Sentiment sentiment -> {
        out.oneByte(SENTIMENT);
        out.text(sentiment.source().name());
        out.text(sentiment.measure());
        Symbol symbol = sentiment.symbol();
        out.optionalText(symbol == null ? null : symbol.text());
        out.decimal(sentiment.value());
        out.optionalText(sentiment.label());
        out.optionalInstant(sentiment.time());
      }
    }
  }

  private static void what(Symbol symbol, @Nullable String exchange, SourceId source, Encoder out) {
    out.text(symbol.text());
    out.optionalText(exchange);
    out.text(source.name());
  }

  private static void write(Event.Bar bar, Encoder out) {
    out.text(bar.interval().text());
    out.instant(bar.time());
    out.decimal(bar.open());
    out.decimal(bar.high());
    out.decimal(bar.low());
    out.decimal(bar.close());
    out.optionalDecimal(bar.volume());
    Boolean complete = bar.complete();
    out.oneByte(complete == null ? 0 : 1);
    if (complete != null) {
      out.oneByte(complete ? 1 : 0);
    }
  }

  Event read(Decoder in) throws EntryUndecodableException {
    int form = in.oneByte();
    return switch (form) {
      case TRADE, QUOTE, PRICE, BAR, LISTING -> ofSymbol(form, in);
      case SERVER_TIME -> new Event.ServerTime(source(in), in.instant());
      case SOURCE_STATUS ->
        new Event.SourceStatus(
            source(in),
            named(
                Event.SourceStatus.Condition.values(),
                Event.SourceStatus.Condition::text,
                in.text()));
      case ACK -> new Event.Ack(source(in), in.isThere(), in.optionalText());
      case HEARTBEAT -> new Event.Heartbeat(source(in));
      case PROVIDER_ERROR -> new Event.ProviderError(source(in), in.optionalText(), in.text());
      case SENTIMENT -> {
        SourceId source = source(in);
        String measure = in.text();
        String symbol = in.optionalText();
        yield new Event.Sentiment(
            source,
            measure,
            symbol == null ? null : symbol(symbol),
            in.decimal(),
            in.optionalText(),
            in.optionalInstant());
      }
      default ->
        throw new EntryUndecodableException(
            "entries of version %d have no event of form %d".formatted(EntryCodec.VERSION, form));
    };
  }

  private Event ofSymbol(int form, Decoder in) throws EntryUndecodableException {
    Symbol symbol = symbol(in.text());
    String exchange = in.optionalText();
    SourceId source = source(in);
    return switch (form) {
      case TRADE ->
        new Event.Trade(
            symbol,
            exchange,
            source,
            in.decimal(),
            in.decimal(),
            side(in.optionalText()),
            in.optionalText(),
            in.optionalInstant());
      case QUOTE ->
        new Event.Quote(
            symbol,
            exchange,
            source,
            in.optionalDecimal(),
            in.optionalDecimal(),
            in.optionalDecimal(),
            in.optionalDecimal(),
            in.optionalInstant());
      case PRICE -> new Event.Price(symbol, exchange, source, in.decimal(), in.optionalInstant());
      case BAR -> bar(symbol, exchange, source, in);
      default ->
        new Event.Listing(
            symbol, exchange, source, in.text(), in.text(), in.text(), trading(in.text()));
    };
  }

  private static Event.Bar bar(
      Symbol symbol, @Nullable String exchange, SourceId source, Decoder in)
      throws EntryUndecodableException {
    Interval interval = named(Interval.values(), Interval::text, in.text());
    Instant time = in.instant();
    return new Event.Bar(
        symbol,
        exchange,
        source,
        interval,
        time,
        in.decimal(),
        in.decimal(),
        in.decimal(),
        in.decimal(),
        in.optionalDecimal(),
        in.isThere() ? (Boolean) in.isThere() : null);
  }

  private static Event.Listing.@Nullable Trading trading(String text)
      throws EntryUndecodableException {
    return text.isEmpty()
        ? null
        : named(Event.Listing.Trading.values(), Event.Listing.Trading::text, text);
  }

  private static @Nullable Side side(@Nullable String text) throws EntryUndecodableException {
    return text == null ? null : named(Side.values(), Side::text, text);
  }

  static <T> T named(T[] values, Function<T, String> text, String wanted)
      throws EntryUndecodableException {
    for (T value : values) {
      if (text.apply(value).equals(wanted)) {
        return value;
      }
    }
    throw new EntryUndecodableException(
        "%s has no \"%s\"".formatted(values[0].getClass().getSimpleName(), wanted));
  }

  @Nullable
  SourceId optionalSource(Decoder in) throws EntryUndecodableException {
    return in.isThere() ? source(in) : null;
  }

  private SourceId source(Decoder in) throws EntryUndecodableException {
    String name = in.text();
    SourceId known = sources.get(name);
    if (known == null) {
      known = new SourceId(name);
      if (sources.size() < KNOWN_MAX) {
        sources.put(name, known);
      }
    }
    return known;
  }

  Symbol symbol(String text) {
    Symbol known = symbols.get(text);
    if (known == null) {
      known = Symbol.of(text);
      if (symbols.size() < KNOWN_MAX) {
        symbols.put(text, known);
      }
    }
    return known;
  }
}
