package dev.everfeed.core.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PriceWatchTest {
  private static final int MINUTE = 60_000;
  private static final int HOUR = 60 * MINUTE;
  private static final int DAY = 24 * HOUR;

  /// Three venues, one of them with three lines and one always 0.3 % above, lags of 50 to 400
  /// ms with spikes to 800, five turbulent minutes in three hours.
  @ParameterizedTest
  @CsvSource({"0.2, 1", "0.8, 2", "2.5, 3", "8, 4"})
  void noPriceOfAnOrdinaryMarketIsEverDoubted(double volatility, long seed) {
    Prices prices = new Prices(seed, 0, 0, 0, 1, 2)
        .volatility(volatility)
        .turbulence()
        .spikes()
        .premium(1, 0.003)
        .lag(1, 400)
        .lag(4, 200)
        .rate(2, 1)
        .rate(3, 0.3)
        .run(DAY);
    assertThat(prices.told).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void aJumpOfTheMarketThatReachesVenuesOneAfterTheOtherDoubtsNobody(long seed) {
    Prices prices = new Prices(seed, 0, 1, 2, 3)
        .lag(0, 0)
        .lag(1, 300)
        .lag(2, 800)
        .rate(2, 0.5)
        .rate(3, 0.2)
        .run(10 * MINUTE);
    for (int i = 0; i < 50; i++) {
      prices.jump(i % 2 == 0 ? 0.03 : -0.03).run(20_000);
    }
    assertThat(prices.told).isEmpty();
  }

  /// The slow venue has one event in 5 s, and is no less right for that.
  @Test
  void anOldPriceAccusesNobody() {
    Prices prices = new Prices(5, 0, 1, 2).rate(1, 0.2).rate(2, 0.2).run(10 * MINUTE);
    for (int i = 0; i < 200; i++) {
      prices.jump(0.02).run(30_000);
    }
    assertThat(prices.told).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void aPriceTenTimesTooHighIsFoundWithinOneAndAHalfSeconds(long seed) {
    Prices prices = new Prices(seed, 0, 1, 2).run(10 * MINUTE).lie(1, 10);
    long since = prices.millis;
    prices.run(MINUTE);
    assertThat(prices.told).containsExactly("disagrees 1");
    assertThat(prices.after(since, "disagrees 1")).isBetween(1_000L, 1_500L);
    assertThat(prices.how.getFirst()).contains("% from ").contains("of which 2 agree");
    assertThat(prices.watch.disagrees(0, 1)).isTrue();
    prices.lie(1, 1);
    since = prices.millis;
    prices.run(MINUTE);
    assertThat(prices.told).containsExactly("disagrees 1", "agrees 1");
    assertThat(prices.after(since, "agrees 1")).isBetween(5_000L, 5_800L);
    assertThat(prices.watch.disagrees(0, 1)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"1.02, 1", "0.98, 2", "1.02, 3", "1.02, 4", "0.98, 5"})
  void aPriceTwoPercentOffIsFoundWithinFourSeconds(double factor, long seed) {
    Prices prices = new Prices(seed, 0, 1, 2).premium(2, 0.002).run(10 * MINUTE).lie(0, factor);
    long since = prices.millis;
    prices.run(10 * MINUTE);
    assertThat(prices.told).containsExactly("disagrees 0");
    assertThat(prices.after(since, "disagrees 0")).isBetween(3_000L, 4_000L);
  }

  /// It goes on to send events. The market moves 3 % a day, so it may take hours: what counts is
  /// by how much it has moved.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aFrozenPriceIsFoundWhenTheOthersHaveMovedAway(long seed) {
    Prices prices = new Prices(seed, 0, 1, 2).volatility(0.6).run(10 * MINUTE).freeze(2);
    double most = 0;
    for (int i = 0; i < 5 * DAY / 1_000 && prices.told.isEmpty(); i++) {
      prices.run(1_000);
      most = Math.max(most, Math.abs(prices.price(0) / prices.price(2) - 1));
    }
    assertThat(prices.told).containsExactly("disagrees 2");
    assertThat(most).isBetween(0.01, 0.05);
  }

  @Test
  void aFrozenPriceInAFastMarketIsFoundAfterOnePercent() {
    Prices prices = new Prices(3, 0, 1, 2).run(10 * MINUTE).freeze(2);
    for (int i = 0; i < 12; i++) {
      prices.jump(0.001).run(10_000);
    }
    assertThat(prices.told).containsExactly("disagrees 2");
    prices.thaw(2).run(MINUTE);
    assertThat(prices.told).containsExactly("disagrees 2", "agrees 2");
  }

  @Test
  void ofTwoThatDifferNobodyIsWrong() {
    Prices prices = new Prices(1, 0, 1).run(10 * MINUTE).lie(0, 10).run(10 * MINUTE);
    assertThat(prices.told).isEmpty();
    assertThat(prices.differ).as("but it is told that they differ").hasSize(1);
    assertThat(prices.differ.getFirst()).contains("too few others to tell which is right");
    prices.lie(0, 1).run(MINUTE);
    assertThat(prices.differ).hasSize(2).last().isEqualTo("no more");
  }

  @Test
  void twoLinesAloneThatDifferAreToldAndNobodyIsWrong() {
    Prices prices = new Prices(1, 0, 0).run(10 * MINUTE).lie(0, 1.1).run(MINUTE);
    assertThat(prices.told).isEmpty();
    assertThat(prices.differ).hasSize(1);
  }

  @Test
  void whoIsFoundToDisagreeDiffersNoMore() {
    Prices prices = new Prices(1, 0, 1, 2).run(10 * MINUTE).rate(2, 0).run(MINUTE);
    prices.lie(0, 2).run(MINUTE);
    assertThat(prices.differ).hasSize(1);
    prices.rate(2, 5).run(MINUTE);
    assertThat(prices.told).containsExactly("disagrees 0");
    assertThat(prices.differ).hasSize(2);
  }

  /// Neither an ordinary market, nor a venue that has nothing new, are a difference.
  @Test
  void twoVenuesOfAnOrdinaryMarketDoNotDiffer() {
    for (long seed = 1; seed <= 5; seed++) {
      Prices prices =
          new Prices(seed, 0, 1).premium(1, 0.003).turbulence().spikes().rate(1, 0.05);
      prices.run(DAY / 8);
      assertThat(prices.differ).as("seed %d", seed).isEmpty();
    }
  }

  /// Three lines of one liar are one voice.
  @Test
  void aVenueWithThreeLinesDoesNotOutvoteTwoOthers() {
    Prices prices = new Prices(1, 0, 0, 0, 1, 2).run(10 * MINUTE);
    prices.lie(0, 1.5).lie(1, 1.5).lie(2, 1.5);
    long since = prices.millis;
    prices.run(MINUTE);
    assertThat(prices.told).containsExactlyInAnyOrder("disagrees 0", "disagrees 1", "disagrees 2");
    for (int line = 0; line < 3; line++) {
      assertThat(prices.after(since, "disagrees " + line)).isLessThan(1_700);
    }
  }

  @Test
  void threeLinesAreOneVoiceAgainstOneOtherAndNobodyIsWrong() {
    Prices prices = new Prices(1, 0, 0, 0, 1).run(10 * MINUTE).lie(3, 2).run(10 * MINUTE);
    assertThat(prices.told).isEmpty();
  }

  @Test
  void oneLineIsFoundByItsSisters() {
    Prices prices = new Prices(1, 0, 0, 0).run(10 * MINUTE).lie(1, 2).run(MINUTE);
    assertThat(prices.told).containsExactly("disagrees 1");
  }

  @Test
  void oneLineIsFoundByItsSistersThoughOneOtherVenueIsThere() {
    Prices prices = new Prices(1, 0, 0, 0, 1).run(10 * MINUTE).lie(1, 2).run(MINUTE);
    assertThat(prices.told).containsExactly("disagrees 1");
  }

  @Test
  void oneOfTwoLinesIsFoundByTheOtherAndAnotherVenue() {
    Prices prices = new Prices(1, 0, 0, 1).run(10 * MINUTE).lie(1, 2).run(MINUTE);
    assertThat(prices.told).containsExactly("disagrees 1");
  }

  @Test
  void aLineThatIsRightIsNotOutvotedByTwoSistersThatAreNot() {
    Prices prices =
        new Prices(1, 0, 0, 0, 1, 2).run(10 * MINUTE).lie(0, 2).lie(1, 2).run(MINUTE);
    assertThat(prices.told).containsExactlyInAnyOrder("disagrees 0", "disagrees 1");
  }

  /// Two of five; of the three that are left two would still agree, but they are no majority.
  @Test
  void onlyAMinorityDisagrees() {
    Prices prices = new Prices(1, 0, 1, 2, 3, 4).run(10 * MINUTE);
    prices.lie(0, 2).run(MINUTE).lie(1, 3).run(MINUTE);
    assertThat(prices.told).containsExactly("disagrees 0", "disagrees 1");
    prices.lie(2, 4).run(MINUTE);
    assertThat(prices.told).hasSize(2);
    prices.lie(0, 1).run(MINUTE);
    assertThat(prices.told)
        .as("once there are enough again")
        .containsExactly("disagrees 0", "disagrees 1", "agrees 0", "disagrees 2");
  }

  @Test
  void halfIsNoMinority() {
    Prices prices =
        new Prices(1, 0, 1, 2, 3).run(10 * MINUTE).lie(0, 2).lie(1, 2).run(MINUTE);
    assertThat(prices.told).isEmpty();
  }

  /// It is not judged while it says nothing, and not back either.
  @Test
  void whoDisagreedAndFellSilentIsNotBack() {
    Prices prices = new Prices(1, 0, 1, 2).run(10 * MINUTE).lie(0, 2).run(MINUTE);
    prices.lie(0, 1).rate(0, 0).run(HOUR);
    assertThat(prices.told).containsExactly("disagrees 0");
    prices.rate(0, 1).run(MINUTE);
    assertThat(prices.told).containsExactly("disagrees 0", "agrees 0");
  }

  @Test
  void aSilentGatewayIsNotJudgedByItsLastPrice() {
    Prices prices = new Prices(1, 0, 1, 2).run(10 * MINUTE).rate(0, 0);
    for (int i = 0; i < 20; i++) {
      prices.jump(0.02).run(MINUTE);
    }
    assertThat(prices.told).isEmpty();
  }

  @Test
  void aPremiumOfTwoPercentIsLearntFromTheFirstLooks() {
    Prices prices = new Prices(1, 0, 1, 2).premium(1, 0.02).turbulence().run(DAY / 4);
    assertThat(prices.told).isEmpty();
    prices.lie(1, 1.1).run(MINUTE);
    assertThat(prices.told).containsExactly("disagrees 1");
  }

  /// The other one waits in the sockets while we stand still for ten seconds.
  @Test
  void afterAPauseOfOursNobodyIsDoubtedForWhatWasReadLate() {
    Prices prices = new Prices(1, 0, 1, 2).run(10 * MINUTE).lie(0, 1.05).run(900);
    prices.millis += 10_000;
    prices.watch.paused(10_000 * Prices.MILLI, prices.millis * Prices.MILLI);
    prices.run(9_000);
    prices.lie(0, 1).run(MINUTE);
    assertThat(prices.told).isEmpty();
  }

  @Test
  void aWrongPriceIsFoundAndForgivenThoughWeStandStillForAMomentEverySecond() {
    Prices prices = new Prices(1, 0, 1, 2).run(10 * MINUTE).lie(0, 1.05);
    standStillEverySecond(prices);
    assertThat(prices.told).containsExactly("disagrees 0");
    prices.lie(0, 1);
    standStillEverySecond(prices);
    assertThat(prices.told).hasSize(2);
  }

  private static void standStillEverySecond(Prices prices) {
    for (int i = 0; i < 30; i++) {
      prices.run(960);
      prices.millis += 40;
      prices.watch.paused(40 * Prices.MILLI, prices.millis * Prices.MILLI);
    }
  }

  @Test
  void nothingIsDueWhileNothingChanges() {
    PriceWatch watch = new PriceWatch(10, new int[] {0, 1, 2}, PriceWatchPolicy.USUAL);
    assertThat(watch.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    Counted counted = new Counted();
    for (int gateway = 0; gateway < 3; gateway++) {
      watch.price(4, gateway, 100, 1_000);
    }
    assertThat(watch.nextDeadlineNanos()).isLessThan(1_000);
    watch.timePassed(1_000, counted);
    for (int gateway = 0; gateway < 3; gateway++) {
      watch.price(4, gateway, 100, 2_000);
    }
    assertThat(watch.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void manyContractsAreLookedAtInSeveralCalls() {
    int contracts = 10_000;
    PriceWatch watch = new PriceWatch(contracts, new int[] {0, 1, 2}, PriceWatchPolicy.USUAL);
    Counted counted = new Counted();
    long now = 0;
    for (int i = 0; i < 300; i++) {
      now += 100 * Prices.MILLI;
      for (int contract = 0; contract < contracts; contract++) {
        for (int gateway = 0; gateway < 3; gateway++) {
          double wrong = i > 200 && gateway == contract % 3 ? 3 : 1;
          watch.price(contract, gateway, wrong * (100 + i % 2 * 0.01), now);
        }
      }
      while (watch.nextDeadlineNanos() <= now) {
        watch.timePassed(now, counted);
      }
    }
    assertThat(counted.told).isEqualTo(contracts);
  }

  /// It is wrong for a moment, is away for a while, and is wrong for a moment again: that is not
  /// wrong for the whole time.
  @Test
  void howLongAGatewayIsWrongIsCountedAnewWhenItComesBack() {
    Prices prices = new Prices(3, 0, 1, 2).run(10 * MINUTE).lie(1, 1.08).run(1_500);
    prices.watch.unsubscribed(0, 1);
    prices.rate(1, 0).run(4_000).rate(1, 10).run(1_500).lie(1, 1).run(MINUTE);
    assertThat(prices.told).isEmpty();
  }

  /// Else one that is subscribed anew would be judged by a price of before.
  @Test
  void aPriceOfBeforeSaysNothing() {
    Prices prices = new Prices(4, 0, 1, 2).run(10 * MINUTE);
    prices.watch.unsubscribed(0, 1);
    prices
        .rate(1, 0)
        .lie(0, 2)
        .lie(2, 2)
        .run(2_500)
        .lie(0, 1)
        .lie(2, 1)
        .rate(1, 10)
        .run(MINUTE);
    assertThat(prices.told).isEmpty();
  }

  @Test
  void whoDisagreedAndWasAwayHasToAgreeForTheWholeTime() {
    Prices prices = new Prices(5, 0, 1, 2).run(10 * MINUTE).lie(1, 10).run(MINUTE);
    assertThat(prices.told).containsExactly("disagrees 1");
    prices.lie(1, 1).run(4_000);
    prices.watch.unsubscribed(0, 1);
    prices.rate(1, 0).run(HOUR);
    assertThat(prices.watch.disagrees(0, 1)).as("being away proves nothing").isTrue();
    long back = prices.millis;
    prices.rate(1, 10).run(MINUTE);
    assertThat(prices.told).containsExactly("disagrees 1", "agrees 1");
    assertThat(prices.after(back, "agrees 1")).isBetween(5_000L, 5_800L);
  }

  /// What is told may make the caller unsubscribe at once.
  @Test
  void whoIsUnsubscribedWhileItIsToldIsNotLookedAtFurther() {
    PriceWatch watch = new PriceWatch(1, new int[] {0, 1, 2}, PriceWatchPolicy.USUAL);
    Counted counted = new Counted() {
      @Override
      public void disagrees(int contract, int gateway, String how) {
        super.disagrees(contract, gateway, how);
        watch.unsubscribed(contract, gateway);
        watch.unsubscribed(contract, 2);
      }
    };
    for (int i = 0; i < 600; i++) {
      long now = i * 100 * Prices.MILLI;
      watch.price(0, 0, i > 300 ? 1_000 : 100, now);
      watch.price(0, 1, 100 + i % 2 * 0.01, now);
      watch.price(0, 2, 100 + i % 3 * 0.01, now);
      watch.timePassed(now, counted);
    }
    assertThat(counted.told).isEqualTo(1);
    assertThat(watch.disagrees(0, 0)).isTrue();
  }

  /// Whatever the length of the silence: prices are timed in numbers that wrap.
  @Test
  void afterMonthsWithoutAnEventTheNextPriceIsTakenAndTheLastOneIsOld() {
    for (int days = 1; days < 200; days++) {
      PriceWatch watch = new PriceWatch(1, new int[] {0, 1, 2}, PriceWatchPolicy.USUAL);
      long now = Prices.MILLI;
      watch.price(0, 0, 1_000, now);
      now += days * 86_400_000L * Prices.MILLI;
      assertThat(watch.isDue(0, 0, now)).as("after %d days", days).isTrue();
      Counted counted = new Counted();
      for (int i = 0; i < 50; i++, now += 100 * Prices.MILLI) {
        watch.price(0, 1, 100 + i % 2 * 0.01, now);
        watch.price(0, 2, 100 + i % 3 * 0.01, now);
        watch.timePassed(now, counted);
      }
      assertThat(counted.told).as("after %d days", days).isZero();
    }
  }

  @Test
  void whatIsNoPriceIsIgnored() {
    PriceWatch watch = new PriceWatch(1, new int[] {0}, PriceWatchPolicy.USUAL);
    for (double none : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1e300, 1e-300}) {
      watch.price(0, 0, none, 0);
    }
    assertThat(watch.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void twentyThousandContractsOfThreeGatewaysTakeLessThanEightHundredKilobytesWithTheirLag() {
    PriceWatch prices = new PriceWatch(20_000, new int[] {0, 1, 2}, PriceWatchPolicy.USUAL);
    LagWatch lags = new LagWatch(64, LagWatchPolicy.USUAL);
    assertThat(prices.bytes() + lags.bytes()).isLessThan(800_000);
  }

  @Test
  void moreGatewaysThanFitAreRefused() {
    assertThatThrownBy(() -> new PriceWatch(1, new int[65], PriceWatchPolicy.USUAL))
        .hasMessageContaining("1 to 64 gateways, was 1 and 65");
  }

  /// An exact count, not a measurement; with a gateway that disagrees the whole time.
  @Test
  void aPriceAndALookAllocateNothing() {
    PriceWatch watch = new PriceWatch(100, new int[] {0, 0, 1, 2}, PriceWatchPolicy.USUAL);
    Counted counted = new Counted();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = 0;
    long least = Long.MAX_VALUE; // the machine itself may allocate once
    for (int i = 0; i < 600_000; i++) {
      if (i % 100_000 == 0) {
        long allocated = threads.getCurrentThreadAllocatedBytes();
        least = i < 300_000 ? least : Math.min(least, allocated - before);
        before = threads.getCurrentThreadAllocatedBytes();
      }
      long now = i * 200_000L;
      int gateway = i % 4;
      double wrong = gateway == 2 && i > 100_000 ? 2 : 1;
      watch.price(i / 4 % 100, gateway, wrong * (100 + i % 7 * 0.2), now);
      watch.timePassed(now, counted);
    }
    assertThat(least).isZero();
    assertThat(counted.told).isEqualTo(100);
  }

  private static class Counted implements PriceWatch.Output {
    int told;

    @Override
    public void disagrees(int contract, int gateway, String how) {
      told++;
    }

    @Override
    public void agrees(int contract, int gateway) {
      throw new AssertionError("gateway " + gateway + " never changed its mind");
    }

    @Override
    public void differ(int contract, String how) {
      throw new AssertionError("there are enough others: " + how);
    }

    @Override
    public void differNoMore(int contract) {
      throw new AssertionError("it was not told that they do");
    }
  }
}
