package dev.everfeed.simulator.venue;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// OKX v5, public market data over REST (wire/SPEC.md section 5): newest first; `after` is the
/// page of older rows and `before` the newest page of newer ones, both exclusive; bars of six
/// hours and more begin with the day of Hong Kong (UTC+8) unless they end with `utc`.
///
/// `candles` reaches back 1440 bars (the venue's documentation); older ones are at
/// `history-candles`. Each path has its own limit for two seconds: 40 for candles, 20 for
/// others.
final class OkxVenue implements Venue {
  static final int REACH = 1_440;

  private static final String BASE = "/api/v5/";
  private static final PriceMarks PRICES = PriceMarks.of(
      "last", "askPx", "bidPx", "open24h", "high24h", "low24h", "sodUtc0", "sodUtc8", "px");
  static final Map<String, BarGrid> BARS = bars();

  private final Map<String, ExchangeBook> books = new LinkedHashMap<>();
  private final Map<String, WindowLimit> limits = new LinkedHashMap<>();

  /// @param limited whether requests are counted
  OkxVenue(ExchangeMarket market, boolean limited) {
    market.books().forEach(book -> books.put(OkxText.instId(book.listing()), book));
    for (String path : List.of(
        "public/time",
        "public/instruments",
        "system/status",
        "market/candles",
        "market/history-candles",
        "market/ticker",
        "market/tickers",
        "market/trades",
        "market/history-trades")) {
      int most = path.equals("market/candles") ? 40 : 20;
      limits.put(BASE + path, new WindowLimit(limited ? most : 0, Duration.ofSeconds(2)));
    }
  }

  private static Map<String, BarGrid> bars() {
    Map<String, BarGrid> bars = new LinkedHashMap<>();
    bars.put("1m", BarGrid.of(60));
    bars.put("3m", BarGrid.of(180));
    bars.put("5m", BarGrid.of(300));
    bars.put("15m", BarGrid.of(900));
    bars.put("30m", BarGrid.of(1_800));
    bars.put("1H", BarGrid.of(3_600));
    bars.put("2H", BarGrid.of(7_200));
    bars.put("4H", BarGrid.of(14_400));
    Map<String, BarGrid> zoned = new LinkedHashMap<>();
    zoned.put("6H", BarGrid.of(21_600));
    zoned.put("12H", BarGrid.of(43_200));
    zoned.put("1D", BarGrid.of(86_400));
    zoned.put("2D", BarGrid.of(172_800));
    zoned.put("3D", BarGrid.of(259_200));
    zoned.put("1W", BarGrid.weeks());
    zoned.put("1M", BarGrid.months(1));
    zoned.put("3M", BarGrid.months(3));
    zoned.forEach((name, grid) -> {
      bars.put(name, grid.aheadBy(8));
      bars.put(name + "utc", grid);
    });
    return bars;
  }

  @Override
  public String name() {
    return "okx";
  }

  @Override
  public boolean isProbe(String path) {
    return path.equals(BASE + "public/time") || path.equals(BASE + "system/status");
  }

  @Override
  public PriceMarks prices() {
    return PRICES;
  }

  @Override
  public long weightUsed(Instant now) {
    return limits.values().stream().mapToLong(limit -> limit.used(now)).sum();
  }

  @Override
  public Answer tooOften(int status, OptionalLong retryAfterSeconds, Instant now) {
    Answer answer = Answer.json(
        status,
        new JsonText()
            .object()
            .text("msg", "Too Many Requests")
            .text("code", "50011")
            .endObject());
    return retryAfterSeconds.isPresent()
        ? answer.with("Retry-After", Long.toString(retryAfterSeconds.getAsLong()))
        : answer;
  }

  @Override
  public Answer broken(int status) {
    return switch (status) {
      case 500 -> error(500, "50026", "System error. Try again later.");
      case 503 -> error(503, "50001", "Service temporarily unavailable. Try again later.");
      default -> Answer.html(status, "<html><body><h1>%d</h1></body></html>".formatted(status));
    };
  }

  @Override
  public Answer answer(Ask ask, Instant now, Instant dataTime) {
    WindowLimit limit = limits.get(ask.path());
    if (limit == null) {
      return error(404, "404", "Not Found");
    }
    if (!limit.take(1, now)) {
      return tooOften(429, OptionalLong.empty(), now);
    }
    long millis = dataTime.toEpochMilli();
    try {
      return switch (ask.path().substring(BASE.length())) {
        case "public/time" ->
          data(out -> out.object().text("ts", Long.toString(millis)).endObject());
        case "system/status" -> data(_ -> {});
        case "public/instruments" -> instruments(ask);
        case "market/candles" -> candles(ask, millis, 300, REACH);
        case "market/history-candles" -> candles(ask, millis, 100, Integer.MAX_VALUE);
        case "market/ticker" -> {
          ExchangeBook book = book(ask);
          yield data(out -> OkxText.ticker(out, book, millis));
        }
        case "market/tickers" -> {
          spot(ask);
          yield data(out -> books.values().forEach(book -> OkxText.ticker(out, book, millis)));
        }
        case "market/trades" -> {
          ExchangeBook book = book(ask);
          yield trades(book, book.tradesBelow(Long.MAX_VALUE, limit(ask, 100, 500), millis));
        }
        default -> historyTrades(ask, millis);
      };
    } catch (Refused refused) {
      return refused.answer();
    }
  }

