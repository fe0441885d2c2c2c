package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Symbol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One symbol at one exchange: its trades, bars and best prices as a function of time.
///
/// A price is that of the common [PricePath] at the same second, moved by a few basis points
/// that change every hour: by five at most, and by never more than ten when ticks are coarse
/// ([#MOST_DEVIATION]). Moving keeps the order of prices, so the bars of an hour still fold into
/// the bar of that hour. Trades, their ids, sizes, sides and milliseconds are the exchange's
/// own: 4 to 6 in a second, the first at its open, the last at its close, its high and low
/// among them. A thin symbol has [QuietMinutes]. Quote volume is volume at the mean price of a
/// bar, so it adds up only nearly.
///
/// Prices and sizes count 1e-8, times are milliseconds since the epoch. Nothing is told before
/// [SimulatedMarket#LISTED] or after the `now` of a question. Confined to one thread.
final class ExchangeBook {
  /// Of the common price.
  static final double MOST_DEVIATION = 0.001;

  private static final int TRADES_PER_SECOND = 5;
  private static final long DAY_MILLIS = 86_400_000;
  private static final long FIRST_HOUR = SimulatedMarket.LISTED_SECOND / PricePath.HOUR;

  private final Listing listing;
  private final boolean flatBars;
  private final PricePath path;
  private final long seed;
  private final Flow flow;
  private final Pace pace;
  private final @Nullable QuietMinutes quiet;
  private final double beside;
  private final long firstId;
  private final OrderedHalts ordered = new OrderedHalts();

  /// The seconds asked last, an even and an odd one: streams ask for the same 200 times.
  private final long[] lastSeconds = {Long.MIN_VALUE, Long.MIN_VALUE};

  private final List<List<Print>> lastTrades = new ArrayList<>(List.of(List.of(), List.of()));

  /// Best prices; a taker who bought hit the ask, one who sold the bid; the spread is one tick.
  record Best(long bid, long bidSize, long ask, long askSize) {}

  /// @param priced whose price it follows in the common market
  /// @param symbol under which it trades here
  ExchangeBook(SimulatedMarket common, Listing priced, Symbol symbol, Exchange exchange) {
    int perSecond = common.tradesPerSecond(symbol);
    Listing own = Listing.of(symbol).busy(perSecond);
    long halfFlow = Math.max(200, Math.round(own.halfFlow() * exchange.share()));
    this.listing =
        new Listing(symbol, own.base(), own.quote(), own.basePrice(), priced.tick(), halfFlow);
    this.flatBars = exchange.flatBars();
    this.path = common.path(priced);
    this.seed = Noise.hash(common.seed(), Noise.hash(exchange.text()), Noise.hash(symbol.text()));
    this.flow = new Flow(seed, halfFlow);
    this.pace = perSecond == 0
        ? Pace.steady(seed, TRADES_PER_SECOND, 2)
        : new BurstyPace(seed, perSecond, _ -> -1);
    this.quiet = Exchange.THIN.contains(own.base()) ? new QuietMinutes(seed, path) : null;
    this.beside = (Noise.unit(Noise.hash(seed, 7)) * 2 - 1) * 0.000_2;
    this.firstId = 1 + Noise.below(Noise.hash(seed, 8), 1_000_000);
  }

  Listing listing() {
    return listing;
  }

  /// Nobody trades from that second on.
  void halt(long second) {
    ordered.begin(second);
    Arrays.fill(lastSeconds, Long.MIN_VALUE);
  }

  /// Ends what [#halt] began, with that second.
  void resume(long second) {
    ordered.end(second);
    Arrays.fill(lastSeconds, Long.MIN_VALUE);
  }

  /// What traded in `[open, next)` up to and including `now`; empty when that is nothing.
  Optional<Candle> candle(long openMillis, long nextMillis, long nowMillis) {
    long from = Math.max(Math.floorDiv(openMillis + 999, 1_000L), SimulatedMarket.LISTED_SECOND);
    boolean finished = nextMillis <= nowMillis;
    long to = Math.floorDiv(finished ? nextMillis : nowMillis, 1_000L);
    var fold = new PriceFold();
    long volume = 0;
    long taken = 0;
    long trades = 0;
    if (to > from) {
      ordered.traded(from, to, (begin, end) -> fold(begin, end, fold));
      taken = (ordered.left(this::bought, to) - ordered.left(this::bought, from))
          * SimulatedMarket.SIZE_STEP;
      volume = taken
          + (ordered.left(this::sold, to) - ordered.left(this::sold, from))
              * SimulatedMarket.SIZE_STEP;
      trades = ordered.left(this::wouldTrade, to) - ordered.left(this::wouldTrade, from);
    }
    if (!finished && to >= from) {
      for (Print print : tradesOf(to)) {
        if (print.timeMillis() > nowMillis) {
          break;
        }
        long ticks = print.price() / listing.tick();
        fold.add(ticks, ticks, ticks, ticks, 0, 0);
        volume += print.size();
        taken += print.buyerIsMaker() ? 0 : print.size();
        trades++;
      }
    }
    if (fold.isEmpty()) {
      return Optional.empty();
    }
    long tick = listing.tick();
    double mean = (double) (fold.open + fold.high + fold.low + fold.close) * tick / 4;
    return Optional.of(new Candle(
        openMillis,
        nextMillis - 1,
        fold.open * tick,
        fold.high * tick,
        fold.low * tick,
        fold.close * tick,
        volume,
        (long) (mean * (volume / 1e8)),
        trades,
        taken,
        (long) (mean * (taken / 1e8))));
  }

