package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A market that never was: prices, bars and trades as a function of seed, symbol and time.
///
/// Nothing is stored and nothing runs. The same minute asked twice gives the same closed bar,
/// the bars of an hour fold into the bar of that hour, and the trades of a second into the bar
/// of that second (their quote volume up to rounding). Equal seeds give equal numbers in every
/// JVM, as long as nobody orders a halt. Trading begins at [#LISTED]; there is nothing before
/// it, and nothing after the `now` that each question carries. Prices and sizes count units of
/// 1e-8. Confined to one thread.
public final class SimulatedMarket {
  /// When every symbol was listed.
  public static final Instant LISTED = Instant.parse("2017-08-17T00:00:00Z");

  static final long LISTED_SECOND = 1_502_928_000L;
  static final long SIZE_STEP = 1_000;

  private final long seed;
  private final Map<Symbol, Integer> tradesPerSecond;
  private final Map<Symbol, Listing> listings = new LinkedHashMap<>();
  private final Map<String, Listing> byVenueSymbol = new LinkedHashMap<>();
  private final Map<Listing, PricePath> paths = new LinkedHashMap<>();

  /// Of Binance's trading, which this is; the prices that other places follow go on.
  private final Map<Listing, OrderedHalts> ordered = new LinkedHashMap<>();

  /// The seconds asked last, an even and an odd one: streams ask for the same 200 times.
  private final Map<Listing, Second[]> lastSeconds = new LinkedHashMap<>();

  private record Second(long second, List<Print> trades) {}

  /// @throws IllegalArgumentException when a symbol is not spot (`BASE/QUOTE`) or stands there
  ///     twice
  public SimulatedMarket(long seed, List<Symbol> symbols) {
    this(seed, symbols, Map.of());
  }

  /// @param tradesPerSecond of an average second, with bursts and quiet hours, by symbol; one
  ///     that is missing here has a steady few
  /// @throws IllegalArgumentException when a symbol is not spot (`BASE/QUOTE`) or stands there
  ///     twice
  public SimulatedMarket(long seed, List<Symbol> symbols, Map<Symbol, Integer> tradesPerSecond) {
    this.seed = seed;
    this.tradesPerSecond = Map.copyOf(tradesPerSecond);
    for (Symbol symbol : symbols) {
      Listing listing = Listing.of(symbol).busy(tradesPerSecond(symbol));
      if (listings.put(symbol, listing) != null
          || byVenueSymbol.put(listing.venueSymbol(), listing) != null) {
        throw new IllegalArgumentException("the simulated market lists " + symbol + " twice");
      }
      paths.put(listing, new PricePath(seed, listing, tradesPerSecond(symbol)));
      ordered.put(listing, new OrderedHalts());
    }
  }

  public List<Symbol> symbols() {
    return List.copyOf(listings.keySet());
  }

  public long seed() {
    return seed;
  }

  /// Nobody trades from that second on; null for every symbol.
  void halt(@Nullable Symbol symbol, long second) {
    listings.forEach((name, listing) -> {
      if (symbol == null || symbol.equals(name)) {
        ordered(listing).begin(second);
        lastSeconds.remove(listing);
      }
    });
  }

  /// Ends what [#halt] began, with that second.
  void resume(@Nullable Symbol symbol, long second) {
    listings.forEach((name, listing) -> {
      if (symbol == null || symbol.equals(name)) {
        ordered(listing).end(second);
        lastSeconds.remove(listing);
      }
    });
  }

  /// 0 for a steady few.
  int tradesPerSecond(Symbol symbol) {
    return tradesPerSecond.getOrDefault(symbol, 0);
  }

  /// The price of the last trade at or before `at`.
  public Decimal price(Symbol symbol, Instant at) {
    return Decimal.of(lastTrade(listing(symbol), at.toEpochMilli()).price(), 8);
  }

  /// Bars whose open lies in `[from, to]`, oldest first, at most `limit`; the last one is
  /// unfinished when its close lies after `now`.
  public List<Candle> bars(
      Symbol symbol, Interval interval, Instant from, Instant to, int limit, Instant now) {
    Listing listing = listing(symbol);
    List<Candle> bars = new ArrayList<>();
    Instant open = interval.openOf(from.isBefore(LISTED) ? LISTED : from);
    if (open.isBefore(from)) {
      open = interval.next(open);
    }
    while (bars.size() < limit && !open.isAfter(to) && !open.isAfter(now)) {
      Instant next = interval.next(open);
      long openMillis = open.toEpochMilli();
      long nextMillis = next.toEpochMilli();
      Optional<Candle> bar = candle(listing, openMillis, nextMillis, now.toEpochMilli());
      boolean finished = nextMillis <= now.toEpochMilli();
      if (bar.isPresent() || finished) {
        bars.add(bar.orElseGet(() -> flat(listing, openMillis, nextMillis)));
      }
      open = next;
    }
    return bars;
  }

