package dev.everfeed.core.request;

import static dev.everfeed.core.request.Bars.bar;
import static dev.everfeed.core.request.Bars.between;
import static dev.everfeed.core.request.Bars.closes;
import static dev.everfeed.core.request.Bars.complete;
import static dev.everfeed.core.request.Bars.minute;
import static dev.everfeed.core.request.Bars.receivedAt;
import static dev.everfeed.core.request.Bars.times;
import static dev.everfeed.core.request.ChainBench.BTC;
import static dev.everfeed.core.request.ChainBench.EXCHANGE;
import static dev.everfeed.core.request.ChainBench.ms;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Failure.Kind;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.ValueStatus;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// History as the last provider (REQUIREMENTS A1): who is asked before it, when it is not asked,
/// and what its answer may be called.
class RecallsTest {
  private static final long HOURS_AGO = ms(-7_200_000);
  private final ChainBench bench = new ChainBench();

  RecallsTest() {
    bench.on(new Input.HistoryAvailable(true));
    bench.nowNanos = ms(600_000); // ten minutes after the start: minutes 0 to 9 are over
  }

  @Test
  void historyIsAskedWhenEveryProviderHasFailedAndItsBarsAreCached() {
    long request = bench.ask(between(2, 5, 100));
    assertThat(bench.all(Decision.Recall.class)).isEmpty();
    bench.failAllProviders();
    assertThat(bench.isAnswered(request)).isFalse();
    recalled(receivedAt(HOURS_AGO, complete(2, 5)));

    Reply.Value value = bench.valueOf(request);
    assertThat(value.status()).isEqualTo(ValueStatus.CACHED);
    assertThat(times(value)).containsExactly(minute(2), minute(3), minute(4));
    assertThat(value.served().receivedAtNanos()).isEqualTo(HOURS_AGO);
    assertThat(value.tried()).extracting(Tried::source).containsOnly(EXCHANGE);
    assertThat(bench.engine.recallCount()).isZero();
    assertThat(bench.engine.flightCount()).isZero();
  }

  /// Its deadline is seconds away, and the timer of it names the flight (`benchmarks/run
  /// merged`: a hundred answers of 5,000 bars, and a second of garbage collection).
  @Test
  void anAnsweredQuestionDoesNotKeepItsBars() {
    long request = bench.ask(between(2, 5, 100));
    bench.failAllProviders();
    List<Input.Past> past = receivedAt(HOURS_AGO, complete(2, 5));
    WeakReference<Event> bar = new WeakReference<>(past.getFirst().event());
    recalled(past);
    assertThat(bench.isAnswered(request)).isTrue();
    past = List.of();
    bench.decisions.clear();
    for (int i = 0; i < 50 && bar.get() != null; i++) {
      System.gc();
    }
    assertThat(bar.get()).isNull();
    assertThat(bench.engine.flightCount()).isZero();
  }

  @Test
  void historyIsNotAskedBeforeItIsKnownToBeThereNorAfterItIsGone() {
    ChainBench without = new ChainBench();
    long request = without.ask(between(null, null, 5));
    without.failAllProviders();
    assertThat(without.refusalOf(request).tried()).extracting(Tried::source).containsOnly(EXCHANGE);

    bench.on(new Input.HistoryAvailable(false));
    long other = bench.ask(between(null, null, 5));
    bench.failAllProviders();
    assertThat(bench.isAnswered(other)).isTrue();
    assertThat(bench.all(Decision.Recall.class)).isEmpty();
  }

  /// A refresh wants what is new; prices and sentiment are in memory since the start.
  @Test
  void onlyUsersQuestionsForBarsAndTradesGoToHistory() {
    bench.on(new Input.Ask(900, between(null, null, 5), Priority.REFRESH));
    bench.failAllProviders();
    bench.askPrice();
    bench.failAllProviders();
    bench.ask(new Query.Sentiments(null));
    bench.failAllProviders();
    assertThat(bench.all(Decision.Recall.class)).isEmpty();
    assertThat(bench.all(Decision.Answer.class)).hasSize(3);
  }