  /// An interval without trades: the last price, four times.
  Candle flat(long openMillis, long nextMillis) {
    long price = lastTrade(openMillis - 1).price();
    return new Candle(openMillis, nextMillis - 1, price, price, price, price, 0, 0, 0, 0, 0);
  }

  /// The 24 hours that end with `now`.
  Candle day(long nowMillis) {
    long from = nowMillis - DAY_MILLIS;
    return candle(from, nowMillis + 1, nowMillis).orElseGet(() -> flat(from, nowMillis + 1));
  }

  /// Bars whose open lies in `[from, to]`, newest first, at most `limit`, none that opens after
  /// `now`. An interval without trades has a bar where the exchange says so.
  List<Candle> newest(BarGrid grid, long fromMillis, long toMillis, int limit, long nowMillis) {
    List<Candle> bars = new ArrayList<>();
    long first = Math.max(fromMillis, grid.open(SimulatedMarket.LISTED_SECOND * 1_000));
    long open = grid.open(Math.min(toMillis, nowMillis));
    while (bars.size() < limit && open >= first) {
      bar(grid, open, nowMillis).ifPresent(bars::add);
      open = grid.open(open - 1);
    }
    return bars;
  }

  /// The same bars oldest first, from the first one on.
  List<Candle> oldest(BarGrid grid, long fromMillis, long toMillis, int limit, long nowMillis) {
    List<Candle> bars = new ArrayList<>();
    long listed = grid.open(SimulatedMarket.LISTED_SECOND * 1_000);
    long open = Math.max(listed, grid.open(fromMillis));
    if (open < fromMillis) {
      open = grid.next(open);
    }
    while (bars.size() < limit && open <= toMillis && open <= nowMillis) {
      bar(grid, open, nowMillis).ifPresent(bars::add);
      open = grid.next(open);
    }
    return bars;
  }

  private Optional<Candle> bar(BarGrid grid, long open, long nowMillis) {
    long next = grid.next(open);
    Optional<Candle> candle = candle(open, next, nowMillis);
    return candle.isEmpty() && flatBars ? Optional.of(flat(open, next)) : candle;
  }

  /// The last trade at or before `millis`; before the listing, the very first.
  Print lastTrade(long millis) {
    long second = Math.max(Math.floorDiv(millis, 1_000L), SimulatedMarket.LISTED_SECOND);
    List<Print> trades = tradesOf(second);
    for (int i = trades.size() - 1; i >= 0; i--) {
      if (trades.get(i).timeMillis() <= millis) {
        return trades.get(i);
      }
    }
    while (--second >= SimulatedMarket.LISTED_SECOND) {
      List<Print> before = tradesOf(second);
      if (!before.isEmpty()) {
        return before.getLast();
      }
      second -= isQuiet(second) ? Math.floorMod(second, 60L) : 0;
    }
    return tradesOf(SimulatedMarket.LISTED_SECOND).getFirst();
  }

  Best best(Print last) {
    long bid = last.buyerIsMaker() ? last.price() : Math.max(1, last.price() - listing.tick());
    return new Best(bid, size(last, 1), bid + listing.tick(), size(last, 2));
  }

  private long size(Print last, int side) {
    return (1 + Noise.below(Noise.hash(seed, last.id(), side), 1_000_000))
        * SimulatedMarket.SIZE_STEP;
  }

  /// Trades with ids from `fromId` on, oldest first, at most `limit`, none after `now`.
  List<Print> trades(long fromId, int limit, long nowMillis) {
    List<Print> found = new ArrayList<>();
    long first = Math.max(firstId, fromId);
    long active = pace.secondOf(ordered.total(this::wouldTrade, first - firstId + tradesBefore(0)));
    long second = secondOf(Math.max(0, active));
    long last = Math.floorDiv(nowMillis, 1_000L);
    while (second <= last) {
      for (Print print : tradesOf(second)) {
        if (found.size() >= limit || print.timeMillis() > nowMillis) {
          return found;
        }
        if (print.id() >= first) {
          found.add(print);
        }
      }
      second++;
      while (second <= last && isQuiet(second)) {
        second += 60 - Math.floorMod(second, 60L);
      }
    }
    return found;
  }

  /// Trades with ids below `endId`, newest first, at most `limit`, none after `now`.
  List<Print> tradesBelow(long endId, int limit, long nowMillis) {
    long end = Math.min(endId, lastTrade(nowMillis).id() + 1);
    long from = Math.max(firstId, end - limit);
    return end <= from ? List.of() : trades(from, (int) (end - from), nowMillis).reversed();
  }

