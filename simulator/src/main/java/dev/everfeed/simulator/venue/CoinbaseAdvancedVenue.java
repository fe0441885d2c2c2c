package dev.everfeed.simulator.venue;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/// Coinbase Advanced Trade, its public twins (wire/SPEC.md section 3): the markets of Coinbase
/// Exchange, told with other words. Candles need `start` and `end` in seconds, both inclusive,
/// and their span must be shorter than 350 of them; everything is text; newest first. What is
/// not under `/market` needs a key and is refused.
final class CoinbaseAdvancedVenue implements Venue {
  static final int MOST_CANDLES = 350;

  private static final String BASE = "/api/v3/brokerage";
  private static final PriceMarks PRICES =
      PriceMarks.of("price", "best_bid", "best_ask", "open", "high", "low", "close");
  private static final Map<String, BarGrid> GRANULARITIES = Map.of(
      "ONE_MINUTE", BarGrid.of(60),
      "FIVE_MINUTE", BarGrid.of(300),
      "FIFTEEN_MINUTE", BarGrid.of(900),
      "THIRTY_MINUTE", BarGrid.of(1_800),
      "ONE_HOUR", BarGrid.of(3_600),
      "TWO_HOUR", BarGrid.of(7_200),
      "SIX_HOUR", BarGrid.of(21_600),
      "ONE_DAY", BarGrid.of(86_400));
  private static final int MOST_TRADES = 1_000;
  private static final int REQUESTS_PER_SECOND = 10;

  private final Map<String, ExchangeBook> books = new LinkedHashMap<>();
  private final BurstLimit limit;

  /// @param limited whether requests are counted
  CoinbaseAdvancedVenue(ExchangeMarket market, boolean limited) {
    market.books().forEach(book -> books.put(CoinbaseText.product(book.listing()), book));
    this.limit = new BurstLimit(limited ? REQUESTS_PER_SECOND : 0, REQUESTS_PER_SECOND);
  }

  @Override
  public String name() {
    return "coinbase_advanced";
  }

  @Override
  public boolean isProbe(String path) {
    return path.equals(BASE + "/time");
  }

  @Override
  public PriceMarks prices() {
    return PRICES;
  }

  @Override
  public long weightUsed(Instant now) {
    return limit.used(now);
  }

  @Override
  public Answer tooOften(int status, OptionalLong retryAfterSeconds, Instant now) {
    Answer answer = error(status, "RESOURCE_EXHAUSTED", "too many requests");
    return retryAfterSeconds.isPresent()
        ? answer.with("Retry-After", Long.toString(retryAfterSeconds.getAsLong()))
        : answer;
  }

  @Override
  public Answer broken(int status) {
    return status == 500
        ? error(500, "INTERNAL", "internal server error")
        : Answer.html(status, "<html><body><h1>%d</h1></body></html>".formatted(status));
  }

  @Override
  public Answer answer(Ask ask, Instant now, Instant dataTime) {
    if (!limit.take(now)) {
      return tooOften(429, OptionalLong.empty(), now);
    }
    long millis = dataTime.toEpochMilli();
    if (ask.path().equals(BASE + "/time")) {
      return time(dataTime);
    }
    if (!ask.path().startsWith(BASE + "/market/products")) {
      return ask.path().startsWith(BASE + "/")
          ? Answer.html(401, "Unauthorized")
          : Answer.html(404, "<html><body><h1>404 Not Found</h1></body></html>");
    }
    String[] parts = ask.path().substring((BASE + "/market/products").length()).split("/", -1);
    try {
      if (parts.length == 1 && parts[0].isEmpty()) {
        return products(millis);
      }
      ExchangeBook book = parts.length < 2 ? null : books.get(parts[1]);
      if (book == null) {
        return error(404, "NOT_FOUND", "valid product_id is required");
      }
      return switch (parts.length == 2 ? "" : parts.length == 3 ? parts[2] : "?") {
        case "" -> Answer.json(200, CoinbaseText.advancedProduct(new JsonText(), book, millis));
        case "candles" -> candles(book, ask, millis);
        case "ticker" -> ticker(book, ask, millis);
        default -> Answer.html(404, "<html><body><h1>404 Not Found</h1></body></html>");
      };
    } catch (Refused refused) {
      return refused.answer();
    }
  }

