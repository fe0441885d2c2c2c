package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.request.Tried;
import dev.everfeed.hub.api.BackfillOrder;
import dev.everfeed.hub.api.BackfillView;
import dev.everfeed.hub.api.BackfillView.State;
import dev.everfeed.hub.journal.NotAcceptedException;
import dev.everfeed.hub.source.BarRules;
import dev.everfeed.hub.store.History;
import dev.everfeed.hub.store.Migrations;
import dev.everfeed.hub.store.TestDatabase;
import dev.everfeed.hub.telemetry.BackfillMetrics;
import dev.everfeed.hub.telemetry.Metrics;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a backfill does with each answer, with hands that do as they are told and an empty
/// store.
@Timeout(60)
class BackfillJobTest {
  private static final Instant T0 = Instant.parse("2026-11-20T12:00:00Z");
  private static final SourceId KRAKEN = new SourceId("kraken");
  private static final BackfillOrder ORDER = new BackfillOrder(
      Symbol.of("BTC/USD"), Interval.M1, T0, T0.plusSeconds(60 * 100), List.of("kraken"));
  private static final Pace QUICK = new Pace(
      1,
      3,
      Duration.ofMillis(1),
      Duration.ofMillis(5),
      Duration.ofMillis(2),
      Duration.ofMillis(50));

  private static TestDatabase database;

  @BeforeAll
  static void open() throws Exception {
    database = TestDatabase.create();
    Migrations.run(database.dataSource());
  }

  @AfterAll
  static void close() {
    database.close();
  }

  /// What becomes of the next questions; afterwards all are answered in full.
  private sealed interface Next {
    record Full() implements Next {}

    record Refused() implements Next {}

    record Fails(Failure failure) implements Next {}

    record Covers(@Nullable Span span) implements Next {}

    record Breaks() implements Next {}
  }

  private static final class ToldHands implements BackfillHands {
    final Queue<Next> next = new ConcurrentLinkedQueue<>();
    final List<Query.Bars> asked = new ArrayList<>();
    final List<String> events = new ArrayList<>();
    volatile @Nullable String holdUp;
    volatile long accepted;
    volatile boolean storeThere = true;
    volatile boolean known;

    @Override
    public List<Candidate> candidates(BackfillOrder order) {
      BarRules rules =
          new BarRules(new LinkedHashMap<>(Map.of(Interval.M1, "1")), 5, true, false, 720);
      return List.of(new Candidate("kraken", rules, null, true));
    }

    @Override
    public synchronized Reply ask(Query.Bars query) throws NotAcceptedException {
      asked.add(query);
      Span all = new Span(Objects.requireNonNull(query.from()), Objects.requireNonNull(query.to()));
      return switch (Objects.requireNonNullElse(next.poll(), new Next.Full())) {
        case Next.Full _ -> value(query, all);
        case Next.Refused _ -> throw new NotAcceptedException("the log is full");
        case Next.Fails fails ->
          new Reply.Unavailable(query, List.of(new Tried(KRAKEN, fails.failure())));
        case Next.Covers covers -> value(query, covers.span());
        case Next.Breaks _ -> throw new IllegalStateException("a mistake of ours");
      };
    }

    private static Reply value(Query.Bars query, @Nullable Span covered) {
      Decimal one = Decimal.ONE;
      Event bar = new Event.Bar(
          query.symbol(),
          "kraken",
          KRAKEN,
          query.interval(),
          Objects.requireNonNull(query.from()),
          one,
          one,
          one,
          one,
          null,
          true);
      Served served = new Served(query, KRAKEN, List.of(bar), 0, false, covered);
      return new Reply.Value(query, served, ValueStatus.LIVE, 0, List.of());
    }

    @Override
    public boolean isCovered(Query.Bars query) {
      return known;
    }

    @Override
    public @Nullable String holdUp() {
      return holdUp;
    }

    @Override
    public @Nullable String storeMissing() {
      return storeThere ? null : "gone";
    }

    @Override
    public <T> T read(Reading<T> reading) throws SQLException {
      if (!storeThere) {
        throw new SQLException("gone", "08003");
      }
      return reading.from(new History(database.dataSource(), Duration.ofSeconds(5)));
    }

    @Override
    public long acceptedTo() {
      return accepted;
    }

    @Override
    public long drainedTo() {
      return 0;
    }

    @Override
    public void happened(String type, String detail) {
      events.add(type + " " + detail);
    }
  }

  private final ToldHands hands = new ToldHands();
  private final Metrics metrics = new Metrics();

  private BackfillJob job() {
    return new BackfillJob(
        "1",
        ORDER,
        new Span(T0, Objects.requireNonNull(ORDER.to())),
        hands,
        QUICK,
        System::nanoTime,
        InstantSource.fixed(T0.plusSeconds(86_400)),
        new BackfillMetrics(metrics));
  }

  private BackfillView.Exchange done() throws InterruptedException {
    BackfillJob job = job();
    job.start();
    job.awaitEnd(Duration.ofSeconds(20));
    assertThat(job.view().state()).isEqualTo(State.DONE);
    return job.view().exchanges().getFirst();
  }

  private static Next.Fails fails(Failure.Kind kind) {
    return new Next.Fails(new Failure(kind, kind.text(), 1_000_000));
  }

  @Test
  void whatTheJournalRefusedIsNotDoneAndAskedAgain() throws Exception {
    hands.next.addAll(List.of(new Next.Refused(), new Next.Refused()));
    BackfillView.Exchange part = done();
    assertThat(part.covered()).isEqualTo(100);
    assertThat(part.calls()).isEqualTo(hands.asked.size() - 2);
    assertThat(hands.asked.get(0)).isEqualTo(hands.asked.get(2));
  }

