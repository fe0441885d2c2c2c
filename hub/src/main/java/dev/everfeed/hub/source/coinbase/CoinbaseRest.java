package dev.everfeed.hub.source.coinbase;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
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
import dev.everfeed.hub.source.WireDecoder;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What both interfaces do alike: questions that take several requests.
///
/// **Prices.** Neither has one answer with last price, best bid and ask of several products, so
/// each symbol is a request of its own. Progress is kept as one [Event.Heartbeat] for each
/// symbol that is done, since some may have no price.
///
/// **The newest bars.** Both want a begin and an end, or are better asked with them, so the
/// venue is asked for its time first. Every later page has that [Event.ServerTime] in front,
/// before what the [BarPager] keeps.
abstract class CoinbaseRest implements PolledSource {
  /// As many as one bucket of Coinbase Exchange allows in a second: 15 at once and 10 more while
  /// it runs (Exchange documentation, REST rate limits: 10 requests per second and address, in
  /// bursts up to 15). A full batch of prices (20) fits in the share of a refresh.
  private static final int REQUESTS_MOST = 25;

  /// After 25 requests the bucket is full again within 2.5 s.
  private static final Duration REQUESTS_WINDOW = Duration.ofSeconds(3);

  private final WireDecoder decoder;
  private final BarRules rules;
  private final BarPager pager;

  final SourceSettings settings;

  /// What it lists; null as long as that is not known.
  final @Nullable SortedSet<Symbol> listed;

  CoinbaseRest(
      WireDecoder decoder,
      BarRules rules,
      SourceSettings settings,
      @Nullable SortedSet<Symbol> listed) {
    this.decoder = decoder;
    this.rules = rules;
    this.settings = settings;
    this.listed = listed == null ? null : Collections.unmodifiableSortedSet(listed);
    this.pager = new BarPager(id(), rules, page -> candles(nativeOf(page.symbol()), page));
  }

  abstract SourceRequest ticker(String product);

  abstract SourceRequest candles(String product, BarPager.Page page);

  abstract SourceRequest trades(String product, Query.Trades query)
      throws UnsupportedQueryException;

  abstract SourceRequest products();

  /// The same source, knowing what it lists.
  abstract PolledSource listing(SortedSet<Symbol> symbols);

  /// Its own reading of an error that it states, where [HttpAnswers] reads it otherwise.
  abstract Optional<Failure.Kind> kindOf(int status, @Nullable String code);

  @Override
  public final String exchange() {
    return CoinbaseForms.EXCHANGE;
  }

  @Override
  public final Content content() {
    return Content.EXCHANGE;
  }

  @Override
  public final Set<Query.Kind> offers() {
    return Set.of(Query.Kind.PRICE, Query.Kind.BARS, Query.Kind.TRADES, Query.Kind.LISTINGS);
  }

  /// The price is stamped with the last trade's time, and many products trade a few times a
  /// minute only.
  @Override
  public final Duration usualInterval() {
    return Duration.ofSeconds(30);
  }

  @Override
  public final int weightPerWindow() {
    return REQUESTS_MOST;
  }

  @Override
  public final Duration weightWindow() {
    return REQUESTS_WINDOW;
  }

  @Override
  public final BarRules bars() {
    return rules;
  }

  /// It does not say how much of the limit is used.
  @Override
  public final Usage usage(HttpResult result) {
    return Usage.UNKNOWN;
  }

  @Override
  public final PolledSource knowing(List<Event> listings) {
    TreeSet<Symbol> symbols = new TreeSet<>();
    for (Event event : listings) {
      if (event instanceof Event.Listing listing && listing.source().equals(id())) {
        symbols.add(listing.symbol());
      }
    }
    return symbols.isEmpty() ? this : listing(symbols);
  }

  /// Its own name of a symbol.
  String nativeOf(Symbol symbol) throws UnsupportedQueryException {
    if (listed != null && !listed.contains(symbol)) {
      throw new UnsupportedQueryException(id(), "does not list " + symbol);
    }
    return CoinbaseNames.nativeOf(symbol)
        .orElseThrow(() -> new UnsupportedQueryException(
            id(), symbol + " has no name there: spot pairs are written BASE/QUOTE in upper case"));
  }

  @Override
  public final SourceRequest request(Query query) throws UnsupportedQueryException {
    return switch (query) {
      case Query.Prices prices -> {
        for (Symbol symbol : prices.symbols()) {
          nativeOf(symbol);
        }
        yield ticker(nativeOf(prices.symbols().first()));
      }
      case Query.Bars bars -> {
        if (bars.from() != null) {
          yield pager.first(bars);
        }
        pager.asked(bars.interval());
        nativeOf(bars.symbol());
        yield probe();
      }
      case Query.Trades trades -> trades(nativeOf(trades.symbol()), trades);
      case Query.Listings _ -> products();
      case Query.Sentiments _ -> throw new UnsupportedQueryException(id(), "offers no sentiment");
    };
  }

  @Override
  public final int weight(Query query) throws UnsupportedQueryException {
    int first = request(query).weight();
    return switch (query) {
      case Query.Prices prices -> prices.symbols().size();
      case Query.Bars bars -> pager.mostPages(bars) + (bars.from() == null ? 1 : 0);
      case Query.Trades _, Query.Listings _, Query.Sentiments _ -> first;
    };
  }