  /// Trades with ids from `fromId` on, oldest first, at most `limit`, none after `now`.
  public List<Print> trades(Symbol symbol, long fromId, int limit, Instant now) {
    return trades(listing(symbol), fromId, limit, now.toEpochMilli());
  }

  Optional<Listing> listed(String venueSymbol) {
    return Optional.ofNullable(byVenueSymbol.get(venueSymbol));
  }

  Optional<Listing> listed(Symbol symbol) {
    return Optional.ofNullable(listings.get(symbol));
  }

  List<Listing> listings() {
    return List.copyOf(listings.values());
  }

  /// What traded in `[open, next)` up to and including `now`; empty when that is nothing.
  Optional<Candle> candle(Listing listing, long openMillis, long nextMillis, long nowMillis) {
    PricePath path = path(listing);
    long from = Math.max(Math.floorDiv(openMillis + 999, 1_000L), LISTED_SECOND);
    boolean finished = nextMillis <= nowMillis;
    long to = Math.floorDiv(finished ? nextMillis : nowMillis, 1_000L);
    var fold = new PriceFold();
    long volume = 0;
    long taken = 0;
    long trades = 0;
    if (to > from) {
      OrderedHalts halts = ordered(listing);
      halts.traded(from, to, (begin, end) -> fold(path, begin, end, fold));
      taken = (halts.left(s -> bought(path, s), to) - halts.left(s -> bought(path, s), from))
          * SIZE_STEP;
      volume = taken
          + (halts.left(s -> sold(path, s), to) - halts.left(s -> sold(path, s), from)) * SIZE_STEP;
      trades = tradesBefore(listing, to) - tradesBefore(listing, from);
    }
    if (!finished && to >= from) {
      for (Print print : tradesOf(listing, to)) {
        if (print.timeMillis() > nowMillis) {
          break;
        }
        long ticks = print.price() / listing.tick();
        long quote = (long) (print.price() * (print.size() / 1e8));
        fold.add(ticks, ticks, ticks, ticks, quote, print.buyerIsMaker() ? 0 : quote);
        volume += print.size();
        taken += print.buyerIsMaker() ? 0 : print.size();
        trades++;
      }
    }
    if (fold.isEmpty()) {
      return Optional.empty();
    }
    long tick = listing.tick();
    boolean mayHalt = path.halts() != null;
    double mean = (double) (fold.open + fold.high + fold.low + fold.close) * tick / 4;
    return Optional.of(new Candle(
        openMillis,
        nextMillis - 1,
        fold.open * tick,
        fold.high * tick,
        fold.low * tick,
        fold.close * tick,
        volume,
        mayHalt ? (long) (mean * (volume / 1e8)) : fold.quote,
        trades,
        taken,
        mayHalt ? (long) (mean * (taken / 1e8)) : fold.takerQuote));
  }

  /// The same where nothing traded: the last price before it, four times, as the venue tells an
  /// interval without trades.
  Candle flat(Listing listing, long openMillis, long nextMillis) {
    long price = lastTrade(listing, openMillis - 1).price();
    return new Candle(openMillis, nextMillis - 1, price, price, price, price, 0, 0, 0, 0, 0);
  }

  /// Adds whole seconds `[from, to)`; halted ones are none.
  private static void fold(PricePath path, long from, long to, PriceFold into) {
    Halts halts = path.halts();
    if (halts == null) {
      path.fold(from, to, into);
      return;
    }
    long second = from;
    while (second < to) {
      long hour = second / PricePath.HOUR;
      long end = Math.min(to, (hour + 1) * PricePath.HOUR);
      boolean whole = end - second == PricePath.HOUR;
      if (!whole && halts.first(hour) >= 0) {
        end = Math.min(end, (second / 60 + 1) * 60);
      }
      if (whole || !halts.isHalted(second)) {
        path.fold(second, end, into);
      }
      second = end;
    }
  }

  private static long bought(PricePath path, long second) {
    Halts halts = path.halts();
    return path.bought(halts == null ? second : halts.flowSecond(second));
  }

  private static long sold(PricePath path, long second) {
    Halts halts = path.halts();
    return path.sold(halts == null ? second : halts.flowSecond(second));
  }

  /// The last trade at or before `millis`; before the listing, the very first.
  Print lastTrade(Listing listing, long millis) {
    long second = Math.max(Math.floorDiv(millis, 1_000L), LISTED_SECOND);
    List<Print> trades = tradesOf(listing, second);
    for (int i = trades.size() - 1; i >= 0; i--) {
      if (trades.get(i).timeMillis() <= millis) {
        return trades.get(i);
      }
    }
    while (--second >= LISTED_SECOND) {
      List<Print> before = tradesOf(listing, second);
      if (!before.isEmpty()) {
        return before.getLast();
      }
    }
    return tradesOf(listing, LISTED_SECOND).getFirst();
  }

