package dev.everfeed.simulator.venue;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// Kraken spot, public REST (wire/SPEC.md section 4): every answer is an envelope with HTTP 200,
/// refusals and limits too. OHLC tells of the newest 720 intervals, whatever `since` says, with
/// the unfinished one always last; `since` is exclusive, in seconds there and in nanoseconds for
/// trades. Weeks begin on Thursday, as days since the epoch do (not checked with the venue).
///
/// The counter of requests falls by one a second and stands at 20 at most.
final class KrakenVenue implements Venue {
  static final int MOST_BARS = 720;

  private static final String BASE = "/0/public/";
  private static final PriceMarks PRICES =
      new PriceMarks(Set.of("o"), Map.of("a", 1, "b", 1, "c", 1, "p", 2, "l", 2, "h", 2), 5, true);
  static final List<Long> MINUTES = List.of(1L, 5L, 15L, 30L, 60L, 240L, 1_440L, 10_080L, 21_600L);
  private static final int MOST_TRADES = 1_000;
  private static final int BURST = 20;
  private static final DateTimeFormatter RFC_1123 = DateTimeFormatter.ofPattern(
          "EEE, dd MMM yy HH:mm:ss Z", Locale.ROOT)
      .withZone(ZoneOffset.UTC);

  private final List<ExchangeBook> books;
  private final Map<String, ExchangeBook> byName = new LinkedHashMap<>();
  private final BurstLimit limit;

  /// @param limited whether requests are counted
  KrakenVenue(ExchangeMarket market, boolean limited) {
    this.books = market.books();
    for (ExchangeBook book : books) {
      byName.put(KrakenText.key(book.listing()), book);
      byName.put(KrakenText.altName(book.listing()), book);
      byName.put(KrakenText.wsName(book.listing()), book);
    }
    this.limit = new BurstLimit(limited ? BURST : 0, 1);
  }

  @Override
  public String name() {
    return "kraken";
  }

  @Override
  public boolean isProbe(String path) {
    return path.equals(BASE + "Time") || path.equals(BASE + "SystemStatus");
  }

  @Override
  public PriceMarks prices() {
    return PRICES;
  }

  @Override
  public long weightUsed(Instant now) {
    return limit.used(now);
  }

  /// With HTTP 200 and never a word about when to come back.
  @Override
  public Answer tooOften(int status, OptionalLong retryAfterSeconds, Instant now) {
    return error(status == 418 ? "EGeneral:Temporary lockout" : "EGeneral:Too many requests");
  }

  @Override
  public Answer broken(int status) {
    return switch (status) {
      case 500 -> error("EGeneral:Internal error");
      case 503 -> error("EService:Unavailable");
      default ->
        Answer.html(status, "<html><body><h1>%d Bad Gateway</h1></body></html>".formatted(status));
    };
  }

  @Override
  public Answer answer(Ask ask, Instant now, Instant dataTime) {
    if (!limit.take(now)) {
      return tooOften(429, OptionalLong.empty(), now);
    }
    long millis = dataTime.toEpochMilli();
    try {
      return switch (ask.path()) {
        case BASE + "Time" -> time(dataTime);
        case BASE + "SystemStatus" -> status(dataTime);
        case BASE + "AssetPairs" -> pairs(ask);
        case BASE + "OHLC" -> bars(ask, millis);
        case BASE + "Ticker" -> ticker(ask, millis);
        case BASE + "Trades" -> trades(ask, millis);
        default -> error("EGeneral:Unknown method");
      };
    } catch (Refused refused) {
      return refused.answer();
    }
  }

  private static Answer time(Instant now) {
    return Answer.json(
        200,
        result()
            .object()
            .number("unixtime", now.getEpochSecond())
            .text("rfc1123", RFC_1123.format(now))
            .endObject()
            .endObject());
  }

  private static Answer status(Instant now) {
    return Answer.json(
        200,
        result()
            .object()
            .text("status", "online")
            .text("timestamp", Instant.ofEpochSecond(now.getEpochSecond()).toString())
            .endObject()
            .endObject());
  }

  private Answer pairs(Ask ask) throws Refused {
    var out = result().object();
    for (ExchangeBook book : chosen(ask)) {
      KrakenText.instrument(out, book.listing());
    }
    return Answer.json(200, out.endObject().endObject());
  }

