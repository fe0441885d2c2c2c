package dev.everfeed.hub.source.bybit;

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
import dev.everfeed.hub.source.Outcome;
import dev.everfeed.hub.source.Plausible;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.SourceRequest;
import dev.everfeed.hub.source.SourceSettings;
import dev.everfeed.hub.source.UnsupportedQueryException;
import dev.everfeed.hub.source.Usage;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Bybit spot over REST, without a key.
///
/// The category is always named: without one the venue answers for linear contracts, whose names
/// and prices look the same (docs/v5/market/kline). What comes back for another symbol or
/// category is refused.
public final class BybitRest implements PolledSource {
  private static final String API = "/v5";

  /// 600 instruments with some 700 bytes each; spot "does not support pagination"
  /// (docs/v5/market/instrument).
  private static final int LIST_MAX_BYTES = 8 << 20;

  /// docs/v5/market/recent-trade: `spot`: [1,60].
  private static final int TRADES_MAX = 60;

  /// "Wait for at least 10 minutes. The ban will be lifted automatically" (docs/v5/rate-limit).
  private static final long REFUSED_NANOS = Duration.ofMinutes(10).toNanos();

  /// "Too many visits", "exceeded the IP rate limit", and the system's own protection
  /// (docs/v5/error).
  private static final Set<String> LIMIT_CODES = Set.of("10006", "10018", "429", "10429");

  /// 8 hours and 3 days are built.
  private static final BarRules BARS =
      new BarRules(BybitIntervals.WORDS, 1_000, true, false, Integer.MAX_VALUE);

  private final BybitDecoder decoder;
  private final BarPager pager;
  private final SourceSettings settings;
  private final String prefix;

  /// The venue's name of each symbol that it lists; null before it has said.
  private final @Nullable Map<Symbol, String> names;

  public BybitRest(SourceSettings settings) {
    this(settings, null);
  }

  private BybitRest(SourceSettings settings, @Nullable Map<Symbol, String> names) {
    this.settings = settings;
    this.names = names;
    Map<String, Symbol> listed = new TreeMap<>();
    if (names != null) {
      names.forEach((symbol, name) -> listed.put(name, symbol));
    }
    this.decoder = new BybitDecoder(listed);
    this.prefix = settings.prefix(API);
    this.pager = new BarPager(id(), BARS, this::page);
  }

  @Override
  public SourceId id() {
    return BybitDecoder.SOURCE;
  }

  @Override
  public String exchange() {
    return BybitDecoder.EXCHANGE;
  }

  @Override
  public String attribution() {
    return "Market data by Bybit";
  }

  @Override
  public String homepage() {
    return "https://www.bybit.com";
  }

