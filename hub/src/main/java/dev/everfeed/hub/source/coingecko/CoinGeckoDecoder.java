package dev.everfeed.hub.source.coingecko;

import static dev.everfeed.hub.source.coingecko.IdTable.SOURCE;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Event.SourceStatus.Condition;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.JsonValue.Arr;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.UnsupportedQueryException;
import dev.everfeed.hub.source.WireDecoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// CoinGecko's answers.
///
/// They name coins by id. Which symbol that is follows from the symbols asked for; the one
/// symbol asked for overrides every table when the answer has one coin. Without any, the
/// tables' ticker is taken, and USD where the answer does not name its currency.
///
/// | kind | path | gives |
/// |---|---|---|
/// | rest_ticker | /coins/markets | prices |
/// | rest_price | /simple/price | prices |
/// | rest_bars | /coins/{id}/ohlc | bars; its stamp is the end of the bar |
/// | rest_coin | /coins/{id} | the share of votes up |
/// | rest_status | /ping, /key | online for a ping |
/// | rest_error | any | the error |
public final class CoinGeckoDecoder implements WireDecoder {
  private static final Set<String> KINDS = Collections.unmodifiableSet(new TreeSet<>(List.of(
      "rest_ticker",
      "rest_price",
      "rest_bars",
      "rest_coin",
      "rest_list",
      "rest_status",
      "rest_error")));

  /// Of the hundred fields of a coin and the thirty of a market, those that are read.
  private static final Set<String> COIN_FIELDS = Set.of(
      "id",
      "symbol",
      "current_price",
      "last_updated",
      "sentiment_votes_up_percentage",
      "status",
      "error",
      "error_code",
      "error_message");

  /// What quotes a price at CoinGecko (/simple/supported_vs_currencies), as far as we use it.
  static final Set<String> CURRENCIES = Set.of(
      "usd", "eur", "gbp", "jpy", "aud", "cad", "chf", "cny", "inr", "krw", "brl", "try", "uah",
      "rub", "ngn", "zar", "mxn", "sek", "nok", "dkk", "pln", "czk", "huf", "ils", "sgd", "hkd",
      "twd", "thb", "idr", "php", "vnd", "myr", "nzd", "aed", "sar", "btc", "eth", "bnb", "xrp",
      "ltc", "bch", "xlm", "link", "dot", "eos", "yfi", "sol");

  /// What is read of a coin in the list; error bodies are objects and read whole.
  private static final Set<String> LIST_FIELDS = Set.of("id", "symbol");

  private final IdTable ids;

  public CoinGeckoDecoder() {
    this(IdTable.of(Map.of()));
  }

  CoinGeckoDecoder(IdTable ids) {
    this.ids = ids;
  }

  @Override
  public Set<String> kinds() {
    return KINDS;
  }

