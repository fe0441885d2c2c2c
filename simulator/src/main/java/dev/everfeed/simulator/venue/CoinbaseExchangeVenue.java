package dev.everfeed.simulator.venue;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Coinbase Exchange, market data over REST (wire/SPEC.md section 2): time, products, candles
/// with the low before the high and newest first, ticker, trades with the maker's side and
/// cursors in headers, stats.
///
/// A span of candles longer than 300 granularities is refused; one of exactly 300 has 301 rows,
/// because both ends count (measured by several users of the venue). The row that `start` falls
/// into comes too, and sometimes one before it. Without a span: the newest 300.
final class CoinbaseExchangeVenue implements Venue {
  static final int MOST_CANDLES = 300;

  private static final PriceMarks PRICES =
      PriceMarks.of("price", "bid", "ask", "open", "high", "low", "last");
  private static final List<Long> GRANULARITIES =
      List.of(60L, 300L, 900L, 3_600L, 21_600L, 86_400L);
  private static final int MOST_TRADES = 1_000;
  private static final int REQUESTS_PER_SECOND = 10;

  private final Map<String, ExchangeBook> books = new LinkedHashMap<>();
  private final BurstLimit limit;

  /// @param limited whether requests are counted
  CoinbaseExchangeVenue(ExchangeMarket market, boolean limited) {
    market.books().forEach(book -> books.put(CoinbaseText.product(book.listing()), book));
    this.limit = new BurstLimit(limited ? REQUESTS_PER_SECOND : 0, REQUESTS_PER_SECOND);
  }

  @Override
  public String name() {
    return "coinbase_exchange";
  }

  @Override
  public boolean isProbe(String path) {
    return path.equals("/time");
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
    Answer answer = message(status, "Public rate limit exceeded");
    return retryAfterSeconds.isPresent()
        ? answer.with("Retry-After", Long.toString(retryAfterSeconds.getAsLong()))
        : answer;
  }

  @Override
  public Answer broken(int status) {
    return status == 500
        ? message(500, "Internal server error")
        : Answer.html(status, "<html><body><h1>%d</h1></body></html>".formatted(status));
  }

  @Override
  public Answer answer(Ask ask, Instant now, Instant dataTime) {
    if (!limit.take(now)) {
      return tooOften(429, OptionalLong.empty(), now);
    }
    String[] parts = ask.path().split("/", -1);
    try {
      if (ask.path().equals("/time")) {
        return time(dataTime);
      }
      if (parts.length < 2 || parts.length > 4 || !parts[1].equals("products")) {
        return message(404, "Route not found");
      }
      if (parts.length == 2) {
        return products();
      }
      ExchangeBook book = books.get(parts[2]);
      if (book == null) {
        return message(404, "NotFound");
      }
      long millis = dataTime.toEpochMilli();
      return switch (parts.length == 3 ? "" : parts[3]) {
        case "" -> Answer.json(200, CoinbaseText.exchangeProduct(new JsonText(), book.listing()));
        case "candles" -> candles(book, ask, millis);
        case "ticker" -> ticker(book, millis);
        case "trades" -> trades(book, ask, millis);
        case "stats" -> stats(book, millis);
        default -> message(404, "Route not found");
      };
    } catch (Refused refused) {
      return refused.answer();
    }
  }

  private static Answer time(Instant now) {
    long millis = now.toEpochMilli();
    return Answer.json(
        200,
        new JsonText()
            .object()
            .text("iso", CoinbaseText.millis(millis))
            .raw("epoch", "%d.%03d".formatted(millis / 1_000, millis % 1_000))
            .endObject());
  }

  private Answer products() {
    var out = new JsonText().array();
    books.values().forEach(book -> CoinbaseText.exchangeProduct(out, book.listing()));
    return Answer.json(200, out.endArray());
  }

