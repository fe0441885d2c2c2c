package dev.everfeed.core.health;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What is usual between a gateway and a peer, and the numbers of events that follow from it: a
/// silence that chance brings once in 10^8 gaps makes suspect, once in 10^16 convicts.
class PeerRatiosTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int PAIR = 1;

  private final PeerRatios ratios = new PeerRatios(3, PeerClockPolicy.USUAL);

  /// Gaps of a second in which the peer had so many events.
  private void gaps(int times, int events) {
    for (int i = 0; i < times; i++) {
      gap(events, SECOND, 0, false);
    }
  }

  private void gap(int events, long gapNanos, long lagNanos, boolean decays) {
    for (int i = 0; i < events; i++) {
      ratios.count(PAIR);
    }
    ratios.learn(PAIR, 0, gapNanos, lagNanos, decays);
  }

  @Test
  void eachNumberIsCountedOnceInAGapUpToAMost() {
    for (int i = 1; i <= PeerRatios.COUNT_MAX; i++) {
      assertThat(ratios.count(PAIR)).isEqualTo(i);
    }
    assertThat(ratios.count(PAIR)).isEqualTo(PeerRatios.NOT_COUNTED);
    assertThat(ratios.counted(PAIR)).isEqualTo(PeerRatios.COUNT_MAX);
    ratios.clear(PAIR);
    assertThat(ratios.counted(PAIR)).isZero();
    assertThat(ratios.count(PAIR)).isEqualTo(1);
    assertThat(ratios.counted(PAIR - 1))
        .as("pairs have nothing to do with each other")
        .isZero();
    assertThat(ratios.counted(PAIR + 1)).isZero();
  }

  @Test
  void beforeAPairIsKnownFixedNumbersCount() {
    assertThat(ratios.suspectAt(PAIR, false)).isEqualTo(64);
    assertThat(ratios.convictAt(PAIR, false)).isEqualTo(128);
    gaps(49, 1);
    assertThat(ratios.isWarm(PAIR)).isFalse();
    gaps(1, 1);
    assertThat(ratios.isWarm(PAIR)).isTrue();
    assertThat(ratios.isWarm(PAIR - 1)).isFalse();
    gaps(300, 1);
    assertThat(ratios.isWarm(PAIR)).as("however many gaps are known").isTrue();
  }

  /// (1 - p)^n is 10^-8 and 10^-16: n = 8 ln 10 / -ln(1 - p).
  @Test
  void ofTwoThatAlternateTwentySevenEventsMakeSuspectAndFiftyFourConvict() {
    gaps(60, 1);
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(27);
    assertThat(ratios.convictAt(PAIR, true)).isEqualTo(54);
    assertThat(ratios.isSlow(PAIR)).isFalse();
  }

  @Test
  void aPeerWithHardlyAnyEventsIsSlowAndConvictsAfterFew() {
    gaps(60, 0);
    assertThat(ratios.isSlow(PAIR)).isTrue();
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(9);
    assertThat(ratios.convictAt(PAIR, true)).isEqualTo(17);
  }

  /// With three events of the peer between two of the gateway's the share is a quarter: half way
  /// between what alternates and what is spread as chance spreads it.
  @Test
  void aGatewayWithFewerEventsIsGivenMore() {
    gaps(60, 3);
    assertThat(ratios.suspectAt(PAIR, true)).isBetween(115, 125);
    assertThat(ratios.convictAt(PAIR, true)).isBetween(230, 250);
    gaps(400, 100);
    assertThat(ratios.suspectAt(PAIR, true)).isGreaterThan(125);
  }

  @Test
  void aGatewayMuchSlowerThanAPeerIsGivenNoMoreThanForAFiftieth() {
    gaps(60, 5_000);
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(5_209);
    assertThat(ratios.convictAt(PAIR, true)).isEqualTo(10_418);
  }

  @Test
  void onceManyGapsAreKnownWhatIsUsualChangesByAFiveHundredthOfTheDifference() {
    gaps(250, 1);
    gaps(7, 0);
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(27);
    gaps(1, 0);
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(26);
  }

  @Test
  void theLongestGapOfTheMarketsOwnIsBorne() {
    gaps(60, 1);
    gaps(1, 100);
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(100);
    assertThat(ratios.convictAt(PAIR, true)).isEqualTo(100);
    gaps(1, 30);
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(100);
  }

  /// It would not have been held against the gateway either.
  @Test
  void ofAGapOnlyWhatLaysBeforeTheLagOfItsEndCounts() {
    gaps(60, 1);
    gap(100, SECOND, SECOND / 4, false);
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(75);
    gap(101, SECOND, SECOND / 4, false);
    assertThat(ratios.suspectAt(PAIR, true)).as("rounded up").isEqualTo(76);
    gap(102, SECOND, SECOND, false);
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(76);
  }

  @Test
  void whatWasTakenOutOfTheCountBeforeBelongsToTheGap() {
    gaps(60, 1);
    for (int i = 0; i < 40; i++) {
      ratios.count(PAIR);
    }
    ratios.learn(PAIR, 50, SECOND, 0, false);
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(90);
    assertThat(ratios.counted(PAIR)).isZero();
  }

  /// Else a gateway that was found to stall would be given as much the next time.
  @Test
  void moreThanTwiceWhatConvictsWasAStallAndTeachesNothing() {
    gaps(250, 1);
    int believed = 2 * ratios.convictAt(PAIR, true);
    gaps(1, believed + 1);
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(27);
    believed = 2 * ratios.convictAt(PAIR, true);
    gaps(1, believed);
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(believed);
    gaps(1, 2 * believed);
    assertThat(ratios.suspectAt(PAIR, true))
        .as("twice what is known by now")
        .isEqualTo(2 * believed);
  }

  @Test
  void beforeAPairIsKnownEveryGapIsBelieved() {
    gaps(10, 1);
    gaps(1, 3_000);
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(3_000);
  }

  @Test
  void aPeerWhoseCountRanFullIsTooFastToTell() {
    gaps(60, 1);
    gaps(1, PeerRatios.COUNT_MAX);
    assertThat(ratios.suspectAt(PAIR, true)).isGreaterThan(PeerRatios.COUNT_MAX);
    assertThat(ratios.convictAt(PAIR, true)).isGreaterThan(PeerRatios.COUNT_MAX);
  }

  @Test
  void theLongestGapIsForgottenByFourPercentAtATime() {
    gaps(40, 1);
    gap(1_000, SECOND, 0, false);
    gap(1, SECOND, 0, true);
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(961);
    gap(1, SECOND, 0, true);
    assertThat(ratios.suspectAt(PAIR, true)).isEqualTo(924);
    for (int i = 0; i < 300; i++) {
      gap(1, SECOND, 0, true);
    }
    assertThat(ratios.suspectAt(PAIR, true)).as("and at last altogether").isLessThan(32);
  }

  @Test
  void aPairTakesSevenBytesBesideTheTables() {
    long tables = 2 * 2 * 1_024;
    assertThat(ratios.bytes()).isEqualTo(3 * 7 + tables);
  }
}