  @Override
  public String terms() {
    return "Public market data without a key, limited by requests per address; addresses in the US"
        + " and mainland China are refused, and some regions have hosts of their own"
        + " (https://bybit-exchange.github.io/docs/v5/guide).";
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

  /// Requests of one address, whatever they ask (docs/v5/rate-limit).
  @Override
  public int weightPerWindow() {
    return 600;
  }

  @Override
  public Duration weightWindow() {
    return Duration.ofSeconds(5);
  }

  /// Executions have ids that are unique, but nothing says that they count up: `seq` is shared
  /// by several and has holes (docs/v5/websocket/public/trade). The newest 60 can be asked for,
  /// and no others.
  @Override
  public Map<Query.Kind, Proof> proofs() {
    Proof snapshot = new Proof(false, false, false, Proof.Refill.NONE, "the latest");
    return Map.of(
        Query.Kind.PRICE,
        snapshot,
        Query.Kind.BARS,
        new Proof(true, true, true, Proof.Refill.BY_TIME, "all"),
        Query.Kind.TRADES,
        new Proof(true, false, true, Proof.Refill.NONE, "the newest 60"),
        Query.Kind.LISTINGS,
        snapshot);
  }

  @Override
  public BarRules bars() {
    return BARS;
  }

  @Override
  public PolledSource knowing(List<Event> listings) {
    Map<Symbol, String> listed = new TreeMap<>();
    for (Event event : listings) {
      if (event instanceof Event.Listing listing) {
        listed.put(listing.symbol(), listing.nativeName());
      }
    }
    return listed.isEmpty() ? this : new BybitRest(settings, listed);
  }

  @Override
  public SourceRequest request(Query query) throws UnsupportedQueryException {
    return switch (query) {
      case Query.Prices prices -> prices(prices);
      case Query.Bars bars -> pager.first(bars);
      case Query.Trades trades -> trades(trades);
      case Query.Listings _ -> list("/market/instruments-info?category=spot");
      case Query.Sentiments _ -> throw new UnsupportedQueryException(id(), "offers no sentiment");
    };
  }

  @Override
  public int weight(Query query) throws UnsupportedQueryException {
    int first = request(query).weight();
    return query instanceof Query.Bars bars ? first * pager.mostPages(bars) : first;
  }

  /// There is no list of some symbols: one, or all of spot.
  private SourceRequest prices(Query.Prices query) throws UnsupportedQueryException {
    String name = "";
    for (Symbol symbol : query.symbols()) {
      name = nameOf(symbol);
    }
    return query.symbols().size() == 1
        ? get("/market/tickers?category=spot&symbol=" + name)
        : list("/market/tickers?category=spot");
  }

  /// `start` and `end` are both inclusive. Without them the newest bars come.
  private SourceRequest page(BarPager.Page page) throws UnsupportedQueryException {
    StringBuilder path = new StringBuilder("/market/kline?category=spot&symbol=")
        .append(nameOf(page.symbol()))
        .append("&interval=")
        .append(page.nativeInterval());
    if (page.from() != null) {
      path.append("&start=").append(page.from().toEpochMilli());
    }
    if (page.to() != null) {
      path.append("&end=").append(page.to().toEpochMilli() - 1);
    }
    return get(path.append("&limit=").append(page.limit()).toString());
  }

  private SourceRequest trades(Query.Trades query) throws UnsupportedQueryException {
    if (query.fromId() != null || query.from() != null) {
      throw new UnsupportedQueryException(
          id(), "gives only its newest %d trades, from no id or moment on".formatted(TRADES_MAX));
    }
    return get("/market/recent-trade?category=spot&symbol=%s&limit=%d"
        .formatted(nameOf(query.symbol()), Math.min(query.limit(), TRADES_MAX)));
  }

  @Override
  public SourceRequest probe() {
    return get("/market/time");
  }

  @Override
  public Outcome interpretProbe(HttpResult result) {
    return read("rest_time", result, DecodeContext.NONE);
  }

  @Override
  public Outcome interpret(Query query, List<Event> before, HttpResult result) {
    return switch (query) {
      case Query.Prices q -> {
        Outcome outcome =
            read("rest_ticker", result, new DecodeContext(null, null, List.copyOf(q.symbols())));
        yield outcome instanceof Outcome.Usable usable
            ? Plausible.prices(id(), q, usable.events())
            : outcome;
      }
      case Query.Bars q -> bars(q, before, result);
      case Query.Trades q -> {
        Outcome outcome = read("rest_trades", result, DecodeContext.of(q.symbol()));
        yield outcome instanceof Outcome.Usable usable ? believable(q, usable.events()) : outcome;
      }
      case Query.Listings _ -> read("rest_instruments", result, DecodeContext.NONE);
      case Query.Sentiments _ ->
        HttpAnswers.unusable(Failure.Kind.NOT_OFFERED, id(), "offers no sentiment");
    };
  }

  private Outcome bars(Query.Bars query, List<Event> before, HttpResult result) {
    Interval asked;
    try {
      asked = pager.asked(query.interval());
    } catch (UnsupportedQueryException e) {
      return new Outcome.Unusable(Failure.of(Failure.Kind.NOT_OFFERED, e.getMessage()));
    }
    Outcome outcome = read("rest_bars", result, DecodeContext.of(query.symbol(), asked));
    if (!(outcome instanceof Outcome.Usable usable)) {
      return outcome;
    }
    for (Event event : usable.events()) {
      if (!((Event.Bar) event).symbol().equals(query.symbol())) {
        return otherThan(query.symbol(), ((Event.Bar) event).symbol());
      }
    }
    return pager.received(query, before, usable.events(), result);
  }

  /// Newest first, as they come; what happened in the same millisecond keeps its order, since
  /// the ids say nothing about it.
  private Outcome believable(Query.Trades query, List<Event> newestFirst) {
    Set<String> ids = new TreeSet<>();
    Instant last = null;
    for (Event event : newestFirst.reversed()) {
      Event.Trade trade = (Event.Trade) event;
      if (!trade.symbol().equals(query.symbol())) {
        return otherThan(query.symbol(), trade.symbol());
      }
      String wrong = null;
      if (trade.price().signum() <= 0 || trade.size().signum() <= 0) {
        wrong = "has price %s and size %s".formatted(trade.price(), trade.size());
      } else if (trade.tradeId() != null && !ids.add(trade.tradeId())) {
        wrong = "is there twice";
      } else if (last != null && trade.time() != null && trade.time().isBefore(last)) {
        wrong = "is of %s and follows one of %s".formatted(trade.time(), last);
      }
      if (wrong != null) {
        return HttpAnswers.unusable(
            Failure.Kind.WRONG_DATA,
            id(),
            "trade %s of %s %s".formatted(trade.tradeId(), trade.symbol(), wrong));
      }
      last = trade.time() == null ? last : trade.time();
    }
    return new Outcome.Usable(newestFirst.reversed());
  }

  private Outcome otherThan(Symbol asked, Symbol answered) {
    return HttpAnswers.unusable(
        Failure.Kind.WRONG_DATA,
        id(),
        "answered for %s when asked for %s".formatted(answered, asked));
  }

  private Outcome read(String kind, HttpResult result, DecodeContext context) {
    Outcome outcome = HttpAnswers.read(
        id(), decoder, kind, result, context, (status, code) -> kindOf(result, code));
    return result.status() == 403 && outcome instanceof Outcome.Unusable(Failure failure)
        ? new Outcome.Unusable(new Failure(
            failure.kind(), failure.message(), Math.max(failure.retryAfterNanos(), REFUSED_NANOS)))
        : outcome;
  }

  /// 403 comes for two reasons. "Access too frequent" ends by itself after 10 minutes. Anything
  /// else is an address that the venue does not serve, such as one in the US, and asking it
  /// often helps as little as not at all: both leave it alone for 10 minutes.
  private static Optional<Failure.Kind> kindOf(HttpResult result, @Nullable String code) {
    if (result.status() == 403) {
      String said = new String(result.body(), StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
      return Optional.of(
          said.contains("too frequent") ? Failure.Kind.RATE_LIMITED : Failure.Kind.BANNED);
    }
    if (code == null) {
      return Optional.empty();
    }
    if (LIMIT_CODES.contains(code)) {
      return Optional.of(Failure.Kind.RATE_LIMITED);
    }
    return switch (code) {
      case "10001", "10029" -> Optional.of(Failure.Kind.CALLER); // parameters, symbols
      case "10009" -> Optional.of(Failure.Kind.BANNED);
      case "10000", "10016" -> Optional.of(Failure.Kind.SERVER_ERROR);
      default -> Optional.empty();
    };
  }

  /// `X-Bapi-Limit` counts for an account and a path, and public answers may lack it; of an
  /// address's window nothing is told (docs/v5/rate-limit).
  @Override
  public Usage usage(HttpResult result) {
    return Usage.UNKNOWN;
  }

  private String nameOf(Symbol symbol) throws UnsupportedQueryException {
    String name = names == null
        ? BybitSymbols.nativeOf(symbol)
            .orElseThrow(() -> new UnsupportedQueryException(
                id(),
                symbol + " has no name there: spot pairs are written BASE/QUOTE in upper case"))
        : names.get(symbol);
    if (name == null) {
      throw new UnsupportedQueryException(id(), "does not list " + symbol);
    }
    return URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  private SourceRequest get(String path) {
    return new SourceRequest(prefix + path, Map.of(), 1, settings.bodyMaxBytes());
  }

  private SourceRequest list(String path) {
    return new SourceRequest(
        prefix + path, Map.of(), 1, Math.max(settings.bodyMaxBytes(), LIST_MAX_BYTES));
  }
}
