package dev.everfeed.hub.source.kraken;

import static dev.everfeed.hub.source.kraken.KrakenRestDecoder.EXCHANGE;
import static dev.everfeed.hub.source.kraken.KrakenRestDecoder.SOURCE;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Event.SourceStatus.Condition;
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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Kraken spot over REST, without a key.
///
/// Pairs are asked by their altname (`XBTUSD`), which follows from the symbol alone; answers are
/// read by the venue's list once it is known. Bars go back 720 and no further, and nothing of
/// that is paged: every question takes all of them. Its ticker has no time.
public final class KrakenRest implements PolledSource {
  private static final String API = "/0";

  /// AssetPairs has some 1,400 pairs of 1.5 kB (2026).
  private static final int LISTINGS_MAX_BYTES = 16 << 20;

  /// Bars that it knows, besides the one that still runs (get-ohlc-data: "up to 720 of the most
  /// recent entries"; the recorded answer has 720 and that one).
  static final int REACH = 720;

  /// Weeks are built from days.
  private static final BarRules BARS =
      new BarRules(KrakenIntervals.WORDS, REACH, true, false, REACH);

  private final SourceSettings settings;
  private final Set<Symbol> symbols;
  private final KrakenErrors decoder;
  private final BarPager pager;
  private final KrakenTrades trades;
  private final String prefix;

  public KrakenRest(SourceSettings settings) {
    this(settings, Map.of());
  }

  private KrakenRest(SourceSettings settings, Map<String, Symbol> listed) {
    this.settings = settings;
    this.symbols = Set.copyOf(listed.values());
    this.decoder = new KrakenErrors(new KrakenRestDecoder(listed));
    this.pager = new BarPager(SOURCE, BARS, this::bars);
    this.trades = new KrakenTrades(this::get);
    this.prefix = settings.prefix(API) + "/public/";
  }

  @Override
  public SourceId id() {
    return SOURCE;
  }

  @Override
  public @Nullable String exchange() {
    return EXCHANGE;
  }

  @Override
  public String attribution() {
    return "Market data by Kraken";
  }

  @Override
  public String homepage() {
    return "https://www.kraken.com";
  }

