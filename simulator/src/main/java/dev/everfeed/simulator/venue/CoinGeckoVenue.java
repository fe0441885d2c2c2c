package dev.everfeed.simulator.venue;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// CoinGecko v3 (wire/SPEC.md section 7): an aggregate near the exchange's price but not equal
/// to it, which moves every few seconds only; JSON numbers; coin ids instead of symbols, and a
/// list in which several coins share a symbol. Every call counts against the limit, failed ones
/// too.
final class CoinGeckoVenue implements Venue {
  private static final PriceMarks PRICES = PriceMarks.of(
      "current_price",
      "high_24h",
      "low_24h",
      "price_change_24h",
      "usd",
      "eur",
      "gbp",
      "btc",
      "eth");
  private static final String BASE = "/api/v3";
  private static final long DAY_MILLIS = 86_400_000;
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern(
          "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
      .withZone(ZoneOffset.UTC);

  private static final Map<String, Coin> KNOWN = Map.of(
      "BTC", new Coin("bitcoin", "BTC", "Bitcoin", 20_030_493),
      "ETH", new Coin("ethereum", "ETH", "Ethereum", 120_402_112),
      "BNB", new Coin("binancecoin", "BNB", "BNB", 145_887_575),
      "SOL", new Coin("solana", "SOL", "Solana", 470_113_902),
      "XRP", new Coin("ripple", "XRP", "XRP", 56_808_402_113L),
      "DOGE", new Coin("dogecoin", "DOGE", "Dogecoin", 146_513_906_383L),
      "ADA", new Coin("cardano", "ADA", "Cardano", 35_009_112_804L),
      "LTC", new Coin("litecoin", "LTC", "Litecoin", 75_110_634));

  private final SimulatedMarket market;
  private final WindowLimit calls;
  private final long updateMillis;
  private final Map<String, Coin> coins = new LinkedHashMap<>();

  private record Coin(String id, String base, String name, long supply) {
    String symbol() {
      return base.toLowerCase(Locale.ROOT);
    }
  }

  /// @param callsPerMinute 0 for no limit
  CoinGeckoVenue(SimulatedMarket market, int callsPerMinute, Duration updateEvery) {
    this.market = market;
    this.calls = WindowLimit.perMinute(callsPerMinute);
    this.updateMillis = updateEvery.toMillis();
    for (Listing listing : market.listings()) {
      String base = listing.base();
      Coin coin = KNOWN.getOrDefault(
          base, new Coin(base.toLowerCase(Locale.ROOT), base, base, 1_000_000_000));
      coins.putIfAbsent(coin.id(), coin);
    }
  }

  @Override
  public String name() {
    return "coingecko";
  }

  @Override
  public PriceMarks prices() {
    return PRICES;
  }

  @Override
  public boolean isProbe(String path) {
    return path.equals(BASE + "/ping");
  }

  @Override
  public long weightUsed(Instant now) {
    return calls.used(now);
  }

  @Override
  public Answer tooOften(int status, OptionalLong retryAfterSeconds, Instant now) {
    Answer answer = Answer.json(
        status,
        "{\"status\":{\"error_code\":%d,\"error_message\":\"You've exceeded the Rate Limit.\"}}"
            .formatted(status));
    return retryAfterSeconds.isPresent()
        ? answer.with("Retry-After", Long.toString(retryAfterSeconds.getAsLong()))
        : answer;
  }

  @Override
  public Answer broken(int status) {
    return Answer.json(
        status,
        "{\"status\":{\"error_code\":%d,\"error_message\":\"Internal Server Error\"}}"
            .formatted(status));
  }

  @Override
  public Answer answer(Ask ask, Instant now, Instant dataTime) {
    if (!calls.take(1, now)) {
      return tooOften(429, OptionalLong.of(calls.secondsLeft(now)), now);
    }
    if (!ask.path().startsWith(BASE + "/")) {
      return error(404, "Incorrect path. Please check https://www.coingecko.com/api/");
    }
    long millis = Math.floorDiv(dataTime.toEpochMilli(), updateMillis) * updateMillis;
    String path = ask.path().substring(BASE.length());
    String[] parts = path.split("/", -1);
    return switch (path) {
      case "/ping" -> Answer.json(200, "{\"gecko_says\":\"(V3) To the Moon!\"}");
      case "/coins/markets" -> markets(ask, millis);
      case "/simple/price" -> simplePrice(ask, millis);
      case "/coins/list" -> list();
      default -> {
        if (parts.length >= 3 && parts[1].equals("coins")) {
          Coin coin = coins.get(parts[2]);
          if (coin == null) {
            yield error(404, "coin not found");
          }
          if (parts.length == 3) {
            yield coin(coin, millis);
          }
          if (parts.length == 4 && parts[3].equals("ohlc")) {
            yield ohlc(coin, ask, millis);
          }
        }
        yield error(404, "Incorrect path. Please check https://www.coingecko.com/api/");
      }
    };
  }

  private Answer markets(Ask ask, long millis) {
    String currency = ask.get("vs_currency");
    if (currency == null || currency.isEmpty()) {
      return error(422, "Missing parameter vs_currency");
    }
    if (!isCurrency(currency)) {
      return error(422, "invalid vs_currency");
    }
    List<Coin> chosen = chosen(ask.get("ids"));
    int perPage = (int) whole(ask.get("per_page"), 100, 250);
    int page = (int) whole(ask.get("page"), 1, 1_000_000);
    var out = new StringBuilder("[");
    long from = (long) (page - 1) * perPage;
    for (int i = (int) Math.min(from, chosen.size());
        i < Math.min(chosen.size(), from + perPage);
        i++) {
      comma(out);
      market(out, chosen.get(i), i + 1, currency, millis);
    }
    return Answer.json(200, out.append(']'));
  }

  private void market(StringBuilder out, Coin coin, int rank, String currency, long millis) {
    Optional<Listing> listing = listing(coin, currency);
    Optional<Candle> day =
        listing.flatMap(l -> market.candle(l, millis - DAY_MILLIS, millis + 1, millis));
    BigDecimal price = listing.map(l -> price(l, millis)).orElse(null);
    out.append('{');
    text(out, "id", coin.id());
    text(out, "symbol", coin.symbol());
    text(out, "name", coin.name());
    text(
        out,
        "image",
        "https://coin-images.coingecko.com/coins/images/1/large/" + coin.id() + ".png");
    number(out, "current_price", price);
    BigDecimal supply = BigDecimal.valueOf(coin.supply());
    BigDecimal cap =
        price == null ? null : price.multiply(supply).setScale(0, RoundingMode.HALF_UP);
    number(out, "market_cap", cap);
    number(out, "market_cap_rank", BigDecimal.valueOf(rank));
    number(out, "fully_diluted_valuation", cap);
    number(out, "total_volume", day.map(d -> rounded(d.quoteVolume(), 0)).orElse(null));
    number(out, "high_24h", day.map(d -> rounded(d.high())).orElse(null));
    number(out, "low_24h", day.map(d -> rounded(d.low())).orElse(null));
    BigDecimal change = day.map(d -> rounded(d.close() - d.open(), 8)).orElse(null);
    number(out, "price_change_24h", change);
    number(
        out,
        "price_change_percentage_24h",
        day.map(d -> BigDecimal.valueOf(d.close() - d.open())
                .multiply(BigDecimal.valueOf(100))
                .divide(BigDecimal.valueOf(d.open()), 5, RoundingMode.HALF_UP))
            .orElse(null));
    number(out, "circulating_supply", supply.setScale(1));
    number(out, "total_supply", supply.setScale(1));
    number(out, "max_supply", null);
    number(out, "roi", null);
    text(out, "last_updated", STAMP.format(Instant.ofEpochMilli(millis)));
    out.append('}');
  }

  private Answer simplePrice(Ask ask, long millis) {
    String ids = ask.get("ids");
    String currencies = ask.get("vs_currencies");
    if (ids == null || currencies == null) {
      return error(422, "Missing parameter " + (ids == null ? "ids" : "vs_currencies"));
    }
    boolean stamped = "true".equals(ask.get("include_last_updated_at"));
    var out = new StringBuilder("{");
    for (Coin coin : chosen(ids)) {
      name(out, coin.id()).append('{');
      for (String currency : currencies.split(",", -1)) {
        listing(coin, currency).ifPresent(l -> number(out, currency, price(l, millis)));
      }
      if (stamped) {
        number(out, "last_updated_at", BigDecimal.valueOf(millis / 1_000));
      }
      out.append('}');
    }
    return Answer.json(200, out.append('}'));
  }

  /// Real coins, and one namesake each: a ticker does not tell which coin is meant.
  private Answer list() {
    var out = new StringBuilder("[");
    for (Coin coin : coins.values()) {
      for (String prefix : List.of("bridged-", "")) {
        comma(out);
        out.append('{');
        text(out, "id", prefix + coin.id());
        text(out, "symbol", coin.symbol());
        text(out, "name", prefix.isEmpty() ? coin.name() : "Bridged " + coin.name());
        out.append('}');
      }
    }
    return Answer.json(200, out.append(']'));
  }

  private Answer coin(Coin coin, long millis) {
    // Votes move slowly: by the hour.
    long up = 7_000
        + Math.round(2_500
            * Noise.smooth(
                Noise.hash(market.seed(), Noise.hash(coin.id())),
                Math.floorDiv(millis, 3_600_000L),
                12));
    var out = new StringBuilder("{");
    text(out, "id", coin.id());
    text(out, "symbol", coin.symbol());
    text(out, "name", coin.name());
    number(out, "sentiment_votes_up_percentage", BigDecimal.valueOf(up, 2));
    number(out, "sentiment_votes_down_percentage", BigDecimal.valueOf(10_000 - up, 2));
    String stamp = STAMP.format(Instant.ofEpochMilli(millis));
    name(out, "market_data").append("{\"current_price\":{");
    for (String currency : List.of("usd", "eur", "btc", "eth")) {
      listing(coin, currency).ifPresent(l -> number(out, currency, price(l, millis)));
    }
    out.append('}');
    text(out, "last_updated", stamp);
    out.append('}');
    text(out, "last_updated", stamp);
    return Answer.json(200, out.append('}'));
  }

  /// Granularity follows the days asked; the stamp is the END of its candle.
  private Answer ohlc(Coin coin, Ask ask, long millis) {
    Optional<Listing> listing = listing(coin, ask.parameter("vs_currency").orElse(""));
    if (listing.isEmpty()) {
      return error(422, "invalid vs_currency");
    }
    String days = ask.parameter("days").orElse("");
    if (!List.of("1", "7", "14", "30", "90", "180", "365").contains(days)) {
      return error(422, "Invalid days");
    }
    long span = Long.parseLong(days) * DAY_MILLIS;
    long step = span <= 2 * DAY_MILLIS
        ? 1_800_000
        : span <= 30 * DAY_MILLIS ? 4 * 3_600_000 : 4 * DAY_MILLIS;
    var out = new StringBuilder("[");
    long end = Math.floorDiv(millis, step) * step;
    for (long stamp = end - span + step; stamp <= end; stamp += step) {
      Optional<Candle> candle = market.candle(listing.get(), stamp - step, stamp, millis);
      if (candle.isPresent()) {
        comma(out);
        Candle c = candle.get();
        out.append('[').append(stamp);
        for (long value : new long[] {c.open(), c.high(), c.low(), c.close()}) {
          out.append(',').append(rounded(value).toPlainString());
        }
        out.append(']');
      }
    }
    return Answer.json(200, out.append(']'));
  }

  /// The exchange's price of the last update, 1 to 8 hundredths of a percent beside it.
  private BigDecimal price(Listing listing, long millis) {
    long last = market.lastTrade(listing, millis).price();
    long chance = Noise.hash(market.seed(), Noise.hash(listing.venueSymbol()), millis);
    long beside = Math.max(listing.tick(), last / 10_000 * (1 + Noise.below(chance, 8)));
    return rounded((chance & 1) == 0 ? last + beside : last - beside);
  }

  private Optional<Listing> listing(Coin coin, String currency) {
    List<String> quotes = currency.equals("usd")
        ? List.of("USDT", "USDC", "USD")
        : List.of(currency.toUpperCase(Locale.ROOT));
    return quotes.stream()
        .flatMap(quote -> market.listed(coin.base() + quote).stream())
        .findFirst();
  }

  private boolean isCurrency(String currency) {
    return currency.equals(currency.toLowerCase(Locale.ROOT))
        && coins.values().stream().anyMatch(coin -> listing(coin, currency).isPresent());
  }

  /// Unknown ids are left out without a word.
  private List<Coin> chosen(@Nullable String ids) {
    if (ids == null || ids.isEmpty()) {
      return List.copyOf(coins.values());
    }
    List<Coin> chosen = new ArrayList<>();
    for (Coin coin : coins.values()) {
      if (List.of(ids.split(",", -1)).contains(coin.id())) {
        chosen.add(coin);
      }
    }
    return chosen;
  }

  private static BigDecimal rounded(long e8) {
    return rounded(e8, Math.abs(e8) >= 100_000_000L ? 2 : 8);
  }

  /// Without zeros at the end: the venue sends numbers, not text.
  private static BigDecimal rounded(long e8, int scale) {
    BigDecimal value =
        BigDecimal.valueOf(e8, 8).setScale(scale, RoundingMode.HALF_UP).stripTrailingZeros();
    return value.scale() < 0 ? value.setScale(0) : value;
  }

  private static long whole(@Nullable String text, long otherwise, long max) {
    return text == null || !text.matches("[1-9][0-9]{0,8}")
        ? otherwise
        : Math.min(max, Long.parseLong(text));
  }

  private static Answer error(int status, String message) {
    return Answer.json(status, "{\"error\":\"" + message + "\"}");
  }

  private static void text(StringBuilder out, String name, String value) {
    name(out, name).append('"').append(value).append('"');
  }

  private static void number(StringBuilder out, String name, @Nullable BigDecimal value) {
    name(out, name).append(value == null ? "null" : value.toPlainString());
  }

  private static StringBuilder name(StringBuilder out, String name) {
    comma(out);
    return out.append('"').append(name).append("\":");
  }

  private static void comma(StringBuilder out) {
    char last = out.charAt(out.length() - 1);
    if (last != '{' && last != '[') {
      out.append(',');
    }
  }
}