  @Test
  void equalQuestionsShareOneRecallAndEachGetsItsAnswer() {
    long first = bench.ask(between(2, 5, 100));
    bench.failAllProviders();
    long second = bench.ask(between(2, 5, 100));
    assertThat(bench.all(Decision.Recall.class)).hasSize(1);
    recalled(receivedAt(HOURS_AGO, complete(2, 5)));
    assertThat(bench.valueOf(first)).isEqualTo(bench.valueOf(second));
  }

  @Test
  void historyIsNotAskedForWhatMemoryHasInFull() {
    remember(complete(0, 10));
    long closed = bench.ask(between(2, 5, 100));
    bench.failAllProviders();
    assertThat(bench.valueOf(closed).status()).isEqualTo(ValueStatus.CACHED);
    long newest = bench.ask(between(null, null, 5));
    bench.failAllProviders();
    assertThat(times(bench.valueOf(newest))).hasSize(5).endsWith(minute(9));
    long fromHere = bench.ask(between(2, null, 3));
    bench.failAllProviders();
    assertThat(times(bench.valueOf(fromHere))).containsExactly(minute(2), minute(3), minute(4));
    assertThat(bench.all(Decision.Recall.class)).isEmpty();
  }

  @Test
  void historyIsAskedForAGapABeginningOrAnEndThatMemoryLacks() {
    remember(complete(2, 4));
    remember(complete(5, 8));
    for (Query.Bars wanted : List.of(
        between(2, 8, 100), // minute 4 is missing
        between(1, 4, 100), // minute 1
        between(5, 9, 100), // minute 8
        between(null, null, 6))) {
      int before = bench.all(Decision.Recall.class).size();
      bench.ask(wanted);
      bench.failAllProviders();
      assertThat(bench.all(Decision.Recall.class)).as("%s", wanted).hasSize(before + 1);
      recalled(List.of());
    }
  }

  @Test
  void ofTwoBarsACompleteOneStandsElseTheOneReceivedLater() {
    remember(List.of(bar(2, "1", true), bar(3, "1", false), bar(4, "1", false)));
    long request = bench.ask(between(2, 6, 100));
    bench.failAllProviders();
    recalled(List.of(
        new Input.Past(bar(2, "2", false), bench.nowNanos),
        new Input.Past(bar(3, "2", true), ms(500_000)),
        new Input.Past(bar(4, "2", false), ms(500_000)),
        new Input.Past(bar(5, "2", true), ms(500_000))));
    assertThat(closes(bench.valueOf(request))).containsExactly("1", "2", "1", "2");
  }

  /// Bars of a range that is over are right however old they are: `stale_if_error` (1 h here) is
  /// about values that may have changed.
  @Test
  void completeBarsOfARangeThatIsOverAreCachedWhateverTheirAge() {
    remember(complete(0, 10));
    bench.passMillis(7_200_000);
    long closed = bench.ask(between(2, 5, 100));
    bench.failAllProviders();
    assertThat(bench.valueOf(closed).status()).isEqualTo(ValueStatus.CACHED);
    assertThat(bench.valueOf(closed).ageNanos()).isGreaterThanOrEqualTo(ms(7_200_000));
    long firstThree = bench.ask(between(2, null, 3));
    bench.failAllProviders();
    assertThat(bench.valueOf(firstThree).status()).isEqualTo(ValueStatus.CACHED);
  }

  @Test
  void aQuestionForTheNewestBarsAnsweredByOldOnesIsStaleAndAfterStaleIfErrorThereIsNone() {
    remember(complete(5, 10));
    bench.passMillis(200_000);
    long soon = bench.ask(between(null, null, 5));
    bench.failAllProviders();
    recalled(receivedAt(HOURS_AGO, complete(0, 5)));
    assertThat(bench.valueOf(soon).status()).isEqualTo(ValueStatus.STALE);
    bench.passMillis(3_600_000);
    long late = bench.ask(between(null, null, 5));
    bench.failAllProviders();
    recalled(receivedAt(HOURS_AGO, complete(0, 5)));
    assertThat(bench.refusalOf(late).tried()).extracting(Tried::source).containsOnly(EXCHANGE);
  }

