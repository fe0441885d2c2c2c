package dev.everfeed.core.arbitrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The bounds of the [Arbiter], each just kept and just not: 50 ms for another line, a second and
/// 1,000 ids for a refill, a million ids for a leap, ten seconds for a venue that counts anew.
class ArbiterBoundsTest implements Arbiter.Output {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final int TRADES = 0;

  private final Arbiter arbiter = new Arbiter(2, 3, ArbiterPolicy.USUAL);
  private final List<String> told = new ArrayList<>();
  private long now = 5 * SECOND;

  @Override
  public void publish(int gateway, Tick tick, ValueStatus status, long seq, long receivedNanos) {
    told.add((tick.idNumber() == Tick.NONE ? "order " + tick.order() : "" + tick.idNumber())
        + " from " + gateway);
  }

  @Override
  public void gap(int gateway, int stream, long firstId, long lastId) {
    told.add("gap %d-%d".formatted(firstId, lastId));
  }

  @Override
  public void refill(int gateway, int stream, long firstId, long lastId) {
    told.add("refill %d-%d".formatted(firstId, lastId));
  }

  @Override
  public void tookOver(int gateway, int stream) {
    told.add("took over " + gateway);
    arbiter.routeAnew(stream, gateway, 1L << gateway, gateway, Identity.DENSE, false, now, this);
  }

  private void route(long lines, Identity identity, boolean refills) {
    arbiter.routeAnew(TRADES, 0, lines, 0, identity, refills, now, this);
  }

  private static Tick trade(long id) {
    return trade(id, Tick.NONE);
  }

  private static Tick trade(long id, long venueNanos) {
    return trade(TRADES, id, venueNanos);
  }

  private static Tick trade(int stream, long id, long venueNanos) {
    byte[] text = Long.toString(id).getBytes(StandardCharsets.US_ASCII);
    Tick tick = new Tick();
    tick.begin(stream);
    tick.setId(text, 0, text.length);
    tick.setTimeNanos(venueNanos);
    return tick;
  }

  private static Tick ordered(long order) {
    Tick tick = new Tick();
    tick.begin(TRADES);
    tick.setOrder(order);
    return tick;
  }

  private boolean on(int gateway, Tick tick) {
    return arbiter.on(gateway, tick, now, this);
  }

  private void trades(int gateway, long... ids) {
    for (long id : ids) {
      on(gateway, trade(id));
    }
  }

  private void pass(long nanos) {
    now += nanos;
    arbiter.timePassed(now, this);
  }

  private List<String> taken() {
    List<String> taken = List.copyOf(told);
    told.clear();
    return taken;
  }

  // ---- holes