  @Override
  public final Outcome interpretProbe(HttpResult result) {
    return read("rest_time", result, DecodeContext.NONE);
  }

  @Override
  public final Outcome interpret(Query query, List<Event> before, HttpResult result) {
    try {
      return switch (query) {
        case Query.Prices prices -> prices(prices, before, result);
        case Query.Bars bars -> bars(bars, before, result);
        case Query.Trades trades -> trades(trades, result);
        case Query.Listings _ -> read("rest_instruments", result, DecodeContext.NONE);
        case Query.Sentiments _ ->
          HttpAnswers.unusable(Failure.Kind.NOT_OFFERED, id(), "offers no sentiment");
      };
    } catch (UnsupportedQueryException e) {
      return new Outcome.Unusable(Failure.of(Failure.Kind.NOT_OFFERED, e.getMessage()));
    }
  }

  /// A symbol that it does not know or that has no price is left out of a batch; any other
  /// failure is one of the source, and ends the question.
  private Outcome prices(Query.Prices query, List<Event> before, HttpResult result)
      throws UnsupportedQueryException {
    List<Symbol> symbols = List.copyOf(query.symbols());
    long done = before.stream().filter(Event.Heartbeat.class::isInstance).count();
    Symbol symbol = symbols.get((int) done);
    Outcome outcome = read("rest_ticker", result, DecodeContext.of(symbol));
    if (outcome instanceof Outcome.Usable usable) {
      outcome = Plausible.prices(id(), Query.Prices.of(symbol), usable.events());
    }
    if (symbols.size() == 1) {
      return outcome;
    }
    List<Event> all = new ArrayList<>(before);
    switch (outcome) {
      case Outcome.Usable usable -> all.addAll(usable.events());
      case Outcome.Unusable(Failure failure) when failure.kind() == Failure.Kind.CALLER -> {
        // the others may have one
      }
      case Outcome.Unusable _, Outcome.More _ -> {
        return outcome;
      }
    }
    if (done + 1 == symbols.size()) {
      return Plausible.prices(id(), query, all);
    }
    all.add(new Event.Heartbeat(id()));
    return new Outcome.More(all, ticker(nativeOf(symbols.get((int) done + 1))));
  }

  private Outcome bars(Query.Bars query, List<Event> before, HttpResult result)
      throws UnsupportedQueryException {
    if (query.from() != null) {
      return page(query, before, result);
    }
    if (before.isEmpty()) {
      Outcome outcome = read("rest_time", result, DecodeContext.NONE);
      return outcome instanceof Outcome.Usable usable
              && usable.events().getFirst() instanceof Event.ServerTime now
          ? new Outcome.More(usable.events(), pager.first(upTo(query, now.time())))
          : outcome;
    }
    Event.ServerTime now = (Event.ServerTime) before.getFirst();
    Outcome outcome = page(upTo(query, now.time()), before.subList(1, before.size()), result);
    if (!(outcome instanceof Outcome.More(List<Event> events, SourceRequest next))) {
      return outcome;
    }
    List<Event> all = new ArrayList<>(List.of(now));
    all.addAll(events);
    return new Outcome.More(all, next);
  }

  private Outcome page(Query.Bars query, List<Event> before, HttpResult result)
      throws UnsupportedQueryException {
    Interval basis = pager.asked(query.interval());
    Outcome outcome = read("rest_bars", result, DecodeContext.of(query.symbol(), basis));
    return outcome instanceof Outcome.Usable usable
        ? pager.received(query, before, usable.events(), result)
        : outcome;
  }

  /// The question with an end: the end of the running bar, unless it ends before.
  private static Query.Bars upTo(Query.Bars query, Instant now) {
    Instant end = query.interval().next(query.interval().openOf(now));
    Instant to = query.to() == null || query.to().isAfter(end) ? end : query.to();
    return new Query.Bars(
        query.symbol(), query.interval(), null, to, query.limit(), query.exchange());
  }

  private Outcome trades(Query.Trades query, HttpResult result) {
    Outcome outcome = read("rest_trades", result, DecodeContext.of(query.symbol()));
    if (!(outcome instanceof Outcome.Usable usable)) {
      return outcome;
    }
    for (Event event : usable.events()) {
      if (event instanceof Event.Trade trade && !trade.symbol().equals(query.symbol())) {
        return HttpAnswers.unusable(
            Failure.Kind.WRONG_DATA,
            id(),
            "answered with trades of %s when asked for %s"
                .formatted(trade.symbol(), query.symbol()));
      }
    }
    List<Event> trades = CoinbaseForms.tradesOldestFirst(usable.events());
    if (query.fromId() != null) {
      BigInteger least = new BigInteger(query.fromId());
      trades.removeIf(event -> event instanceof Event.Trade trade
          && trade.tradeId() != null
          && new BigInteger(trade.tradeId()).compareTo(least) < 0);
    }
    return Plausible.trades(id(), query, trades);
  }

  private Outcome read(String kind, HttpResult result, DecodeContext context) {
    return HttpAnswers.read(id(), decoder, kind, result, context, this::kindOf);
  }

  SourceRequest get(String path) {
    return new SourceRequest(path, Map.of(), 1, settings.bodyMaxBytes());
  }
}
