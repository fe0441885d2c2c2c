package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Interval;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;

/// Binance spot, market data over REST (wire/SPEC.md section 1): ping, time, klines, tickers,
/// trades, exchangeInfo, the weight of each request, 429 when the minute's weight is used up,
/// 418 when the client goes on.
///
/// The ban begins after [#REFUSALS_BEFORE_BAN] refused requests of one minute and lasts 2
/// minutes, doubling with each ban up to 3 days (the span is the documentation's, the number is
/// ours: the venue does not tell it). There is one client address on loopback, so the limits
/// are the venue's.
final class BinanceVenue implements Venue {
  private static final PriceMarks PRICES = PriceMarks.of(
      "price",
      "p",
      "bidPrice",
      "askPrice",
      "lastPrice",
      "openPrice",
      "highPrice",
      "lowPrice",
      "prevClosePrice",
      "weightedAvgPrice",
      "priceChange");
  static final int REFUSALS_BEFORE_BAN = 10;
  private static final Duration FIRST_BAN = Duration.ofMinutes(2);
  private static final Duration LONGEST_BAN = Duration.ofDays(3);
  private static final String WEIGHT_HEADER = "x-mbx-used-weight-1m";
  private static final long DAY_MILLIS = 86_400_000;

  private final SimulatedMarket market;
  private final WindowLimit weight;
  private final WindowLimit refused = WindowLimit.perMinute(REFUSALS_BEFORE_BAN);
  private Instant bannedUntil = Instant.MIN;
  private Duration nextBan = FIRST_BAN;

  /// @param weightPerMinute 0 for no limit
  BinanceVenue(SimulatedMarket market, int weightPerMinute) {
    this.market = market;
    this.weight = WindowLimit.perMinute(weightPerMinute);
  }

  @Override
  public String name() {
    return "binance";
  }

  @Override
  public PriceMarks prices() {
    return PRICES;
  }

  @Override
  public boolean isProbe(String path) {
    return path.equals("/api/v3/ping") || path.equals("/api/v3/time");
  }

  @Override
  public long weightUsed(Instant now) {
    return weight.used(now);
  }

  @Override
  public Answer answer(Ask ask, Instant now, Instant dataTime) {
    if (now.isBefore(bannedUntil)) {
      return banned(Duration.between(now, bannedUntil).toSeconds() + 1, bannedUntil);
    }
    boolean allowed = weight.take(weightOf(ask), now);
    if (!allowed && !refused.take(1, now)) {
      bannedUntil = now.plus(nextBan);
      Duration longer = nextBan.multipliedBy(2);
      Duration served = nextBan;
      nextBan = longer.compareTo(LONGEST_BAN) < 0 ? longer : LONGEST_BAN;
      return banned(served.toSeconds(), bannedUntil);
    }
    Answer answer = allowed
        ? data(ask, dataTime)
        : tooOften(429, OptionalLong.of(weight.secondsLeft(now)), now);
    return answer.with(WEIGHT_HEADER, Long.toString(weight.used(now)));
  }

  @Override
  public Answer tooOften(int status, OptionalLong retryAfterSeconds, Instant now) {
    if (status == 418) {
      long seconds = retryAfterSeconds.orElse(FIRST_BAN.toSeconds());
      return banned(seconds, now.plusSeconds(seconds));
    }
    long limit = weight.limit() == 0 ? 6_000 : weight.limit();
    Answer answer = BinanceRefusal.answer(
        429,
        -1003,
        ("Too much request weight used; current limit is %d request weight per 1 MINUTE. Please use"
                + " WebSocket Streams for live updates to avoid polling the API.")
            .formatted(limit));
    return retryAfterSeconds.isPresent()
        ? answer.with("Retry-After", Long.toString(retryAfterSeconds.getAsLong()))
        : answer;
  }

  @Override
  public Answer broken(int status) {
    return status == 500
        ? BinanceRefusal.answer(
            500, -1000, "An unknown error occurred while processing the request.")
        : Answer.html(
            status, "<html><head><title>%d</title></head><body></body></html>".formatted(status));
  }

  private static Answer banned(long seconds, Instant until) {
    return BinanceRefusal.answer(
            418,
            -1003,
            ("Way too much request weight used; IP banned until %d. Please use WebSocket Streams for"
                    + " live updates to avoid bans.")
                .formatted(until.toEpochMilli()))
        .with("Retry-After", Long.toString(seconds));
  }

