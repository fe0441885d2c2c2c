package dev.everfeed.hub.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class GapRepairTest {
  private static final Instant TIME = Instant.parse("2026-11-22T12:00:00Z");

  @TempDir
  Path folder;

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private @Nullable Ledger ledger;
  private @Nullable GapRepair repair;

  @AfterEach
  void stop() {
    if (repair != null) {
      repair.close();
    }
    if (ledger != null) {
      ledger.close();
    }
  }

  /// A hub that has published 1 to 10, and now begins with an id.
  private void begin(long id, GapRepair.Hands hands) throws Exception {
    try (Ledger before = Ledger.open(folder, Life.PLAN, true, InstantSource.fixed(TIME))) {
      LedgerTap tap = before.tap((_, _, _, _, _) -> {});
      for (int i = 1; i <= 10; i++) {
        tap.published(0, 0, i);
      }
      tap.tellReached();
    }
    Ledger now = Ledger.open(folder, Life.PLAN, true, InstantSource.system());
    ledger = now;
    LedgerTap tap = now.tap((_, _, _, _, _) -> {});
    Thread.ofPlatform().daemon().start(now);
    tap.published(0, 0, id);
    tap.tellReached();
    GapRepair begun = new GapRepair(
        now,
        hands,
        (name, task) -> Thread.ofVirtual().name(name).start(task),
        System::nanoTime,
        Duration.ofMillis(1));
    repair = begun;
    begun.start();
  }

  private GapRepair.Hands venue(LongPredicate has) {
    return (source, symbol, first, limit) -> {
      asked.add("%s %s %d+%d".formatted(source, symbol, first, limit));
      List<Event.Trade> trades = new ArrayList<>();
      for (long id = first; id < first + limit; id++) {
        if (has.test(id)) {
          trades.add(trade(symbol, id));
        }
      }
      return trades;
    };
  }

  private static Event.Trade trade(Symbol symbol, long id) {
    return new Event.Trade(
        symbol,
        "a",
        new SourceId("a"),
        Decimal.parse("1"),
        Decimal.parse("1"),
        Side.BUY,
        Long.toString(id),
        TIME);
  }

  private Gap eventually(Predicate<Gap> condition) {
    Ledger now = ledger;
    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (now != null && System.nanoTime() < until) {
      for (LedgerView.OfStream each : now.view().gaps()) {
        if (condition.test(each.gap())) {
          return each.gap();
        }
      }
      LockSupport.parkNanos(5_000_000);
    }
    throw new AssertionError(
        "not so after 30 s: " + (now == null ? "" : now.view().gaps()));
  }

  @Test
  void whatWasMissedIsAskedForPageByPageAndFilled() throws Exception {
    begin(2_511, venue(_ -> true));
    Gap gap = eventually(each -> each.state() == Gap.State.FILLED);
    assertThat(gap.filledBy()).isEqualTo(Gap.FilledBy.FILLED_LATER);
    assertThat(gap.filledLater()).isEqualTo(2_500);
    assertThat(asked)
        .containsExactly("a BTC/USDT 11+1000", "a BTC/USDT 1011+1000", "a BTC/USDT 2011+1000");
  }

  @Test
  void whatTheSourceDoesNotHaveIsLostWithTheReasonAndNotAskedForEver() throws Exception {
    begin(111, venue(id -> id != 50 && id != 51));
    Gap gap = eventually(
        each -> each.tries() == GapRepair.TRIES_MAX && each.state() == Gap.State.DECLARED_LOST);
    assertThat(gap.missing()).hasToString("[50..51]");
    assertThat(gap.reason()).isEqualTo("a does not have them all");
    assertThat(gap.filledLater()).isEqualTo(98);
    LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
    assertThat(asked).hasSize(GapRepair.TRIES_MAX);
  }

  @Test
  void whatCannotBeHadNowIsTriedAgainWithAnotherQuestion() throws Exception {
    GapRepair.Hands answers = venue(_ -> true);
    begin(111, (source, symbol, first, limit) -> {
      if (asked.isEmpty()) {
        asked.add("refused " + limit);
        throw new GapRepair.NotAnswered("a: the circuit is open");
      }
      return answers.ask(source, symbol, first, limit);
    });
    Gap gap = eventually(each -> each.state() == Gap.State.FILLED);
    assertThat(gap.tries()).isEqualTo(2);
    assertThat(gap.reason()).isNull();
    assertThat(asked).containsExactly("refused 1000", "a BTC/USDT 11+999");
  }

  @Test
  void ofALongAbsenceTheNewestFiftyThousandAreAskedFor() throws Exception {
    begin(80_011, venue(_ -> true));
    Gap gap = eventually(each -> each.tries() == 1 && !each.state().isOpen());
    assertThat(gap.state()).isEqualTo(Gap.State.DECLARED_LOST);
    assertThat(gap.missing()).hasToString("[11..30010]");
    assertThat(gap.reason()).contains("50,000");
    assertThat(asked).hasSize(50);
  }
}
