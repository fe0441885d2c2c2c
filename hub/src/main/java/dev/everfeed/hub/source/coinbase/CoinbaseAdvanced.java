package dev.everfeed.hub.source.coinbase;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.BarPager;
import dev.everfeed.hub.source.BarRules;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.SourceRequest;
import dev.everfeed.hub.source.SourceSettings;
import dev.everfeed.hub.source.UnsupportedQueryException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// Coinbase Advanced Trade over REST, by its public paths that need no key.
///
/// Prices come from the ticker of each product with its newest trade. The list of products has
/// the prices of several in one answer, but without a time and, asked without a key, without
/// bid and ask (empty in the recorded one): a price of hours ago would pass for one of now.
public final class CoinbaseAdvanced extends CoinbaseRest {
  private static final String API = "/api/v3/brokerage";

  /// 923 spot products of some 2 kB.
  private static final int PRODUCTS_MAX_BYTES = 16 << 20;

  /// Bases whose USDC product has a book of its own (Advanced Trade documentation, WebSocket
  /// channels).
  private static final Set<String> OWN_USDC_BOOK = Set.of("USDT", "EURC");

  /// The granularities of the public candles (Advanced Trade documentation). At most 350 rows a
  /// page are said today, 300 in 2023 and in its sister: 300 is right under both.
  private static final BarRules BARS =
      new BarRules(offered(), 300, false, false, Integer.MAX_VALUE);

  private final String prefix;

  public CoinbaseAdvanced(SourceSettings settings) {
    this(settings, null);
  }

  private CoinbaseAdvanced(SourceSettings settings, @Nullable SortedSet<Symbol> listed) {
    super(new CoinbaseAdvancedDecoder(), BARS, settings, listed);
    this.prefix = settings.prefix(API);
  }

  private static SequencedMap<Interval, String> offered() {
    SequencedMap<Interval, String> offered = new LinkedHashMap<>();
    offered.put(Interval.M1, "ONE_MINUTE");
    offered.put(Interval.M5, "FIVE_MINUTE");
    offered.put(Interval.M15, "FIFTEEN_MINUTE");
    offered.put(Interval.M30, "THIRTY_MINUTE");
    offered.put(Interval.H1, "ONE_HOUR");
    offered.put(Interval.H2, "TWO_HOUR");
    offered.put(Interval.H6, "SIX_HOUR");
    offered.put(Interval.D1, "ONE_DAY");
    return offered;
  }

  @Override
  public SourceId id() {
    return CoinbaseAdvancedDecoder.SOURCE;
  }

  @Override
  public String attribution() {
    return "Market data by Coinbase";
  }

  @Override
  public String homepage() {
    return "https://www.coinbase.com/advanced-trade";
  }

  @Override
  public String terms() {
    return "Public market data without a key, about 10 requests a second per address. "
        + CoinbaseForms.TERMS;
  }

  /// Trade ids are consecutive per product (recorded ticker), but cannot be asked for. Bars are
  /// told apart by their open and have holes as in Coinbase Exchange, whose trading it is.
  @Override
  public Map<Query.Kind, Proof> proofs() {
    Proof snapshot = new Proof(false, false, false, Proof.Refill.NONE, "the latest");
    return Map.of(
        Query.Kind.PRICE,
        snapshot,
        Query.Kind.BARS,
        new Proof(true, false, true, Proof.Refill.BY_TIME, "all"),
        Query.Kind.TRADES,
        new Proof(true, true, true, Proof.Refill.NONE, "the newest 100"),
        Query.Kind.LISTINGS,
        snapshot);
  }

  /// Here a `*-USDC` product is another name for the book of the `*-USD` one. Its list of
  /// products says so of each; as long as that is not known, the documentation's rule holds.
  @Override
  String nativeOf(Symbol symbol) throws UnsupportedQueryException {
    String base = symbol.base().orElse("");
    if (listed == null
        && symbol.quote().orElse("").equals("USDC")
        && !OWN_USDC_BOOK.contains(base)) {
      throw new UnsupportedQueryException(
          id(), "has no market of %s: it would answer with %s/USD".formatted(symbol, base));
    }
    return super.nativeOf(symbol);
  }

  @Override
  public SourceRequest probe() {
    return get(prefix + "/time");
  }

  @Override
  SourceRequest products() {
    return new SourceRequest(
        prefix + "/market/products?product_type=SPOT",
        Map.of(),
        1,
        Math.max(settings.bodyMaxBytes(), PRODUCTS_MAX_BYTES));
  }

  @Override
  SourceRequest ticker(String product) {
    return get(market(product) + "/ticker?limit=1");
  }

  /// Begin and end are required, in seconds. Whether the end is included is not said: a second
  /// before the end of the page lies in its last bar under both readings.
  @Override
  SourceRequest candles(String product, BarPager.Page page) {
    Instant from = Objects.requireNonNull(page.from(), "a page has a begin");
    Instant to = Objects.requireNonNull(page.to(), "a page has an end");
    return get("%s/candles?granularity=%s&start=%d&end=%d"
        .formatted(
            market(product),
            page.nativeInterval(),
            from.getEpochSecond(),
            to.getEpochSecond() - 1));
  }

  /// The newest only: there is no paging by id, and of a stretch of time the newest 100 come,
  /// whatever is asked for (unverified), which is not what comes after a moment.
  @Override
  SourceRequest trades(String product, Query.Trades query) throws UnsupportedQueryException {
    if (query.fromId() != null || query.from() != null) {
      throw new UnsupportedQueryException(
          id(), "gives the newest trades only; coinbase_exchange gives them from an id on");
    }
    return get("%s/ticker?limit=%d".formatted(market(product), query.limit()));
  }

  @Override
  PolledSource listing(SortedSet<Symbol> symbols) {
    return new CoinbaseAdvanced(settings, symbols);
  }

  /// The code is the name of a gRPC status, which says more than HTTP's: an unknown product has
  /// come as 400 and as 404. What is asked here needs no permission, so 403 is the firewall's.
  @Override
  Optional<Failure.Kind> kindOf(int status, @Nullable String code) {
    if (status == 403 || (status < 418 && "RESOURCE_EXHAUSTED".equals(code))) {
      return Optional.of(Failure.Kind.RATE_LIMITED);
    }
    return status < 400 && ("NOT_FOUND".equals(code) || "INVALID_ARGUMENT".equals(code))
        ? Optional.of(Failure.Kind.CALLER)
        : Optional.empty();
  }

  private String market(String product) {
    return prefix + "/market/products/" + product;
  }
}