  /// Weights of rest-api.md; a refused request costs what it would have cost.
  private long weightOf(Ask ask) {
    boolean one = ask.get("symbol") != null;
    String several = ask.get("symbols");
    return switch (ask.path()) {
      case "/api/v3/klines" -> 2;
      case "/api/v3/ticker/price", "/api/v3/ticker/bookTicker" -> one ? 2 : 4;
      case "/api/v3/ticker/24hr" -> {
        long count = one
            ? 1
            : several == null ? 1_000 : several.chars().filter(c -> c == '"').count() / 2;
        yield count <= 20 ? 2 : count <= 100 ? 40 : 80;
      }
      case "/api/v3/trades", "/api/v3/historicalTrades" -> 25;
      case "/api/v3/aggTrades" -> 4;
      case "/api/v3/exchangeInfo" -> 20;
      default -> 1;
    };
  }

  private Answer data(Ask ask, Instant time) {
    var query = new BinanceQuery(ask, market);
    long now = time.toEpochMilli();
    try {
      return switch (ask.path()) {
        case "/api/v3/ping" -> Answer.json(200, "{}");
        case "/api/v3/time" -> Answer.json(200, "{\"serverTime\":" + now + "}");
        case "/api/v3/klines" -> klines(query, now);
        case "/api/v3/ticker/price" -> each(query, (out, listing) -> price(out, listing, now));
        case "/api/v3/ticker/bookTicker" -> each(query, (out, listing) -> book(out, listing, now));
        case "/api/v3/ticker/24hr" -> each(query, (out, listing) -> day(out, listing, now));
        case "/api/v3/trades" -> trades(latest(query, now), BinanceText::trade);
        case "/api/v3/historicalTrades" -> trades(historical(query, now), BinanceText::trade);
        case "/api/v3/aggTrades" -> trades(aggregates(query, now), BinanceText::aggregate);
        case "/api/v3/exchangeInfo" -> exchangeInfo(query, now);
        default -> Answer.html(404, "<html><body><h2>404 Not found</h2></body></html>");
      };
    } catch (BinanceRefusal refusal) {
      return refusal.answer();
    }
  }

  /// startTime: oldest first from there; only endTime, or neither: the newest up to there.
  private Answer klines(BinanceQuery query, long now) throws BinanceRefusal {
    Listing listing = query.symbol();
    Interval interval = query.interval();
    int limit = query.limit(500);
    OptionalLong start = query.time("startTime");
    long end = Math.min(now, query.time("endTime").orElse(now));
    query.refuseTimeZone();
    Instant from;
    if (start.isPresent()) {
      from = Instant.ofEpochMilli(start.getAsLong());
    } else {
      from = interval.openOf(Instant.ofEpochMilli(end));
      for (int i = 1; i < limit && from.isAfter(SimulatedMarket.LISTED); i++) {
        from = interval.openOf(from.minusMillis(1));
      }
    }
    var out = new StringBuilder(170 * 16).append('[');
    List<Candle> bars = market.bars(
        listing.symbol(),
        interval,
        from,
        Instant.ofEpochMilli(end),
        limit,
        Instant.ofEpochMilli(now));
    for (Candle bar : bars) {
      comma(out);
      BinanceText.kline(out, bar);
    }
    return Answer.json(200, out.append(']'));
  }

  private Answer each(BinanceQuery query, BiConsumer<StringBuilder, Listing> element)
      throws BinanceRefusal {
    Set<Listing> chosen = query.chosen();
    Collection<Listing> listings = chosen == null ? market.listings() : chosen;
    var out = new StringBuilder(128);
    if (!query.asksForOne()) {
      out.append('[');
    }
    for (Listing listing : listings) {
      comma(out);
      out.append('{');
      element.accept(out, listing);
      out.append('}');
    }
    return Answer.json(200, query.asksForOne() ? out : out.append(']'));
  }

  private void price(StringBuilder out, Listing listing, long now) {
    BinanceText.text(out, "symbol", listing.venueSymbol());
    BinanceText.field(out, "price", market.lastTrade(listing, now).price());
  }

  private void book(StringBuilder out, Listing listing, long now) {
    BinanceText.text(out, "symbol", listing.venueSymbol());
    best(out, listing, market.lastTrade(listing, now));
  }

  private static void best(StringBuilder out, Listing listing, Print last) {
    BinanceText.best(out, listing, last, "bidPrice", "bidQty", "askPrice", "askQty");
  }