  private static Answer candles(ExchangeBook book, Ask ask, long now) throws Refused {
    long granularity = ask.whole("granularity", CoinbaseExchangeVenue::invalid).orElse(60);
    if (!GRANULARITIES.contains(granularity)) {
      throw new Refused(message(400, "Unsupported granularity"));
    }
    BarGrid grid = BarGrid.of(granularity);
    String start = ask.get("start");
    String end = ask.get("end");
    List<Candle> bars;
    if (start == null || end == null) {
      // One without the other is ignored.
      bars = book.newest(grid, Long.MIN_VALUE, now, MOST_CANDLES, now);
    } else {
      long from = moment("start", start);
      long to = moment("end", end);
      if (from > to) {
        throw new Refused(message(400, "start must be before end"));
      }
      if ((to - from) / (granularity * 1_000) > MOST_CANDLES) {
        throw new Refused(message(
            400,
            "granularity too small for the requested time range. Count of aggregations"
                + " requested exceeds 300"));
      }
      long first = grid.open(from);
      boolean oneMore = (Noise.hash(first, granularity) & 1) == 0;
      bars = book.newest(grid, oneMore ? grid.open(first - 1) : first, to, Integer.MAX_VALUE, now);
    }
    var out = new JsonText().array();
    for (Candle bar : bars) {
      out.array().number(bar.openMillis() / 1_000);
      for (long price : new long[] {bar.low(), bar.high(), bar.open(), bar.close()}) {
        out.raw(JsonText.plain(price));
      }
      out.raw(JsonText.plain(bar.volume())).endArray();
    }
    return Answer.json(200, out.endArray());
  }

  /// ISO 8601, or seconds since the epoch.
  private static long moment(String name, String text) throws Refused {
    if (text.matches("[0-9]{1,11}")) {
      return Long.parseLong(text) * 1_000;
    }
    try {
      // Without a zone it is UTC; a plus sign that nobody encoded has become a blank.
      String zoned = text.matches(".*T[^+-]*[0-9]") ? text + "Z" : text.replace(' ', '+');
      return DateTimeFormatter.ISO_DATE_TIME.parse(zoned, Instant::from).toEpochMilli();
    } catch (DateTimeParseException | ArithmeticException notATime) {
      throw new Refused(invalid(name));
    }
  }

  private static Answer ticker(ExchangeBook book, long now) {
    int digits = book.listing().decimals();
    Print last = book.lastTrade(now);
    ExchangeBook.Best best = book.best(last);
    return Answer.json(
        200,
        new JsonText()
            .object()
            .number("trade_id", last.id())
            .text("price", JsonText.fixed(last.price(), digits))
            .text("size", JsonText.fixed(last.size(), 8))
            .text("bid", JsonText.fixed(best.bid(), digits))
            .text("ask", JsonText.fixed(best.ask(), digits))
            .text("volume", JsonText.fixed(book.day(now).volume(), 8))
            .text("time", CoinbaseText.micros(last))
            .endObject());
  }

  private static Answer stats(ExchangeBook book, long now) {
    int digits = book.listing().decimals();
    Candle day = book.day(now);
    return Answer.json(
        200,
        new JsonText()
            .object()
            .text("open", JsonText.fixed(day.open(), digits))
            .text("high", JsonText.fixed(day.high(), digits))
            .text("low", JsonText.fixed(day.low(), digits))
            .text("last", JsonText.fixed(day.close(), digits))
            .text("volume", JsonText.fixed(day.volume(), 8))
            .endObject());
  }

  /// `after` an id is the page of older trades, `before` an id the newest page of newer ones;
  /// the headers CB-BEFORE and CB-AFTER have the first and the last id of the page.
  private static Answer trades(ExchangeBook book, Ask ask, long now) throws Refused {
    long count = ask.whole("limit", CoinbaseExchangeVenue::invalid).orElse(MOST_TRADES);
    if (count < 1 || count > MOST_TRADES) {
      throw new Refused(invalid("limit"));
    }
    long below = ask.whole("after", CoinbaseExchangeVenue::invalid).orElse(Long.MAX_VALUE);
    long above = ask.whole("before", CoinbaseExchangeVenue::invalid).orElse(-1);
    List<Print> page = book.tradesBelow(below, (int) count, now).stream()
        .filter(print -> print.id() > above)
        .toList();
    int digits = book.listing().decimals();
    var out = new JsonText().array();
    for (Print print : page) {
      out.object()
          .number("trade_id", print.id())
          .text("side", print.buyerIsMaker() ? "buy" : "sell")
          .text("size", JsonText.fixed(print.size(), 8))
          .text("price", JsonText.fixed(print.price(), digits))
          .text("time", CoinbaseText.micros(print))
          .endObject();
    }
    Answer answer = Answer.json(200, out.endArray());
    return page.isEmpty()
        ? answer
        : answer
            .with("CB-BEFORE", Long.toString(page.getFirst().id()))
            .with("CB-AFTER", Long.toString(page.getLast().id()));
  }

  private static Answer invalid(String parameter) {
    return message(400, "Invalid " + parameter);
  }

  private static Answer message(int status, String message) {
    return Answer.json(status, new JsonText().object().text("message", message).endObject());
  }
}
