package dev.everfeed.hub.source.binance;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.BarPager;
import dev.everfeed.hub.source.BarRules;
import dev.everfeed.hub.source.Content;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.HttpAnswers;
import dev.everfeed.hub.source.HttpResult;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.Outcome;
import dev.everfeed.hub.source.Plausible;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.SourceRequest;
import dev.everfeed.hub.source.SourceSettings;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.UnsupportedQueryException;
import dev.everfeed.hub.source.Usage;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Binance spot over REST, without a key.
///
/// Prices come from the 24 h ticker, because it alone has last price, best bid and ask with
/// sizes and a time in one answer (weight 2 for up to 20 symbols, SPEC section 1). Trades from
/// an id on come from historicalTrades and not from the cheaper aggTrades: the ids of
/// aggregated trades count apart, and mixing the two would look like gaps and repetitions.
public final class BinanceRest implements PolledSource {
  private static final String API = "/api/v3";

  /// exchangeInfo had 1.9 MB in 2021 and grows.
  private static final int LISTINGS_MAX_BYTES = 32 << 20;

  /// "Too many requests" in an error body (errors.md).
  private static final Set<String> LIMIT_CODES = Set.of("-1003", "-1015");

  private static final Set<String> LIMIT_FIELDS =
      Set.of("rateLimits", "rateLimitType", "interval", "intervalNum", "limit");

  /// All intervals, 1,000 a page; asked from a moment on it gives the oldest first (rest-api.md,
  /// klines). A minute without trades has a flat bar (wire/SPEC.md, section 0).
  private static final BarRules BARS = new BarRules(
      Arrays.stream(Interval.values())
          .collect(Collectors.toMap(i -> i, Interval::text, (a, _) -> a, LinkedHashMap::new)),
      1_000,
      true,
      true,
      Integer.MAX_VALUE);

  private final BinanceDecoder decoder = new BinanceDecoder();
  private final BarPager pager;
  private final SourceSettings settings;
  private final String prefix;
  private final int bodyMaxBytes;

  /// What it lists; null as long as that is not known.
  private final @Nullable SortedSet<Symbol> listed;

  public BinanceRest(SourceSettings settings) {
    this(settings, null);
  }

  private BinanceRest(SourceSettings settings, @Nullable SortedSet<Symbol> listed) {
    this.settings = settings;
    this.listed = listed == null ? null : Collections.unmodifiableSortedSet(listed);
    this.prefix = settings.prefix(API);
    this.bodyMaxBytes = settings.bodyMaxBytes();
    this.pager = new BarPager(id(), BARS, this::bars);
  }

  @Override
  public SourceId id() {
    return BinanceDecoder.SOURCE;
  }

  @Override
  public @Nullable String exchange() {
    return BinanceDecoder.EXCHANGE;
  }

  @Override
  public String attribution() {
    return "Market data by Binance";
  }

  @Override
  public String homepage() {
    return "https://www.binance.com";
  }

  @Override
  public String terms() {
    return "Public market data without a key, limited by request weight per address (https://www.binance.com/en/terms).";
  }

  @Override
  public Content content() {
    return Content.EXCHANGE;
  }

  @Override
  public Set<Query.Kind> offers() {
    return Set.of(Query.Kind.PRICE, Query.Kind.BARS, Query.Kind.TRADES, Query.Kind.LISTINGS);
  }

  @Override
  public Duration usualInterval() {
    return Duration.ofSeconds(5);
  }

  /// The least it has ever allowed; its list of instruments tells today's (wire/SPEC.md,
  /// section 1).
  @Override
  public int weightPerWindow() {
    return 1_200;
  }

  @Override
  public BarRules bars() {
    return BARS;
  }

  /// Trade ids are consecutive per symbol, also in the recorded sessions (wire/SPEC.md, section
  /// 1).
  @Override
  public Map<Query.Kind, Proof> proofs() {
    Proof snapshot = new Proof(false, false, false, Proof.Refill.NONE, "the latest");
    return Map.of(
        Query.Kind.PRICE,
        snapshot,
        Query.Kind.BARS,
        new Proof(true, true, true, Proof.Refill.BY_TIME, "all"),
        Query.Kind.TRADES,
        new Proof(true, true, true, Proof.Refill.BY_ID, "all"),
        Query.Kind.LISTINGS,
        snapshot);
  }

  @Override
  public PolledSource knowing(List<Event> listings) {
    TreeSet<Symbol> symbols = new TreeSet<>();
    for (Event event : listings) {
      if (event instanceof Event.Listing listing && listing.source().equals(id())) {
        symbols.add(listing.symbol());
      }
    }
    return symbols.isEmpty() ? this : new BinanceRest(settings, symbols);
  }

  @Override
  public SourceRequest request(Query query) throws UnsupportedQueryException {
    return switch (query) {
      case Query.Prices prices -> prices(prices);
      case Query.Bars bars -> pager.first(bars);
      case Query.Trades trades -> trades(trades);
      case Query.Listings _ ->
        new SourceRequest(
            prefix + "/exchangeInfo", Map.of(), 20, Math.max(bodyMaxBytes, LISTINGS_MAX_BYTES));
      case Query.Sentiments _ -> throw new UnsupportedQueryException(id(), "offers no sentiment");
    };
  }

  private SourceRequest prices(Query.Prices query) throws UnsupportedQueryException {
    List<String> names = new ArrayList<>();
    for (Symbol symbol : query.symbols()) {
      names.add(nativeOf(symbol));
    }
    if (names.size() == 1) {
      return get("/ticker/24hr?symbol=" + encoded(names.getFirst()), 2);
    }
    StringJoiner list = new StringJoiner("\",\"", "[\"", "\"]");
    names.forEach(list::add);
    return get("/ticker/24hr?symbols=" + encoded(list.toString()), 2);
  }

