package dev.everfeed.core.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LagWatchTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final long EPOCH = 1_700_000_000L * SECOND;
  private static final int MINUTE = 60_000;
  private static final int HOUR = 60 * MINUTE;

  private final LagWatch watch = new LagWatch(2, LagWatchPolicy.USUAL);
  private final List<String> told = new ArrayList<>();
  private final Random random = new Random(11);
  private long millis;
  private long offMillis; // of our clock to the venue's
  private long lagMillis;
  private double eventsPerSecond = 20;

  /// Events with 20 to 60 ms of their own, now and then 400.
  @ParameterizedTest
  @ValueSource(longs = {0, -3_600_000, 3_600_000, 250})
  void clocksThatDifferAreNoLag(long off) {
    offMillis = off;
    run(HOUR);
    assertThat(told).isEmpty();
    assertThat(watch.usualNanos(0) / MILLI).isBetween(off + 20, off + 30);
  }

  @Test
  void lagIsToldOnceAndItsEndOnce() {
    run(10 * MINUTE);
    lagMillis = 800;
    long since = millis;
    run(20_000);
    assertThat(told).hasSize(1);
    assertThat(told.getFirst()).matches("0 lags (7[5-9].|8[0-4].) at .*");
    assertThat(at(0) - since).isBetween(1_000L, 3_500L);
    lagMillis = 0;
    since = millis;
    run(MINUTE);
    assertThat(told).hasSize(2);
    assertThat(told.get(1)).startsWith("0 in time");
    assertThat(at(1) - since).isBetween(5_000L, 8_000L);
  }

  @Test
  void aLagThatGrowsIsFoundAndStays() {
    run(10 * MINUTE);
    for (int i = 0; i < 600; i++) {
      lagMillis += 10;
      run(1_000);
    }
    assertThat(at(0)).isBetween(10 * MINUTE + 45_000L, 10 * MINUTE + 58_000L);
    assertThat(told).as("again when it has doubled").hasSize(4);
    assertThat(told.get(3)).startsWith("0 lags 4");
    run(HOUR);
    assertThat(told).hasSize(4);
    assertThat(watch.lagNanos(0)).isGreaterThan(5 * SECOND);
  }

  /// 1.8 s in an hour.
  @Test
  void aLagThatGrowsSlowlyIsFoundToo() {
    run(10 * MINUTE);
    for (int i = 0; i < 60 * 60; i++) {
      lagMillis = i / 2;
      run(1_000);
    }
    assertThat(told).hasSize(2);
    assertThat(told.getLast()).startsWith("0 lags 1");
  }

  @Test
  void clocksThatDriftAreNoLag() {
    for (int i = 0; i < 5 * HOUR / 1_000; i++) {
      offMillis = i * 8L / 100; // 80 ppm
      run(1_000);
    }
    assertThat(told).isEmpty();
  }

  @Test
  void aClockThatIsSetIsNoLagForLong() {
    run(10 * MINUTE);
    offMillis = 2_000;
    run(20_000);
    assertThat(told).hasSize(1);
    run(55_000);
    assertThat(told).hasSize(2);
    run(HOUR);
    assertThat(told).hasSize(2);
    offMillis = 0;
    run(HOUR);
    assertThat(told).as("the other way it is no lag at all").hasSize(2);
  }

  @Test
  void aVenueWhoseClockIsSetBackIsHeardAgain() {
    run(10 * MINUTE);
    offMillis = 60_000;
    run(2 * MINUTE);
    assertThat(told).hasSize(2);
    lagMillis = 900;
    run(10_000);
    assertThat(told).hasSize(3);
  }

  @Test
  void aTimeFromTheFutureDoesNothing() {
    run(10 * MINUTE);
    long usual = watch.usualNanos(0);
    watch.lag(0, wall() + 3_600 * SECOND, wall());
    run(MINUTE);
    assertThat(told).isEmpty();
    assertThat(watch.usualNanos(0)).isBetween(usual - 5 * MILLI, usual + 5 * MILLI);
    lagMillis = 900;
    run(10_000);
    assertThat(told).hasSize(1);
  }

  @Test
  void aBurstThatIsLateForLessThanASecondIsNoLag() {
    run(10 * MINUTE);
    for (int i = 0; i < 100; i++) {
      lagMillis = 700;
      run(900);
      lagMillis = 0;
      run(10_000);
    }
    assertThat(told).isEmpty();
  }

  @Test
  void streamsThatSendAnOldTimeBesideQuickOnesAreNoLag() {
    for (int i = 0; i < 1_000; i++) {
      watch.lag(0, wall() - 90 * SECOND, wall());
      run(500);
    }
    assertThat(told).isEmpty();
  }

  @Test
  void whatIsSentAgainAfterAReconnectionIsNoLag() {
    run(10 * MINUTE);
    double usual = eventsPerSecond;
    eventsPerSecond = 0;
    run(MINUTE);
    for (int i = 0; i < 300; i++) { // three seconds of snapshots, the trades up to a day old
      run(10);
      watch.lag(0, wall() - (60 + random.nextInt(86_400)) * SECOND, wall());
      pass();
    }
    eventsPerSecond = usual;
    run(MINUTE);
    assertThat(told).isEmpty();
  }

  @Test
  void aGatewayThatIsFarBehindAfterAReconnectionLags() {
    run(10 * MINUTE);
    lagMillis = 5 * MINUTE;
    run(20_000);
    assertThat(told).hasSize(1);
  }

  @Test
  void oneEventAMinuteIsEnough() {
    eventsPerSecond = 1 / 60.0;
    run(5 * HOUR);
    assertThat(told).isEmpty();
    watch.lag(0, wall() - 7_000 * SECOND, wall()); // the last trade again, after a reconnection
    run(HOUR);
    assertThat(told).isEmpty();
    lagMillis = 2_000;
    run(20 * MINUTE);
    assertThat(told.getFirst()).startsWith("0 lags ");
  }

  @Test
  void gatewaysAreJudgedByThemselves() {
    run(10 * MINUTE);
    for (int i = 0; i < 100; i++) {
      watch.lag(1, wall() - 5 * SECOND, wall());
      run(100);
    }
    assertThat(told).isEmpty();
  }

  /// What waited for up to five seconds is read within the next hundred milliseconds, then
  /// little comes.
  @Test
  void whatWaitedWhileWeStoodStillIsNoLag() {
    eventsPerSecond = 3;
    run(10 * MINUTE);
    for (int i = 0; i < 100; i++) {
      millis += 5_000;
      watch.paused(5 * SECOND);
      for (int waited = 0; waited < 15; waited++) {
        watch.lag(0, wall() - (5_000 - 330 * waited) * MILLI, wall());
      }
      run(10_000);
    }
    assertThat(told).isEmpty();
    lagMillis = 900;
    run(20_000);
    assertThat(told).hasSize(1);
  }

  @Test
  void aLagIsFoundAndItsEndThoughWeStandStillForAMomentEverySecond() {
    run(10 * MINUTE);
    lagMillis = 900;
    standStillEverySecond();
    assertThat(told).hasSize(1);
    lagMillis = 0;
    standStillEverySecond();
    assertThat(told).hasSize(2);
  }

  private void standStillEverySecond() {
    for (int i = 0; i < 40; i++) {
      run(860);
      millis += 40;
      watch.paused(40 * MILLI);
    }
  }

  @Test
  void wrongNumbersOfGatewaysAreRefused() {
    assertThatThrownBy(() -> new LagWatch(65, LagWatchPolicy.USUAL))
        .hasMessageContaining("1 to 64 gateways, was 65");
  }

  @Test
  void anEventAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    LagWatch.Output nobody = (gateway, lagNanos) -> {};
    long before = 0;
    for (int i = 0; i < 400_000; i++) {
      if (i == 300_000) {
        before = threads.getCurrentThreadAllocatedBytes();
      }
      long wall = EPOCH + i * MILLI;
      watch.lag(i & 1, wall - (i / 20_000 % 2) * SECOND, wall);
      watch.timePassed(i * MILLI, nobody);
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isZero();
  }

  private void run(long forMillis) {
    for (long end = millis + forMillis; millis < end; ) {
      millis += 10;
      if (random.nextDouble() < eventsPerSecond / 100) {
        long own = random.nextInt(100) == 0 ? 400 : 20 + random.nextInt(40);
        watch.lag(0, EPOCH + (millis - own - lagMillis - offMillis) * MILLI, wall());
      }
      pass();
    }
  }

  private void pass() {
    if (millis % 1_000 == 0) {
      watch.timePassed(
          millis * MILLI,
          (gateway, lag) -> told.add(
              gateway + (lag == 0 ? " in time" : " lags " + lag / MILLI) + " at " + millis));
    }
  }

  private long wall() {
    return EPOCH + millis * MILLI;
  }

  private long at(int which) {
    String text = told.get(which);
    return Long.parseLong(text.substring(text.lastIndexOf(' ') + 1));
  }
}