  @Override
  public List<Event> decode(String kind, byte[] bytes, DecodeContext context) throws Undecodable {
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException(
          "coingecko: no kind \"%s\", there are %s".formatted(kind, String.join(" ", KINDS)));
    }
    JsonValue root = switch (kind) {
      case "rest_ticker", "rest_coin" -> JsonReader.read(bytes, COIN_FIELDS);
      case "rest_list" -> JsonReader.read(bytes, LIST_FIELDS);
      default -> JsonReader.read(bytes);
    };
    List<Event> events = new ArrayList<>();
    if (root instanceof Obj object && error(object, events)) {
      return events;
    }
    switch (kind) {
      case "rest_ticker" -> markets(root.asArray("the answer"), context, events);
      case "rest_price" -> prices(root.asObject("the answer"), context, events);
      case "rest_bars" -> bars(root.asArray("the answer"), context, events);
      case "rest_coin" -> votes(root.asObject("the answer"), context, events);
      case "rest_list" -> list(root.asArray("the list of coins"), events);
      case "rest_status" -> status(root.asObject("the answer"), events);
      default -> throw new Undecodable(root.offset(), "not an error that CoinGecko documents");
    }
    return events;
  }

  private void markets(Arr rows, DecodeContext context, List<Event> out) throws Undecodable {
    for (JsonValue row : rows.items()) {
      Obj coin = row.asObject("a coin");
      String id = coin.text("id");
      Decimal price = coin.get("current_price").asDecimalOrNull("\"current_price\"");
      JsonValue updated = coin.find("last_updated");
      Instant time = updated == null ? null : updated.asIso("\"last_updated\"");
      String ticker = ids.tickerOf(id).orElse(coin.text("symbol").toUpperCase(Locale.ROOT));
      List<Symbol> symbols = asked(id, context, rows.items().size() == 1);
      if (symbols.isEmpty()) {
        String quote =
            context.symbol() == null ? "USD" : context.symbol().quote().orElse("USD");
        symbols = List.of(symbol(coin, ticker + "/" + quote));
      }
      for (Symbol symbol : symbols) {
        add(symbol, price, time, out);
      }
    }
  }

  /// `{"bitcoin":{"usd":77671,"last_updated_at":1784243620}}`
  private void prices(Obj root, DecodeContext context, List<Event> out) throws Undecodable {
    for (Map.Entry<String, JsonValue> entry : root.fields().entrySet()) {
      String id = entry.getKey();
      Obj coin = entry.getValue().asObject("the prices of \"" + id + "\"");
      JsonValue updated = coin.find("last_updated_at");
      Instant time = updated == null ? null : updated.asEpochSeconds("\"last_updated_at\"");
      List<Symbol> symbols = asked(id, context, root.fields().size() == 1);
      if (symbols.isEmpty()) {
        symbols = named(id, coin);
      }
      for (Symbol symbol : symbols) {
        String currency = symbol.quote().orElse("USD").toLowerCase(Locale.ROOT);
        add(symbol, coin.get(currency).asDecimalOrNull("\"" + currency + "\""), time, out);
      }
    }
  }

  /// A symbol for each currency that the prices of one coin are in.
  private List<Symbol> named(String id, Obj coin) throws Undecodable {
    String ticker = ids.tickerOf(id)
        .orElseThrow(() -> new Undecodable(
            coin.offset(), "\"" + id + "\" is in no table of ids: say which symbol it is"));
    List<Symbol> symbols = new ArrayList<>();
    for (String field : coin.fields().keySet()) {
      if (CURRENCIES.contains(field)) {
        symbols.add(symbol(coin, ticker + "/" + field.toUpperCase(Locale.ROOT)));
      }
    }
    if (symbols.isEmpty()) {
      throw new Undecodable(coin.offset(), "\"" + id + "\" has no price in a known currency");
    }
    return symbols;
  }

  /// The symbols asked for that are this coin; empty when nothing was asked that could tell.
  private List<Symbol> asked(String id, DecodeContext context, boolean only) {
    if (context.symbol() != null && only) {
      return List.of(context.symbol());
    }
    List<Symbol> symbols = new ArrayList<>();
    for (Symbol candidate : context.batch()) {
      try {
        if (ids.idOf(candidate).equals(id)) {
          symbols.add(candidate);
        }
      } catch (UnsupportedQueryException e) {
        // then it was not asked for under an id, and cannot be this coin
      }
    }
    return symbols;
  }

  /// `[end, open, high, low, close]`, no volume.
  private static void bars(Arr rows, DecodeContext context, List<Event> out) throws Undecodable {
    Symbol symbol = context.symbol();
    Interval interval = context.interval();
    if (symbol == null || interval == null) {
      throw new IllegalArgumentException(
          "coingecko rest_bars does not say of what it is: give a symbol and an interval");
    }
    for (JsonValue item : rows.items()) {
      Arr row = item.asArray("a bar");
      out.add(new Event.Bar(
          symbol,
          null,
          SOURCE,
          interval,
          row.at(0, "the time").asEpoch("the time").minus(interval.duration()),
          row.at(1, "the open").asDecimal("the open"),
          row.at(2, "the high").asDecimal("the high"),
          row.at(3, "the low").asDecimal("the low"),
          row.at(4, "the close").asDecimal("the close"),
          null,
          null));
    }
  }

  private void votes(Obj coin, DecodeContext context, List<Event> out) throws Undecodable {
    String id = coin.text("id");
    Decimal up = coin.get("sentiment_votes_up_percentage")
        .asDecimalOrNull("\"sentiment_votes_up_percentage\"");
    JsonValue updated = coin.find("last_updated");
    Instant time = updated == null ? null : updated.asIso("\"last_updated\"");
    Symbol symbol = context.symbol();
    if (symbol == null) {
      String ticker = ids.tickerOf(id).orElse(coin.text("symbol").toUpperCase(Locale.ROOT));
      symbol = symbol(coin, ticker + "/USD");
    }
    if (up != null) {
      out.add(new Event.Sentiment(SOURCE, "votes_up", symbol, up, null, time));
    }
  }

  private static void status(Obj root, List<Event> out) throws Undecodable {
    if (root.has("gecko_says")) {
      root.text("gecko_says");
      out.add(new Event.SourceStatus(SOURCE, Condition.ONLINE));
    } else if (!root.has("plan")) {
      throw new Undecodable(root.offset(), "\"gecko_says\" is missing");
    }
  }

  /// `{"id":"bitcoin","symbol":"btc",…}`. A ticker that cannot be written as a symbol is passed
  /// over: some coins have blanks or quotes in theirs.
  private static void list(JsonValue.Arr coins, List<Event> out) throws Undecodable {
    for (JsonValue item : coins.items()) {
      Obj coin = item.asObject("a coin");
      String id = coin.text("id");
      String ticker = coin.textOrNull("symbol");
      Symbol symbol = ticker == null ? null : symbolOrNull(ticker.toUpperCase(Locale.ROOT));
      if (ticker != null && symbol != null) {
        out.add(new Event.Listing(
            symbol,
            null,
            SOURCE,
            id,
            ticker.toUpperCase(Locale.ROOT),
            "USD",
            Event.Listing.Trading.OTHER));
      }
    }
  }

  private static @Nullable Symbol symbolOrNull(String ticker) {
    try {
      return Symbol.of(ticker, "USD");
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /// `{"status":{"error_code":429,"error_message":"…"}}`, the same without `status`, within
  /// `error`, or `{"error":"coin not found"}`. A coin has the id `status`, so only an error
  /// code makes it one.
  private static boolean error(Obj root, List<Event> out) throws Undecodable {
    if (root.find("error") instanceof JsonValue.Text text) {
      out.add(new Event.ProviderError(SOURCE, null, text.text()));
      return true;
    }
    Obj outer = root.find("error") instanceof Obj inside ? inside : root;
    Obj status = outer.find("status") instanceof Obj inside ? inside : outer;
    JsonValue code = status.find("error_code");
    if (code == null) {
      return false;
    }
    String message = status.textOrNull("error_message");
    out.add(new Event.ProviderError(
        SOURCE, code.asDecimal("\"error_code\"").toString(), message == null ? "" : message));
    return true;
  }

  private static void add(
      Symbol symbol, @Nullable Decimal price, @Nullable Instant time, List<Event> out) {
    if (price != null) {
      out.add(new Event.Price(symbol, null, SOURCE, price, time));
    }
  }

  private static Symbol symbol(JsonValue at, String text) throws Undecodable {
    try {
      return Symbol.of(text);
    } catch (IllegalArgumentException e) {
      throw new Undecodable(at.offset(), String.valueOf(e.getMessage()));
    }
  }
}
