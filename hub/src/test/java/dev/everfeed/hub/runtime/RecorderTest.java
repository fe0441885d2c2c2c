package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.RunReport;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Journal;
import dev.everfeed.hub.journal.JournalListener;
import dev.everfeed.hub.journal.NotAcceptedException;
import dev.everfeed.hub.journal.Positioned;
import dev.everfeed.hub.journal.SegmentLog;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What of the chain's decisions is in the journal, a real one on disk.
@Timeout(60)
class RecorderTest {
  private static final Instant T0 = Instant.parse("2026-11-20T12:00:00Z");
  private static final SourceId BINANCE = new SourceId("binance");
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final Query BARS = new Query.Bars(BTC, Interval.M1, null, null, 3);
  private static final int RECORD_MAX = 2 << 10;
  private static final long SECOND = 1_000_000_000L;

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();

  @TempDir
  Path folder;

  private Journal journal;
  private Recorder recorder;
  private Thread thread;

  @BeforeEach
  void open() throws IOException {
    journal = Journal.open(
        folder,
        new Journal.Settings(
            new SegmentLog.Limits(64 << 10, 1 << 20, Duration.ofDays(1), RECORD_MAX, 0),
            RECORD_MAX + Integer.BYTES,
            Duration.ofSeconds(10)),
        System::nanoTime,
        InstantSource.system(),
        JournalListener.NONE);
    recorder = new Recorder(
        journal,
        new AnchoredClock(T0, 0),
        context,
        source -> source.equals(BINANCE) ? "binance" : null);
    thread = Thread.ofPlatform().name("journal").daemon().unstarted(journal);
  }

  @AfterEach
  void close() throws Exception {
    journal.close();
    journal.reader().close();
    thread.join(10_000);
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  /// Runs the journal, if it does not run yet, until everything told so far is on disk and the
  /// recorder knows it.
  ///
  /// @return what was written since the last call
  private List<Entry> written() throws Exception {
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
    }
    onContext(() -> {});
    CompletableFuture<Long> last =
        journal.submit(List.of(new Entry.Happened("flush", null, "{}", T0)));
    last.get(10, TimeUnit.SECONDS);
    onContext(() -> {}); // behind what the journal told the recorder
    List<Entry> entries = new ArrayList<>();
    for (Positioned each : journal.reader().next(10_000, 1 << 20).entries()) {
      if (!(each.entry() instanceof Entry.Happened happened && happened.type().equals("flush"))) {
        entries.add(each.entry());
      }
    }
    return entries;
  }

