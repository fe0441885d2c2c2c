package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.api.BackfillOrder;
import dev.everfeed.hub.api.BackfillRefused;
import dev.everfeed.hub.api.BackfillView;
import dev.everfeed.hub.api.BackfillView.State;
import dev.everfeed.hub.api.Backfiller;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.store.TestDatabase;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Backfills of a whole hub: real sockets, a real journal, a real PostgreSQL.
@Timeout(180)
class BackfillHubTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");

  @TempDir
  Path data;

  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MINUTES);
  private TestDatabase database;
  private SmallVenues venues;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabase.create();
    venues = new SmallVenues();
  }

  @AfterEach
  void close() {
    venues.close();
    database.close();
  }

  private Hub hub(String more) throws InterruptedException {
    return Hub.start(Settings.parse(
        """
        http: {port: 0}
        stream: {enabled: false}
        data_dir: "%s"
        store: {url: "%s"}
        symbols: [BTC/USDT]
        sources:
        %s
        routes: {bars: {providers: [binance, coinbase_exchange, kraken]}}
        refresh: {every: 1h, intervals: []}
        breaker: {open: 1s, open_max: 2s}
        %s
        """.formatted(
                data.resolve("hub"),
                database.url(),
                OwnSources.of(Map.of(
                    "binance",
                    URI.create(venues.url("binance")),
                    "coinbase_exchange",
                    URI.create(venues.url("coinbase")),
                    "kraken",
                    URI.create(venues.url("kraken")))),
                more),
        Map.of()));
  }

  private BackfillOrder order(int minutes, String... exchanges) {
    return new BackfillOrder(
        BTC, Interval.M1, now.minus(minutes, ChronoUnit.MINUTES), now, List.of(exchanges));
  }

  private static BackfillView done(Hub hub, BackfillOrder order) throws Exception {
    String id = backfills(hub).start(order).backfill().id();
    eventually(() -> backfills(hub).find(id).orElseThrow().state().isOver());
    return backfills(hub).find(id).orElseThrow();
  }

  private static Backfiller backfills(Hub hub) {
    return hub.backfills().orElseThrow();
  }

  private static BackfillView.Exchange at(BackfillView view, String exchange) {
    return view.exchanges().stream()
        .filter(each -> each.name().equals(exchange))
        .findFirst()
        .orElseThrow();
  }

  private static BackfillView.Report report(BackfillView view, String exchange) {
    BackfillView.Report report = at(view, exchange).report();
    assertThat(report).as("%s", at(view, exchange).reason()).isNotNull();
    return report;
  }

  @Test
  void eachExchangeIsFilledByItsOwnRule() throws Exception {
    try (Hub hub = hub("")) {
      BackfillView view = done(hub, order(2_500, "all"));

      assertThat(view.state()).isEqualTo(State.DONE);
      BackfillView.Report binance = report(view, "binance");
      assertThat(binance.bars()).isEqualTo(2_500);
      assertThat(binance.gaps()).isEmpty();
      assertThat(at(view, "binance").covered()).isEqualTo(2_500);
      assertThat(at(view, "binance").bars()).isEqualTo(2_500);

      BackfillView.Report coinbase = report(view, "coinbase");
      assertThat(coinbase.bars()).isEqualTo(2_250);
      assertThat(coinbase.noTrades()).isEqualTo(250);
      assertThat(coinbase.missing()).isZero();
      assertThat(coinbase.gapCount()).isEqualTo(250);
      assertThat(coinbase.gaps()).hasSize(100);
      assertThat(coinbase.gaps().getFirst().kind()).isEqualTo("no_trades");

      BackfillView.Report kraken = report(view, "kraken");
      assertThat(kraken.bars()).isBetween(715L, 720L); // a minute or two may have passed
      assertThat(kraken.bars() + kraken.unavailable()).isEqualTo(2_500);
      assertThat(kraken.missing()).isZero();
      assertThat(kraken.gaps()).hasSize(1);
      assertThat(kraken.gaps().getFirst().kind()).isEqualTo("unavailable");
      assertThat(kraken.gaps().getFirst().reason())
          .contains("kraken: knows only its newest 720 1m bars");
      assertThat(venues.calls("kraken")).isLessThanOrEqualTo(3);

      assertThat(one("SELECT count(*) FROM ohlcv WHERE complete")).isGreaterThan(5_400);
      eventually(() -> one("SELECT count(*) FROM event WHERE type = 'backfill_done'") == 1);
      assertThat(one("SELECT count(*) FROM quarantine")).isZero();

      int before = venues.calls("binance") + venues.calls("coinbase");
      BackfillView again = done(hub, order(2_500, "binance", "coinbase"));
      assertThat(venues.calls("binance") + venues.calls("coinbase")).isEqualTo(before);
      assertThat(report(again, "coinbase")).isEqualTo(coinbase);
      assertThat(at(again, "binance").before()).isEqualTo(2_500);
    }
  }

  /// What was done before is in the store; the journal holds what is not there yet.
  @Test
  void aBackfillGoesOnAfterARestartWithWhatIsNotCovered() throws Exception {
    venues.slowMillis = 100;
    String id;
    long covered;
    try (Hub hub = hub("")) {
      id = backfills(hub).start(order(20_000)).backfill().id();
      eventually(() -> progress(hub, id) >= 3_000);
      hub.close();
      BackfillView stopped = backfills(hub).find(id).orElseThrow();
      assertThat(stopped.state()).isEqualTo(State.FAILED);
      assertThat(stopped.reason()).contains("the same order again asks for the rest");
      covered = stopped.exchanges().getFirst().covered();
      assertThat(covered).isBetween(3_000L, 19_999L);
    }
    int before = venues.calls("binance");
    venues.slowMillis = 0;
    try (Hub hub = hub("")) {
      BackfillView view = done(hub, order(20_000));
      assertThat(report(view, "binance").bars()).isEqualTo(20_000);
      assertThat(at(view, "binance").before()).isGreaterThanOrEqualTo(covered);
      assertThat(venues.calls("binance") - before)
          .isLessThanOrEqualTo((int) (20_000 - covered) / 1_000 + 2);
      assertThat(view.exchanges()).hasSize(1); // the first that lists it
    }
  }

  private static long progress(Hub hub, String id) {
    return backfills(hub).find(id).orElseThrow().exchanges().stream()
        .mapToLong(BackfillView.Exchange::covered)
        .sum();
  }

  @Test
  void whatOverlapsIsAskedOnceAndTheSameOrderIsJoined() throws Exception {
    venues.slowMillis = 200;
    try (Hub hub = hub("")) {
      Backfiller.Started first = backfills(hub).start(order(12_000));
      Backfiller.Started second = backfills(hub).start(order(11_000));
      Backfiller.Started joined = backfills(hub).start(order(12_000));
      assertThat(joined.joined()).isTrue();
      assertThat(joined.backfill().id()).isEqualTo(first.backfill().id());
      assertThat(second.joined()).isFalse();

      for (Backfiller.Started each : List.of(first, second)) {
        eventually(
            () -> backfills(hub).find(each.backfill().id()).orElseThrow().state() == State.DONE);
      }
      assertThat(report(backfills(hub).find(first.backfill().id()).orElseThrow(), "binance")
              .bars())
          .isEqualTo(12_000);
      assertThat(report(backfills(hub).find(second.backfill().id()).orElseThrow(), "binance")
              .bars())
          .isEqualTo(11_000);
      // 13 or 14 questions for both, where both ask for the border of the shorter one
      assertThat(venues.calls("binance")).isLessThanOrEqualTo(15);
      assertThat(backfills(hub).all()).hasSize(2);
    }
  }

  @Test
  void anExchangeThatRefusesForAWhileIsWaitedForAndFailuresAreTriedAgain() throws Exception {
    venues.tooMany.put("coinbase", new AtomicInteger(1));
    venues.broken.put("binance", new AtomicInteger(2));
    try (Hub hub = hub("")) {
      BackfillView view = done(hub, order(1_500, "coinbase", "binance"));
      assertThat(report(view, "coinbase").missing()).isZero();
      assertThat(report(view, "coinbase").bars()).isEqualTo(1_350);
      assertThat(report(view, "binance").bars()).isEqualTo(1_500);
    }
  }

  @Test
  void whoDoesNotHaveItSaysSoAndTheOthersGoOn() throws Exception {
    try (Hub hub = hub("")) {
      BackfillView view = done(hub, order(100, "binanse", "coinbase"));
      assertThat(view.state()).isEqualTo(State.DONE);
      assertThat(at(view, "binanse").state()).isEqualTo(BackfillView.ExchangeState.UNKNOWN);
      assertThat(at(view, "binanse").reason())
          .contains("no exchange of this name")
          .contains("binance, coinbase, kraken");
      assertThat(report(view, "coinbase").bars()).isEqualTo(90);

      BackfillView other = done(
          hub,
          new BackfillOrder(
              Symbol.of("NO/SUCH"), Interval.M1, now.minusSeconds(6_000), null, List.of()));
      assertThat(other.exchanges())
          .hasSize(3)
          .allMatch(each -> String.valueOf(each.reason()).contains("does not list NO/SUCH"));

      BackfillView interval = done(
          hub, new BackfillOrder(BTC, Interval.S1, now.minusSeconds(100), null, List.of("kraken")));
      assertThat(at(interval, "kraken").reason()).contains("has no 1s bars");
    }
  }

  /// The exchange told it wrong, and everything is covered.
  @Test
  void whatIsThereIsReplacedWhenTheOrderSaysSo() throws Exception {
    String wrong = "SELECT count(*) FROM ohlcv WHERE close > 1000";
    try (Hub hub = hub("")) {
      done(hub, order(500, "binance"));
      assertThat(one("WITH changed AS (UPDATE ohlcv SET close = close * 10 RETURNING 1)"
              + " SELECT count(*) FROM changed"))
          .isEqualTo(500);
      assertThat(at(done(hub, order(500, "binance")), "binance").before()).isEqualTo(500);
      assertThat(one(wrong)).isEqualTo(500);

      BackfillOrder again = new BackfillOrder(
          BTC, Interval.M1, now.minus(500, ChronoUnit.MINUTES), now, List.of("binance"), true);
      BackfillView view = done(hub, again);
      assertThat(at(view, "binance").asked()).isEqualTo(500);
      assertThat(report(view, "binance").bars()).isEqualTo(500);
      assertThat(one(wrong)).isZero();
    }
  }

  @Test
  void aCancelledOneEndsAtOnceAndWhatItBroughtStays() throws Exception {
    venues.slowMillis = 500;
    try (Hub hub = hub("")) {
      String id = backfills(hub).start(order(100_000)).backfill().id();
      eventually(() -> progress(hub, id) > 0);
      backfills(hub).cancel(id);
      eventually(() -> backfills(hub).find(id).orElseThrow().state() == State.CANCELLED);
      long covered = progress(hub, id);
      assertThat(covered).isLessThan(100_000);
      eventually(
          () -> one("SELECT coalesce(sum(extract(epoch FROM upper(r) - lower(r))), 0)::bigint"
                  + " / 60 FROM (SELECT unnest(covered) r FROM ohlcv_coverage) c")
              >= covered);
      assertThat(backfills(hub).cancel("nobody")).isEmpty();
    }
  }

  /// The journal is smaller than what comes.
  @Test
  void moreThanTheJournalHoldsComesAsTheDatabaseTakesIt() throws Exception {
    try (Hub hub = hub("journal: {max_mib: 2, segment_mib: 1}")) {
      BackfillView view = done(hub, order(60_000));
      assertThat(report(view, "binance").bars()).isEqualTo(60_000);
      assertThat(report(view, "binance").missing()).isZero();
    }
  }

  @Test
  void impossibleOrdersAreRefusedClearly() throws Exception {
    try (Hub hub = hub("")) {
      assertRefused(hub, now.plusSeconds(600), null, "from must lie in the past");
      assertRefused(
          hub, now.minusSeconds(600), now.plusSeconds(600), "to must not lie in the future");
      assertRefused(hub, now.minusSeconds(600), now.minusSeconds(900), "from must be before to");
      assertRefused(hub, now.minusSeconds(600), now.minusSeconds(600), "from must be before to");
      assertRefused(
          hub,
          now.plusSeconds(1).minusSeconds(600),
          now.plusSeconds(59).minusSeconds(600),
          "no interval of 1m");
      assertRefused(hub, Instant.EPOCH, null, "from must not be before 2009");
      assertThatThrownBy(() -> backfills(hub)
              .start(new BackfillOrder(
                  BTC, Interval.S1, Instant.parse("2020-01-01T00:00:00Z"), null, List.of())))
          .isInstanceOf(BackfillRefused.class)
          .hasMessageContaining("10,000,000 intervals");

      venues.slowMillis = 2_000;
      for (int i = 0; i < Backfills.MAX_RUNNING; i++) {
        backfills(hub).start(order(50_000 + i));
      }
      assertThatThrownBy(() -> backfills(hub).start(order(60_000)))
          .isInstanceOfSatisfying(
              BackfillRefused.class,
              e -> assertThat(e.reason()).isEqualTo(BackfillRefused.Reason.BUSY));
    }
  }

  private static void assertRefused(Hub hub, Instant from, @Nullable Instant to, String why) {
    assertThatThrownBy(
            () -> backfills(hub).start(new BackfillOrder(BTC, Interval.M1, from, to, List.of())))
        .isInstanceOfSatisfying(
            BackfillRefused.class,
            e -> assertThat(e.reason()).isEqualTo(BackfillRefused.Reason.MISTAKEN))
        .hasMessageContaining(why);
  }

  /// Without the database nobody knows what is there: it waits, and says so.
  @Test
  void withoutTheDatabaseItWaitsAndSaysSo() throws Exception {
    database.close();
    try (Hub hub = hub("")) {
      String id = backfills(hub).start(order(100)).backfill().id();
      eventually(() -> {
        BackfillView view = backfills(hub).find(id).orElseThrow();
        return view.state() == State.WAITING && view.reason() != null;
      });
      assertThat(venues.calls("binance")).isZero();
      backfills(hub).cancel(id);
      eventually(() -> backfills(hub).find(id).orElseThrow().state() == State.CANCELLED);
    }
    database = TestDatabase.create();
  }

  /// The minutes that Kraken still knows begin within an interval that is built of them.
  @Test
  void whatCannotBeBuiltAnyMoreIsUnavailable() throws Exception {
    try (Hub hub = hub("")) {
      BackfillOrder order = new BackfillOrder(
          BTC, Interval.M3, now.minus(2_500, ChronoUnit.MINUTES), now, List.of("kraken"));
      BackfillView view = done(hub, order);

      BackfillView.Report kraken = report(view, "kraken");
      assertThat(kraken.missing()).isZero();
      assertThat(kraken.bars()).isBetween(236L, 240L);
      assertThat(kraken.bars() + kraken.unavailable())
          .isEqualTo(at(view, "kraken").total());
      assertThat(kraken.gaps())
          .singleElement()
          .satisfies(gap ->
              assertThat(gap.reason()).contains("kraken: knows only its newest 720 1m bars"));
      assertThat(venues.calls("kraken")).isLessThanOrEqualTo(3);
    }
  }

  /// As an outage leaves it: covered before, covered after, and nothing between.
  @Test
  void holesBetweenWhatIsCoveredAreRepairedAndWhatNobodyHasIsNotAskedAgain() throws Exception {
    String repairing = "backfill: {repair: 2d, repair_every: 1s}";
    try (Hub hub = hub("backfill: {repair: 0s}")) {
      for (String exchange : List.of("coinbase", "kraken")) {
        done(hub, between(400, 300, exchange));
        done(hub, between(100, 50, exchange));
      }
      eventually(() -> one("SELECT count(*) FROM ohlcv_coverage") == 2);
      database.execute("UPDATE ohlcv_coverage SET covered = covered + tstzmultirange(tstzrange("
          + "now() - interval '1500 minutes', now() - interval '1400 minutes'))"
          + " WHERE exchange = 'kraken'");
    }
    int before = venues.calls("kraken");
    try (Hub hub = hub(repairing)) {
      eventually(() -> one("SELECT count(*) FROM event WHERE type = 'repair_done'"
              + " AND detail ->> 'filled' <> '0'")
          > 0);
      eventually(() -> one("SELECT count(*) FROM ohlcv WHERE exchange = 'kraken'") >= 600);
      assertThat(one("SELECT count(*) FROM ohlcv WHERE exchange = 'coinbase'")).isEqualTo(315);
      assertThat(one("SELECT count(*) FROM (SELECT unnest(covered) FROM ohlcv_coverage"
              + " WHERE exchange = 'coinbase') c"))
          .isEqualTo(1);
      int asked = venues.calls("kraken");
      assertThat(asked - before).isBetween(2, 4);
      long runs = one("SELECT count(*) FROM event WHERE type = 'repair_done'");
      LockSupport.parkNanos(2_500_000_000L); // two more looks
      assertThat(venues.calls("kraken")).isEqualTo(asked);
      assertThat(one("SELECT count(*) FROM event WHERE type = 'repair_done'"))
          .isLessThanOrEqualTo(runs + 1);
      assertThat(backfills(hub).all()).isEmpty();
    }
  }

  private BackfillOrder between(int from, int to, String exchange) {
    return new BackfillOrder(
        BTC,
        Interval.M1,
        now.minus(from, ChronoUnit.MINUTES),
        now.minus(to, ChronoUnit.MINUTES),
        List.of(exchange));
  }

  private long one(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void eventually(Callable<Boolean> condition) throws Exception {
    long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not so after 60 s");
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}
