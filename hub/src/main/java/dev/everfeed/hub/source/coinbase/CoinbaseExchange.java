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
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// Coinbase Exchange (the former Coinbase Pro) over REST, without a key.
public final class CoinbaseExchange extends CoinbaseRest {
  /// The six granularities, in seconds; 300 rows a page, no row for an interval without trades
  /// (Exchange documentation, get product candles).
  private static final BarRules BARS =
      new BarRules(offered(), 300, false, false, Integer.MAX_VALUE);

  public CoinbaseExchange(SourceSettings settings) {
    this(settings, null);
  }

  private CoinbaseExchange(SourceSettings settings, @Nullable SortedSet<Symbol> listed) {
    super(new CoinbaseExchangeDecoder(), BARS, settings, listed);
  }

  private static SequencedMap<Interval, String> offered() {
    SequencedMap<Interval, String> offered = new LinkedHashMap<>();
    offered.put(Interval.M1, "60");
    offered.put(Interval.M5, "300");
    offered.put(Interval.M15, "900");
    offered.put(Interval.H1, "3600");
    offered.put(Interval.H6, "21600");
    offered.put(Interval.D1, "86400");
    return offered;
  }

  @Override
  public SourceId id() {
    return CoinbaseExchangeDecoder.SOURCE;
  }

  @Override
  public String attribution() {
    return "Market data by Coinbase Exchange";
  }

  @Override
  public String homepage() {
    return "https://exchange.coinbase.com";
  }

  @Override
  public String terms() {
    return "Public market data without a key, 10 requests a second per address, in bursts up to 15. "
        + CoinbaseForms.TERMS;
  }

  /// Trade ids are consecutive per product (recorded session, wire/SPEC.md section 2). Bars are
  /// told apart by their open; "no data is published for intervals where there are no ticks"
  /// (get product candles), so they have holes.
  @Override
  public Map<Query.Kind, Proof> proofs() {
    Proof snapshot = new Proof(false, false, false, Proof.Refill.NONE, "the latest");
    return Map.of(
        Query.Kind.PRICE,
        snapshot,
        Query.Kind.BARS,
        new Proof(true, false, true, Proof.Refill.BY_TIME, "all"),
        Query.Kind.TRADES,
        new Proof(true, true, true, Proof.Refill.BY_ID, "all"),
        Query.Kind.LISTINGS,
        snapshot);
  }

  @Override
  public SourceRequest probe() {
    return get("/time");
  }

  @Override
  SourceRequest products() {
    return get("/products");
  }

  @Override
  SourceRequest ticker(String product) {
    return get("/products/" + product + "/ticker");
  }

  /// Always with a begin and an end: without them the newest rows come out of a cache that may
  /// be 5 minutes old (unverified; `cache-control: max-age=300` in public notes). Both are
  /// included, and a page has at most 300 rows, so the end is a second before that of the page.
  @Override
  SourceRequest candles(String product, BarPager.Page page) {
    Instant from = Objects.requireNonNull(page.from(), "a page has a begin");
    Instant to = Objects.requireNonNull(page.to(), "a page has an end");
    return get("/products/%s/candles?granularity=%s&start=%s&end=%s"
        .formatted(product, page.nativeInterval(), from, to.minusSeconds(1)));
  }

  /// Pages run backwards only: `after=X` gives the newest trades with an id below X, and
  /// `before` gives the newest of all above one, not the next ones (Exchange documentation,
  /// pagination). Ids are consecutive, so the `limit` trades from an id on are those below `id
  /// + limit`. When there are not so many yet, older ones come too; they are cut off.
  @Override
  SourceRequest trades(String product, Query.Trades query) throws UnsupportedQueryException {
    if (query.from() != null) {
      throw new UnsupportedQueryException(id(), "gives trades from an id on, not from a moment on");
    }
    String path = "/products/%s/trades?limit=%d".formatted(product, query.limit());
    if (query.fromId() == null) {
      return get(path);
    }
    if (!query.fromId().matches("[0-9]{1,18}")) {
      throw new UnsupportedQueryException(
          id(), "trade ids are whole numbers, was \"" + query.fromId() + "\"");
    }
    return get(path + "&after=" + (Long.parseLong(query.fromId()) + query.limit()));
  }

  @Override
  PolledSource listing(SortedSet<Symbol> symbols) {
    return new CoinbaseExchange(settings, symbols);
  }

  /// What is asked here needs no permission: 403 is the firewall's.
  @Override
  Optional<Failure.Kind> kindOf(int status, @Nullable String code) {
    return status == 403 ? Optional.of(Failure.Kind.RATE_LIMITED) : Optional.empty();
  }
}