  /// A range of ten minutes ago that arrived a moment ago says nothing of now.
  @Test
  void barsReceivedLateDoNotPassForTheNewest() {
    bench.nowNanos = ms(1_200_000);
    remember(complete(0, 5));
    long request = bench.ask(between(null, null, 5));
    bench.failAllProviders();
    recalled(List.of());
    assertThat(bench.valueOf(request).status()).isEqualTo(ValueStatus.STALE);
  }

  /// After a restart the newest hundred bars are a hundred minutes old but for the last ones.
  @Test
  void theNewestBarsAreAsOldAsTheNewestOfThem() {
    long request = bench.ask(between(null, null, 10));
    bench.failAllProviders();
    List<Input.Past> past = new ArrayList<>(receivedAt(HOURS_AGO, complete(0, 9)));
    past.add(new Input.Past(bar(9, "100", false), bench.nowNanos - ms(20_000)));
    recalled(past);
    assertThat(times(bench.valueOf(request))).hasSize(10);
    assertThat(bench.valueOf(request).status()).isEqualTo(ValueStatus.CACHED);
  }

  @Test
  void anUnfinishedBarOfLongAgoMakesAnAnswerStale() {
    long request = bench.ask(between(2, 5, 100));
    bench.failAllProviders();
    recalled(receivedAt(ms(0), List.of(bar(2, "1", true), bar(3, "1", false), bar(4, "1", true))));
    assertThat(bench.valueOf(request).status()).isEqualTo(ValueStatus.STALE);
  }

  @Test
  void whenHistoryFailsTheAnswerIsTheOneThereWouldHaveBeen() {
    remember(complete(5, 8));
    long request = bench.ask(between(2, 8, 100));
    bench.failAllProviders();
    bench.on(new Input.Failed(
        bench.lastRecall().callId(), Failure.of(Kind.CONNECTION, "the database is away")));
    assertThat(times(bench.valueOf(request))).containsExactly(minute(5), minute(6), minute(7));

    long nothing = bench.ask(between(0, 2, 100));
    bench.failAllProviders();
    bench.on(new Input.Failed(
        bench.lastRecall().callId(), Failure.of(Kind.CONNECTION, "the database is away")));
    assertThat(bench.refusalOf(nothing).tried().getLast())
        .isEqualTo(new Tried(Recalls.HISTORY, Failure.of(Kind.CONNECTION, "the database is away")));
  }

  @Test
  void whatHistoryLacksIsSaidAmongThoseWhoWereTried() {
    long request = bench.ask(between(2, 5, 100));
    bench.failAllProviders();
    recalled(List.of());
    assertThat(bench.refusalOf(request).message()).contains("history: has no such bars");
  }

  @Test
  void whatHistoryDidNotOfferMakesNoMemory() {
    bench.ask(between(2, 5, 100));
    bench.failAllProviders();
    recalled(receivedAt(HOURS_AGO, complete(2, 5)));
    assertThat(bench.engine.rememberedBars()).isZero();
    bench.ask(between(2, 5, 100));
    bench.failAllProviders();
    assertThat(bench.all(Decision.Recall.class)).hasSize(2);
  }

  @Test
  void aSlowHistoryIsWaitedForUntilTheDeadlineAndIsNotHeardAfterIt() {
    long request = bench.ask(between(2, 5, 100));
    long askedAt = bench.nowNanos;
    bench.fail(bench.lastCall(), Kind.CALLER);
    assertThat(bench.lastRecall().timeoutNanos()).isEqualTo(ms(1_000));
    bench.pass(java.time.Duration.ofNanos(askedAt + ms(1_000) - bench.nowNanos));
    assertThat(bench.isAnswered(request)).isTrue();
    assertThat(bench.engine.flightCount()).isZero();
    recalled(receivedAt(HOURS_AGO, complete(2, 5)));
    assertThat(bench.all(Decision.Answer.class)).hasSize(1);
  }

