package dev.everfeed.core.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A watch that has forgotten a gateway tells of the next one at its place what it would tell of
/// one that it has never heard of.
class ForgottenTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final int GOES = 1;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aPeerClockTellsOfANewcomerAsIfNobodyHadBeenThere(long seed) {
    PeerClock known = new PeerClock(2, 3, PeerClockPolicy.USUAL);
    PeerClock fresh = new PeerClock(2, 3, PeerClockPolicy.USUAL);
    long begin = 0;
    for (int gateway = 0; gateway < 3; gateway++) {
      known.subscribed(0, gateway, begin);
      known.subscribed(1, gateway, begin);
    }
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) { // its rhythm: one event while the others have ten
      begin += 5 * MILLI;
      known.event(random.nextInt(2), random.nextInt(20) == 0 ? GOES : 2 * random.nextInt(2), begin);
      known.timePassed(begin, ignored());
    }
    known.trust(0, GOES, false);
    known.trust(PeerClock.WHOLE, GOES, false);
    for (int gateway = 0; gateway < 3; gateway++) { // all, so that the others are equal, too
      known.unsubscribed(0, gateway);
      known.unsubscribed(1, gateway);
      known.trust(0, gateway, true);
      known.forget(gateway);
    }
    begin += SECOND;
    assertThat(told(known, begin, seed)).isNotEmpty().isEqualTo(told(fresh, begin, seed));
  }

  private static List<String> told(PeerClock clock, long begin, long seed) {
    List<String> told = new ArrayList<>();
    PeerClock.Output out = new PeerClock.Output() {
      @Override
      public void suspected(int stream, int gateway, long since, int witnesses, int events) {
        told.add("suspected %d %d %d %d %d".formatted(stream, gateway, since, witnesses, events));
      }

      @Override
      public void convicted(int stream, int gateway, long since, int witnesses, int events) {
        told.add("convicted %d %d %d %d %d".formatted(stream, gateway, since, witnesses, events));
      }

      @Override
      public void resumed(int stream, int gateway, long nowNanos) {
        told.add("resumed %d %d %d".formatted(stream, gateway, nowNanos));
      }
    };
    long now = begin;
    for (int gateway = 0; gateway < 3; gateway++) {
      clock.subscribed(0, gateway, now);
      clock.subscribed(1, gateway, now);
    }
    Random random = new Random(-seed);
    for (int i = 0; i < 20_000; i++) {
      now += 2 * MILLI;
      boolean stalls = i / 4_000 % 2 == 1;
      int gateway = stalls ? 2 * random.nextInt(2) : random.nextInt(3);
      clock.event(random.nextInt(2), gateway, now);
      clock.timePassed(now, out);
    }
    return told;
  }

  private static PeerClock.Output ignored() {
    return new PeerClock.Output() {
      @Override
      public void suspected(int stream, int gateway, long since, int witnesses, int events) {}

      @Override
      public void convicted(int stream, int gateway, long since, int witnesses, int events) {}

      @Override
      public void resumed(int stream, int gateway, long nowNanos) {}
    };
  }

  @Test
  void aPeerClockDoesNotForgetWhoIsSubscribed() {
    PeerClock clock = new PeerClock(2, 2, PeerClockPolicy.USUAL);
    clock.subscribed(1, 0, 0);
    assertThatThrownBy(() -> clock.forget(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("gateway 0 is subscribed to 1 streams, and is not forgotten");
  }

  @Test
  void aLagWatchDoesNotHoldTheDelayOfTheOneBeforeAgainstANewcomer() {
    LagWatch watch = new LagWatch(2, LagWatchPolicy.USUAL);
    long wall = 1_700_000_000L * SECOND;
    for (int i = 0; i < 5_000; i++, wall += 10 * MILLI) {
      watch.lag(GOES, wall - 5 * MILLI, wall);
    }
    assertThat(watch.usualNanos(GOES)).isEqualTo(5 * MILLI);
    watch.disconnected(GOES);
    watch.forget(GOES);
    assertThat(watch.usualNanos(GOES)).isEqualTo(Long.MIN_VALUE);
    for (int i = 0; i < 5_000; i++, wall += 10 * MILLI) { // as far away as it is, without a fault
      watch.lag(GOES, wall - 20 * SECOND, wall);
    }
    assertThat(watch.hasNews()).isFalse();
    assertThat(watch.usualNanos(GOES)).isEqualTo(20 * SECOND);
  }

  @Test
  void aPriceWatchNeitherKnowsWhatWasUsualNorWhatWasToldOfTheOneBefore() {
    PriceWatch watch = new PriceWatch(1, new int[] {0, 1, 2, -1}, PriceWatchPolicy.USUAL);
    List<String> told = new ArrayList<>();
    PriceWatch.Output out = new PriceWatch.Output() {
      @Override
      public void disagrees(int contract, int gateway, String how) {
        told.add("disagrees " + gateway);
      }

      @Override
      public void agrees(int contract, int gateway) {
        told.add("agrees " + gateway);
      }

      @Override
      public void differ(int contract, String how) {
        told.add("differ");
      }

      @Override
      public void differNoMore(int contract) {
        told.add("differ no more");
      }
    };
    long now = prices(watch, 0, 100, 100, 150, out);
    assertThat(told).containsExactly("disagrees 2");
    assertThat(watch.disagrees(0, 2)).isTrue();
    watch.unsubscribed(0, 2);
    watch.forget(2, -1);
    assertThat(watch.disagrees(0, 2)).isFalse();
    watch.forget(2, 2);
    prices(watch, now, 100, 100, 100.01, out);
    assertThat(told).as("without a word").containsExactly("disagrees 2");
  }

  private static long prices(
      PriceWatch watch, long from, double one, double two, double three, PriceWatch.Output out) {
    long now = from;
    for (int i = 0; i < 3_000; i++) {
      now += 20 * MILLI;
      double moves = 1 + (i % 2) * 1e-6;
      watch.price(0, 0, one * moves, now);
      watch.price(0, 1, two * moves, now);
      watch.price(0, 2, three * moves, now);
      watch.timePassed(now, out);
    }
    return now;
  }
}
