package dev.everfeed.hub.source.coingecko;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// CoinGecko over REST, with or without a key.
///
/// Its prices are averages over exchanges in a real currency, renewed every 30 to 60 s: an
/// explicit equivalent at most, never a stand-in for trades or books, so it offers neither
/// these nor bars.
public final class CoinGecko implements PolledSource {
  private static final String API = "/api/v3";
  private static final Decimal HUNDRED = Decimal.of(100);

  /// 15,000 coins at about 80 bytes.
  private static final int LIST_MAX_BYTES = 16 << 20;

  private static final Symbol LARGEST = Symbol.of("BTC/USD");

  private final SourceSettings settings;
  private final IdTable ids;
  private final CoinGeckoDecoder decoder;
  private final String prefix;
  private final Map<String, String> headers;
  private final int bodyMaxBytes;

  public CoinGecko(SourceSettings settings) {
    this(settings, IdTable.of(settings.ids()));
  }

  private CoinGecko(SourceSettings settings, IdTable ids) {
    this.settings = settings;
    this.ids = ids;
    this.decoder = new CoinGeckoDecoder(ids);
    this.prefix = settings.prefix(API);
    this.bodyMaxBytes = settings.bodyMaxBytes();
    boolean pro = settings.baseUrl().getHost().startsWith("pro-");
    this.headers = settings.apiKey() == null
        ? Map.of()
        : Map.of(pro ? "x-cg-pro-api-key" : "x-cg-demo-api-key", settings.apiKey());
  }

  @Override
  public SourceId id() {
    return IdTable.SOURCE;
  }

  @Override
  public @Nullable String exchange() {
    return null;
  }

  @Override
  public String attribution() {
    return "Data provided by CoinGecko";
  }

  @Override
  public String homepage() {
    return "https://www.coingecko.com";
  }

  @Override
  public String terms() {
    return "Attribution with a link is required; calls are limited per minute and key, failed ones"
        + " included (https://www.coingecko.com/en/api_terms).";
  }

  @Override
  public Content content() {
    return Content.AGGREGATE;
  }

  @Override
  public Set<Query.Kind> offers() {
    return Set.of(Query.Kind.PRICE, Query.Kind.SENTIMENT, Query.Kind.LISTINGS);
  }

  @Override
  public Duration usualInterval() {
    return Duration.ofSeconds(60);
  }

  /// Its prices move every 30 to 60 s, and its calls are few.
  @Override
  public Duration askAgainAfter() {
    return Duration.ofSeconds(10);
  }

  /// Calls: its page of 2026 says 100 with a demo key, older ones 30; failed ones count too
  /// (wire/SPEC.md, section 7). The least is assumed, and a setting says more.
  @Override
  public int weightPerWindow() {
    return 30;
  }

  /// A snapshot of an aggregate proves nothing about what came between two of them.
  @Override
  public Map<Query.Kind, Proof> proofs() {
    Proof snapshot = new Proof(false, false, false, Proof.Refill.NONE, "the latest");
    return Map.of(
        Query.Kind.PRICE, snapshot, Query.Kind.SENTIMENT, snapshot, Query.Kind.LISTINGS, snapshot);
  }

  @Override
  public SourceRequest request(Query query) throws UnsupportedQueryException {
    return switch (query) {
      case Query.Prices prices -> prices(prices);
      case Query.Sentiments sentiments -> votes(sentiments);
      case Query.Listings _ -> get("/coins/list", LIST_MAX_BYTES);
      case Query.Bars _, Query.Trades _ ->
        throw new UnsupportedQueryException(id(), "offers no " + query.kind().text());
    };
  }

