package dev.everfeed.core.request;

import static dev.everfeed.core.request.ChainBench.AGGREGATE;
import static dev.everfeed.core.request.ChainBench.BTC;
import static dev.everfeed.core.request.ChainBench.EXCHANGE;
import static dev.everfeed.core.request.ChainBench.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.time.AnchoredClock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The exchange's values usually move every 5 s, the aggregate's every 90 s; on the route a value
/// is stale after 60 s.
class JudgeTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Route ROUTE = ChainBench.route();
  private static final long NOW = 10_000 * SECOND;

  private final Memory memory = new Memory(0, List.of("binance"));
  private final Judge judge = new Judge(new AnchoredClock(START, 0), new Usual(), memory);

  private static final class Usual implements Catalogue {
    @Override
    public int weight(SourceId source, Query query) {
      return 1;
    }

    @Override
    public @Nullable String exchangeOf(SourceId source) {
      return null;
    }

    @Override
    public int probeWeight(SourceId source) {
      return 1;
    }

    @Override
    public long usualIntervalNanos(SourceId source) {
      return (source.equals(AGGREGATE) ? 90 : 5) * SECOND;
    }
  }

  private static Instant at(long nanos) {
    return START.plusNanos(nanos);
  }

  private static Event.Price price(SourceId source, String price, @Nullable Instant time) {
    return new Event.Price(BTC, null, source, Decimal.parse(price), time);
  }

  private static Served price(SourceId source, String price, long stampedAt, long receivedAt) {
    return new Served(
        Query.Prices.of(BTC),
        source,
        List.of(price(source, price, at(stampedAt))),
        receivedAt,
        false);
  }

  private static Served bars(Query.Bars query, Event... events) {
    return new Served(query, EXCHANGE, List.of(events), NOW, false);
  }

  private static Event.Trade trade(int id) {
    return new Event.Trade(BTC, null, EXCHANGE, Decimal.ONE, Decimal.ONE, null, "" + id, null);
  }

  private static Served trades(@Nullable String fromId, int limit, int count) {
    List<Event.Trade> events =
        IntStream.range(0, count).mapToObj(JudgeTest::trade).toList();
    return new Served(
        new Query.Trades(BTC, fromId, limit), EXCHANGE, List.copyOf(events), NOW, false);
  }

  @Test
  void anAnswerIsAsOldAsTheVenuesStampButNoYoungerThanItsReception() {
    assertThat(judge.ageNanos(price(EXCHANGE, "1", NOW - 7, NOW - 3), NOW)).isEqualTo(7);
    assertThat(judge.ageNanos(price(EXCHANGE, "1", NOW + 7, NOW - 3), NOW)).isEqualTo(3);
    assertThat(judge.ageNanos(price(EXCHANGE, "1", NOW + 7, NOW + 3), NOW)).isZero();
    Served unstamped = new Served(
        Query.Prices.of(BTC), EXCHANGE, List.of(price(EXCHANGE, "1", null)), NOW - 4, false);
    assertThat(judge.ageNanos(unstamped, NOW)).isEqualTo(4);
    assertThat(judge.isAsYoung(unstamped, unstamped, NOW)).isTrue();
    assertThat(judge.isAsYoung(unstamped, price(EXCHANGE, "1", NOW - 3, NOW), NOW))
        .isFalse();
    assertThat(judge.isAsYoung(unstamped, price(EXCHANGE, "1", NOW - 5, NOW), NOW))
        .isTrue();
  }

  @Test
  void aValueIsLiveForTheUsualIntervalOfItsSourceAndStaleAfterTheRoutesLimit() {
    assertThat(status(EXCHANGE, 5 * SECOND)).isEqualTo(ValueStatus.LIVE);
    assertThat(status(EXCHANGE, 5 * SECOND + 1)).isEqualTo(ValueStatus.MAYBE_STALE);
    assertThat(status(EXCHANGE, 60 * SECOND)).isEqualTo(ValueStatus.MAYBE_STALE);
    assertThat(status(EXCHANGE, 60 * SECOND + 1)).isEqualTo(ValueStatus.STALE);
    assertThat(status(AGGREGATE, 90 * SECOND)).isEqualTo(ValueStatus.LIVE);
    assertThat(status(AGGREGATE, 90 * SECOND + 1)).isEqualTo(ValueStatus.STALE);
  }

  private ValueStatus status(SourceId source, long age) {
    return judge.statusOfFresh(price(source, "1", NOW - age, NOW), ROUTE, NOW);
  }

  @Test
  void anAnswerOfSeveralPartsIsAsGoodAsTheWorstOfThem() {
    Served mixed = new Served(
        Query.Prices.of(BTC),
        EXCHANGE,
        List.of(
            price(EXCHANGE, "1", at(NOW)),
            price(AGGREGATE, "1", at(NOW - 91 * SECOND)),
            price(EXCHANGE, "1", at(NOW - 9 * SECOND))),
        NOW,
        false);
    assertThat(judge.statusOfFresh(mixed, ROUTE, NOW)).isEqualTo(ValueStatus.STALE);
    assertThat(judge.ageNanos(mixed, NOW)).isEqualTo(91 * SECOND);
  }

  @Test
  void completeBarsOfARangeThatIsOverOrFullStayRight() {
    Query.Bars over = Bars.between(0, 2, 10);
    Instant end = at(NOW);
    Query.Bars endsNow = new Query.Bars(BTC, over.interval(), null, end, 10);
    Query.Bars endsLater = new Query.Bars(BTC, over.interval(), null, end.plusNanos(1), 10);
    Event complete = Bars.bar(0, "1", true);
    assertThat(judge.isSettled(bars(over, complete), NOW)).isTrue();
    assertThat(judge.isSettled(bars(endsNow, complete), NOW)).isTrue();
    assertThat(judge.isSettled(bars(endsLater, complete), NOW)).isFalse();
    assertThat(judge.isSettled(bars(over, complete, Bars.bar(1, "1", false)), NOW))
        .isFalse();
    assertThat(judge.isSettled(bars(over), NOW)).isFalse();

    Query.Bars full = Bars.between(0, null, 2);
    assertThat(judge.isSettled(bars(full, complete, Bars.bar(1, "1", true)), NOW))
        .isTrue();
    assertThat(judge.isSettled(bars(full, complete), NOW)).isFalse();
    Query.Bars newest = Bars.between(null, null, 1);
    assertThat(judge.isSettled(bars(newest, complete), NOW)).isFalse();
  }

  @Test
  void asManyTradesAsWereAskedForFromAnIdOnStayRight() {
    assertThat(judge.isSettled(trades("0", 2, 2), NOW)).isTrue();
    assertThat(judge.isSettled(trades("0", 2, 1), NOW)).isFalse();
    assertThat(judge.isSettled(trades(null, 2, 2), NOW)).isFalse();
    assertThat(judge.isSettled(price(EXCHANGE, "1", NOW, NOW), NOW)).isFalse();
  }

  /// A bar of last week that was received a moment ago says nothing of today.
  @Test
  void rememberedBarsAreKnownNoLongerThanUntilTheOneAfterTheNewest() {
    Served old = bars(Bars.between(null, null, 1), Bars.bar(0, "1", true));
    long followed = 120 * SECOND;
    assertThat(remembered(old, followed + 60 * SECOND)).isEqualTo(ValueStatus.CACHED);
    assertThat(remembered(old, followed + 60 * SECOND + 1)).isEqualTo(ValueStatus.STALE);
    Served price = price(EXCHANGE, "1", NOW - 60 * SECOND, NOW);
    assertThat(remembered(price, NOW)).isEqualTo(ValueStatus.CACHED);
    assertThat(remembered(price, NOW + 1)).isEqualTo(ValueStatus.STALE);
  }

  private ValueStatus remembered(Served served, long nowNanos) {
    return judge.statusOfRemembered(Remembered.of(served), ROUTE, nowNanos);
  }

  // ---- what is not believed

  private @Nullable Failure objection(Served served, @Nullable Served suspect, long nowNanos) {
    TreeMap<Symbol, Symbol> askedAs = new TreeMap<>(Map.of(BTC, BTC));
    return judge.objection(
        served,
        Memory.parts(served, askedAs),
        suspect == null ? Map.of() : Map.of(BTC, suspect),
        ROUTE,
        nowNanos);
  }

  private @Nullable Failure objection(Served served) {
    return objection(served, null, NOW);
  }

  @Test
  void aPriceThatHasStoodStillForLongerThanTheRouteAllowsHasFrozen() {
    assertThat(objection(price(EXCHANGE, "1", NOW - 60 * SECOND, NOW))).isNull();
    assertThat(objection(price(EXCHANGE, "1", NOW - 61 * SECOND, NOW)))
        .isEqualTo(Failure.of(
            Failure.Kind.FROZEN, "BTC/USDT has not moved for 61,000 ms, allowed are 60,000 ms"));
    assertThat(objection(price(EXCHANGE, "1", NOW - 60 * SECOND - 1, NOW))).isNotNull();
  }

  @Test
  void aPriceFarFromTheLastBelievedOneIsBelievedOnlyWhenAnotherSourceSaysIt() {
    memory.remember(
        price(AGGREGATE, "100", NOW - 2 * SECOND, NOW - 2 * SECOND),
        new TreeMap<>(Map.of(BTC, BTC)));
    Served far = price(EXCHANGE, "120", NOW, NOW);
    Failure doubted = objection(far);
    assertThat(doubted)
        .isEqualTo(Failure.of(
            Failure.Kind.WRONG_DATA, "BTC/USDT at 120 is too far from 100 believed 2,000 ms ago"));
    assertThat(objection(far, price(EXCHANGE, "120", NOW, NOW), NOW)).isEqualTo(doubted);
    assertThat(objection(far, price(AGGREGATE, "130", NOW, NOW), NOW)).isEqualTo(doubted);
    assertThat(objection(far, price(AGGREGATE, "121", NOW, NOW), NOW)).isNull();
    assertThat(objection(price(EXCHANGE, "110", NOW, NOW))).isNull();
  }

  @Test
  void whatCannotBeIsNotBelievedWhoeverElseSaysIt() {
    Served zero = price(EXCHANGE, "0", NOW, NOW);
    assertThat(objection(zero, price(AGGREGATE, "0", NOW, NOW), NOW))
        .isEqualTo(Failure.of(Failure.Kind.WRONG_DATA, "BTC/USDT: price must be above 0, was 0"));
    Served falling =
        bars(Bars.between(null, null, 2), Bars.bar(1, "1", true), Bars.bar(0, "1", true));
    Failure objection = objection(falling);
    assertThat(objection).isNotNull();
    assertThat(objection.kind()).isEqualTo(Failure.Kind.WRONG_DATA);
  }

  @Test
  void anAnswerWithoutAnyPriceThatWasAskedForIsTheCallersMistake() {
    Served empty = new Served(Query.Prices.of(BTC), EXCHANGE, List.of(), NOW, false);
    Failure objection = objection(empty);
    assertThat(objection).isNotNull();
    assertThat(objection.kind()).isEqualTo(Failure.Kind.CALLER);
    assertThat(objection.message()).startsWith("the answer has no price of");
    assertThat(objection(bars(Bars.between(null, null, 2))))
        .as("no bars are an answer")
        .isNull();
  }
}