  private static Answer time(Instant now) {
    return Answer.json(
        200,
        new JsonText()
            .object()
            .text("iso", Instant.ofEpochSecond(now.getEpochSecond()).toString())
            .text("epochSeconds", Long.toString(now.getEpochSecond()))
            .text("epochMillis", Long.toString(now.toEpochMilli()))
            .endObject());
  }

  private Answer products(long now) {
    var out = new JsonText().object().name("products").array();
    books.values().forEach(book -> CoinbaseText.advancedProduct(out, book, now));
    return Answer.json(200, out.endArray().number("num_products", books.size()).endObject());
  }

  private static Answer candles(ExchangeBook book, Ask ask, long now) throws Refused {
    BarGrid grid = GRANULARITIES.get(ask.parameter("granularity").orElse(""));
    if (grid == null) {
      throw new Refused(invalid("granularity"));
    }
    long from = required(ask, "start");
    long to = required(ask, "end");
    long count = ask.whole("limit", CoinbaseAdvancedVenue::invalid).orElse(MOST_CANDLES);
    if (from > to || count < 1 || count > MOST_CANDLES) {
      throw new Refused(invalid(from > to ? "start and end" : "limit"));
    }
    if ((to - from) / (grid.seconds() * 1_000) >= MOST_CANDLES) {
      throw new Refused(
          invalid("start and end", " - number of candles requested should be less than 350 "));
    }
    var out = new JsonText().object().name("candles").array();
    for (Candle bar : book.newest(grid, from, to, (int) count, now)) {
      out.object()
          .text("start", Long.toString(bar.openMillis() / 1_000))
          .text("low", JsonText.plain(bar.low()))
          .text("high", JsonText.plain(bar.high()))
          .text("open", JsonText.plain(bar.open()))
          .text("close", JsonText.plain(bar.close()))
          .text("volume", JsonText.plain(bar.volume()))
          .endObject();
    }
    return Answer.json(200, out.endArray().endObject());
  }

  /// The newest trades, or those from `start` to `end` in seconds, newest first.
  private static Answer ticker(ExchangeBook book, Ask ask, long now) throws Refused {
    int digits = book.listing().decimals();
    long count = ask.whole("limit", CoinbaseAdvancedVenue::invalid).orElse(100);
    if (count < 1 || count > MOST_TRADES) {
      throw new Refused(invalid("limit"));
    }
    long from = ask.get("start") == null ? 0 : required(ask, "start");
    long until = ask.get("end") == null ? now : Math.min(now, required(ask, "end"));
    Print last = book.lastTrade(now);
    ExchangeBook.Best best = book.best(last);
    var out = new JsonText().object().name("trades").array();
    for (Print print : book.tradesBelow(Long.MAX_VALUE, (int) count, until)) {
      if (print.timeMillis() >= from) {
        out.object()
            .text("trade_id", Long.toString(print.id()))
            .text("product_id", CoinbaseText.product(book.listing()))
            .text("price", JsonText.fixed(print.price(), digits))
            .text("size", JsonText.plain(print.size()))
            .text("time", CoinbaseText.micros(print))
            .text("side", print.buyerIsMaker() ? "BUY" : "SELL")
            .text("bid", "")
            .text("ask", "")
            .text("exchange", "coinbase")
            .endObject();
      }
    }
    return Answer.json(
        200,
        out.endArray()
            .text("best_bid", JsonText.fixed(best.bid(), digits))
            .text("best_ask", JsonText.fixed(best.ask(), digits))
            .endObject());
  }

  private static long required(Ask ask, String name) throws Refused {
    long seconds = ask.whole(name, CoinbaseAdvancedVenue::invalid)
        .orElseThrow(() -> new Refused(invalid(name)));
    if (seconds > 253_402_300_799L) {
      throw new Refused(invalid(name));
    }
    return seconds * 1_000;
  }

  private static Answer invalid(String parameter) {
    return invalid(parameter, "");
  }

  private static Answer invalid(String parameter, String why) {
    return error(400, "INVALID_ARGUMENT", parameter + " argument is invalid" + why);
  }

  private static Answer error(int status, String code, String details) {
    return Answer.json(
        status,
        new JsonText()
            .object()
            .text("error", code)
            .text("error_details", details)
            .text("message", details)
            .endObject());
  }
}