  private Answer ticker(Ask ask, long now) throws Refused {
    var out = result().object();
    for (ExchangeBook book : chosen(ask)) {
      KrakenText.ticker(out, book, now);
    }
    return Answer.json(200, out.endObject().endObject());
  }

  private Answer bars(Ask ask, long now) throws Refused {
    ExchangeBook book = pair(ask);
    long minutes = ask.whole("interval", KrakenVenue::invalid).orElse(1);
    if (!MINUTES.contains(minutes)) {
      throw new Refused(invalid("interval"));
    }
    long since = ask.whole("since", KrakenVenue::invalid).orElse(-1);
    BarGrid grid = BarGrid.of(minutes * 60);
    long running = grid.open(now);
    long step = minutes * 60_000;
    long first = running - (MOST_BARS - 1) * step;
    List<Candle> bars = new ArrayList<>(book.oldest(grid, first, running, MOST_BARS, now));
    if (bars.isEmpty() || bars.getLast().openMillis() < running) {
      bars.add(book.flat(running, running + step));
    }
    int digits = book.listing().decimals();
    var out = result().object().name(KrakenText.key(book.listing())).array();
    for (Candle bar : bars) {
      if (bar.openMillis() / 1_000 > since) {
        KrakenText.bar(out, bar, digits);
      }
    }
    out.endArray().number("last", (running - step) / 1_000);
    return Answer.json(200, out.endObject().endObject());
  }

  /// Without `since` the newest, else the oldest after it.
  private Answer trades(Ask ask, long now) throws Refused {
    ExchangeBook book = pair(ask);
    int count = (int) ask.whole("count", KrakenVenue::invalid).orElse(MOST_TRADES);
    if (count < 1 || count > MOST_TRADES) {
      throw new Refused(invalid("count"));
    }
    OptionalLong since = nanos(ask);
    List<Print> page;
    if (since.isPresent()) {
      long from = book.firstIdFrom(since.getAsLong() / 1_000_000);
      // One more: the first may be the trade that the cursor names.
      page = book.trades(from, count + 1, now).stream()
          .filter(print -> KrakenText.nanos(print) > since.getAsLong())
          .limit(count)
          .toList();
    } else {
      page = book.tradesBelow(Long.MAX_VALUE, count, now).reversed();
    }
    var out = result().object().name(KrakenText.key(book.listing())).array();
    page.forEach(print -> KrakenText.trade(out, print));
    long last = page.isEmpty() ? since.orElse(0) : KrakenText.nanos(page.getLast());
    return Answer.json(
        200, out.endArray().text("last", Long.toString(last)).endObject().endObject());
  }

  private static OptionalLong nanos(Ask ask) throws Refused {
    String text = ask.get("since");
    if (text == null || text.isEmpty()) {
      return OptionalLong.empty();
    }
    if (!text.matches("[0-9]{1,18}|[1-8][0-9]{18}")) {
      throw new Refused(invalid("since"));
    }
    return OptionalLong.of(Long.parseLong(text));
  }

  private ExchangeBook pair(Ask ask) throws Refused {
    String name = ask.parameter("pair").orElse("");
    if (name.isEmpty()) {
      throw new Refused(error("EGeneral:Invalid arguments"));
    }
    return named(name);
  }

  /// Those that `pair` names, divided by commas, or all.
  private List<ExchangeBook> chosen(Ask ask) throws Refused {
    String names = ask.parameter("pair").orElse("");
    if (names.isEmpty()) {
      return books;
    }
    List<ExchangeBook> chosen = new ArrayList<>();
    for (String name : names.split(",", -1)) {
      chosen.add(named(name));
    }
    return chosen;
  }

  private ExchangeBook named(String name) throws Refused {
    ExchangeBook book = byName.get(name);
    if (book == null) {
      throw new Refused(error("EQuery:Unknown asset pair"));
    }
    return book;
  }

  private static JsonText result() {
    return new JsonText().object().raw("error", "[]").name("result");
  }

  private static Answer invalid(String parameter) {
    return error("EGeneral:Invalid arguments:" + parameter);
  }

  private static Answer error(String what) {
    return Answer.json(
        200, new JsonText().object().name("error").array().text(what).endArray().endObject());
  }
}