  private void day(StringBuilder out, Listing listing, long now) {
    long from = now - DAY_MILLIS;
    Candle day = market
        .candle(listing, from, now + 1, now)
        .orElseThrow(() -> new IllegalStateException(
            "%s: nothing traded from %d to %d ms".formatted(listing.symbol(), from, now)));
    Print last = market.lastTrade(listing, now);
    long change = day.close() - day.open();
    BinanceText.text(out, "symbol", listing.venueSymbol());
    BinanceText.field(out, "priceChange", change);
    long thousandths = Math.round(change * 100_000.0 / day.open());
    BinanceText.name(out, "priceChangePercent").append('"').append(thousandths < 0 ? "-" : "");
    out.append(Math.abs(thousandths) / 1_000).append('.');
    out.append(String.valueOf(1_000 + Math.abs(thousandths) % 1_000), 1, 4).append('"');
    long mean = Math.round(day.quoteVolume() / (day.volume() / 1e8));
    BinanceText.field(out, "weightedAvgPrice", mean);
    BinanceText.field(out, "prevClosePrice", day.open());
    BinanceText.field(out, "lastPrice", day.close());
    BinanceText.field(out, "lastQty", last.size());
    best(out, listing, last);
    BinanceText.field(out, "openPrice", day.open());
    BinanceText.field(out, "highPrice", day.high());
    BinanceText.field(out, "lowPrice", day.low());
    BinanceText.field(out, "volume", day.volume());
    BinanceText.field(out, "quoteVolume", day.quoteVolume());
    BinanceText.number(out, "openTime", from);
    BinanceText.number(out, "closeTime", now);
    BinanceText.number(out, "firstId", last.id() + 1 - day.trades());
    BinanceText.number(out, "lastId", last.id());
    BinanceText.number(out, "count", day.trades());
  }

  private List<Print> latest(BinanceQuery query, long now) throws BinanceRefusal {
    Listing listing = query.symbol();
    int limit = query.limit(500);
    return market.trades(listing, market.lastTrade(listing, now).id() + 1 - limit, limit, now);
  }

  private List<Print> historical(BinanceQuery query, long now) throws BinanceRefusal {
    OptionalLong fromId = query.number("fromId");
    return fromId.isEmpty()
        ? latest(query, now)
        : market.trades(query.symbol(), fromId.getAsLong(), query.limit(500), now);
  }

  /// fromId, or startTime and endTime inclusive, or the newest; fromId with times is refused.
  private List<Print> aggregates(BinanceQuery query, long now) throws BinanceRefusal {
    Listing listing = query.symbol();
    OptionalLong fromId = query.number("fromId");
    OptionalLong start = query.time("startTime");
    OptionalLong end = query.time("endTime");
    int limit = query.limit(500);
    if (fromId.isPresent()) {
      if (start.isPresent() || end.isPresent()) {
        throw new BinanceRefusal(-1128, "Combination of optional parameters invalid.");
      }
      return historical(query, now);
    }
    long until = Math.min(now, end.orElse(now));
    if (start.isPresent()) {
      return start.getAsLong() > until
          ? List.of()
          : market.trades(listing, market.firstIdFrom(listing, start.getAsLong()), limit, until);
    }
    return market.trades(listing, market.lastTrade(listing, until).id() + 1 - limit, limit, until);
  }

  private static Answer trades(List<Print> prints, BiConsumer<StringBuilder, Print> element) {
    var out = new StringBuilder(160 * prints.size() + 2).append('[');
    for (Print print : prints) {
      comma(out);
      element.accept(out, print);
    }
    return Answer.json(200, out.append(']'));
  }

  private Answer exchangeInfo(BinanceQuery query, long now) throws BinanceRefusal {
    Set<Listing> chosen = query.chosen();
    var out = new StringBuilder("{\"timezone\":\"UTC\"");
    BinanceText.number(out, "serverTime", now);
    BinanceText.name(out, "rateLimits")
        .append("[{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\"")
        .append(",\"intervalNum\":1,\"limit\":")
        .append(weight.limit() == 0 ? 6_000 : weight.limit())
        .append("}]");
    BinanceText.name(out, "exchangeFilters").append("[]");
    BinanceText.name(out, "symbols").append('[');
    for (Listing listing : chosen == null ? market.listings() : chosen) {
      comma(out);
      BinanceText.instrument(out, listing);
    }
    return Answer.json(200, out.append("]}"));
  }

  private static void comma(StringBuilder out) {
    if (!out.isEmpty() && out.charAt(out.length() - 1) != '[') {
      out.append(',');
    }
  }
}