  /// A provider that hangs is not waited for to its timeout: the question has a deadline.
  @Test
  void whenTheLastProviderIsSlowHistoryIsAskedBesideIt() {
    long request = bench.ask(between(2, 5, 100));
    bench.passMillis(49);
    assertThat(bench.all(Decision.Recall.class)).isEmpty();
    bench.passMillis(1);
    recalled(receivedAt(HOURS_AGO, complete(2, 5)));
    assertThat(bench.isAnswered(request)).isFalse();
    bench.passMillis(100); // its patience
    assertThat(bench.valueOf(request).status()).isEqualTo(ValueStatus.CACHED);
    assertThat(bench.engine.callCount()).isEqualTo(1);
  }

  @Test
  void whosePatienceIsOverIsAnsweredWhenHistoryIs() {
    long request = bench.ask(between(2, 5, 100));
    bench.passMillis(400);
    assertThat(bench.isAnswered(request)).isFalse();
    recalled(receivedAt(HOURS_AGO, complete(2, 5)));
    assertThat(times(bench.valueOf(request))).hasSize(3);
    assertThat(bench.engine.flightCount()).isEqualTo(1);
    bench.answer(bench.lastCall(), complete(2, 5));
    assertThat(bench.engine.rememberedBars()).isEqualTo(3);
  }

  @Test
  void aProviderThatAnswersAfterAllComesBeforeHistory() {
    long request = bench.ask(between(2, 5, 100));
    bench.passMillis(60);
    bench.answer(bench.lastCall(), complete(2, 5));
    assertThat(bench.valueOf(request).status()).isEqualTo(ValueStatus.LIVE);
    recalled(receivedAt(HOURS_AGO, complete(2, 4)));
    assertThat(bench.all(Decision.Answer.class)).hasSize(1);
    assertThat(bench.engine.recallCount()).isZero();
  }

  @Test
  void whenTheProviderFailsMeanwhileHistoryIsStillWaitedFor() {
    long request = bench.ask(between(2, 5, 100));
    bench.passMillis(60);
    bench.failAllProviders();
    assertThat(bench.isAnswered(request)).isFalse();
    recalled(receivedAt(HOURS_AGO, complete(2, 5)));
    assertThat(times(bench.valueOf(request))).hasSize(3);
    assertThat(bench.all(Decision.Recall.class)).hasSize(1);
  }

  @Test
  void whileHistoryIsSlowAPatientUserGetsWhatIsRemembered() {
    remember(complete(5, 8));
    long request = bench.ask(between(2, 8, 100));
    bench.fail(bench.lastCall(), Kind.CALLER);
    bench.passMillis(149);
    assertThat(bench.isAnswered(request)).isFalse();
    bench.passMillis(1);
    assertThat(times(bench.valueOf(request))).hasSize(3);
  }

  /// The refresh does not want what is old, and is told which provider failed.
  @Test
  void aRefreshThatSharesTheFlightIsToldOfTheProvidersOnly() {
    bench.on(new Input.Ask(900, between(2, 5, 100), Priority.REFRESH));
    long user = bench.ask(between(2, 5, 100));
    bench.fail(bench.lastCall(), Kind.CALLER);
    recalled(List.of());
    assertThat(bench.refusalOf(900).tried()).extracting(Tried::source).containsOnly(EXCHANGE);
    assertThat(bench.refusalOf(user).tried())
        .extracting(Tried::source)
        .containsExactly(EXCHANGE, Recalls.HISTORY);
  }

