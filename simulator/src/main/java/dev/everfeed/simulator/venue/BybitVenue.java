package dev.everfeed.simulator.venue;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// Bybit v5, public market data over REST (wire/SPEC.md section 6): refusals come with HTTP 200
/// and a `retCode`; newest first; without `category` a kline is that of the perpetual contract,
/// whose price is another. A limit beyond the page is taken as the page. More than 600 requests
/// in five seconds are answered with HTTP 403.
///
/// Simulated are the category `spot`, and klines of `linear`.
final class BybitVenue implements Venue {
  private static final String BASE = "/v5/market/";
  private static final PriceMarks PRICES = PriceMarks.of(
      "bid1Price",
      "ask1Price",
      "lastPrice",
      "prevPrice24h",
      "highPrice24h",
      "lowPrice24h",
      "usdIndexPrice",
      "price");
  private static final int MOST_BARS = 1_000;
  private static final int MOST_TRADES = 60;
  private static final int REQUESTS = 600;

  private final Map<String, ExchangeBook> spot = new LinkedHashMap<>();
  private final Map<String, ExchangeBook> linear = new LinkedHashMap<>();
  private final WindowLimit limit;

  /// @param limited whether requests are counted
  BybitVenue(ExchangeMarket spot, ExchangeMarket linear, boolean limited) {
    spot.books().forEach(book -> this.spot.put(book.listing().venueSymbol(), book));
    linear.books().forEach(book -> this.linear.put(book.listing().venueSymbol(), book));
    this.limit = new WindowLimit(limited ? REQUESTS : 0, Duration.ofSeconds(5));
  }

  @Override
  public String name() {
    return "bybit";
  }

  @Override
  public boolean isProbe(String path) {
    return path.equals(BASE + "time");
  }

  @Override
  public PriceMarks prices() {
    return PRICES;
  }

  @Override
  public long weightUsed(Instant now) {
    return limit.used(now);
  }

  /// With HTTP 403, and without a word about when to come back.
  @Override
  public Answer tooOften(int status, OptionalLong retryAfterSeconds, Instant now) {
    return Answer.html(403, "access too frequent");
  }

  @Override
  public Answer broken(int status) {
    return status == 500
        ? Answer.json(
            200, "{\"retCode\":10016,\"retMsg\":\"Server error.\",\"result\":{},\"retExtInfo\":{}}")
        : Answer.html(status, "<html><body><h1>%d</h1></body></html>".formatted(status));
  }

  @Override
  public Answer answer(Ask ask, Instant now, Instant dataTime) {
    if (!limit.take(1, now)) {
      return tooOften(403, OptionalLong.empty(), now);
    }
    long millis = dataTime.toEpochMilli();
    String path = ask.path().startsWith(BASE) ? ask.path().substring(BASE.length()) : "";
    try {
      return switch (path) {
        case "time" -> time(dataTime);
        case "kline" -> klines(ask, millis);
        case "tickers" -> list(ask, millis, (out, book) -> BybitText.ticker(out, book, millis));
        case "instruments-info" ->
          list(ask, millis, (out, book) -> BybitText.instrument(out, book.listing()));
        case "recent-trade" -> trades(ask, millis);
        default -> Answer.html(404, "<html><body><h1>404 Not Found</h1></body></html>");
      };
    } catch (Refused refused) {
      return refused.answer();
    }
  }

  private static Answer time(Instant now) {
    long nanos = now.getEpochSecond() * 1_000_000_000 + now.getNano();
    return ok(
        now.toEpochMilli(),
        out -> out.text("timeSecond", Long.toString(now.getEpochSecond()))
            .text("timeNano", Long.toString(nanos)));
  }

