package dev.everfeed.core.arbitrate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.Repetitions;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ArbiterTest {
  private static final int TRADES = 0;
  private static final int QUOTES = 1;
  private static final long MILLI = 1_000_000;
  private static final long A = 1;
  private static final long AB = 0b11;

  private final Arbiter arbiter = new Arbiter(2, 3, ArbiterPolicy.USUAL);
  private final Seen out = new Seen(arbiter);
  private long now;

  // ---- one line

  @Test
  void eachStreamHasItsOwnNumbersFromOneOn() {
    route(TRADES, 0, A, Identity.DENSE, false);
    route(QUOTES, 0, A, Identity.NONE, false);
    trade(0, 7);
    quote(0, 50);
    trade(0, 8);
    assertThat(out.seen).containsExactly("0:7 seq 1", "1:- seq 1", "0:8 seq 2");
  }

  @Test
  void whatHasBeenHadIsDroppedWhereIdsAreDense() {
    route(TRADES, 0, A, Identity.DENSE, false);
    trades(0, 7, 8, 7, 8, 9);
    assertThat(out.seen).containsExactly("0:7 seq 1", "0:8 seq 2", "0:9 seq 3");
    assertThat(arbiter.duplicates()).isEqualTo(2);
  }

  @Test
  void aHoleThatNobodyCanFillIsOneGapToldBeforeWhatFollows() {
    route(TRADES, 0, A, Identity.DENSE, false);
    trades(0, 7, 11, 12);
    assertThat(out.seen).containsExactly("0:7 seq 1", "0: gap 8-10", "0:11 seq 2", "0:12 seq 3");
    assertThat(arbiter.gaps()).isEqualTo(1);
    assertThat(arbiter.missing()).isEqualTo(3);
    assertThat(arbiter.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void oneWrongIdFarFromAllOthersCostsThatTradeAndNoOther() {
    route(TRADES, 0, A, Identity.DENSE, false);
    trades(0, 1_000, 999_999_999_999_999_999L, 1_001, 1, 1_002);
    assertThat(out.seen).containsExactly("0:1000 seq 1", "0:1001 seq 2", "0:1002 seq 3");
    assertThat(arbiter.doubts()).isEqualTo(1);
    assertThat(arbiter.duplicates()).isEqualTo(1);
  }

  @Test
  void afterALongAbsenceTheSecondTradeSaysThatTheFirstWasRight() {
    route(TRADES, 0, A, Identity.DENSE, false);
    trades(0, 1_000, 9_000_000, 9_000_001, 9_000_002);
    assertThat(out.seen)
        .containsExactly(
            "0:1000 seq 1", "0: gap 1001-9000000", "0:9000001 seq 2", "0:9000002 seq 3");
  }

  @Test
  void aVenueThatCountsAnewFromFarBelowIsFollowedAtOnce() {
    route(TRADES, 0, A, Identity.DENSE, false);
    trades(0, 50_000_000, 1, 2, 3);
    assertThat(out.seen)
        .containsExactly("0:50000000 seq 1", "0: gap 1-1", "0:2 seq 2", "0:3 seq 3");
  }

  @Test
  void aVenueThatCountsAnewFromNearbyIsFollowedOnceNothingElseHasComeForLong() {
    route(TRADES, 0, A, Identity.DENSE, false);
    trades(0, 5_000, 1, 2, 3);
    now += ArbiterPolicy.USUAL.countsAnewNanos();
    trades(0, 4, 5);
    assertThat(out.seen).containsExactly("0:5000 seq 1", "0:4 seq 2", "0:5 seq 3");
  }

  @Test
  void aLineThatOnlyLagsIsNotTakenForAVenueThatCountsAnew() {
    route(TRADES, 0, AB, Identity.DENSE, false);
    trades(0, 5_000, 5_001);
    now += 2 * ArbiterPolicy.USUAL.countsAnewNanos();
    trades(1, 4_998, 4_999, 5_000, 5_001, 5_002);
    assertThat(out.seen).containsExactly("0:5000 seq 1", "0:5001 seq 2", "0:5002 seq 3");
  }

  @Test
  void whatWaitsOfALineThatIsNotBelievedIsMissingAndAskedFor() {
    route(TRADES, 0, AB, Identity.DENSE, true);
    trades(1, 1, 4, 5);
    trades(0, 4); // had already
    arbiter.distrust(TRADES, 1, now);
    arbiter.route(TRADES, 0, A);
    assertThat(arbiter.held()).isZero();
    trades(0, 6, 7);
    now = arbiter.nextDeadlineNanos();
    arbiter.timePassed(now, out);
    refilled(2, 3, 4, 5);
    arbiter.refillEnded(TRADES, 5, now, out);
    assertThat(out.seen)
        .containsExactly(
            "0:1 seq 1",
            "0: refill 2-5",
            "0:2 seq 2",
            "0:3 seq 3",
            "0:4 seq 4",
            "0:5 seq 5",
            "0:6 seq 6",
            "0:7 seq 7");
  }

  @Test
  void whatAnotherLineHoldsStaysWhenOneIsNotBelieved() {
    route(TRADES, 0, 0b111, Identity.DENSE, false);
    trades(0, 1);
    trades(1, 4);
    trades(2, 3, 6);
    trades(1, 7);
    arbiter.distrust(TRADES, 2, now);
    assertThat(arbiter.held()).isEqualTo(2);
    trades(0, 2, 3, 5, 6);
    assertThat(out.seen)
        .containsExactly(
            "0:1 seq 1",
            "0:2 seq 2",
            "0:3 seq 3",
            "0:4 seq 4",
            "0:5 seq 5",
            "0:6 seq 6",
            "0:7 seq 7");
    assertThat(out.gateways).containsExactly(0, 0, 0, 1, 0, 0, 1);
    assertThat(arbiter.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aHoleThatIsAskedForStaysAskedForWhenWhatLiesBehindItIsNotBelieved() {
    route(TRADES, 0, 0b111, Identity.DENSE, true);
    trades(0, 1, 4);
    now = arbiter.nextDeadlineNanos();
    arbiter.timePassed(now, out);
    trades(1, 6);
    arbiter.distrust(TRADES, 1, now);
    refilled(2, 3);
    assertThat(out.seen)
        .containsExactly("0:1 seq 1", "0: refill 2-3", "0:2 seq 2", "0:3 seq 3", "0:4 seq 4");
    assertThat(arbiter.held()).isZero();
  }

  @Test
  void ofTwoLinesThatSayOtherwiseOfOneEventTheOneThatIsBelievedIsPublished() {
    route(TRADES, 0, 0b111, Identity.DENSE, false);
    trades(0, 1);
    arbiter.on(1, priced(3, 999), now, out);
    arbiter.on(2, priced(3, 100), now, out);
    arbiter.on(0, priced(3, 100), now, out);
    assertThat(arbiter.held()).as("the third says what the second said").isEqualTo(2);
    arbiter.distrust(TRADES, 1, now);
    trades(0, 2);
    assertThat(out.seen).containsExactly("0:1 seq 1", "0:2 seq 2", "0:3 seq 3");
    assertThat(out.gateways).containsExactly(0, 0, 2);
    assertThat(arbiter.held()).isZero();
  }

  private static Tick priced(long id, long price) {
    Tick tick = trade(id);
    tick.setNumber(Tick.PRICE, price, 2);
    return tick;
  }

  @Test
  void aWrongNewestIdOfAVenueMovesNothing() {
    route(TRADES, 0, A, Identity.DENSE, false);
    trade(0, 1_000);
    newest(0, 999_999_999_999_999_999L);
    newest(0, 1_000);
    trade(0, 1_001);
    assertThat(out.seen).containsExactly("0:1000 seq 1", "0:1001 seq 2");
  }

  @Test
  void nothingIsAGapOrADuplicateWhereEventsCannotBeToldApart() {
    route(TRADES, 0, A, Identity.NONE, false);
    trades(0, 7, 11, 7);
    assertThat(out.seen).containsExactly("0:7 seq 1", "0:11 seq 2", "0:7 seq 3");
  }

  @Test
  void theFirstEventsOfOtherContentAreNoGap() {
    route(TRADES, 0, A, Identity.DENSE, false);
    trade(0, 7);
    route(TRADES, 1, 1L << 1, Identity.DENSE, false);
    trade(1, 1_000);
    arbiter.route(TRADES, 1, 1L << 1);
    trade(1, 1_002);
    assertThat(out.seen)
        .containsExactly("0:7 seq 1", "0:1000 seq 2", "0: gap 1001-1001", "0:1002 seq 3");
  }

  @Test
  void onlyLinesArePublished() {
    route(TRADES, 0, A, Identity.DENSE, false);
    trade(1, 6);
    trade(0, 7);
    newest(1, 99);
    newest(1, 99);
    assertThat(out.seen).containsExactly("0:7 seq 1");
  }

  @Test
  void whatTheVenueCallsItsNewestIsMissingWhenItHasNotComeByTheNextTime() {
    route(TRADES, 0, A, Identity.DENSE, false);
    newest(0, 6);
    trade(0, 7);
    newest(0, 8);
    trade(0, 8); // said before it came
    newest(0, 9);
    newest(0, 9);
    trade(0, 10);
    assertThat(out.seen).containsExactly("0:7 seq 1", "0:8 seq 2", "0: gap 9-9", "0:10 seq 3");
  }

  // ---- lines

  @Test
  void whicheverLineIsFirstIsPublishedAndTheOthersAreDropped() {
    route(TRADES, 0, AB, Identity.DENSE, false);
    trade(0, 7);
    trade(1, 7);
    trade(1, 8);
    trade(0, 8);
    trade(1, 9);
    assertThat(out.seen).containsExactly("0:7 seq 1", "0:8 seq 2", "0:9 seq 3");
    assertThat(out.gateways).containsExactly(0, 1, 1);
  }

  @Test
  void aLineThatFallsSilentCostsNothingAndNobodyHasToNotice() {
    route(TRADES, 0, AB, Identity.DENSE, false);
    trades(0, 7, 8);
    trades(1, 7, 8, 9, 10);
    assertThat(out.ids(TRADES)).containsExactly(7L, 8L, 9L, 10L);
    assertThat(arbiter.gaps()).isZero();
  }

  @Test
  void whatOneLineLacksIsAwaitedFromTheOtherAndPublishedInOrder() {
    route(TRADES, 0, AB, Identity.DENSE, false);
    trades(0, 7, 9, 10);
    assertThat(out.ids(TRADES)).containsExactly(7L);
    now += 20 * MILLI;
    trades(1, 7, 8, 9);
    assertThat(out.ids(TRADES)).containsExactly(7L, 8L, 9L, 10L);
    assertThat(out.receivedNanos).containsExactly(0L, 20 * MILLI, 0L, 0L);
    assertThat(arbiter.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(arbiter.held()).isZero();
  }

  @Test
  void whatNoLineBringsWithinTheWindowIsDeclaredLostAndWhatWaitedFollows() {
    route(TRADES, 0, AB, Identity.DENSE, false);
    trades(0, 7, 9);
    assertThat(arbiter.nextDeadlineNanos()).isEqualTo(ArbiterPolicy.USUAL.reorderNanos());
    now = ArbiterPolicy.USUAL.reorderNanos() - 1;
    arbiter.timePassed(now, out);
    assertThat(out.ids(TRADES)).containsExactly(7L);
    now++;
    arbiter.timePassed(now, out);
    trade(1, 8);
    assertThat(out.seen).containsExactly("0:7 seq 1", "0: gap 8-8", "0:9 seq 2");
  }

  @Test
  void numbersThatRiseWithHolesArePublishedOnceFromWhicheverLineIsFirst() {
    route(QUOTES, 0, AB, Identity.ORDERED, false);
    quote(0, 50);
    quote(1, 50);
    quote(1, 57);
    quote(0, 53);
    quote(0, 57);
    quote(0, 60);
    assertThat(out.orders).containsExactly(50L, 57L, 60L);
  }

  @Test
  void idsWithoutOrderArePublishedOnce() {
    route(TRADES, 0, AB, Identity.UNIQUE, false);
    String[] names = {"b3f1", "0a77", "b3f1", "c000"};
    for (int i = 0; i < names.length; i++) {
      Tick tick = new Tick();
      byte[] id = names[i].getBytes(StandardCharsets.US_ASCII);
      tick.begin(TRADES);
      tick.setId(id, 0, id.length);
      arbiter.on(i % 2, tick, now, out);
    }
    assertThat(out.seen).hasSize(3);
    assertThat(arbiter.duplicates()).isEqualTo(1);
  }

  @Test
  void theNewestIdsWithoutOrderAreRememberedAndNoOlderOnes() {
    RecentIds ids = new RecentIds();
    for (long id = 1; id <= 10L * RecentIds.SIZE; id++) {
      assertThat(ids.add(id * 7_919)).isTrue();
      long oldest = Math.max(1, id - RecentIds.SIZE + 1);
      assertThat(ids.add(oldest * 7_919)).as("%d after %d", oldest, id).isFalse();
    }
    assertThat(ids.add((9L * RecentIds.SIZE) * 7_919)).isTrue();
  }

  @Test
  void whereEventsCannotBeToldApartTheActiveLineAloneIsPublished() {
    route(QUOTES, 0, AB, Identity.NONE, false);
    quote(0, Tick.NONE);
    quote(1, Tick.NONE);
    arbiter.route(QUOTES, 1, AB);
    quote(1, Tick.NONE);
    quote(0, Tick.NONE);
    assertThat(out.gateways).containsExactly(0, 1);
  }

  @Test
  void aCandidateTakesOverWithItsFirstNewEventWhichIsPublished() {
    route(TRADES, 0, A, Identity.DENSE, false);
    trade(0, 7);
    trade(2, 500);
    arbiter.candidate(TRADES, 2);
    trade(2, 500); // has been seen: it proves nothing
    assertThat(arbiter.active(TRADES)).isZero();
    trade(0, 8);
    trade(2, 501);
    trade(0, 9);
    trade(2, 502);
    assertThat(out.seen).containsExactly("0:7 seq 1", "0:8 seq 2", "0:501 seq 3", "0:502 seq 4");
    assertThat(arbiter.active(TRADES)).isEqualTo(2);
  }

  // ---- refills

  @Test
  void aHoleOfTheOnlyLineIsAskedForAtOnceAndPublishedInItsPlace() {
    route(TRADES, 0, A, Identity.DENSE, true);
    trades(0, 7, 11, 12);
    assertThat(out.seen).containsExactly("0:7 seq 1", "0: refill 8-10");
    refilled(8, 9, 10);
    arbiter.refillEnded(TRADES, 10, now, out);
    trade(0, 13);
    assertThat(out.ids(TRADES)).containsExactly(7L, 8L, 9L, 10L, 11L, 12L, 13L);
    assertThat(out.statuses)
        .containsExactly(
            ValueStatus.LIVE,
            ValueStatus.BACKFILLED,
            ValueStatus.BACKFILLED,
            ValueStatus.BACKFILLED,
            ValueStatus.LIVE,
            ValueStatus.LIVE,
            ValueStatus.LIVE);
    assertThat(arbiter.gaps()).isZero();
  }

  @Test
  void whatARefillDoesNotHaveIsDeclaredLost() {
    route(TRADES, 0, A, Identity.DENSE, true);
    trades(0, 7, 12);
    refilled(9, 9, 10);
    arbiter.refillEnded(TRADES, 11, now, out);
    assertThat(out.seen)
        .containsExactly(
            "0:7 seq 1",
            "0: refill 8-11",
            "0: gap 8-8",
            "0:9 seq 2",
            "0:10 seq 3",
            "0: gap 11-11",
            "0:12 seq 4");
  }

  @Test
  void aRefillOfAnotherTimeIsNotBelieved() {
    route(TRADES, 0, A, Identity.DENSE, true);
    arbiter.on(0, at(7, 100_000), now, out);
    arbiter.on(0, at(10, 103_000), now, out);
    arbiter.refilled(0, at(8, 101_000), now, out);
    arbiter.refilled(0, at(9, 9_000), now, out);
    arbiter.refillEnded(TRADES, 9, now, out);
    assertThat(out.ids(TRADES)).containsExactly(7L, 8L, 10L);
    assertThat(out.lost).containsExactly(9L);
    assertThat(arbiter.doubts()).isEqualTo(1);
  }

  private static Tick at(long id, long millis) {
    Tick tick = trade(id);
    tick.setTimeNanos(millis * MILLI);
    return tick;
  }

  @Test
  void whatLiesBehindSeveralHolesWaitsNoLongerThanBehindOne() {
    route(TRADES, 0, A, Identity.DENSE, true);
    long came = now;
    trades(0, 7, 9, 11, 13, 15); // four holes at once, and no answer to a refill ever
    while (arbiter.waits(TRADES)) {
      now = arbiter.nextDeadlineNanos();
      arbiter.timePassed(now, out);
    }
    assertThat(now - came)
        .isLessThanOrEqualTo(
            ArbiterPolicy.USUAL.reorderNanos() + ArbiterPolicy.USUAL.refillNanos());
    assertThat(out.ids(TRADES)).containsExactly(7L, 9L, 11L, 13L, 15L);
    assertThat(out.lost).containsExactly(8L, 10L, 12L, 14L);
  }

  @Test
  void holesBehindOneAnotherAreAskedForWhileThereIsTime() {
    route(TRADES, 0, A, Identity.DENSE, true);
    trades(0, 7, 9, 11, 13);
    for (long id = 8; id <= 12; id += 2) {
      now += ArbiterPolicy.USUAL.refillNanos() / 10;
      refilled(id);
      arbiter.timePassed(now, out);
    }
    assertThat(out.ids(TRADES)).containsExactly(7L, 8L, 9L, 10L, 11L, 12L, 13L);
    assertThat(arbiter.gaps()).isZero();
  }

  @Test
  void aRefillThatDoesNotComeInTimeIsNotWaitedForAndItsAnswerChangesNothing() {
    route(TRADES, 0, A, Identity.DENSE, true);
    trades(0, 7, 9);
    now += ArbiterPolicy.USUAL.refillNanos();
    arbiter.timePassed(now, out);
    refilled(8);
    trades(0, 12);
    arbiter.refillEnded(TRADES, 8, now, out); // of the hole before
    assertThat(out.seen)
        .containsExactly(
            "0:7 seq 1", "0: refill 8-8", "0: gap 8-8", "0:9 seq 2", "0: refill 10-11");
  }

  @Test
  void whatComesLateByItselfFillsTheHoleAndTheRefillIsDropped() {
    route(TRADES, 0, A, Identity.DENSE, true);
    trades(0, 7, 9, 8);
    refilled(8);
    arbiter.refillEnded(TRADES, 8, now, out);
    assertThat(out.seen).containsExactly("0:7 seq 1", "0: refill 8-8", "0:8 seq 2", "0:9 seq 3");
  }

  @Test
  void aHoleThatIsTooLongToBeAskedForIsDeclaredAtOnce() {
    route(TRADES, 0, A, Identity.DENSE, true);
    trades(0, 7, 9 + ArbiterPolicy.USUAL.refillMost());
    assertThat(out.seen).containsExactly("0:7 seq 1", "0: gap 8-1008", "0:1009 seq 2");
  }

  @Test
  void otherContentBeginsOnceWhatWaitedIsPublished() {
    route(TRADES, 0, AB, Identity.DENSE, true);
    trades(0, 7, 9);
    route(TRADES, 2, 1L << 2, Identity.DENSE, true);
    trade(2, 100);
    assertThat(out.seen).containsExactly("0:7 seq 1", "0: gap 8-8", "0:9 seq 2", "0:100 seq 3");
    assertThat(arbiter.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void asManyEventsWaitAsMayAndThenTheHoleIsGivenUp() {
    Arbiter small = new Arbiter(1, 2, new ArbiterPolicy(50 * MILLI, 0, 0, 3, 3, 10_000 * MILLI));
    Seen seen = new Seen(small);
    small.routeAnew(0, 0, AB, 0, Identity.DENSE, false, 0, seen);
    for (long id : new long[] {1, 3, 4, 5, 6}) {
      small.on(0, trade(id), 0, seen);
    }
    assertThat(seen.ids(0)).containsExactly(1L, 3L, 4L, 5L, 6L);
    assertThat(small.missing()).isEqualTo(1);
  }

  @Test
  void anEventIsNewForItsLineWhenItsNumberRisesAndNotWhenItIsRepeated() {
    route(TRADES, 0, AB, Identity.DENSE, false);
    assertThat(arbiter.on(0, trade(7), now, out)).isTrue();
    assertThat(arbiter.on(0, trade(7), now, out)).isFalse();
    assertThat(arbiter.on(1, trade(7), now, out)).as("another line").isTrue();
    assertThat(arbiter.on(0, trade(6), now, out)).isFalse();
    route(QUOTES, 0, AB, Identity.NONE, false);
    Tick quote = new Tick();
    quote.begin(QUOTES);
    quote.setNumber(Tick.BID, 5, 0);
    assertThat(arbiter.on(0, quote, now, out)).isTrue();
    assertThat(arbiter.on(0, quote, now, out)).as("the same value again").isFalse();
    quote.setNumber(Tick.BID, 6, 0);
    assertThat(arbiter.on(0, quote, now, out)).isTrue();
  }

  /// Whatever lines lose, repeat and delay, whatever refills bring and when: what is published
  /// rises, and every id between the first and the last is published or in exactly one gap.
  @Test
  void everyIdIsPublishedOnceInOrderOrInOneGap() {
    for (long seed = 0; seed < Repetitions.of(500); seed++) {
      walk(seed);
    }
  }

  private static void walk(long seed) {
    Random random = new Random(seed);
    int lines = 1 + random.nextInt(3);
    boolean refills = random.nextBoolean();
    Arbiter walked = new Arbiter(1, 3, ArbiterPolicy.USUAL);
    Seen seen = new Seen(walked);
    walked.routeAnew(0, 0, (1L << lines) - 1, 0, Identity.DENSE, refills, 0, seen);
    long[] at = new long[lines];
    long first = 1 + random.nextInt(1_000_000);
    Arrays.fill(at, first);
    long now = 0;
    for (int i = 0; i < 400; i++) {
      now += random.nextInt(8) * MILLI;
      int line = random.nextInt(lines);
      int what = random.nextInt(12);
      at[line] += what == 0 ? 1 + random.nextInt(5) : what == 1 ? -random.nextInt(3) : 1;
      walked.on(line, trade(at[line]), now, seen);
      long[] asked = seen.asked;
      if (asked != null && random.nextInt(4) == 0) {
        for (long id = asked[0]; id <= asked[1]; id++) {
          if (random.nextInt(5) > 0) {
            walked.refilled(0, trade(id), now, seen);
          }
        }
        walked.refillEnded(0, asked[1], now, seen);
        seen.asked = null;
      }
      while (walked.nextDeadlineNanos() <= now) {
        walked.timePassed(now, seen);
      }
      assertThat(walked.held() == 0).as("seed %d", seed).isEqualTo(!walked.waits(0));
    }
    for (int steps = 0; walked.nextDeadlineNanos() != Long.MAX_VALUE; steps++) {
      assertThat(steps).as("seed %d: a hole has two steps at most", seed).isLessThan(400);
      walked.timePassed(walked.nextDeadlineNanos(), seen);
    }
    assertThat(walked.waits(0)).as("seed %d", seed).isFalse();
    List<Long> published = seen.ids(0);
    assertThat(published).as("seed " + seed).isSorted().doesNotHaveDuplicates();
    List<Long> all = new ArrayList<>(published);
    all.addAll(seen.lost);
    all.sort(null);
    assertThat(all).as("seed " + seed).doesNotHaveDuplicates();
    assertThat(all.getLast() - all.getFirst() + 1).as("seed " + seed).isEqualTo(all.size());
    assertThat(walked.missing()).isEqualTo(seen.lost.size());
  }

  // ---- what is given and seen

  /// What was decided, in words and by kind.
  private static final class Seen implements Arbiter.Output {
    final Arbiter arbiter;
    final List<String> seen = new ArrayList<>();
    final List<Integer> gateways = new ArrayList<>();
    final List<Long> orders = new ArrayList<>();
    final List<ValueStatus> statuses = new ArrayList<>();
    final List<Long> receivedNanos = new ArrayList<>();
    final List<Long> lost = new ArrayList<>();
    private final List<long[]> ids = new ArrayList<>();
    private final long[] seqs = new long[2];

    /// The first and last id of the refill that goes on.
    long @Nullable [] asked;

    Seen(Arbiter arbiter) {
      this.arbiter = arbiter;
    }

    @Override
    public void publish(int gateway, Tick tick, ValueStatus status, long seq, long received) {
      int stream = tick.stream();
      assertThat(seq).isEqualTo(++seqs[stream]);
      long id = tick.idNumber();
      seen.add("%d:%s seq %d".formatted(stream, id == Tick.NONE ? "-" : id, seq));
      ids.add(new long[] {stream, id});
      gateways.add(gateway);
      orders.add(tick.order());
      statuses.add(status);
      receivedNanos.add(received);
    }

    @Override
    public void gap(int gateway, int stream, long firstId, long lastId) {
      seen.add("%d: gap %d-%d".formatted(stream, firstId, lastId));
      for (long id = firstId; id <= lastId && lost.size() < 100_000; id++) {
        lost.add(id);
      }
    }

    @Override
    public void refill(int gateway, int stream, long firstId, long lastId) {
      seen.add("%d: refill %d-%d".formatted(stream, firstId, lastId));
      asked = new long[] {firstId, lastId};
    }

    @Override
    public void tookOver(int gateway, int stream) {
      arbiter.routeAnew(stream, gateway, 1L << gateway, gateway, Identity.DENSE, false, 0, this);
    }

    List<Long> ids(int stream) {
      return ids.stream().filter(id -> id[0] == stream).map(id -> id[1]).toList();
    }
  }

  private void route(int stream, int gateway, long lines, Identity identity, boolean refills) {
    arbiter.routeAnew(stream, gateway, lines, gateway, identity, refills, now, out);
  }

  private void trades(int gateway, long... ids) {
    for (long id : ids) {
      trade(gateway, id);
    }
  }

  private void trade(int gateway, long id) {
    arbiter.on(gateway, trade(id), now, out);
  }

  private void refilled(long... ids) {
    for (long id : ids) {
      arbiter.refilled(0, trade(id), now, out);
    }
  }

  private void newest(int gateway, long id) {
    arbiter.newest(gateway, TRADES, id, now, out);
  }

  private static Tick trade(long id) {
    byte[] text = Long.toString(id).getBytes(StandardCharsets.US_ASCII);
    Tick tick = new Tick();
    tick.begin(TRADES);
    tick.setId(text, 0, text.length);
    return tick;
  }

  private void quote(int gateway, long order) {
    Tick tick = new Tick();
    tick.begin(QUOTES);
    tick.setOrder(order);
    arbiter.on(gateway, tick, now, out);
  }
}
