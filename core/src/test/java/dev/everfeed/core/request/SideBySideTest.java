package dev.everfeed.core.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.guard.BreakerPolicy;
import dev.everfeed.core.guard.GuardPolicy;
import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.core.time.NextRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Several exchanges of one instrument: asked each by itself or one for all, and refreshed side
/// by side.
class SideBySideTest {
  private static final Instant START = Instant.parse("2026-11-22T00:00:00Z");
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final List<String> NAMES = List.of("binance", "coinbase", "kraken", "okx");
  private static final Query.Bars NEWEST = new Query.Bars(BTC, Interval.M1, null, null, 3);

  private final List<Decision> decisions = new ArrayList<>();
  private PullEngine engine = engine(List.of(), 1_000);
  private long now = 600_000_000_000L; // ten minutes after the start
  private long lastRequest;

  private PullEngine engine(List<Planned> plan, int weightLimit) {
    GuardPolicy defaults = GuardPolicy.defaults();
    GuardPolicy policy = new GuardPolicy(
        BreakerPolicy.defaults(),
        defaults.retry(),
        weightLimit,
        60_000_000_000L,
        defaults.timeoutNanos(),
        defaults.hedgeFloorNanos());
    Map<Query.Kind, Route> routes = new EnumMap<>(Query.Kind.class);
    routes.put(
        Query.Kind.BARS,
        new Route(
            NAMES.stream().map(SourceId::new).toList(),
            new TreeMap<>(),
            5_000_000_000L,
            0,
            60_000_000_000L,
            3_600_000_000_000L,
            100_000_000L,
            3_000_000_000L));
    return new PullEngine(
        NAMES.stream()
            .map(name -> new SourceGuard(new SourceId(name), policy, new SplittableRandom(1), 0))
            .toList(),
        routes,
        new Catalogue() {
          @Override
          public int weight(SourceId source, Query query) {
            return 1;
          }

          @Override
          public int requests(SourceId source, Query query) {
            return query instanceof Query.Bars bars ? Math.ceilDiv(bars.limit(), 300) : 1;
          }

          @Override
          public @Nullable String exchangeOf(SourceId source) {
            return source.name();
          }

          @Override
          public int probeWeight(SourceId source) {
            return 1;
          }

          @Override
          public long usualIntervalNanos(SourceId source) {
            return 5_000_000_000L;
          }
        },
        plan,
        NextRun.every(Duration.ofSeconds(10)),
        new AnchoredClock(START, 0),
        new SplittableRandom(3),
        0);
  }

  private void on(Input input) {
    engine.on(input, now, decisions::add);
  }

  private long ask(Query query) {
    on(new Input.Ask(++lastRequest, query, Priority.USER));
    return lastRequest;
  }