  private SourceRequest prices(Query.Prices query) throws UnsupportedQueryException {
    StringJoiner list = new StringJoiner(",");
    TreeSet<String> currencies = new TreeSet<>();
    for (Symbol symbol : query.symbols()) {
      String currency = symbol.quote().orElse("").toLowerCase(Locale.ROOT);
      if (!CoinGeckoDecoder.CURRENCIES.contains(currency) || symbol.text().indexOf(':') >= 0) {
        throw new UnsupportedQueryException(
            id(), "gives no prices in the currency of %s; it does in USD".formatted(symbol));
      }
      currencies.add(currency);
      list.add(ids.idOf(symbol));
    }
    if (currencies.size() > 1) {
      throw new UnsupportedQueryException(
          id(), "takes one currency a call, had %s".formatted(currencies));
    }
    return get("/coins/markets?vs_currency=%s&ids=%s&per_page=250&page=1"
        .formatted(currencies.first(), encoded(list.toString())));
  }

  private SourceRequest votes(Query.Sentiments query) throws UnsupportedQueryException {
    return get(
        "/coins/%s?localization=false&tickers=false&market_data=false&community_data=false&developer_data=false&sparkline=false"
            .formatted(encoded(ids.idOf(votedOn(query)))));
  }

  /// Votes are cast on a coin; the largest one stands for the market, and the answer says so.
  private static Symbol votedOn(Query.Sentiments query) {
    return query.symbol() == null ? LARGEST : query.symbol();
  }

  @Override
  public PolledSource knowing(List<Event> listings) {
    return new CoinGecko(settings, ids.withListings(listings));
  }

  @Override
  public SourceRequest probe() {
    return get("/ping");
  }

  @Override
  public Outcome interpretProbe(HttpResult result) {
    return read("rest_status", result, DecodeContext.NONE);
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
      case Query.Sentiments q -> {
        Outcome outcome = read("rest_coin", result, new DecodeContext(votedOn(q), null, List.of()));
        yield outcome instanceof Outcome.Usable usable ? believable(q, usable.events()) : outcome;
      }
      case Query.Listings _ -> read("rest_list", result, DecodeContext.NONE);
      case Query.Bars _, Query.Trades _ ->
        HttpAnswers.unusable(
            Failure.Kind.NOT_OFFERED, id(), "offers no " + query.kind().text());
    };
  }

  private Outcome believable(Query.Sentiments query, List<Event> events) {
    if (events.isEmpty()) {
      return HttpAnswers.unusable(
          Failure.Kind.NOT_OFFERED, id(), "nobody has voted on " + query.symbol());
    }
    for (Event event : events) {
      Decimal value = ((Event.Sentiment) event).value();
      if (value.signum() < 0 || value.compareTo(HUNDRED) > 0) {
        return HttpAnswers.unusable(
            Failure.Kind.WRONG_DATA, id(), "votes up must be 0 to 100 percent, was " + value);
      }
    }
    return new Outcome.Usable(events);
  }

  private Outcome read(String kind, HttpResult result, DecodeContext context) {
    return HttpAnswers.read(id(), decoder, kind, result, context, CoinGecko::kindOf);
  }

  /// CoinGecko states its errors in the body too: 429 too many calls; 1020 the firewall of its
  /// CDN; 10002 no key, 10005 not in the plan, 10010 and 10011 key of the other plan
  /// (docs.coingecko.com, errors and rate limits).
  private static Optional<Failure.Kind> kindOf(int status, @Nullable String code) {
    if (code == null) {
      return Optional.empty();
    }
    return switch (code) {
      case "429" -> Optional.of(Failure.Kind.RATE_LIMITED);
      case "1020", "10002", "10005", "10010", "10011" -> Optional.of(Failure.Kind.CALLER);
      default -> Optional.empty();
    };
  }

  /// CoinGecko does not say how many calls are left.
  @Override
  public Usage usage(HttpResult result) {
    return Usage.UNKNOWN;
  }

  private SourceRequest get(String path) {
    return get(path, bodyMaxBytes);
  }

  private SourceRequest get(String path, int bodyMost) {
    return new SourceRequest(prefix + path, headers, 1, bodyMost);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