  /// From `start` on if only that is given, else the newest up to `end`; both inclusive.
  private Answer klines(Ask ask, long now) throws Refused {
    String category = ask.parameter("category").orElse("linear");
    if (!category.equals("spot") && !category.equals("linear")) {
      throw new Refused(params("category", now));
    }
    ExchangeBook book = book(category.equals("spot") ? spot : linear, ask, now);
    BarGrid grid = grid(ask, now);
    int count = limit(ask, 200, MOST_BARS, now);
    OptionalLong start = ask.whole("start", name -> params(name, now));
    OptionalLong end = ask.whole("end", name -> params(name, now));
    List<Candle> bars = start.isPresent() && end.isEmpty()
        ? book.oldest(grid, start.getAsLong(), now, count, now).reversed()
        : book.newest(grid, start.orElse(Long.MIN_VALUE), end.orElse(now), count, now);
    return ok(now, out -> {
      out.text("category", category).text("symbol", book.listing().venueSymbol());
      out.name("list").array();
      bars.forEach(bar -> BybitText.bar(out, bar));
      out.endArray();
    });
  }

  private static BarGrid grid(Ask ask, long now) throws Refused {
    return grid(ask.parameter("interval").orElse(""))
        .orElseThrow(() -> new Refused(error(10001, "Invalid period!", now)));
  }

  /// Empty for an interval that the venue does not have.
  static Optional<BarGrid> grid(String interval) {
    return switch (interval) {
      case "1", "3", "5", "15", "30", "60", "120", "240", "360", "720" ->
        Optional.of(BarGrid.of(60 * Long.parseLong(interval)));
      case "D" -> Optional.of(BarGrid.of(86_400));
      case "W" -> Optional.of(BarGrid.weeks());
      case "M" -> Optional.of(BarGrid.months(1));
      default -> Optional.empty();
    };
  }

  private interface Element {
    void write(JsonText out, ExchangeBook book);
  }

  /// One symbol, or all of the category without pages.
  private Answer list(Ask ask, long now, Element element) throws Refused {
    requireSpot(ask, now);
    List<ExchangeBook> chosen =
        ask.get("symbol") == null ? List.copyOf(spot.values()) : List.of(book(spot, ask, now));
    return ok(now, out -> {
      out.text("category", "spot").name("list").array();
      chosen.forEach(book -> element.write(out, book));
      out.endArray();
    });
  }

  private Answer trades(Ask ask, long now) throws Refused {
    requireSpot(ask, now);
    ExchangeBook book = book(spot, ask, now);
    List<Print> page =
        book.tradesBelow(Long.MAX_VALUE, limit(ask, MOST_TRADES, MOST_TRADES, now), now);
    return ok(now, out -> {
      out.text("category", "spot").name("list").array();
      page.forEach(print -> BybitText.trade(out, book.listing(), print));
      out.endArray();
    });
  }

  private static void requireSpot(Ask ask, long now) throws Refused {
    if (!ask.parameter("category").orElse("").equals("spot")) {
      throw new Refused(params("category", now));
    }
  }

  private static ExchangeBook book(Map<String, ExchangeBook> books, Ask ask, long now)
      throws Refused {
    String symbol = ask.parameter("symbol").orElse("");
    ExchangeBook book = books.get(symbol);
    if (book == null) {
      throw new Refused(
          symbol.isEmpty() ? params("symbol", now) : error(10001, "Not supported symbols", now));
    }
    return book;
  }

  private static int limit(Ask ask, int otherwise, int most, long now) throws Refused {
    long limit = ask.whole("limit", name -> params(name, now)).orElse(otherwise);
    if (limit < 1) {
      throw new Refused(params("limit", now));
    }
    return (int) Math.min(limit, most);
  }

  private static Answer ok(long now, Consumer<JsonText> result) {
    var out = new JsonText().object().number("retCode", 0).text("retMsg", "OK");
    out.name("result").object();
    result.accept(out);
    out.endObject().raw("retExtInfo", "{}").number("time", now);
    return Answer.json(200, out.endObject());
  }

  private static Answer params(String name, long now) {
    return error(10001, "params error: %s invalid".formatted(name), now);
  }

  private static Answer error(int code, String message, long now) {
    return Answer.json(
        200,
        new JsonText()
            .object()
            .number("retCode", code)
            .text("retMsg", message)
            .raw("result", "{}")
            .raw("retExtInfo", "{}")
            .number("time", now)
            .endObject());
  }
}