  private <D extends Decision> List<D> all(Class<D> kind) {
    return decisions.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private Decision.Call lastCall() {
    return all(Decision.Call.class).getLast();
  }

  private List<Event> bars(String exchange, int first, int end, int close) {
    Decimal price = Decimal.of(close);
    return IntStream.range(first, end)
        .<Event>mapToObj(minute -> new Event.Bar(
            BTC,
            exchange,
            new SourceId(exchange),
            Interval.M1,
            START.plusSeconds(60L * minute),
            price,
            price,
            price,
            price,
            null,
            true))
        .toList();
  }

  private void answer(Decision.Call call, int first, int end, int close) {
    on(new Input.Answered(call.callId(), bars(call.source().name(), first, end, close)));
  }

  private void knows(String exchange, int first, int end, int close) {
    ask(NEWEST.at(exchange));
    answer(lastCall(), first, end, close);
  }

  private Reply.Value valueOf(long request) {
    return (Reply.Value) all(Decision.Answer.class).stream()
        .filter(answer -> answer.requestId() == request)
        .findFirst()
        .orElseThrow()
        .reply();
  }

  @Test
  void whoIsAskedByNameIsAskedAlone() {
    ask(NEWEST.at("kraken"));
    assertThat(lastCall().source().name()).isEqualTo("kraken");
    on(new Input.Failed(lastCall().callId(), Failure.of(Failure.Kind.CALLER, "unknown")));
    assertThat(all(Decision.Call.class)).hasSize(1);
    Decision.Answer answer = all(Decision.Answer.class).getLast();
    assertThat(answer.reply()).isInstanceOf(Reply.Unavailable.class);
    assertThat(answer.reply().tried())
        .extracting(Tried::source)
        .containsExactly(new SourceId("kraken"));
  }

  @Test
  void anExchangeThatNobodyTradesAtIsAnsweredAtOnce() {
    ask(NEWEST.at("mtgox"));
    assertThat(all(Decision.Call.class)).isEmpty();
    assertThat(all(Decision.Answer.class).getLast().reply()).isInstanceOf(Reply.Unavailable.class);
  }

  @Test
  void whatTheFirstWasAskedForItsOwnSakeServesThoseWhoNameNone() {
    knows("binance", 7, 10, 100);
    long request = ask(NEWEST);
    assertThat(all(Decision.Call.class)).hasSize(1);
    assertThat(valueOf(request).served().source().name()).isEqualTo("binance");
  }

  @Test
  void theFirstThatDisagreesWithTheOthersIsPassedOverAndKeptUnderItsName() {
    knows("coinbase", 7, 10, 100);
    knows("kraken", 7, 10, 100);
    long request = ask(NEWEST);
    answer(lastCall(), 7, 10, 130); // binance

    assertThat(all(Decision.Call.class).getLast().source().name()).isEqualTo("coinbase");
    answer(lastCall(), 7, 10, 100);
    Reply.Value value = valueOf(request);
    assertThat(value.served().source().name()).isEqualTo("coinbase");
    assertThat(value.tried().getFirst().failure().kind()).isEqualTo(Failure.Kind.DISAGREES);
    assertThat(value.tried().getFirst().failure().message()).contains("from the median 100");
    assertThat(all(Decision.Keep.class))
        .filteredOn(keep -> keep.served().source().name().equals("binance"))
        .singleElement()
        .satisfies(keep -> assertThat(keep.served().query()).isEqualTo(NEWEST.at("binance")));
    assertThat(all(Decision.Reject.class)).isEmpty();

    long own = ask(NEWEST.at("binance"));
    answer(lastCall(), 7, 10, 130);
    assertThat(valueOf(own).status()).isEqualTo(ValueStatus.LIVE);
    // and not a young memory of it either
    long again = ask(NEWEST);
    assertThat(lastCall().source().name()).isEqualTo("binance");
    answer(lastCall(), 7, 10, 100);
    assertThat(valueOf(again).served().source().name()).isEqualTo("binance");
  }

  /// Whoever asks for this time again, a backfill too, asks the exchange again.
  @Test
  void barsThatDisagreeAreNotNotedAsAllThereIs() {
    knows("coinbase", 7, 10, 100);
    knows("kraken", 7, 10, 100);
    ask(NEWEST);
    Span covered = new Span(START.plusSeconds(7 * 60), START.plusSeconds(10 * 60));
    on(new Input.Answered(lastCall().callId(), bars("binance", 7, 10, 130), covered));
    assertThat(all(Decision.Keep.class))
        .filteredOn(keep -> keep.served().source().name().equals("binance"))
        .singleElement()
        .satisfies(keep -> assertThat(keep.served().covered()).isNull());
    answer(lastCall(), 7, 10, 100);
    ask(NEWEST.at("binance"));
    on(new Input.Answered(lastCall().callId(), bars("binance", 7, 10, 100), covered));
    assertThat(all(Decision.Keep.class).getLast().served().covered()).isEqualTo(covered);
  }

  // ---- an exchange that does not go back as far

  private static final Query.Bars FROM_THE_START =
      new Query.Bars(BTC, Interval.M1, START, null, 100);

  private void answerFrom(int first, int end) {
    Decision.Call call = lastCall();
    on(new Input.Answered(
        call.callId(),
        bars(call.source().name(), first, end, 100),
        new Span(START.plusSeconds(60L * first), START.plusSeconds(60L * end))));
  }

  private void fail() {
    on(new Input.Failed(lastCall().callId(), Failure.of(Failure.Kind.CALLER, "gone")));
  }

  @Test
  void whoLacksTheBeginningIsPassedOverAndKeptUnderItsName() {
    long request = ask(FROM_THE_START);
    fail();
    answerFrom(6, 10); // coinbase
    assertThat(lastCall().source().name()).isEqualTo("kraken");
    answerFrom(0, 10);

    Reply.Value value = valueOf(request);
    assertThat(value.served().source().name()).isEqualTo("kraken");
    assertThat(value.status()).isEqualTo(ValueStatus.LIVE);
    assertThat(value.tried().getLast().failure().kind()).isEqualTo(Failure.Kind.NOT_OFFERED);
    assertThat(value.tried().getLast().failure().message())
        .isEqualTo("has bars from 2026-11-22T00:06:00Z on, asked was from 2026-11-22T00:00:00Z;"
            + " who names its exchange gets those");
    assertThat(all(Decision.Keep.class))
        .filteredOn(keep -> keep.served().source().name().equals("coinbase"))
        .singleElement()
        .satisfies(keep -> {
          assertThat(keep.served().query()).isEqualTo(FROM_THE_START.at("coinbase"));
          assertThat(keep.served().covered())
              .isEqualTo(new Span(START.plusSeconds(360), START.plusSeconds(600)));
        });
    assertThat(all(Decision.CallEnded.class))
        .filteredOn(ended -> ended.source().name().equals("coinbase"))
        .allMatch(ended -> ended.failure() == null);
  }

  @Test
  void whenNobodyHasTheBeginningTheBarsThatBeginEarliestAreServed() {
    long request = ask(FROM_THE_START);
    fail();
    answerFrom(7, 10); // coinbase
    answerFrom(6, 10); // kraken
    fail();

    Reply.Value value = valueOf(request);
    assertThat(value.served().source().name()).isEqualTo("kraken");
    assertThat(value.served().events()).hasSize(4);
    assertThat(value.status()).isEqualTo(ValueStatus.LIVE);
    assertThat(value.tried())
        .extracting(tried -> tried.source().name())
        .containsExactlyElementsOf(NAMES);
  }

  @Test
  void whatHistoryHasOfTheBeginningStandsBeforeBarsWithoutIt() {
    on(new Input.HistoryAvailable(true));
    long request = ask(FROM_THE_START);
    fail();
    fail();
    answerFrom(6, 10); // kraken
    fail();
    on(new Input.Recalled(
        all(Decision.Recall.class).getLast().callId(),
        bars("binance", 0, 9, 100).stream().map(bar -> new Input.Past(bar, 5)).toList(),
        null));
    assertThat(valueOf(request).served().events()).hasSize(9);
  }

  @Test
  void whoNamesAnExchangeGetsWhatItStillKnows() {
    long request = ask(FROM_THE_START.at("kraken"));
    answerFrom(6, 10);
    assertThat(valueOf(request).served().events()).hasSize(4);
    assertThat(valueOf(request).tried()).isEmpty();
  }

  @Test
  void withinWhatItKnowsTheFirstAnswersForAll() {
    long request = ask(new Query.Bars(BTC, Interval.M1, START.plusSeconds(355), null, 100));
    answerFrom(6, 10);
    assertThat(valueOf(request).served().source().name()).isEqualTo("binance");
    assertThat(valueOf(request).tried()).isEmpty();
  }

  @Test
  void youngBarsOfTheFirstWithoutTheBeginningDoNotStandForAll() {
    ask(FROM_THE_START.at("binance"));
    answerFrom(6, 10);
    ask(FROM_THE_START);
    assertThat(all(Decision.Call.class)).hasSize(2);
  }

  /// Else a slow exchange that has everything would never be heard while any other bars are
  /// remembered.
  @Test
  void theirOwnPatienceSendsNobodyOffWithBarsWithoutTheBeginning() {
    long request = ask(FROM_THE_START);
    answerFrom(6, 10); // binance
    now += 2_000_000_000L; // of three
    on(new Input.TimePassed());
    assertThat(all(Decision.Answer.class)).isEmpty();
    answerFrom(0, 10);
    assertThat(valueOf(request).served().events()).hasSize(10);
  }

  // ---- a range without an interval

  @Test
  void aRangeInWhichNoBarOpensIsAnsweredWithoutACall() {
    Instant ten = START.plusSeconds(10);
    List<Query.Bars> empty = List.of(
        new Query.Bars(BTC, Interval.M1, ten, START.plusSeconds(50), 100),
        new Query.Bars(BTC, Interval.W1, ten, START.plusSeconds(86_400), 100, "kraken"),
        new Query.Bars(BTC, Interval.D1, null, Instant.EPOCH, 100),
        new Query.Bars(BTC, Interval.W1, null, Instant.EPOCH.plusSeconds(4 * 86_400), 100));
    for (Query.Bars query : empty) {
      long request = ask(query);
      assertThat(valueOf(request).served().events()).as("%s", query).isEmpty();
      assertThat(valueOf(request).status()).isEqualTo(ValueStatus.LIVE);
      assertThat(valueOf(request).served().source().name())
          .isEqualTo(query.exchange() == null ? "binance" : query.exchange());
    }
    assertThat(all(Decision.Call.class)).isEmpty();

    ask(new Query.Bars(BTC, Interval.M1, ten, START.plusSeconds(61), 100));
    ask(new Query.Bars(BTC, Interval.D1, null, Instant.EPOCH.plusSeconds(1), 100));
    assertThat(all(Decision.Call.class)).hasSize(2);
  }

  @Test
  void whenEverybodyIsGoneTheFirstThatIsNotBehindStandsForAll() {
    knows("okx", 5, 10, 100);
    knows("coinbase", 5, 9, 100);
    knows("binance", 5, 7, 100);
    now += 6_000_000_000L; // no answer is young any more
    long request = ask(new Query.Bars(BTC, Interval.M1, null, null, 5));
    for (int i = 0; i < NAMES.size(); i++) {
      on(new Input.Failed(lastCall().callId(), Failure.of(Failure.Kind.CALLER, "gone")));
    }
    Reply.Value value = valueOf(request);
    assertThat(value.status()).isEqualTo(ValueStatus.CACHED);
    assertThat(value.served().events())
        .extracting(event -> ((Event.Bar) event).exchange())
        .containsOnly("coinbase");
  }

  @Test
  void aTimeThatIsOverIsAskedOfHistoryBeforeAnybodyIsCalled() {
    on(new Input.HistoryAvailable(true));
    Query.Bars over =
        new Query.Bars(BTC, Interval.M1, START.plusSeconds(60), START.plusSeconds(240), 100);
    long request = ask(over);
    Decision.Recall recall = all(Decision.Recall.class).getLast();
    assertThat(recall.whole()).isTrue();
    assertThat(all(Decision.Call.class)).isEmpty();

    Span covered = new Span(START.plusSeconds(60), START.plusSeconds(240));
    on(new Input.Recalled(
        recall.callId(),
        bars("kraken", 1, 4, 100).stream().map(bar -> new Input.Past(bar, -5)).toList(),
        covered));
    Reply.Value value = valueOf(request);
    assertThat(value.status()).isEqualTo(ValueStatus.CACHED);
    assertThat(value.served().covered()).isEqualTo(covered);
    assertThat(all(Decision.Call.class)).isEmpty();

    ask(over.at("okx"));
    on(new Input.Failed(
        all(Decision.Recall.class).getLast().callId(),
        Failure.of(Failure.Kind.CONNECTION, "the store is away")));
    assertThat(lastCall().source().name()).isEqualTo("okx");
  }

  @Test
  void whatOnlyABackfillAskedIsWrittenDownAndNotRemembered() {
    Query.Bars old = new Query.Bars(BTC, Interval.M1, START, START.plusSeconds(180), 3, "okx");
    on(new Input.Ask(++lastRequest, old, Priority.BACKFILL));
    answer(lastCall(), 0, 3, 100);
    assertThat(all(Decision.Keep.class)).hasSize(1);
    assertThat(engine.rememberedBars()).isZero();
  }

  /// What memory has pushed out is not told as lost by the venue.
  @Test
  void memoryCoversNoMoreThanItKeeps() {
    BarMemory memory = new BarMemory(NAMES);
    int most = BarMemory.MAX_BARS_PER_SERIES;
    Query.Bars asked = NEWEST.at("binance");
    for (int first = 0; first < 2 * most; first += most) {
      memory.remember(
          asked,
          new Served(
              asked,
              new SourceId("binance"),
              bars("binance", first, first + most, 100),
              1,
              false,
              new Span(START, START.plusSeconds(60L * (first + most)))));
    }
    Remembered known =
        memory.recall(new Query.Bars(BTC, Interval.M1, START, null, 5_000, "binance"));
    assertThat(known).isNotNull();
    assertThat(known.served().covered())
        .isEqualTo(new Span(START.plusSeconds(60L * most), START.plusSeconds(120L * most)));
  }

  // ---- the schedule

  private static Planned planned(Symbol symbol, int wanted) {
    return new Planned(
        NAMES.stream()
            .<Query>map(name -> new Query.Bars(symbol, Interval.M1, null, null, 3, name))
            .toList(),
        wanted,
        60_000_000_000L);
  }

  private void start(List<Planned> plan, int weightLimit) {
    engine = engine(plan, weightLimit);
    now = 0;
    on(new Input.AskedBefore(new TreeMap<>()));
  }

  private List<String> called() {
    return all(Decision.Call.class).stream().map(call -> call.source().name()).toList();
  }

  @Test
  void allExchangesAreAskedAtOnceAndOneFailureCostsTheOthersNothing() {
    start(List.of(planned(BTC, 4)), 1_000);
    assertThat(called()).containsExactlyInAnyOrderElementsOf(NAMES);
    for (Decision.Call call : all(Decision.Call.class)) {
      if (call.source().name().equals("kraken")) {
        on(new Input.Failed(call.callId(), Failure.of(Failure.Kind.CALLER, "no such pair")));
      } else {
        answer(call, 0, 3, 100);
      }
    }
    Decision.Fetched fetched = all(Decision.Fetched.class).getLast();
    assertThat(fetched.bars()).containsOnlyKeys("binance", "coinbase", "okx");
    assertThat(fetched.failed()).containsEntry("kraken", "no such pair");
    assertThat(engine.lastRun().orElseThrow().refreshed()).isEqualTo(3);
  }

  @Test
  void ofTwoThatAreWantedOneThatFailsBringsInTheNext() {
    start(List.of(planned(BTC, 2)), 1_000);
    assertThat(called()).containsExactly("binance", "coinbase");
    on(new Input.Failed(
        all(Decision.Call.class).getFirst().callId(), Failure.of(Failure.Kind.CALLER, "gone")));
    assertThat(called()).containsExactly("binance", "coinbase", "kraken");
    answer(all(Decision.Call.class).get(1), 0, 3, 100);
    answer(all(Decision.Call.class).get(2), 0, 3, 100);
    assertThat(all(Decision.Fetched.class).getLast().bars()).containsOnlyKeys("coinbase", "kraken");
  }

  @Test
  void anExchangeThatSwallowsRequestsDoesNotHoldUpTheOthers() {
    List<Planned> plan = IntStream.range(0, 100)
        .mapToObj(i -> planned(Symbol.of("S" + i + "/USDT"), 4))
        .toList();
    start(plan, 10_000);
    int next = 0;
    while (next < all(Decision.Call.class).size()) {
      Decision.Call call = all(Decision.Call.class).get(next++);
      if (!call.source().name().equals("kraken")) {
        on(new Input.Answered(call.callId(), List.of()));
      }
    }
    for (String name : NAMES) {
      long calls = called().stream().filter(name::equals).count();
      assertThat(calls).as(name).isEqualTo(name.equals("kraken") ? 4 : 100);
    }
  }

  /// With a budget for eight in a run, a hundred symbols have each had their turn after thirteen
  /// runs.
  @Test
  void withTooLittleBudgetForAllEachSymbolHasItsTurn() {
    int symbols = 100;
    List<Planned> plan = IntStream.range(0, symbols)
        .mapToObj(i -> new Planned(
            List.of(
                new Query.Bars(Symbol.of("S" + i + "/USDT"), Interval.M1, null, null, 3, "okx")),
            1,
            1_000_000_000L))
        .toList();
    start(plan, 10); // a refresh may use 80 % of it in a minute
    int next = 0;
    for (int minute = 0; minute < 13; minute++) {
      while (next < all(Decision.Call.class).size()) {
        on(new Input.Answered(all(Decision.Call.class).get(next++).callId(), List.of()));
      }
      now += 65_000_000_000L;
      on(new Input.TimePassed());
    }
    assertThat(all(Decision.Call.class).stream().map(Decision.Call::query).distinct())
        .hasSize(symbols);
    assertThat(engine.lastRun().orElseThrow().errors())
        .extracting(RunReport.Error::message)
        .anySatisfy(message -> assertThat(message).contains("questions wait for the next run"));
  }

  /// 500 bars are two requests at an exchange that gives 300 at once: the limits are for each.
  @Test
  void aQuestionOfSeveralRequestsHasTheTimeOfSeveral() {
    on(new Input.Ask(
        ++lastRequest, new Query.Bars(BTC, Interval.M1, null, null, 500), Priority.REFRESH));
    Decision.Call call = lastCall();
    SourceGuard guard = engine.guards().getFirst();
    assertThat(call.timeoutNanos()).isEqualTo(2 * guard.policy().timeoutNanos());
    passTo(now + 2 * guard.breaker().policy().slowCallNanos() - 1);
    assertThat(guard.snapshot(now).windowFailures()).isZero();
    answer(call, 0, 500, 100);
    assertThat(guard.snapshot(now).windowFailures()).isZero();

    on(new Input.Ask(
        ++lastRequest, new Query.Bars(BTC, Interval.M1, null, null, 501), Priority.REFRESH));
    passTo(now + 2 * guard.breaker().policy().slowCallNanos());
    assertThat(guard.snapshot(now).windowFailures()).isEqualTo(1);
  }

  private void passTo(long moment) {
    for (long due = engine.nextDeadlineNanos(); due <= moment; due = engine.nextDeadlineNanos()) {
      now = Math.max(now, due);
      on(new Input.TimePassed());
    }
    now = moment;
    on(new Input.TimePassed());
  }
}