  private Answer instruments(Ask ask) throws Refused {
    spot(ask);
    if (ask.get("instId") != null) {
      ExchangeBook book = book(ask);
      return data(out -> OkxText.instrument(out, book.listing()));
    }
    return data(out -> books.values().forEach(book -> OkxText.instrument(out, book.listing())));
  }

  private Answer candles(Ask ask, long now, int most, int reach) throws Refused {
    ExchangeBook book = book(ask);
    BarGrid grid = BARS.get(ask.parameter("bar").orElse("1m"));
    if (grid == null) {
      throw new Refused(wrong("bar"));
    }
    int limit = limit(ask, 100, most);
    long below = ask.whole("after", OkxVenue::wrong).orElse(Long.MAX_VALUE);
    long above = ask.whole("before", OkxVenue::wrong).orElse(Long.MIN_VALUE);
    long oldest = Long.MIN_VALUE;
    if (reach < Integer.MAX_VALUE) {
      // Months are taken for 31 days: 1440 of them reach back beyond the listing.
      long step = grid.seconds() > 0 ? grid.seconds() * 1_000 : grid.months() * 2_678_400_000L;
      oldest = grid.open(now) - (reach - 1) * step;
    }
    List<Candle> bars = below <= above
        ? List.of()
        : book.newest(
            grid,
            Math.max(oldest, above == Long.MIN_VALUE ? above : above + 1),
            below == Long.MAX_VALUE ? now : below - 1,
            limit,
            now);
    return data(out -> bars.forEach(bar -> OkxText.bar(out, bar, now)));
  }

  /// By trade id, or with type 2 by time.
  private Answer historyTrades(Ask ask, long now) throws Refused {
    ExchangeBook book = book(ask);
    int limit = limit(ask, 100, 100);
    String type = ask.parameter("type").orElse("1");
    if (!type.equals("1") && !type.equals("2")) {
      throw new Refused(wrong("type"));
    }
    OptionalLong after = ask.whole("after", OkxVenue::wrong);
    long above = ask.whole("before", OkxVenue::wrong).orElse(-1);
    long below = after.orElse(Long.MAX_VALUE);
    if (type.equals("2") && after.isPresent()) {
      below = book.firstIdFrom(Math.min(now + 1, below));
    }
    List<Print> page = book.tradesBelow(below, limit, now).stream()
        .filter(print -> (type.equals("1") ? print.id() : print.timeMillis()) > above)
        .toList();
    return trades(book, page);
  }

  private static Answer trades(ExchangeBook book, List<Print> page) {
    return data(out -> page.forEach(print -> OkxText.trade(out, book.listing(), print)));
  }

  private ExchangeBook book(Ask ask) throws Refused {
    String name = ask.parameter("instId").orElse("");
    if (name.isEmpty()) {
      throw new Refused(empty("instId"));
    }
    ExchangeBook book = books.get(name);
    if (book == null) {
      throw new Refused(
          error(200, "51001", "Instrument ID, Instrument ID code, or Spread ID doesn't exist."));
    }
    return book;
  }

  private static void spot(Ask ask) throws Refused {
    String type = ask.parameter("instType").orElse("");
    if (type.isEmpty()) {
      throw new Refused(empty("instType"));
    }
    if (!type.equals("SPOT")) {
      throw new Refused(wrong("instType"));
    }
  }

  private static int limit(Ask ask, int otherwise, int most) throws Refused {
    long limit = ask.whole("limit", OkxVenue::wrong).orElse(otherwise);
    if (limit < 1 || limit > most) {
      throw new Refused(wrong("limit"));
    }
    return (int) limit;
  }

  private static Answer data(Consumer<JsonText> rows) {
    var out =
        new JsonText().object().text("code", "0").text("msg", "").name("data").array();
    rows.accept(out);
    return Answer.json(200, out.endArray().endObject());
  }

  private static Answer empty(String parameter) {
    return error(400, "50014", "Parameter %s can not be empty.".formatted(parameter));
  }

  private static Answer wrong(String parameter) {
    return error(400, "51000", "Parameter %s error".formatted(parameter));
  }

  private static Answer error(int status, String code, String message) {
    return Answer.json(
        status,
        new JsonText()
            .object()
            .text("code", code)
            .text("msg", message)
            .raw("data", "[]")
            .endObject());
  }
}