  List<Print> trades(Listing listing, long fromId, int limit, long nowMillis) {
    List<Print> found = new ArrayList<>();
    long first = Math.max(0, fromId);
    PricePath path = path(listing);
    long origin = path.tradesBefore(LISTED_SECOND);
    long second = path.secondOf(ordered(listing).total(path::tradesBefore, first + origin));
    long last = Math.floorDiv(nowMillis, 1_000L);
    for (long s = Math.max(second, LISTED_SECOND); s <= last; s++) {
      for (Print print : tradesOf(listing, s)) {
        if (found.size() >= limit || print.timeMillis() > nowMillis) {
          return found;
        }
        if (print.id() >= first) {
          found.add(print);
        }
      }
    }
    return found;
  }

  /// Id of the first trade at or after `millis`.
  long firstIdFrom(Listing listing, long millis) {
    long second = Math.max(Math.floorDiv(millis, 1_000L), LISTED_SECOND);
    for (Print print : tradesOf(listing, second)) {
      if (print.timeMillis() >= millis) {
        return print.id();
      }
    }
    return tradesBefore(listing, second + 1) - tradesBefore(listing, LISTED_SECOND);
  }

  /// Trades from the epoch to the start of the second, without those that a halt was ordered of.
  private long tradesBefore(Listing listing, long second) {
    return ordered(listing).left(path(listing)::tradesBefore, second);
  }

  private List<Print> tradesOf(Listing listing, long second) {
    Second[] lasts = lastSeconds.computeIfAbsent(listing, _ -> new Second[2]);
    int slot = (int) (second & 1);
    Second last = lasts[slot];
    if (last == null || last.second() != second) {
      last = new Second(second, drawTrades(listing, second));
      lasts[slot] = last;
    }
    return last.trades();
  }

  private List<Print> drawTrades(Listing listing, long second) {
    PricePath path = path(listing);
    Halts halts = path.halts();
    if ((halts != null && halts.isHalted(second)) || ordered(listing).covers(second)) {
      return List.of();
    }
    long[] prices = path.tradePrices(second);
    int n = prices.length;
    long chance = Noise.hash(seed, Noise.hash(listing.symbol().text()), second);
    int buys = buys(chance, n);
    long[] boughtSizes = split(bought(path, second + 1) - bought(path, second), buys, chance);
    long[] soldSizes = split(sold(path, second + 1) - sold(path, second), n - buys, chance + 1);
    long firstId = tradesBefore(listing, second) - tradesBefore(listing, LISTED_SECOND);
    List<Print> trades = new ArrayList<>(n);
    int bought = 0;
    int sold = 0;
    for (int i = 0; i < n; i++) {
      boolean taken = isTaken(chance, i);
      long size = taken ? boughtSizes[bought++] : soldSizes[sold++];
      long millis = second * 1_000 + millisOf(chance, i, n);
      trades.add(
          new Print(firstId + i, prices[i] * listing.tick(), size * SIZE_STEP, millis, !taken));
    }
    return Collections.unmodifiableList(trades);
  }

  /// Whether the taker of a second's trade bought; of the first he does and of the second he
  /// does not, so that both volumes have a trade to go to.
  static boolean isTaken(long chance, int i) {
    return i < 2 ? i == 0 : ((i < 8 ? chance >> i : Noise.hash(chance, 200 + i)) & 1) == 1;
  }

  /// How many of a second's trades are bought.
  static int buys(long chance, int trades) {
    int buys = 0;
    for (int i = 0; i < trades; i++) {
      buys += isTaken(chance, i) ? 1 : 0;
    }
    return buys;
  }

  /// When in its second a trade happens: the second is cut into as many slots as it has trades.
  static long millisOf(long chance, int i, int trades) {
    int slot = Math.max(1, 1_000 / trades);
    long from = trades > 1_000 ? (long) i * 1_000 / trades : (long) i * slot;
    return from + Noise.below(Noise.hash(chance, i), slot);
  }

  /// `total` in `parts`, none of them empty.
  static long[] split(long total, int parts, long chance) {
    long[] sizes = new long[parts];
    long left = total;
    for (int i = 0; i < parts - 1; i++) {
      long most = left / (parts - i) * 2 - 1;
      sizes[i] = 1 + Noise.below(Noise.hash(chance, 100 + i), Math.max(1, most));
      sizes[i] = Math.min(sizes[i], left - (parts - 1 - i));
      left -= sizes[i];
    }
    sizes[parts - 1] = left;
    return sizes;
  }

  private Listing listing(Symbol symbol) {
    Listing listing = listings.get(symbol);
    if (listing == null) {
      throw new IllegalArgumentException("the simulated market does not list %s; it lists %s"
          .formatted(symbol, listings.keySet()));
    }
    return listing;
  }

  PricePath path(Listing listing) {
    return ofThis(paths.get(listing), listing);
  }

  private OrderedHalts ordered(Listing listing) {
    return ofThis(ordered.get(listing), listing);
  }

  private static <T> T ofThis(@Nullable T known, Listing listing) {
    if (known == null) {
      throw new IllegalArgumentException("not a listing of this market: " + listing);
    }
    return known;
  }
}
