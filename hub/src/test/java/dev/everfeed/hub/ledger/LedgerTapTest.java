package dev.everfeed.hub.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTapTest {
  private static final InstantSource WALL =
      InstantSource.fixed(Instant.parse("2026-11-22T12:00:00Z"));

  @TempDir
  Path folder;

  private final List<String> found = new ArrayList<>();

  private LedgerTap tap(Ledger ledger) {
    return ledger.tap((_, stream, first, last, kind) ->
        found.add("%d: %d..%d %s".formatted(stream, first, last, kind.text())));
  }

  private static void publish(LedgerTap tap, int gateway, long first, long last) {
    for (long id = first; id <= last; id++) {
      tap.published(gateway, 0, id);
    }
  }

  private static LedgerView told(Ledger ledger, LedgerTap tap) {
    tap.tellReached();
    ledger.step();
    return ledger.view();
  }

  @Test
  void theFirstIdOfALifeThatGoesOnFromTheLastOneIsNoGap() throws Exception {
    try (Ledger ledger = Ledger.open(folder, Life.PLAN, true, WALL)) {
      LedgerTap tap = tap(ledger);
      publish(tap, 0, 10, 20);
      told(ledger, tap);
    }
    try (Ledger ledger = Ledger.open(folder, Life.PLAN, true, WALL)) {
      LedgerTap tap = tap(ledger);
      publish(tap, 1, 21, 30); // another line of the same source
      LedgerView view = told(ledger, tap);
      assertThat(view.gaps()).isEmpty();
      assertThat(view.passages().getFirst().delivered()).isEqualTo(21);
    }
    assertThat(found).isEmpty();
  }

  @Test
  void whatIsGivenOnceMoreAfterARestartIsNeitherCountedTwiceNorTheBeginOfAnything()
      throws Exception {
    try (Ledger ledger = Ledger.open(folder, Life.PLAN, true, WALL)) {
      LedgerTap tap = tap(ledger);
      publish(tap, 0, 10, 20);
      told(ledger, tap);
    }
    try (Ledger ledger = Ledger.open(folder, Life.PLAN, true, WALL)) {
      LedgerTap tap = tap(ledger);
      publish(tap, 0, 15, 25);
      LedgerView view = told(ledger, tap);
      assertThat(view.passages()).hasSize(1);
      assertThat(view.passages().getFirst().sinceId()).isEqualTo(10);
      assertThat(view.passages().getFirst().upToId()).isEqualTo(25);
      assertThat(view.passages().getFirst().delivered()).isEqualTo(16);
    }
    assertThat(found).isEmpty();
  }

  @Test
  void whatWasMissedBetweenTwoLivesIsFoundBeforeTheNextEventIsPublished() throws Exception {
    try (Ledger ledger = Ledger.open(folder, Life.PLAN, true, WALL)) {
      LedgerTap tap = tap(ledger);
      publish(tap, 0, 10, 20);
      told(ledger, tap);
    }
    try (Ledger ledger = Ledger.open(folder, Life.PLAN, true, WALL)) {
      LedgerTap tap = tap(ledger);
      tap.published(0, 0, 31);
      assertThat(found).containsExactly("0: 21..30 hub_down");
      Gap gap = told(ledger, tap).gaps().getFirst().gap();
      assertThat(gap.state()).isEqualTo(Gap.State.DETECTED);
      assertThat(gap.missing()).hasToString("[21..30]");
    }
    try (Ledger ledger = Ledger.open(folder, Life.PLAN, true, WALL)) {
      Gap gap = ledger.view().gaps().getFirst().gap();
      assertThat(gap.state()).isEqualTo(Gap.State.DECLARED_LOST); // nobody has asked
      assertThat(gap.reason()).isEqualTo(Account.STOPPED);
    }
  }

  @Test
  void aStreamThatComesFromAnotherSourceBeginsAnew() throws Exception {
    try (Ledger ledger = Ledger.open(folder, Life.PLAN, true, WALL)) {
      LedgerTap tap = tap(ledger);
      publish(tap, 0, 10, 20);
      publish(tap, 2, 900, 905);
      LedgerView view = told(ledger, tap);
      assertThat(view.gaps()).isEmpty();
      assertThat(view.passages()).hasSize(1);
      assertThat(view.passages().getFirst().source()).isEqualTo("b");
      assertThat(view.passages().getFirst().sinceId()).isEqualTo(900);
    }
    assertThat(found).isEmpty();
  }

  @Test
  void aStreamThatWasAwayAndComesBackToItsSourceHasAGap() {
    Ledger ledger = Ledger.inMemory(Life.PLAN, WALL);
    LedgerTap tap = tap(ledger);
    publish(tap, 0, 10, 20);
    publish(tap, 0, 25, 30); // nobody declared those between
    assertThat(found).containsExactly("0: 21..24 away");
    LedgerView view = told(ledger, tap);
    assertThat(view.durable()).isFalse();
    assertThat(view.gaps().getFirst().gap().kind()).isEqualTo(Gap.Kind.AWAY);
    assertThat(view.passages().getFirst().lost()).isEqualTo(4);
  }

  @Test
  void aLedgerThatCannotKeepUpForgetsAndNeverInvents() throws Exception {
    try (Ledger ledger = Ledger.open(folder, Life.PLAN, true, WALL)) {
      LedgerTap tap = tap(ledger);
      BitSet published = new BitSet();
      int id = 1;
      for (int i = 0; i < 3 * Ledger.NOTES_MAX; i++) {
        tap.published(0, 0, id);
        published.set(id);
        tap.gap(0, 0, id + 1, false);
        id += 2;
        if (i % 12_000 == 0) {
          ledger.step();
        }
      }
      assertThat(ledger.overflows()).isPositive();
      ledger.step();
      publish(tap, 0, id, id + 99);
      published.set(id, id + 100);
      assertThat(told(ledger, tap).overflows()).isEqualTo(ledger.overflows());
      int claims = 0;
      for (Passage passage : ledger.account().passages()) {
        BitSet claimed = IdRangesTest.idsOf(passage.delivered());
        claims += claimed.cardinality();
        claimed.andNot(published);
        assertThat(claimed.cardinality()).isZero();
      }
      assertThat(claims).isGreaterThanOrEqualTo(100);
    }
  }

  @Test
  void theOldestGapsGoAndWhatIsBeforeThemIsNotSpokenOfAnyMore() throws Exception {
    try (Ledger ledger = Ledger.open(folder, Life.PLAN, true, WALL)) {
      LedgerTap tap = tap(ledger);
      long id = 1;
      for (int i = 0; i < Account.GAPS_MAX + 500; i++) {
        tap.published(0, 0, id);
        tap.gap(0, 0, id + 1, false);
        id += 2;
        if (i % 1_000 == 0) {
          ledger.step();
        }
      }
      LedgerView view = told(ledger, tap);
      assertThat(view.gaps()).hasSize(Account.GAPS_MAX);
      LedgerView.PassageView passage = view.passages().getFirst();
      assertThat(passage.lost()).isEqualTo(Account.GAPS_MAX);
      assertThat(passage.sinceId()).isEqualTo(1_001);
      assertThat(passage.delivered() + passage.lost())
          .isEqualTo(passage.upToId() - passage.sinceId() + 1);
    }
  }
}