  @Test
  void nothingIsAskedWhileItCouldNotBeKept() throws Exception {
    hands.holdUp = "the database is behind";
    BackfillJob job = job();
    job.start();
    eventually(() -> job.view().exchanges().stream()
        .anyMatch(part -> "the database is behind".equals(part.reason())));
    assertThat(hands.asked).isEmpty();
    hands.holdUp = null;
    job.awaitEnd(Duration.ofSeconds(20));
    assertThat(job.view().exchanges().getFirst().covered()).isEqualTo(100);
  }

  @Test
  void whoMayNotBeCalledNowIsWaitedForHoweverOften() throws Exception {
    for (int i = 0; i < 10; i++) {
      hands.next.addAll(List.of(
          fails(Failure.Kind.OVER_BUDGET),
          fails(Failure.Kind.PAUSED),
          fails(Failure.Kind.RATE_LIMITED),
          fails(Failure.Kind.CIRCUIT_OPEN)));
    }
    BackfillView.Exchange part = done();
    assertThat(part.covered()).isEqualTo(100);
    assertThat(hands.asked).hasSizeGreaterThan(40);
    assertThat(part.calls()).isEqualTo(hands.asked.size() - 40);
  }

  @Test
  void aFailureIsTriedAFewTimesAndThenTheRestGoesOn() throws Exception {
    for (int i = 0; i < 3; i++) {
      hands.next.add(fails(Failure.Kind.SERVER_ERROR));
    }
    BackfillView.Exchange part = done();
    Query.Bars first = hands.asked.getFirst();
    assertThat(hands.asked.subList(0, 3)).containsOnly(first);
    assertThat(hands.asked.get(3)).isNotEqualTo(first);
    assertThat(part.covered()).isEqualTo(100L - first.limit());
  }

  @Test
  void aQuestionThatMayNeverBeAskedIsAskedInSmallerOnes() throws Exception {
    hands.next.add(
        new Next.Fails(new Failure(Failure.Kind.OVER_BUDGET, "16 of 10", Long.MAX_VALUE)));
    BackfillView.Exchange part = done();
    assertThat(part.covered()).isEqualTo(100);
    assertThat(hands.asked).hasSizeGreaterThan(5);
    assertThat(hands.asked.subList(1, hands.asked.size())).allMatch(each -> each.limit() <= 20);

    for (int i = 0; i < 9; i++) {
      hands.next.add(
          new Next.Fails(new Failure(Failure.Kind.OVER_BUDGET, "16 of 1", Long.MAX_VALUE)));
    }
    assertThat(done().covered()).isZero();
  }

  @Test
  void anExchangeThatDoesNotHaveItIsAskedNoMore() throws Exception {
    hands.next.add(fails(Failure.Kind.NOT_OFFERED));
    BackfillView.Exchange part = done();
    assertThat(hands.asked).hasSize(1);
    BackfillView.Report report = Objects.requireNonNull(part.report());
    assertThat(report.unavailable()).isEqualTo(100);
    assertThat(report.missing()).isZero();
    assertThat(report.gaps())
        .containsExactly(new BackfillView.Gap(
            T0, T0.plusSeconds(6_000), 100, "unavailable", "kraken: not_offered"));
    assertThat(hands.events.getFirst())
        .startsWith("backfill_done {\"id\":\"1\",\"symbol\":\"BTC/USD\"")
        .contains("\"unavailable\":100");
  }

  @Test
  void anAnswerThatProvesNothingIsNoProgressAndOneOfOursEndsNothing() throws Exception {
    hands.next.addAll(List.of(new Next.Covers(null), new Next.Breaks()));
    BackfillView.Exchange part = done();
    int without = hands.asked.get(0).limit() + hands.asked.get(1).limit();
    assertThat(part.covered()).isEqualTo(100L - without);
  }

  @Test
  void whatAnotherHasBroughtMeanwhileIsNotAsked() throws Exception {
    hands.known = true;
    assertThat(done().covered()).isEqualTo(100);
    assertThat(hands.asked).isEmpty();
  }

  /// It says that it has not looked, instead of calling everything missing.
  @Test
  void whatIsNotStoredInTimeIsNotLookedThrough() throws Exception {
    BackfillJob job = job();
    hands.holdUp = "wait";
    job.start();
    eventually(() -> !job.view().exchanges().isEmpty());
    hands.accepted = 1_000;
    hands.holdUp = null;
    job.awaitEnd(Duration.ofSeconds(20));
    BackfillView.Exchange part = job.view().exchanges().getFirst();
    assertThat(part.report()).isNull();
    assertThat(part.reason()).contains("not looked through: the database has not taken anything");
  }

  @Test
  void aStoreThatGoesAwayIsWaitedFor() throws Exception {
    hands.storeThere = false;
    BackfillJob job = job();
    job.start();
    eventually(() -> job.view().reason() != null);
    assertThat(job.view().state()).isEqualTo(State.WAITING);
    hands.storeThere = true;
    job.awaitEnd(Duration.ofSeconds(20));
    assertThat(job.view().state()).isEqualTo(State.DONE);
    assertThat(metrics.page())
        .contains("everfeed_backfill_jobs_total{outcome=\"done\"} 1.0")
        .contains("everfeed_backfill_running 0.0")
        .contains("everfeed_backfill_intervals_total{exchange=\"kraken\"} 100.0");
  }

  private interface Condition {
    boolean holds();
  }

  private static void eventually(Condition condition) {
    long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not so after 20 s");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }
}