  @Test
  void whatWasNotAskedIsLeftOutOfWhatHistorySays() {
    long request = bench.ask(between(2, 5, 2));
    bench.failAllProviders();
    recalled(receivedAt(HOURS_AGO, complete(0, 9)));
    assertThat(times(bench.valueOf(request))).containsExactly(minute(2), minute(3));
  }

  // ---- trades

  @Test
  void tradesThatShareOneAreOneSpan() {
    Query.Trades wanted = new Query.Trades(BTC, null, 10);
    bench.ask(wanted);
    bench.answer(bench.lastCall(), trades(5, 9));
    long request = bench.ask(wanted);
    bench.fail(bench.lastCall(), Kind.CALLER);
    recalled(receivedAt(HOURS_AGO, trades(1, 7)));
    assertThat(ids(bench.valueOf(request))).containsExactly("1", "2", "3", "4", "5", "6", "7", "8");
    assertThat(bench.valueOf(request).status()).isEqualTo(ValueStatus.CACHED);
  }

  @Test
  void tradesWithAGapBetweenThemAreNotPassedOffAsOneSpan() {
    Query.Trades wanted = new Query.Trades(BTC, null, 10);
    bench.ask(wanted);
    bench.answer(bench.lastCall(), trades(50, 53));
    long request = bench.ask(wanted);
    bench.fail(bench.lastCall(), Kind.CALLER);
    recalled(receivedAt(HOURS_AGO, trades(1, 7)));
    assertThat(ids(bench.valueOf(request))).containsExactly("50", "51", "52");
  }

  @Test
  void asManyTradesAsWereAskedForFromAnIdOnDoNotBecomeWrongByAge() {
    Query.Trades wanted = new Query.Trades(BTC, "1", 4);
    long request = bench.ask(wanted);
    bench.fail(bench.lastCall(), Kind.CALLER);
    recalled(receivedAt(HOURS_AGO, trades(1, 9)));
    assertThat(ids(bench.valueOf(request))).containsExactly("1", "2", "3", "4");
    assertThat(bench.valueOf(request).status()).isEqualTo(ValueStatus.CACHED);
  }

  @Test
  void theNewestTradesAreStaleWhenTheyAreOld() {
    long request = bench.ask(new Query.Trades(BTC, null, 4));
    bench.fail(bench.lastCall(), Kind.CALLER);
    recalled(receivedAt(ms(0), trades(1, 9)));
    assertThat(ids(bench.valueOf(request))).containsExactly("5", "6", "7", "8");
    assertThat(bench.valueOf(request).status()).isEqualTo(ValueStatus.STALE);
  }

  @Test
  void aTradeThatCannotBeIsNotBelieved() {
    long request = bench.ask(new Query.Trades(BTC, null, 4));
    Event impossible =
        new Event.Trade(BTC, "binance", EXCHANGE, Decimal.of(-1), Decimal.ONE, null, "7", null);
    bench.answer(bench.lastCall(), List.of(impossible));
    recalled(List.of());
    assertThat(bench.refusalOf(request).tried().getFirst().failure().kind())
        .isEqualTo(Kind.WRONG_DATA);
  }

  private void remember(List<Event.Bar> bars) {
    bench.ask(between(null, null, 500 + bench.calls().size()));
    bench.answer(bench.lastCall(), bars);
  }

  private void recalled(List<Input.Past> past) {
    bench.on(new Input.Recalled(bench.lastRecall().callId(), past));
  }

  private static List<Event> trades(int first, int end) {
    return IntStream.range(first, end)
        .mapToObj(id -> (Event) new Event.Trade(
            BTC,
            "binance",
            EXCHANGE,
            Decimal.of(100),
            Decimal.ONE,
            null,
            Integer.toString(id),
            ChainBench.START.plusSeconds(id)))
        .toList();
  }

  private static List<String> ids(Reply.Value value) {
    return value.served().events().stream()
        .map(event -> String.valueOf(((Event.Trade) event).tradeId()))
        .toList();
  }
}