  @Test
  void anotherLineHasExactlyFiftyMillisecondsToFillAHole() {
    route(0b011, Identity.DENSE, false);
    trades(0, 7, 9);
    assertThat(taken()).containsExactly("7 from 0");
    assertThat(arbiter.waits(TRADES)).isTrue();
    assertThat(arbiter.held()).isEqualTo(1);
    assertThat(arbiter.nextDeadlineNanos()).isEqualTo(now + 50 * MILLI);
    pass(50 * MILLI - 1);
    assertThat(taken()).isEmpty();
    pass(1);
    assertThat(taken()).containsExactly("gap 8-8", "9 from 0");
    assertThat(arbiter.held()).isZero();
    assertThat(arbiter.reordered()).isEqualTo(1);
    assertThat(arbiter.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aRefillHasExactlyASecond() {
    route(0b001, Identity.DENSE, true);
    trades(0, 7, 9);
    assertThat(taken()).containsExactly("7 from 0", "refill 8-8");
    pass(SECOND - 1);
    assertThat(taken()).isEmpty();
    pass(1);
    assertThat(taken()).containsExactly("gap 8-8", "9 from 0");
  }

  @Test
  void aRefillAfterTheWaitForTheOtherLineHasASecondToo() {
    route(0b011, Identity.DENSE, true);
    trades(0, 7, 9);
    pass(50 * MILLI);
    assertThat(taken()).containsExactly("7 from 0", "refill 8-8");
    assertThat(arbiter.nextDeadlineNanos()).isEqualTo(now + SECOND);
    arbiter.refilled(0, trade(8), now, this);
    assertThat(taken()).containsExactly("8 from 0", "9 from 0");
    assertThat(arbiter.refilled()).isEqualTo(1);
    assertThat(arbiter.waits(TRADES)).isFalse();
  }

  @Test
  void noMoreThanAThousandIdsAreAskedFor() {
    route(0b001, Identity.DENSE, true);
    trades(0, 7, 1_008);
    assertThat(taken()).containsExactly("7 from 0", "refill 8-1007");
    arbiter.refillEnded(TRADES, 1_006, now, this);
    assertThat(taken()).as("another refill's end").isEmpty();
    arbiter.refillEnded(TRADES, 1_007, now, this);
    assertThat(taken()).containsExactly("gap 8-1007", "1008 from 0");
    trades(0, 2_010);
    assertThat(taken()).containsExactly("gap 1009-2009", "2010 from 0");
  }

  @Test
  void withLessThanHalfOfItsTimeLeftAHoleIsNotAskedForAnyMore() {
    for (long late : new long[] {550 * MILLI, 550 * MILLI + 1}) {
      Arbiter own = new Arbiter(1, 2, ArbiterPolicy.USUAL);
      long at = 0;
      own.routeAnew(0, 0, 0b11, 0, Identity.DENSE, true, at, this);
      own.on(0, trade(7), at, this);
      own.on(0, trade(9), at, this);
      told.clear();
      own.timePassed(late, this);
      assertThat(taken().getFirst()).isEqualTo(late == 550 * MILLI ? "refill 8-8" : "gap 8-8");
    }
  }

  @Test
  void whatIsNotInTheHoleIsNotTakenFromARefill() {
    route(0b001, Identity.DENSE, true);
    trades(0, 7, 11);
    taken();
    for (long id : new long[] {7, 11, 12}) {
      arbiter.refilled(0, trade(id), now, this);
    }
    arbiter.refilled(0, ordered(9), now, this);
    assertThat(taken()).isEmpty();
    arbiter.refilled(0, trade(9), now, this);
    assertThat(taken()).containsExactly("gap 8-8", "9 from 0");
    arbiter.refilled(0, trade(9), now, this);
    assertThat(taken()).as("once").isEmpty();
  }

  /// A venue's times may fall by a second while its ids rise.
  @Test
  void aRefilledTradeHappenedBetweenItsNeighboursGiveOrTakeASecond() {
    long t = 100 * SECOND;
    long[] times = {t - SECOND, t - SECOND - 1, t + 4 * SECOND, t + 4 * SECOND + 1};
    for (int i = 0; i < times.length; i++) {
      Arbiter own = new Arbiter(1, 1, ArbiterPolicy.USUAL);
      own.routeAnew(0, 0, 1, 0, Identity.DENSE, true, 0, this);
      own.on(0, trade(7, t), 0, this);
      own.on(0, trade(9, t + 3 * SECOND), 0, this);
      own.refilled(0, trade(8, times[i]), 0, this);
      assertThat(own.refilled()).isEqualTo(i % 2 == 0 ? 1 : 0);
      assertThat(own.doubts()).isEqualTo(i % 2 == 0 ? 0 : 1);
    }
  }

  // ---- leaps and counts

  @Test
  void aMillionIdsMayBeMissingAndNotOneMore() {
    route(0b001, Identity.DENSE, false);
    trades(0, 7, 1_000_007);
    assertThat(taken()).containsExactly("7 from 0", "gap 8-1000006", "1000007 from 0");
    trades(0, 2_000_008);
    assertThat(taken()).isEmpty();
    assertThat(arbiter.doubts()).isEqualTo(1);
    assertThat(arbiter.missing()).isEqualTo(999_999);
    trades(0, 2_000_008);
    assertThat(taken()).as("the same again proves nothing").isEmpty();
    trades(0, 2_000_009);
    assertThat(taken()).containsExactly("gap 1000008-2000008", "2000009 from 0");
    assertThat(arbiter.lastId(TRADES)).isEqualTo(2_000_009);
  }

  @Test
  void aTradeNearTheLastOneTakesTheDoubtedOneBack() {
    route(0b001, Identity.DENSE, false);
    trades(0, 7, 5_000_000, 8, 5_000_001);
    assertThat(taken()).containsExactly("7 from 0", "8 from 0");
    assertThat(arbiter.doubts()).isEqualTo(2);
  }

  @Test
  void aVenueThatCountsAnewIsFollowedAfterTenSecondsWithoutAnythingElse() {
    for (Identity identity : new Identity[] {Identity.DENSE, Identity.ORDERED}) {
      for (long since : new long[] {10 * SECOND - 1, 10 * SECOND}) {
        Arbiter own = new Arbiter(1, 1, ArbiterPolicy.USUAL);
        own.routeAnew(0, 0, 1, 0, identity, false, 0, this);
        own.on(0, trade(900), 0, this);
        own.on(0, trade(3), since, this);
        told.clear();
        own.on(0, trade(4), since, this);
        assertThat(taken()).hasSize(since == 10 * SECOND ? 1 : 0);
        assertThat(own.duplicates()).isEqualTo(since == 10 * SECOND ? 1 : 2);
      }
    }
  }

  @Test
  void whatIsSentAgainAfterASubscriptionIsNoNewCount() {
    route(0b001, Identity.ORDERED, false);
    on(0, trade(900, 50 * SECOND));
    now += 60 * SECOND;
    on(0, trade(3, 49 * SECOND));
    taken();
    on(0, trade(4, 50 * SECOND));
    assertThat(taken()).as("it did not happen later").isEmpty();
    on(0, trade(5, 50 * SECOND + 1));
    assertThat(taken()).containsExactly("5 from 0");
  }

  // ---- what a venue calls its newest

  @Test
  void whatTheVenueCalledItsNewestIsMissingWhenItSaysSoAgain() {
    route(0b001, Identity.DENSE, false);
    arbiter.newest(0, TRADES, 9, now, this);
    trades(0, 7);
    taken();
    arbiter.newest(0, TRADES, 9, now, this);
    assertThat(taken()).as("it may be on the way").isEmpty();
    arbiter.newest(0, TRADES, 8, now, this);
    assertThat(taken()).as("it takes that back").isEmpty();
    arbiter.newest(1, TRADES, 9, now, this);
    arbiter.newest(0, Streams.NONE, 9, now, this);
    arbiter.newest(0, TRADES, 9, now, this);
    assertThat(taken()).containsExactly("gap 8-8");
    arbiter.newest(0, TRADES, 9, now, this);
    assertThat(taken()).containsExactly("gap 9-9");
  }

  @Test
  void aNewestIdThatIsFarAwayIsNotBelieved() {
    route(0b001, Identity.DENSE, false);
    trades(0, 7);
    taken();
    for (int i = 0; i < 3; i++) {
      arbiter.newest(0, TRADES, 1_000_008, now, this);
    }
    assertThat(taken()).isEmpty();
    arbiter.newest(0, TRADES, 1_000_007, now, this);
    arbiter.newest(0, TRADES, 1_000_007, now, this);
    assertThat(taken()).containsExactly("gap 8-1000007");
  }

  @Test
  void whatIsMissingByTheVenuesWordIsAskedForAndAwaited() {
    route(0b011, Identity.DENSE, true);
    trades(0, 7);
    arbiter.newest(0, TRADES, 9, now, this);
    arbiter.newest(0, TRADES, 9, now, this);
    assertThat(arbiter.nextDeadlineNanos()).isEqualTo(now + 50 * MILLI);
    pass(50 * MILLI);
    assertThat(taken()).containsExactly("7 from 0", "refill 8-9");
  }

  // ---- who is listened to

  @Test
  void onlyWhatIsNewForItsLineIsSaidToBe() {
    route(0b011, Identity.ORDERED, false);
    assertThat(on(0, ordered(5))).isTrue();
    assertThat(on(0, ordered(5))).isFalse();
    assertThat(on(1, ordered(5))).as("new for that one").isTrue();
    assertThat(on(0, ordered(4))).isFalse();
    assertThat(on(2, ordered(9)))
        .as("nobody listens, and it is new all the same")
        .isTrue();
    assertThat(taken()).containsExactly("order 5 from 0");
    Tick nowhere = new Tick();
    assertThat(on(0, nowhere)).isFalse();
  }

  @Test
  void aCandidateTakesOverWithSomethingNewAndNotWithARepetition() {
    route(0b001, Identity.DENSE, false);
    trades(0, 7);
    trades(2, 500);
    arbiter.candidate(TRADES, 2);
    taken();
    trades(2, 500);
    assertThat(taken()).isEmpty();
    trades(1, 501);
    assertThat(taken()).as("is not the candidate").isEmpty();
    trades(2, 501);
    assertThat(taken()).containsExactly("took over 2", "501 from 2");
    assertThat(arbiter.active(TRADES)).isEqualTo(2);
    assertThat(arbiter.lines(TRADES)).isEqualTo(0b100);
    assertThat(arbiter.identity(TRADES)).isEqualTo(Identity.DENSE);
    assertThat(arbiter.seq(TRADES)).isEqualTo(2);
    assertThat(arbiter.published()).isEqualTo(2);
  }

  @Test
  void aStreamThatIsNobodysIsNotPublished() {
    assertThat(arbiter.active(TRADES)).isEqualTo(Arbiter.NOBODY);
    route(0b001, Identity.DENSE, false);
    trades(0, 7);
    arbiter.route(TRADES, Arbiter.NOBODY, 0b001);
    trades(0, 8);
    assertThat(taken()).containsExactly("7 from 0");
    assertThat(arbiter.lines(TRADES)).isZero();
  }

  @Test
  void anArbiterKnowsSixtyFourGateways() {
    assertThat(new Arbiter(1, 64, ArbiterPolicy.USUAL).lastId(0)).isEqualTo(Tick.NONE);
    assertThatThrownBy(() -> new Arbiter(1, 65, ArbiterPolicy.USUAL))
        .hasMessage("an arbiter knows at most 64 gateways, was 65");
  }

  // ---- lines that are late, repeat themselves, or are decoded in another way

  /// What was declared lost comes after all: it is not taken for a venue that counts anew.
  @Test
  void whatComesAfterItWasDeclaredLostIsDroppedHoweverLate() {
    route(0b011, Identity.DENSE, false);
    trades(0, 7, 8);
    trades(1, 11);
    pass(50 * MILLI); // 9 and 10 are lost, 11 is published
    arbiter.newest(0, TRADES, 14, now, this);
    arbiter.newest(0, TRADES, 14, now, this);
    pass(50 * MILLI); // 12 to 14 are lost, and nothing was published since
    taken();
    now += 60 * SECOND;
    trades(1, 12, 13, 14);
    assertThat(taken()).isEmpty();
    assertThat(arbiter.duplicates()).isEqualTo(3);
    trades(1, 15);
    assertThat(taken()).containsExactly("15 from 1");
  }

  @Test
  void anyLineMayCountAnewAndOnlyTheOneWhoseNumbersFell() {
    for (Identity identity : new Identity[] {Identity.DENSE, Identity.ORDERED}) {
      Arbiter own = new Arbiter(1, 3, ArbiterPolicy.USUAL);
      own.routeAnew(0, 0, 0b111, 0, identity, false, 0, this);
      own.on(2, trade(900), 0, this);
      own.on(1, trade(2), 0, this);
      told.clear();
      own.on(1, trade(3), 20 * SECOND, this);
      assertThat(taken()).as("its own numbers rise, from behind").isEmpty();
      own.on(2, trade(3), 20 * SECOND, this);
      own.on(2, trade(4), 20 * SECOND, this);
      assertThat(taken()).containsExactly("4 from 2");
      own.on(2, trade(5), 20 * SECOND, this);
      own.on(2, trade(3), 50 * SECOND, this);
      told.clear();
      own.on(2, trade(4), 50 * SECOND, this);
      assertThat(taken()).as("it has fallen again").containsExactly("4 from 2");
    }
  }

  @Test
  void anOldTradeOfACountBeforeIsNoLeap() {
    route(0b001, Identity.DENSE, false);
    on(0, trade(9_000_000, 100 * SECOND));
    on(0, trade(3, 101 * SECOND));
    on(0, trade(4, 102 * SECOND));
    assertThat(taken()).containsExactly("9000000 from 0", "gap 3-3", "4 from 0");
    on(0, trade(9_000_001, 102 * SECOND - 1)); // a line that is behind
    on(0, trade(9_000_002, 102 * SECOND - 1));
    assertThat(taken()).isEmpty();
    assertThat(arbiter.duplicates()).isEqualTo(2);
    on(0, trade(9_000_003, 102 * SECOND));
    assertThat(arbiter.doubts()).isEqualTo(2);
    now += 10 * SECOND;
    on(0, trade(9_000_004, 50 * SECOND));
    assertThat(taken()).as("nothing else has come for long").contains("9000004 from 0");
  }

  @Test
  void whatIsDecodedWithoutItsNumberIsPublishedFromTheActiveLineAlone() {
    for (Identity identity : new Identity[] {Identity.DENSE, Identity.ORDERED, Identity.UNIQUE}) {
      Arbiter own = new Arbiter(1, 2, ArbiterPolicy.USUAL);
      own.routeAnew(0, 1, 0b11, 0, identity, false, now, this);
      Tick plain = new Tick();
      plain.begin(TRADES);
      plain.setNumber(Tick.PRICE, 5, 0);
      own.on(0, plain, now, this);
      assertThat(taken()).as("%s", identity).isEmpty();
      own.on(1, plain, now, this);
      own.on(0, plain, now, this);
      assertThat(taken()).as("%s", identity).hasSize(1);
      assertThat(own.seq(0)).isEqualTo(1);
    }
  }

  @Test
  void idsOfOtherContentAreNewThere() {
    Arbiter own = new Arbiter(1, 2, ArbiterPolicy.USUAL);
    own.routeAnew(0, 0, 0b01, 0, Identity.UNIQUE, false, now, this);
    own.on(0, trade(7), now, this);
    own.on(0, trade(7), now, this);
    assertThat(own.duplicates()).isEqualTo(1);
    own.routeAnew(0, 1, 0b10, 1, Identity.UNIQUE, false, now, this);
    own.on(1, trade(7), now, this);
    assertThat(taken()).containsExactly("7 from 0", "7 from 1");
    assertThat(own.duplicates()).isEqualTo(1);
  }

  @Test
  void whatWaitsAlreadyIsADuplicate() {
    route(0b011, Identity.DENSE, false);
    trades(0, 7, 9);
    trades(1, 9);
    assertThat(arbiter.duplicates()).isEqualTo(1);
    assertThat(arbiter.held()).isEqualTo(1);
  }

  @Test
  void anEventForWhichThereIsNoRoomEndsTheHoleAndIsPublished() {
    Arbiter small = new Arbiter(1, 2, new ArbiterPolicy(50 * MILLI, SECOND, 9, 2, 2, 10 * SECOND));
    small.routeAnew(0, 0, 0b11, 0, Identity.DENSE, false, now, this);
    for (long id : new long[] {7, 9, 11, 14}) {
      small.on(0, trade(id), now, this);
    }
    assertThat(taken())
        .containsExactly(
            "7 from 0", "gap 8-8", "9 from 0", "gap 10-10", "11 from 0", "gap 12-13", "14 from 0");
    assertThat(small.waits(0)).isFalse();
  }

  @Test
  void asManyStreamsAsThereAreMayHaveAHoleAtATime() {
    Arbiter many = new Arbiter(20, 2, ArbiterPolicy.USUAL);
    for (int stream = 0; stream < 20; stream++) {
      many.routeAnew(stream, 0, 0b11, 0, Identity.DENSE, false, 0, this);
      for (long id : new long[] {7, 9}) {
        assertThat(many.on(1, trade(stream, id, Tick.NONE), stream, this)).isTrue();
      }
    }
    told.clear();
    assertThat(many.held()).isEqualTo(20);
    assertThat(many.nextDeadlineNanos()).isEqualTo(50 * MILLI);
    many.timePassed(50 * MILLI + 9, this);
    assertThat(taken()).as("ten gaps, and what was behind them").hasSize(20);
    assertThat(many.nextDeadlineNanos()).isEqualTo(50 * MILLI + 10);
    many.timePassed(50 * MILLI + 19, this);
    assertThat(taken()).hasSize(20);
    assertThat(many.gaps()).isEqualTo(20);
    assertThat(many.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void untilOtherContentIsPublishedTheWayBackIsAsIfNothingHadBeen() {
    route(0b001, Identity.DENSE, false);
    trades(0, 7);
    arbiter.routeAnew(TRADES, 1, 0b010, 1, Identity.NONE, false, now, this);
    arbiter.newest(1, TRADES, 900, now, this);
    route(0b001, Identity.DENSE, false);
    trades(0, 7, 8);
    assertThat(taken()).containsExactly("7 from 0", "8 from 0");
  }
}
