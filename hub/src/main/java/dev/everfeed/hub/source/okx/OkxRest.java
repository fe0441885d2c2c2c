package dev.everfeed.hub.source.okx;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// OKX spot over REST, without a key.
///
/// Each path has its own limit of 10 to 100 requests in 2 s and address (the venue's
/// documentation, "Rate Limit" of each). They are counted together here against 20, the limit of
/// most; what allows only 10, the time, weighs 2.
public final class OkxRest implements PolledSource {
  private static final String API = "/api/v5";

  /// 700 instruments with some 1 kB each.
  private static final int LIST_MAX_BYTES = 8 << 20;

  /// "Trades": "Up to 500 most recent historical public transaction data can be retrieved".
  private static final int NEWEST_TRADES_MAX = 500;

  /// "Trades history": "The maximum and default both are 100".
  static final int TRADES_PAGE = 100;

  /// The ids of 2026 have 9.
  private static final int ID_DIGITS = 18;

  /// "Service temporarily unavailable", "API endpoint request timeout", "System is busy",
  /// "System error" (the venue's documentation, "Error Code"), whatever the HTTP status.
  private static final Set<String> SERVER_CODES = Set.of("50001", "50004", "50013", "50026");

  private final OkxDecoder decoder = new OkxDecoder();
  private final OkxBars bars;
  private final SourceSettings settings;
  private final String prefix;

  /// The venue's name of each symbol that it lists; null before it has said.
  private final @Nullable SortedMap<Symbol, String> names;

  public OkxRest(SourceSettings settings) {
    this(settings, null);
  }

  private OkxRest(SourceSettings settings, @Nullable SortedMap<Symbol, String> names) {
    this.settings = settings;
    this.names = names;
    this.prefix = settings.prefix(API);
    this.bars = new OkxBars(this::page, get("/public/time", 2));
  }

  @Override
  public SourceId id() {
    return OkxDecoder.SOURCE;
  }

  @Override
  public String exchange() {
    return OkxDecoder.EXCHANGE;
  }

  @Override
  public String attribution() {
    return "Market data by OKX";
  }

  @Override
  public String homepage() {
    return "https://www.okx.com";
  }