  /// Id of the first trade at or after `millis`.
  long firstIdFrom(long millis) {
    long second = Math.max(Math.floorDiv(millis, 1_000L), SimulatedMarket.LISTED_SECOND);
    for (Print print : tradesOf(second)) {
      if (print.timeMillis() >= millis) {
        return print.id();
      }
    }
    return idAt(second + 1);
  }

  boolean isQuiet(long second) {
    return quiet != null && quiet.isQuiet(second);
  }

  private List<Print> tradesOf(long second) {
    int slot = (int) (second & 1);
    if (second != lastSeconds[slot]) {
      lastTrades.set(slot, drawTrades(second));
      lastSeconds[slot] = second;
    }
    return lastTrades.get(slot);
  }

  private List<Print> drawTrades(long second) {
    if (isQuiet(second) || ordered.covers(second)) {
      return List.of();
    }
    long active = activeBefore(second);
    int n = (int) (tradesBefore(active + 1) - tradesBefore(active));
    long[] points = path.tradePrices(second);
    long chance = Noise.hash(seed, 9, second);
    int buys = SimulatedMarket.buys(chance, n);
    long[] boughtSizes = SimulatedMarket.split(bought(second + 1) - bought(second), buys, chance);
    long[] soldSizes = SimulatedMarket.split(sold(second + 1) - sold(second), n - buys, chance + 1);
    List<Print> trades = new ArrayList<>(n);
    int bought = 0;
    int sold = 0;
    for (int i = 0; i < n; i++) {
      boolean taken = SimulatedMarket.isTaken(chance, i);
      long size = taken ? boughtSizes[bought++] : soldSizes[sold++];
      long millis = second * 1_000 + SimulatedMarket.millisOf(chance, i, n);
      int point = i < 2 ? i : i >= n - 2 ? points.length - (n - i) : between(i, n, points.length);
      long price = moved(second / PricePath.HOUR, points[point]) * listing.tick();
      trades.add(
          new Print(idAt(second) + i, price, size * SimulatedMarket.SIZE_STEP, millis, !taken));
    }
    return Collections.unmodifiableList(trades);
  }

  /// Which of the common prices a trade in the middle of a second has.
  private static int between(int i, int trades, int points) {
    return trades <= 6 ? 1 : 1 + i % (points - 2);
  }

  /// Adds whole seconds `[from, to)`, in ticks of this exchange; those of quiet minutes are
  /// none.
  private void fold(long from, long to, PriceFold into) {
    long second = from;
    while (second < to) {
      long hour = second / PricePath.HOUR;
      long end = Math.min(to, (hour + 1) * PricePath.HOUR);
      boolean whole = end - second == PricePath.HOUR;
      if (quiet != null && !whole) {
        end = Math.min(end, (second / 60 + 1) * 60);
      }
      if (whole || !isQuiet(second)) {
        var common = new PriceFold();
        path.fold(second, end, common);
        into.add(
            moved(hour, common.open),
            moved(hour, common.high),
            moved(hour, common.low),
            moved(hour, common.close),
            0,
            0);
      }
      second = end;
    }
  }

  /// Order is kept: a higher price is never moved below a lower one of the same hour.
  private long moved(long hour, long ticks) {
    double deviation = beside + 0.000_3 * Noise.smooth(seed, hour, 7);
    return ticks + Math.round(ticks * deviation);
  }

  /// The volume of an hour is spread over its seconds with trades.
  private long flowSecond(long second) {
    if (quiet == null) {
      return second;
    }
    long start = second - Math.floorMod(second, (long) PricePath.HOUR);
    return start + quiet.activeBefore(second) * PricePath.HOUR / QuietMinutes.ACTIVE_SECONDS;
  }

  private long bought(long second) {
    return flow.bought(flowSecond(second));
  }

  private long sold(long second) {
    return flow.sold(flowSecond(second));
  }

  /// Seconds with trades from the listing to the start of the second.
  private long activeBefore(long second) {
    return quiet == null
        ? second - SimulatedMarket.LISTED_SECOND
        : (second / PricePath.HOUR - FIRST_HOUR) * QuietMinutes.ACTIVE_SECONDS
            + quiet.activeBefore(second);
  }

  private long secondOf(long active) {
    return quiet == null
        ? SimulatedMarket.LISTED_SECOND + active
        : quiet.nth(
            FIRST_HOUR + active / QuietMinutes.ACTIVE_SECONDS,
            active % QuietMinutes.ACTIVE_SECONDS);
  }

  private long tradesBefore(long active) {
    return pace.before(active);
  }

  /// Trades up to the start of the second, if there had been no halts.
  private long wouldTrade(long second) {
    return tradesBefore(activeBefore(second));
  }

  /// Of the first trade from the second on.
  private long idAt(long second) {
    return firstId + ordered.left(this::wouldTrade, second) - tradesBefore(0);
  }
}