  private void onContext(Runnable what) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    context.runOnContext(_ -> {
      what.run();
      done.complete(null);
    });
    done.get(10, TimeUnit.SECONDS);
  }

  private void keep(Query query, long atSeconds, Event... events) throws Exception {
    keep(new Served(query, BINANCE, List.of(events), atSeconds * SECOND, false));
  }

  private void keep(Served served) throws Exception {
    onContext(() -> recorder.keep(served, false));
  }

  private static Served covered(
      Query query, long atSeconds, int fromMinute, int toMinute, Event... events) {
    return new Served(
        query, BINANCE, List.of(events), atSeconds * SECOND, false, span(fromMinute, toMinute));
  }

  private static Span span(int fromMinute, int toMinute) {
    return new Span(T0.plusSeconds(60L * fromMinute), T0.plusSeconds(60L * toMinute));
  }

  private static Entry.Covered entry(int fromMinute, int toMinute, long atSeconds) {
    return new Entry.Covered(
        "binance", BTC, Interval.M1, span(fromMinute, toMinute), T0.plusSeconds(atSeconds));
  }

  private static Event.Bar bar(int minute, String close, @Nullable Boolean complete) {
    Decimal value = Decimal.parse(close);
    return new Event.Bar(
        BTC,
        "binance",
        BINANCE,
        Interval.M1,
        T0.plusSeconds(60L * minute),
        value,
        value,
        value,
        value,
        null,
        complete);
  }

  private static Entry received(Event event, long atSeconds) {
    return new Entry.Received(event, T0.plusSeconds(atSeconds));
  }

  @Test
  void barsThatHaveNotChangedAreNotWrittenAgainAndTheOneThatHasIs() throws Exception {
    keep(BARS, 200, bar(0, "100", true), bar(1, "101", true), bar(2, "102", false));
    assertThat(written())
        .containsExactly(
            received(bar(0, "100", true), 200),
            received(bar(1, "101", true), 200),
            received(bar(2, "102", false), 200));

    keep(BARS, 201, bar(0, "100", true), bar(1, "101", true), bar(2, "102", false));
    assertThat(written()).isEmpty();

    keep(BARS, 202, bar(1, "101", true), bar(2, "102.5", true), bar(3, "103", false));
    assertThat(written())
        .containsExactly(received(bar(2, "102.5", true), 202), received(bar(3, "103", false), 202));
  }

  @Test
  void aBarThatWasUnfinishedIsWrittenAgainWhenItsIntervalIsOverThoughItsValuesAreTheSame()
      throws Exception {
    keep(BARS, 59, bar(0, "100", null));
    assertThat(written()).containsExactly(received(bar(0, "100", false), 59));

    keep(BARS, 60, bar(0, "100", null));
    assertThat(written()).containsExactly(received(bar(0, "100", true), 60));

    keep(BARS, 120, bar(0, "100", null));
    assertThat(written()).isEmpty();
  }

  @Test
  void eachQuestionHasAMemoryOfItsOwn() throws Exception {
    Query other = new Query.Bars(BTC, Interval.M1, null, null, 2);
    keep(BARS, 100, bar(0, "100", true));
    keep(other, 101, bar(0, "100", true));
    assertThat(written())
        .containsExactly(received(bar(0, "100", true), 100), received(bar(0, "100", true), 101));
  }

  /// Polled data that could not be written down is in the next answer too.
  @Test
  void whatTheJournalRefusedIsOfferedAgainWithTheNextAnswer() throws Exception {
    Entry filler = new Entry.Happened("filler", null, "x".repeat(RECORD_MAX - 100), T0);
    assertThat(journal.offer(List.of(filler))).isTrue(); // nobody commits yet

    keep(BARS, 100, bar(0, "100", true), bar(1, "101", false));
    assertThat(journal.state().refused()).isEqualTo(2);
    assertThat(written()).containsExactly(filler);

    keep(BARS, 101, bar(0, "100", true), bar(1, "101", false));
    assertThat(written())
        .containsExactly(received(bar(0, "100", true), 101), received(bar(1, "101", false), 101));
  }

  /// The first answer is offered and not synced when the second one comes: it is written twice,
  /// which costs a line, rather than not at all, which would cost the data.
  @Test
  void whatIsNotSyncedYetIsOfferedTwiceRatherThanNever() throws Exception {
    keep(BARS, 100, bar(0, "100", true));
    keep(BARS, 101, bar(0, "100", true));
    assertThat(written())
        .containsExactly(received(bar(0, "100", true), 100), received(bar(0, "100", true), 101));

    keep(BARS, 102, bar(0, "100", true));
    assertThat(written()).isEmpty();
  }

  /// Behind the bars: whoever finds that a stretch is covered finds its bars.
  @Test
  void whatAnAnswerCoversIsWrittenBehindItsBarsAndOnlyWhenItIsNews() throws Exception {
    keep(covered(BARS, 200, 0, 2, bar(0, "100", true), bar(1, "101", true), bar(2, "9", false)));
    assertThat(written())
        .containsExactly(
            received(bar(0, "100", true), 200),
            received(bar(1, "101", true), 200),
            received(bar(2, "9", false), 200),
            entry(0, 2, 200));

    Query other = new Query.Bars(BTC, Interval.M1, null, null, 2);
    keep(covered(other, 201, 1, 2, bar(1, "101", true)));
    assertThat(written()).containsExactly(received(bar(1, "101", true), 201));

    keep(covered(BARS, 202, 1, 3, bar(1, "101", true), bar(2, "102", true)));
    assertThat(written()).containsExactly(received(bar(2, "102", true), 202), entry(1, 3, 202));

    keep(covered(BARS, 203, 5, 9)); // nobody traded
    assertThat(written()).containsExactly(entry(5, 9, 203));
    onContext(() -> {
      CoveredOnDisk.Series series = new CoveredOnDisk.Series("binance", BTC, Interval.M1);
      assertThat(recorder.isCovered(series, span(0, 3))).isTrue();
      assertThat(recorder.isCovered(series, span(5, 9))).isTrue();
      assertThat(recorder.isCovered(series, span(2, 6))).isFalse();
    });
  }

  @Test
  void whatIsNotOfOneExchangeOrOfAnotherSymbolCoversNothing() throws Exception {
    keep(new Served(BARS, new SourceId("coingecko"), List.of(), SECOND, false, span(0, 2)));
    keep(new Served(BARS, BINANCE, List.of(), SECOND, true, span(0, 2)));
    assertThat(written()).isEmpty();
  }

  /// All or nothing: a stretch whose bars were refused must not count as known.
  @Test
  void whatTheJournalRefusedIsNotCoveredAndWhoWaitsIsTold() throws Exception {
    Entry filler = new Entry.Happened("filler", null, "x".repeat(RECORD_MAX - 100), T0);
    assertThat(journal.offer(List.of(filler))).isTrue(); // nobody commits yet
    List<CompletionStage<?>> outcome = new ArrayList<>();
    Served answer = covered(BARS, 100, 0, 2, bar(0, "100", true), bar(1, "101", true));

    onContext(() -> outcome.add(recorder.keep(answer, true)));
    assertThatThrownBy(() -> outcome.getFirst().toCompletableFuture().get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(NotAcceptedException.class);
    assertThat(written()).containsExactly(filler);

    onContext(() -> outcome.add(recorder.keep(answer, true)));
    assertThat(written()).hasSize(3).contains(entry(0, 2, 100));
    outcome.getLast().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void whatWasNotBelievedIsWrittenDownWithTheReason() throws Exception {
    Event.Price wrong = new Event.Price(BTC, "binance", BINANCE, Decimal.parse("0"), null);
    Decision reject = new Decision.Reject(
        BINANCE,
        Query.Prices.of(BTC),
        List.of(wrong),
        new Failure(Failure.Kind.WRONG_DATA, "BTC/USDT: a price of 0", 0));
    onContext(() -> recorder.decided(reject, 7 * SECOND));
    assertThat(written())
        .containsExactly(new Entry.Rejected(wrong, "BTC/USDT: a price of 0", T0.plusSeconds(7)));
  }

  @Test
  void aChangeOfACircuitIsAnEventWithItsReasonAsJson() throws Exception {
    Decision change = new Decision.CircuitChanged(
        BINANCE,
        CircuitBreaker.State.CLOSED,
        CircuitBreaker.State.OPEN,
        30 * SECOND,
        "5 of 10 calls \"failed\"");
    onContext(() -> recorder.decided(change, 9 * SECOND));
    assertThat(written())
        .containsExactly(new Entry.Happened(
            "circuit_changed",
            BINANCE,
            "{\"from\":\"closed\",\"to\":\"open\",\"cooldown_ms\":30000,"
                + "\"reason\":\"5 of 10 calls \\\"failed\\\"\"}",
            T0.plusSeconds(9)));
  }

  @Test
  void aRunOfTheScheduleIsWrittenOnceHoweverOftenItIsTold() throws Exception {
    RunReport first = run(1);
    onContext(() -> {
      recorder.ran(first);
      recorder.ran(first);
    });
    onContext(() -> recorder.ran(first));
    assertThat(written())
        .containsExactly(new Entry.RunEnded(
            1,
            T0.plusSeconds(1),
            T0.plusSeconds(2),
            10,
            9,
            List.of(new Entry.RunError(
                BINANCE, "BTC/USDT", Failure.Kind.TIMEOUT, "no answer", T0.plusSeconds(1))),
            3,
            List.of(new Entry.Asked("BTC/USDT 1m", T0.plusSeconds(1)))));

    onContext(() -> {
      recorder.ran(run(2));
      recorder.ran(first);
    });
    assertThat(written())
        .extracting(entry -> ((Entry.RunEnded) entry).number())
        .containsExactly(2L);
  }

  private static RunReport run(long number) {
    return new RunReport(
        number,
        SECOND,
        2 * SECOND,
        10,
        9,
        List.of(
            new RunReport.Error(BINANCE, "BTC/USDT", Failure.Kind.TIMEOUT, "no answer", SECOND)),
        3,
        List.of(new RunReport.Asked("BTC/USDT 1m", SECOND)));
  }

  @Test
  void theMemoryOfWhatIsOnDiskIsBoundedAndTheQuestionNotAnsweredForLongestGoesFirst() {
    OnDisk onDisk = new OnDisk();
    List<Event> many = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      many.add(bar(i, "100", true));
    }
    int questions = OnDisk.MAX_EVENTS / 1_000;
    for (int i = 0; i < questions; i++) {
      onDisk.synced(question(i), many);
    }
    assertThat(onDisk.size()).isEqualTo(OnDisk.MAX_EVENTS);
    assertThat(onDisk.missing(question(0), many)).isEmpty(); // and is the one used last now

    onDisk.synced(question(questions), many);

    assertThat(onDisk.size()).isEqualTo(OnDisk.MAX_EVENTS);
    assertThat(onDisk.missing(question(0), many)).isEmpty();
    assertThat(onDisk.missing(question(1), many)).hasSize(1_000);
    assertThat(onDisk.missing(question(questions), many)).isEmpty();
  }

  private static Query question(int number) {
    return new Query.Trades(BTC, Integer.toString(number), 1_000);
  }
}