  @Override
  public String terms() {
    return "Public market data without a key, limited by requests per address; the EEA and the US"
        + " have hosts of their own (https://www.okx.com/help/terms-of-service).";
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

  @Override
  public int weightPerWindow() {
    return 20;
  }

  @Override
  public Duration weightWindow() {
    return Duration.ofSeconds(2);
  }

  /// Trade ids count up by one for each instrument: 64 in a row in the recorded session of 2022
  /// (wire/cases/okx/ws_session), and those of the answer of 2026 (rest_trades_element). History
  /// has the last 3 months ("Trades history").
  @Override
  public Map<Query.Kind, Proof> proofs() {
    Proof snapshot = new Proof(false, false, false, Proof.Refill.NONE, "the latest");
    return Map.of(
        Query.Kind.PRICE,
        snapshot,
        Query.Kind.BARS,
        new Proof(true, true, true, Proof.Refill.BY_TIME, "recent years"),
        Query.Kind.TRADES,
        new Proof(true, true, true, Proof.Refill.BY_ID, "3 months"),
        Query.Kind.LISTINGS,
        snapshot);
  }

  @Override
  public BarRules bars() {
    return OkxBars.RULES;
  }

  @Override
  public PolledSource knowing(List<Event> listings) {
    SortedMap<Symbol, String> listed = new TreeMap<>();
    for (Event event : listings) {
      // a name that says something else than its currencies would be read as that in answers
      if (event instanceof Event.Listing listing
          && OkxSymbols.nativeOf(listing.symbol())
              .filter(listing.nativeName()::equals)
              .isPresent()) {
        listed.put(listing.symbol(), listing.nativeName());
      }
    }
    return listed.isEmpty()
        ? this
        : new OkxRest(settings, Collections.unmodifiableSortedMap(listed));
  }

  @Override
  public SourceRequest request(Query query) throws UnsupportedQueryException {
    return switch (query) {
      case Query.Prices prices -> prices(prices);
      case Query.Bars q -> bars.first(q);
      case Query.Trades q -> {
        if (q.from() != null) {
          throw new UnsupportedQueryException(
              id(), "gives trades from an id on, not from a moment on");
        }
        yield q.fromId() == null
            ? get(
                "/market/trades?instId=%s&limit=%d"
                    .formatted(nameOf(q.symbol()), Math.min(q.limit(), NEWEST_TRADES_MAX)),
                1)
            : tradesFrom(q, idOf(q.fromId()), q.limit());
      }
      case Query.Listings _ ->
        new SourceRequest(
            prefix + "/public/instruments?instType=SPOT",
            Map.of(),
            1,
            Math.max(settings.bodyMaxBytes(), LIST_MAX_BYTES));
      case Query.Sentiments _ -> throw new UnsupportedQueryException(id(), "offers no sentiment");
    };
  }

  @Override
  public int weight(Query query) throws UnsupportedQueryException {
    return switch (query) {
      case Query.Bars q -> {
        request(q);
        yield bars.weight(q);
      }
      case Query.Trades q
      when q.fromId() != null -> request(q).weight() * Math.ceilDiv(q.limit(), TRADES_PAGE);
      case Query.Prices _, Query.Trades _, Query.Listings _, Query.Sentiments _ ->
        request(query).weight();
    };
  }

  /// There is no list of some symbols: one, or all of spot.
  private SourceRequest prices(Query.Prices query) throws UnsupportedQueryException {
    String name = "";
    for (Symbol symbol : query.symbols()) {
      name = nameOf(symbol);
    }
    return query.symbols().size() == 1
        ? get("/market/ticker?instId=" + name, 1)
        : new SourceRequest(
            prefix + "/market/tickers?instType=SPOT",
            Map.of(),
            1,
            Math.max(settings.bodyMaxBytes(), LIST_MAX_BYTES));
  }

  private SourceRequest page(BarPager.Page page, String path) throws UnsupportedQueryException {
    return get(path + "&instId=" + nameOf(page.symbol()), 1);
  }

  /// History is paged backwards: `after=N` gives the newest trades with an id below N. To go
  /// forwards, N is put as many ids above the first one wanted as trades are wanted. So many ids
  /// have at most so many trades, and the answer has that many from N downwards: it cannot miss
  /// one of them, whether or not the ids have holes. What it has from before is cut off.
  private SourceRequest tradesFrom(Query.Trades query, long begin, int wanted)
      throws UnsupportedQueryException {
    int size = Math.min(wanted, TRADES_PAGE);
    return get(
        "/market/history-trades?instId=%s&type=1&after=%d&limit=%d"
            .formatted(nameOf(query.symbol()), begin + size, size),
        1);
  }

  private long idOf(String id) throws UnsupportedQueryException {
    if (!id.matches("[0-9]{1,18}")) {
      throw new UnsupportedQueryException(id(), "trade ids are whole numbers, was \"" + id + "\"");
    }
    return Long.parseLong(id);
  }

  @Override
  public SourceRequest probe() {
    return get("/public/time", 2);
  }

  @Override
  public Outcome interpretProbe(HttpResult result) {
    return read("rest_time", result, DecodeContext.NONE);
  }

  @Override
  public Outcome interpret(Query query, List<Event> before, HttpResult result) {
    try {
      return switch (query) {
        case Query.Prices q -> {
          Outcome outcome = read("rest_ticker", result, DecodeContext.NONE);
          yield outcome instanceof Outcome.Usable usable
              ? Plausible.prices(id(), q, usable.events())
              : outcome;
        }
        case Query.Bars q -> bars(q, before, result);
        case Query.Trades q -> trades(q, before, result);
        case Query.Listings _ -> read("rest_instruments", result, DecodeContext.NONE);
        case Query.Sentiments _ ->
          HttpAnswers.unusable(Failure.Kind.NOT_OFFERED, id(), "offers no sentiment");
      };
    } catch (UnsupportedQueryException e) {
      return new Outcome.Unusable(Failure.of(Failure.Kind.NOT_OFFERED, e.getMessage()));
    }
  }

  private Outcome bars(Query.Bars query, List<Event> before, HttpResult result)
      throws UnsupportedQueryException {
    boolean clock = OkxBars.isClockDue(query, before);
    Outcome outcome = clock
        ? read("rest_time", result, DecodeContext.NONE)
        : read("rest_bars", result, DecodeContext.of(query.symbol(), bars.asked(query)));
    if (!(outcome instanceof Outcome.Usable usable)) {
      return outcome;
    }
    return clock
        ? bars.told(query, (Event.ServerTime) usable.events().getFirst())
        : bars.received(query, before, usable.events(), result);
  }

  private Outcome trades(Query.Trades query, List<Event> before, HttpResult result)
      throws UnsupportedQueryException {
    Outcome outcome = read("rest_trades", result, DecodeContext.NONE);
    if (!(outcome instanceof Outcome.Usable usable)) {
      return outcome;
    }
    List<Event> page = usable.events();
    for (Event event : page) {
      String strange = strangenessOf((Event.Trade) event, query);
      if (strange != null) {
        return HttpAnswers.unusable(Failure.Kind.WRONG_DATA, id(), strange);
      }
    }
    return query.fromId() == null
        ? Plausible.trades(id(), query, page.reversed())
        : forwards(query, before, page);
  }

  private static @Nullable String strangenessOf(Event.Trade trade, Query.Trades query) {
    if (!trade.symbol().equals(query.symbol())) {
      return "answered for %s when asked for %s".formatted(trade.symbol(), query.symbol());
    }
    return trade.tradeId() == null || trade.tradeId().length() > ID_DIGITS
        ? "trade %s of %s has no id of 1 to %d digits"
            .formatted(trade.tradeId(), trade.symbol(), ID_DIGITS)
        : null;
  }

  private Outcome forwards(Query.Trades query, List<Event> before, List<Event> page)
      throws UnsupportedQueryException {
    long begin =
        before.isEmpty() ? idOf(String.valueOf(query.fromId())) : idOf(before.getLast()) + 1;
    int size = Math.min(query.limit() - before.size(), TRADES_PAGE);
    if (page.isEmpty()) {
      // at the end of the trades it would have given the ones before
      return HttpAnswers.unusable(
          Failure.Kind.NOT_OFFERED,
          id(),
          "knows no trade of %s as old as %d: it keeps 3 months".formatted(query.symbol(), begin));
    }
    List<Event> own = new ArrayList<>();
    for (Event event : page.reversed()) {
      long trade = idOf(event);
      if (trade >= begin + size) {
        return HttpAnswers.unusable(
            Failure.Kind.WRONG_DATA,
            id(),
            "answered with trade %d of %s when asked for those before %d"
                .formatted(trade, query.symbol(), begin + size));
      }
      if (trade >= begin) {
        own.add(event);
      }
    }
    List<Event> all = new ArrayList<>(before);
    all.addAll(own);
    Outcome outcome = Plausible.trades(id(), query, all);
    // a page that is not full has met the end
    boolean over = own.size() < size || all.size() >= query.limit();
    return over || outcome instanceof Outcome.Unusable
        ? outcome
        : new Outcome.More(all, tradesFrom(query, begin + size, query.limit() - all.size()));
  }

  /// Only of a trade that has passed [#strangenessOf].
  private static long idOf(Event event) {
    String id = ((Event.Trade) event).tradeId();
    if (id == null) {
      throw new IllegalArgumentException("a trade without an id: " + event);
    }
    return Long.parseLong(id);
  }

  private Outcome read(String kind, HttpResult result, DecodeContext context) {
    return HttpAnswers.read(id(), decoder, kind, result, context, OkxRest::kindOf);
  }

  /// The code has the say, whatever the status: 50011 is "Rate limit reached", and what begins
  /// with 51 is about the request, such as 51001, "Instrument ID does not exist", and 51000,
  /// "Parameter error", which a bar that it does not know gives too.
  private static Optional<Failure.Kind> kindOf(int status, @Nullable String code) {
    if (code == null) {
      return Optional.empty();
    }
    if (code.equals("50011")) {
      return Optional.of(Failure.Kind.RATE_LIMITED);
    }
    if (SERVER_CODES.contains(code)) {
      return Optional.of(Failure.Kind.SERVER_ERROR);
    }
    return code.length() == 5 && code.startsWith("51")
        ? Optional.of(Failure.Kind.CALLER)
        : Optional.empty();
  }

  /// Public answers do not tell how much of a limit is used.
  @Override
  public Usage usage(HttpResult result) {
    return Usage.UNKNOWN;
  }

  private String nameOf(Symbol symbol) throws UnsupportedQueryException {
    String name = names == null
        ? OkxSymbols.nativeOf(symbol)
            .orElseThrow(() -> new UnsupportedQueryException(
                id(),
                symbol + " has no name there: spot pairs are written BASE/QUOTE in upper case"))
        : names.get(symbol);
    if (name == null) {
      throw new UnsupportedQueryException(id(), "does not list " + symbol);
    }
    return URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  private SourceRequest get(String path, int weight) {
    return new SourceRequest(prefix + path, Map.of(), weight, settings.bodyMaxBytes());
  }
}