  @Override
  public String terms() {
    return "Public market data without a key, limited to about one call a second per address; its"
        + " terms of service apply (https://www.kraken.com/legal).";
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

  /// Calls: some 15 at once, then one a second (wire/SPEC.md section 4; support article
  /// 206548367). It does not say how many are left.
  @Override
  public int weightPerWindow() {
    return 20;
  }

  @Override
  public Duration weightWindow() {
    return Duration.ofSeconds(20);
  }

  @Override
  public BarRules bars() {
    return BARS;
  }

  /// Bars: the recorded 12 hours have a flat one for each quiet minute (rest_bars/0004).
  /// Trades: the id is "a sequence number, unique per book" (spot-websocket-v2/trade), but
  /// whether it has holes is not documented, and the example of get-recent-trades has one.
  @Override
  public Map<Query.Kind, Proof> proofs() {
    Proof snapshot = new Proof(false, false, false, Proof.Refill.NONE, "the latest");
    return Map.of(
        Query.Kind.PRICE,
        snapshot,
        Query.Kind.BARS,
        new Proof(true, true, true, Proof.Refill.BY_TIME, "the newest 720 of each interval"),
        Query.Kind.TRADES,
        new Proof(true, false, true, Proof.Refill.BY_TIME, "all"),
        Query.Kind.LISTINGS,
        snapshot);
  }

  @Override
  public SourceRequest request(Query query) throws UnsupportedQueryException {
    return switch (query) {
      case Query.Prices prices -> prices(prices);
      case Query.Bars bars -> pager.first(bars);
      case Query.Trades q -> trades.first(q, nameOf(q.symbol()));
      case Query.Listings _ ->
        new SourceRequest(
            prefix + "AssetPairs",
            Map.of(),
            1,
            Math.max(settings.bodyMaxBytes(), LISTINGS_MAX_BYTES));
      case Query.Sentiments _ -> throw new UnsupportedQueryException(id(), "offers no sentiment");
    };
  }

  @Override
  public int weight(Query query) throws UnsupportedQueryException {
    int first = request(query).weight();
    return switch (query) {
      case Query.Bars q -> first * pager.mostPages(q);
      case Query.Trades q -> first * KrakenTrades.mostPages(q);
      case Query.Prices _, Query.Listings _, Query.Sentiments _ -> first;
    };
  }

  private SourceRequest prices(Query.Prices query) throws UnsupportedQueryException {
    StringJoiner names = new StringJoiner(",");
    for (Symbol symbol : query.symbols()) {
      names.add(nameOf(symbol));
    }
    return get("Ticker?pair=" + names);
  }

  /// It has no end and no limit, and `since` is exclusive: "return candles after this time"
  /// (guides/general/historical-data). What is not wanted is cut from the answer.
  private SourceRequest bars(BarPager.Page page) throws UnsupportedQueryException {
    String path =
        "OHLC?pair=%s&interval=%s".formatted(nameOf(page.symbol()), page.nativeInterval());
    return get(
        page.from() == null
            ? path
            : path + "&since=" + Math.max(0, page.from().getEpochSecond() - 1));
  }

  /// Its clock answers during maintenance too, its status says so.
  @Override
  public SourceRequest probe() {
    return get("SystemStatus");
  }

  @Override
  public SourceRequest clock() {
    return get("Time");
  }

  @Override
  public Outcome interpretClock(HttpResult result) {
    return read("rest_time", result, DecodeContext.NONE);
  }

  /// A venue that only takes orders or cancellations still tells its prices.
  @Override
  public Outcome interpretProbe(HttpResult result) {
    Outcome outcome = read("rest_status", result, DecodeContext.NONE);
    if (outcome instanceof Outcome.Usable usable
        && usable.events().getFirst() instanceof Event.SourceStatus said
        && (said.status() == Condition.MAINTENANCE || said.status() == Condition.OFFLINE)) {
      return HttpAnswers.unusable(
          Failure.Kind.SERVER_ERROR,
          id(),
          "says that its status is " + said.status().text());
    }
    return outcome;
  }

  @Override
  public Outcome interpret(Query query, List<Event> before, HttpResult result) {
    Outcome outcome = switch (query) {
      case Query.Prices q ->
        read("rest_ticker", result, new DecodeContext(null, null, List.copyOf(q.symbols())));
      case Query.Bars q -> bars(q, result);
      case Query.Trades q -> ofPair("rest_trades", q.symbol(), null, result);
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
      case Query.Trades q -> received(q, before, events, result);
      case Query.Listings _, Query.Sentiments _ -> outcome;
    };
  }

  private Outcome bars(Query.Bars query, HttpResult result) {
    try {
      return ofPair("rest_bars", query.symbol(), pager.asked(query.interval()), result);
    } catch (UnsupportedQueryException e) {
      return HttpAnswers.unusable(Failure.Kind.NOT_OFFERED, id(), e.getMessage());
    }
  }

  private Outcome received(
      Query.Trades query, List<Event> before, List<Event> events, HttpResult result) {
    try {
      return trades.received(query, nameOf(query.symbol()), before, events, result);
    } catch (UnsupportedQueryException e) {
      return HttpAnswers.unusable(Failure.Kind.NOT_OFFERED, id(), e.getMessage());
    }
  }

  /// An answer about one pair. The key is read as if it were not known what was asked, so that
  /// another pair's answer is seen to be one.
  private Outcome ofPair(
      String kind, Symbol symbol, @Nullable Interval interval, HttpResult result) {
    Outcome outcome = read(kind, result, new DecodeContext(null, interval, List.of(symbol)));
    if (outcome instanceof Outcome.Usable usable) {
      for (Event event : usable.events()) {
        Symbol other = symbolOf(event);
        if (!symbol.equals(other)) {
          return HttpAnswers.unusable(
              Failure.Kind.WRONG_DATA,
              id(),
              "answered for %s when asked for %s".formatted(other, symbol));
        }
      }
    }
    return outcome;
  }

  private static @Nullable Symbol symbolOf(Event event) {
    return switch (event) {
      case Event.Bar bar -> bar.symbol();
      case Event.Trade trade -> trade.symbol();
      default -> null;
    };
  }

  /// Its list tells which pairs there are, and what the keys of its answers mean.
  @Override
  public PolledSource knowing(List<Event> listings) {
    Map<String, Symbol> known = new TreeMap<>();
    for (Event event : listings) {
      if (event instanceof Event.Listing listing && listing.source().equals(SOURCE)) {
        known.put(listing.nativeName(), listing.symbol());
      }
    }
    return new KrakenRest(settings, known);
  }

  private Outcome read(String kind, HttpResult result, DecodeContext context) {
    return HttpAnswers.read(
        id(), decoder, kind, result, context, (status, _) -> decoder.kindOf(status, result.body()));
  }

  @Override
  public Usage usage(HttpResult result) {
    return Usage.UNKNOWN;
  }

  private String nameOf(Symbol symbol) throws UnsupportedQueryException {
    String name = KrakenSymbols.altnameOf(symbol)
        .orElseThrow(() -> new UnsupportedQueryException(
            id(), symbol + " has no name there: spot pairs are written BASE/QUOTE in upper case"));
    if (!symbols.isEmpty() && !symbols.contains(symbol)) {
      throw new UnsupportedQueryException(id(), "does not list " + symbol);
    }
    return name;
  }

  private SourceRequest get(String path) {
    return new SourceRequest(prefix + path, Map.of(), 1, settings.bodyMaxBytes());
  }
}