  @Override
  public int weight(Query query) throws UnsupportedQueryException {
    int first = request(query).weight();
    return query instanceof Query.Bars bars ? first * pager.mostPages(bars) : first;
  }

  private SourceRequest bars(BarPager.Page page) throws UnsupportedQueryException {
    StringBuilder path = new StringBuilder("/klines?symbol=")
        .append(encoded(nativeOf(page.symbol())))
        .append("&interval=")
        .append(page.nativeInterval());
    if (page.from() != null) {
      path.append("&startTime=").append(page.from().toEpochMilli());
    }
    if (page.to() != null) {
      // Binance includes the end, the page does not.
      path.append("&endTime=").append(page.to().toEpochMilli() - 1);
    }
    return get(path.append("&limit=").append(page.limit()).toString(), 2);
  }

  private SourceRequest trades(Query.Trades query) throws UnsupportedQueryException {
    String symbol = encoded(nativeOf(query.symbol()));
    if (query.from() != null) {
      throw new UnsupportedQueryException(id(), "gives trades from an id on, not from a moment on");
    }
    if (query.fromId() == null) {
      return get("/trades?symbol=%s&limit=%d".formatted(symbol, query.limit()), 25);
    }
    if (!query.fromId().matches("[0-9]{1,18}")) {
      throw new UnsupportedQueryException(
          id(), "trade ids are whole numbers, was \"" + query.fromId() + "\"");
    }
    return get(
        "/historicalTrades?symbol=%s&fromId=%s&limit=%d"
            .formatted(symbol, query.fromId(), query.limit()),
        25);
  }

  @Override
  public SourceRequest probe() {
    return get("/time", 1);
  }

  @Override
  public Outcome interpretProbe(HttpResult result) {
    return read("rest_time", result, DecodeContext.NONE);
  }

  @Override
  public Outcome interpret(Query query, List<Event> before, HttpResult result) {
    Outcome outcome = switch (query) {
      case Query.Prices q ->
        read("rest_ticker", result, new DecodeContext(null, null, List.copyOf(q.symbols())));
      case Query.Bars q -> read("rest_bars", result, DecodeContext.of(q.symbol(), q.interval()));
      case Query.Trades q -> read("rest_trades", result, DecodeContext.of(q.symbol()));
      case Query.Listings _ -> read("rest_instruments", result, DecodeContext.NONE);
      case Query.Sentiments _ ->
        HttpAnswers.unusable(Failure.Kind.NOT_OFFERED, id(), "offers no sentiment");
    };
    if (!(outcome instanceof Outcome.Usable usable)) {
      return outcome;
    }
    List<Event> events = usable.events();
    return switch (query) {
      case Query.Prices q -> Plausible.prices(id(), q, events);
      case Query.Bars q -> pager.received(q, before, events, result);
      case Query.Trades q -> Plausible.trades(id(), q, events);
      case Query.Listings _, Query.Sentiments _ -> outcome;
    };
  }

  private Outcome read(String kind, HttpResult result, DecodeContext context) {
    return HttpAnswers.read(id(), decoder, kind, result, context, BinanceRest::kindOf);
  }

  /// 403 is the firewall's answer to too many requests, not the caller's mistake (rest-api.md,
  /// HTTP Return Codes).
  private static Optional<Failure.Kind> kindOf(int status, @Nullable String code) {
    if (status == 403 || (status < 418 && code != null && LIMIT_CODES.contains(code))) {
      return Optional.of(Failure.Kind.RATE_LIMITED);
    }
    return Optional.empty();
  }

  /// The weight used comes with every answer; the limit only in exchangeInfo.
  @Override
  public Usage usage(HttpResult result) {
    return new Usage(
        result.header("x-mbx-used-weight-1m").map(BinanceRest::whole).orElse(OptionalInt.empty()),
        limit(result.body()));
  }

  private static OptionalInt limit(byte[] body) {
    // it stands before the symbols; a look at the beginning spares reading every other answer again
    String beginning = new String(body, 0, Math.min(body.length, 300), StandardCharsets.ISO_8859_1);
    if (!beginning.contains("\"rateLimits\"")) {
      return OptionalInt.empty();
    }
    try {
      JsonValue.Obj info = JsonReader.read(body, LIMIT_FIELDS).asObject("the answer");
      for (JsonValue item : info.get("rateLimits").asArray("\"rateLimits\"").items()) {
        JsonValue.Obj limit = item.asObject("a limit");
        if (limit.text("rateLimitType").equals("REQUEST_WEIGHT")
            && limit.text("interval").equals("MINUTE")
            && limit.get("intervalNum").asWhole("\"intervalNum\"") == 1) {
          long value = limit.get("limit").asWhole("\"limit\"");
          return value < 1 || value > Integer.MAX_VALUE
              ? OptionalInt.empty()
              : OptionalInt.of((int) value);
        }
      }
      return OptionalInt.empty();
    } catch (Undecodable e) {
      return OptionalInt.empty(); // interpret() has the say on what is wrong with the body
    }
  }

  private static OptionalInt whole(String text) {
    return text.matches("[0-9]{1,9}")
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }

  private String nativeOf(Symbol symbol) throws UnsupportedQueryException {
    if (listed != null && !listed.contains(symbol)) {
      throw new UnsupportedQueryException(id(), "does not list " + symbol);
    }
    return BinanceSymbols.nativeOf(symbol)
        .orElseThrow(() -> new UnsupportedQueryException(
            id(), symbol + " has no name there: spot pairs are written BASE/QUOTE in upper case"));
  }

  private SourceRequest get(String path, int weight) {
    return new SourceRequest(prefix + path, Map.of(), weight, bodyMaxBytes);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
