package dev.everfeed.core.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PeerClockTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final int HOUR_MILLIS = 3_600_000;

  @Test
  void healthyFeedsAreNeverSuspected() {
    Feeds feeds = Feeds.of(2, 3).run(10 * 60_000);
    assertThat(feeds.told).isEmpty();
  }

  /// Stream 1 goes on, so that the gateway is convicted of the one stream and not as a whole.
  @Test
  void aSilentStreamIsSuspectedThenConvictedAndEachIsToldOnce() {
    Feeds feeds = Feeds.of(2, 3).run(60_000);
    feeds.silence(0, 0);
    long since = feeds.millis;
    feeds.run(60_000);
    assertThat(feeds.told).containsExactly("suspected 0/0 by 2", "convicted 0/0 by 2");
    assertThat(feeds.after(since, "suspected")).isBetween(300L, 2_500L);
    assertThat(feeds.after(since, "convicted")).isBetween(500L, 4_000L);
    feeds.speak(0, 0).run(60_000);
    assertThat(feeds.told).hasSize(3).last().isEqualTo("resumed 0/0");
  }

  @Test
  void itTellsSinceWhenAndHowManyEventsThePeersHad() {
    PeerClock clock = new PeerClock(1, 2, PeerClockPolicy.USUAL);
    clock.subscribed(0, 0, 0);
    clock.subscribed(0, 1, 0);
    for (int i = 1; i <= 100; i++) {
      clock.event(0, 0, i * SECOND);
      clock.event(0, 1, i * SECOND);
    }
    List<String> told = new ArrayList<>();
    for (int i = 101; i <= 200; i++) {
      clock.event(0, 1, i * SECOND);
      clock.timePassed(i * SECOND, new Heard(told));
    }
    assertThat(told)
        .contains("suspected 0/0 since 100 s: 1 witness, 28 events")
        .noneMatch(each -> each.startsWith("convicted"));
  }

  /// With one witness it stays a suspicion: the caller has to find other evidence.
  @Test
  void oneWitnessDoesNotConvict() {
    Feeds feeds = Feeds.of(2, 2).run(60_000).silence(0, 0).run(10 * 60_000);
    assertThat(feeds.told).containsExactly("suspected 0/0 by 1");
  }

  @Test
  void aGatewayThatFallsSilentAltogetherIsConvictedAsAWhole() {
    Feeds feeds = Feeds.of(20, 3).run(60_000);
    for (int stream = 0; stream < 20; stream++) {
      feeds.silence(stream, 1);
    }
    long since = feeds.millis;
    feeds.run(60_000);
    assertThat(feeds.after(since, "convicted -1/1 by 2")).isLessThan(500);
    assertThat(feeds.told).filteredOn(each -> each.startsWith("convicted")).hasSize(21);
    assertThat(feeds.told).allMatch(each -> each.contains("/1 "));
  }

  /// As a whole it is judged by streams that the witness carries too: here the gateway has
  /// nothing to say on the one shared stream, and the peers are busy elsewhere.
  @Test
  void eventsOfStreamsThatAGatewayIsNotSubscribedToSayNothingAboutIt() {
    Feeds feeds = new Feeds(3, 3);
    feeds.clock.subscribed(0, 0, 0);
    for (int stream = 0; stream < 3; stream++) {
      feeds.clock.subscribed(stream, 1, 0);
      feeds.clock.subscribed(stream, 2, 0);
    }
    feeds.run(60_000).halt(0, true).run(10 * 60_000);
    assertThat(feeds.told).isEmpty();
  }

  @Test
  void anEventOnAnUnsharedStreamShowsThatTheGatewayAsAWholeIsAlive() {
    Feeds feeds = new Feeds(2, 3);
    feeds.clock.subscribed(1, 0, 0);
    for (int gateway = 0; gateway < 3; gateway++) {
      feeds.clock.subscribed(0, gateway, 0);
    }
    feeds.run(60_000).silence(0, 0).run(60_000);
    assertThat(feeds.told).containsExactly("suspected 0/0 by 2", "convicted 0/0 by 2");
  }

  /// Everybody is silent because nobody trades.
  @Test
  void aHaltOfTenHoursConvictsNobody() {
    Feeds feeds = Feeds.of(3, 3).run(60_000);
    feeds.halt(0, true).run(60_000);
    feeds.halt(1, true).halt(2, true).idle(10 * HOUR_MILLIS);
    feeds.halt(0, false).halt(1, false).halt(2, false).run(60_000);
    assertThat(feeds.told).isEmpty();
  }

  /// Two of three lines are dead: one is left to say so, and that is not enough.
  @Test
  void aSuspectIsNoWitness() {
    Feeds feeds = Feeds.of(2, 3).run(60_000);
    feeds.silence(0, 0).silence(0, 1).run(60_000);
    assertThat(feeds.told).containsExactlyInAnyOrder("suspected 0/0 by 1", "suspected 0/1 by 1");
  }

  /// The fourth line is silent as well and cannot confirm: once it is suspect it is not asked.
  @Test
  void aSilentWitnessDoesNotProtectAnother() {
    Feeds feeds = Feeds.of(2, 4).run(60_000);
    feeds.silence(0, 0).silence(0, 1).run(60_000);
    assertThat(feeds.told).contains("convicted 0/0 by 2", "convicted 0/1 by 2");
  }

  @Test
  void whoIsNotTrustedIsNoWitness() {
    Feeds feeds = Feeds.of(2, 3).run(60_000);
    feeds.clock.trust(0, 2, false);
    feeds.silence(0, 0).run(60_000);
    assertThat(feeds.told).containsExactly("suspected 0/0 by 1");
    feeds.clock.trust(0, 2, true);
    feeds.run(60_000);
    assertThat(feeds.told).containsExactly("suspected 0/0 by 1", "convicted 0/0 by 2");
  }

  @Test
  void whoIsNotTrustedAsAWholeIsNoWitnessAnywhere() {
    Feeds feeds = Feeds.of(2, 3).run(60_000);
    feeds.clock.trust(PeerClock.WHOLE, 1, false);
    feeds.clock.trust(PeerClock.WHOLE, 2, false);
    feeds.silence(0, 0).run(3_000);
    assertThat(feeds.told).as("alone, by its own gaps").containsExactly("suspected 0/0 by 0");
    feeds.run(60_000);
    feeds.clock.trust(PeerClock.WHOLE, 1, true);
    feeds.clock.trust(PeerClock.WHOLE, 2, true);
    feeds.run(10_000);
    assertThat(feeds.told).containsExactly("suspected 0/0 by 0", "convicted 0/0 by 2");
  }

  /// It became due just while its only witness was doubted, and had to wait for its own longest
  /// gaps then (seed 875 of the push side's world).
  @Test
  void aWitnessThatIsDoubtedForAMomentLosesNothingWhateverThatMomentIs() {
    long usual = suspectedAfter(Integer.MAX_VALUE);
    for (int moment = 0; moment < usual; moment += 10) {
      assertThat(suspectedAfter(moment))
          .as("doubted from %d ms on, for 100", moment)
          .isLessThanOrEqualTo(usual + 100);
    }
  }

  private static long suspectedAfter(int doubtedAfter) {
    Feeds feeds =
        Feeds.of(2, 2).run(60_000).halt(0, true).run(30_000).halt(0, false).run(60_000);
    feeds.told.clear();
    feeds.silence(0, 0);
    int millis = 0;
    while (feeds.told.isEmpty() && millis < 60_000) {
      if (millis == doubtedAfter) {
        feeds.clock.trust(PeerClock.WHOLE, 1, false);
      }
      if (millis == doubtedAfter + 100L) {
        feeds.clock.trust(PeerClock.WHOLE, 1, true);
      }
      millis += 10;
      feeds.run(10);
    }
    return millis;
  }

  /// All peers were distrusted while it fell silent; when they are trusted again, what they have
  /// counted meanwhile holds.
  @Test
  void aWitnessThatIsTrustedAgainBringsWhatItCounted() {
    Feeds feeds = Feeds.of(2, 3).run(60_000);
    feeds.clock.trust(0, 1, false);
    feeds.silence(0, 0).silence(0, 2);
    feeds.run(5_000);
    feeds.clock.trust(0, 1, true);
    feeds.halt(0, true).run(5_000);
    assertThat(feeds.told).contains("suspected 0/0 by 1");
  }

  @Test
  void aSubscriptionThatNeverDeliversIsConvictedToo() {
    Feeds feeds = new Feeds(2, 3).subscribed().silence(0, 0).run(4_900);
    assertThat(feeds.told).as("within the warm-up").isEmpty();
    feeds.run(60_000);
    assertThat(feeds.told).containsExactly("suspected 0/0 by 2", "convicted 0/0 by 2");
    assertThat(feeds.after(0, "suspected")).isBetween(5_000L, 7_000L);
    assertThat(feeds.after(0, "convicted")).isBetween(10_000L, 13_000L);
  }

  @Test
  void whatIsKnownOfAGatewayDoesNotConvictItBeforeItsNextSubscriptionDelivers() {
    Feeds feeds = Feeds.of(2, 3).run(60_000);
    feeds.clock.unsubscribed(0, 0);
    feeds.silence(0, 0).run(60_000);
    feeds.clock.subscribed(0, 0, feeds.millis * MILLI);
    feeds.run(4_900);
    assertThat(feeds.told).isEmpty();
    feeds.run(30_000);
    assertThat(feeds.told).containsExactly("suspected 0/0 by 2", "convicted 0/0 by 2");
  }

  @Test
  void beforeFiftyGapsAreKnownAFixedNumberAndALeastTimeCount() {
    PeerClock clock = new PeerClock(1, 2, PeerClockPolicy.USUAL);
    List<String> told = new ArrayList<>();
    clock.subscribed(0, 0, 0);
    clock.subscribed(0, 1, 0);
    long now = SECOND;
    for (int i = 0; i < 40; i++) {
      now += 10 * MILLI;
      clock.event(0, 0, now);
      clock.event(0, 1, now);
    }
    long last = now;
    while (told.isEmpty()) {
      now += 10 * MILLI;
      clock.event(0, 1, now);
      clock.timePassed(now, new Heard(told));
    }
    assertThat(now - last).isBetween(5 * SECOND, 5 * SECOND + 20 * MILLI);
  }

  @Test
  void anUnsubscribedStreamIsNotWatched() {
    Feeds feeds = Feeds.of(2, 3).run(60_000);
    feeds.silence(0, 0).run(5_000);
    int before = feeds.told.size();
    feeds.clock.unsubscribed(0, 0);
    assertThat(feeds.clock.isSubscribed(0, 0)).isFalse();
    feeds.speak(0, 0).run(60_000);
    assertThat(feeds.told).hasSize(before);
  }

  /// One message with a hundred trades of one peer in it is no proof against the other.
  @Test
  void aBurstOfOnePeerCountsTenTimesInAMillisecond() {
    Feeds feeds = Feeds.of(1, 2).run(60_000);
    feeds.halt(0, true);
    for (int i = 0; i < 1_000; i++) {
      feeds.event(0, 1);
    }
    feeds.idle(10_000);
    assertThat(feeds.told).isEmpty();
  }

  @Test
  void aSlowPeerDoesNotSetThePaceOfAConviction() {
    Feeds feeds = new Feeds(2, 4).subscribed().share(3, 0.02).run(10 * 60_000);
    feeds.silence(0, 0);
    long since = feeds.millis;
    feeds.run(60_000);
    assertThat(feeds.after(since, "convicted 0/0")).isLessThan(5_000);
  }

  /// A line with half of the events is not suspected for the other half.
  @Test
  void aGatewayWithFewerEventsIsGivenMore() {
    Feeds feeds = new Feeds(2, 3).subscribed().share(0, 0.05).run(30 * 60_000);
    assertThat(feeds.told).isEmpty();
  }

  /// Ten seconds of everything wait in the sockets and are read in whatever order, within the
  /// next second.
  @Test
  void afterAPauseOfOursNobodyIsConvictedInWhateverOrderTheEventsAreRead() {
    for (int order = 0; order < 6; order++) {
      Feeds feeds = Feeds.of(4, 3).run(60_000);
      feeds.millis += 10_000;
      feeds.clock.paused(10_000 * MILLI, feeds.millis * MILLI);
      List<int[]> waiting = new ArrayList<>();
      for (int gateway = 0; gateway < 3; gateway++) {
        for (int i = 0; i < 2_000; i++) {
          waiting.add(new int[] {i % 4, gateway});
        }
      }
      int which = order;
      switch (order) {
        case 0 -> {}
        case 1 -> Collections.reverse(waiting);
        default -> Collections.shuffle(waiting, new Random(which));
      }
      for (int i = 0; i < waiting.size(); i++) {
        feeds.event(waiting.get(i)[0], waiting.get(i)[1]);
        if (i % 6 == 0) {
          feeds.millis++;
          feeds.clock.timePassed(feeds.millis * MILLI, feeds);
        }
      }
      feeds.run(30_000);
      assertThat(feeds.told).as("order %d", order).isEmpty();
    }
  }

  @Test
  void aStallIsStillFoundWhenWePauseAgainAndAgain() {
    Feeds feeds = Feeds.of(2, 3).run(60_000).silence(0, 0);
    long since = feeds.millis;
    for (int i = 0; i < 10; i++) {
      feeds.run(1_000);
      feeds.millis += 40;
      feeds.clock.paused(40 * MILLI, feeds.millis * MILLI);
    }
    assertThat(feeds.after(since, "convicted 0/0")).isLessThan(5_000);
  }

  @Test
  void whenEverythingIsReadTheGraceIsOver() {
    Feeds feeds = Feeds.of(2, 3).run(60_000).silence(0, 0);
    feeds.millis += 10_000;
    feeds.clock.paused(10_000 * MILLI, feeds.millis * MILLI);
    feeds.clock.drained(feeds.millis * MILLI);
    long since = feeds.millis;
    feeds.run(9_000);
    assertThat(feeds.after(since, "convicted 0/0")).isLessThan(5_000);
  }

  /// The silence that is told leaves out what this process stood still.
  @Test
  void aPauseIsTakenOffTheSilence() {
    Feeds feeds = Feeds.of(1, 1).run(60_000);
    feeds.halt(0, true).idle(100);
    feeds.millis += 60_000;
    feeds.clock.paused(60_000 * MILLI, feeds.millis * MILLI);
    long since = feeds.millis;
    feeds.pass();
    assertThat(feeds.told).isEmpty();
    feeds.idle(60_000);
    assertThat(feeds.after(since, "suspected 0/0 by 0")).isGreaterThan(5_000);
  }

  /// Nobody to compare with: its own longest gap, and never more than a suspicion.
  @Test
  void aLineWithoutAPeerIsSuspectedAfterAMultipleOfItsLongestGap() {
    Feeds feeds = Feeds.of(1, 1).run(60_000);
    feeds.halt(0, true);
    long since = feeds.millis;
    feeds.idle(HOUR_MILLIS);
    assertThat(feeds.told).containsExactlyInAnyOrder("suspected 0/0 by 0", "suspected -1/0 by 0");
    assertThat(feeds.after(since, "suspected 0/0")).isBetween(900L, 2_000L);
    feeds.halt(0, false).run(1_000);
    assertThat(feeds.told).contains("resumed 0/0", "resumed -1/0").hasSize(4);
  }

  @Test
  void aLineWithoutAPeerThatNeverDeliversIsSuspectedAfterAMinute() {
    Feeds feeds = Feeds.of(1, 1).idle(59_000);
    assertThat(feeds.told).isEmpty();
    feeds.idle(2_000);
    assertThat(feeds.told).containsExactlyInAnyOrder("suspected 0/0 by 0", "suspected -1/0 by 0");
  }

  /// When the last witness leaves, the gateway is watched by its own gaps.
  @Test
  void whoIsLeftAloneIsStillWatched() {
    Feeds feeds = Feeds.of(1, 2).run(60_000);
    feeds.clock.unsubscribed(0, 1);
    feeds.halt(0, true).idle(10_000);
    assertThat(feeds.told).contains("suspected 0/0 by 0");
  }

  /// A feed that runs 600 ms behind at times is suspected once or twice, and then known.
  @Test
  void aLagIsLearntFromNearMisses() {
    PeerClock clock = new PeerClock(1, 3, PeerClockPolicy.USUAL);
    List<String> told = new ArrayList<>();
    long[] late = {0};
    for (int gateway = 0; gateway < 3; gateway++) {
      clock.subscribed(0, gateway, 0);
    }
    int firstMinutes = 0;
    for (int minute = 0; minute < 30; minute++) {
      for (int i = 0; i < 6_000; i++) {
        long now = (minute * 60_000L + i * 10L) * MILLI;
        boolean spike = i >= 3_000 && i < 3_060;
        if (spike) {
          late[0]++;
        } else {
          for (; late[0] > 0; late[0]--) {
            clock.event(0, 0, now);
          }
          clock.event(0, 0, now);
        }
        clock.event(0, 1, now);
        clock.event(0, 2, now);
        clock.timePassed(now, new Heard(told));
      }
      if (minute == 4) {
        firstMinutes = told.size();
      }
    }
    assertThat(told).hasSize(firstMinutes);
    assertThat(firstMinutes).isBetween(1, 12);
  }

  @Test
  void nothingIsDueWithoutSubscriptions() {
    assertThat(new PeerClock(10, 3, PeerClockPolicy.USUAL).nextDeadlineNanos())
        .isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void twentyThousandStreamsOfThreeGatewaysTakeLessThanOnePointEightMegabytes() {
    assertThat(new PeerClock(20_000, 3, PeerClockPolicy.USUAL).bytes()).isLessThan(1_800_000);
  }

  /// Only what is counted against takes more, and no more of it than there ever was at a time.
  @Test
  void silentStreamsTakeSomeBytesMoreHoweverOftenTheyFallSilent() {
    int streams = 300;
    Feeds feeds = Feeds.of(streams, 3).run(1_000);
    long calm = feeds.clock.bytes();
    long once = 0;
    for (int i = 0; i < 4; i++) {
      for (int stream = 0; stream < streams; stream++) {
        feeds.silence(stream, 0);
      }
      feeds.run(8_000);
      for (int stream = 0; stream < streams; stream++) {
        feeds.speak(stream, 0);
      }
      feeds.run(4_000);
      once = i == 0 ? feeds.clock.bytes() : once;
    }
    assertThat(feeds.told).filteredOn(each -> each.startsWith("suspected")).hasSizeGreaterThan(900);
    assertThat(once - calm).isBetween(24L * streams, 48L * streams);
    assertThat(feeds.clock.bytes()).isEqualTo(once);
  }

  /// Days without an event, over the moment when coarse times are counted from a new base.
  @Test
  void aStreamThatIsSilentForTwoMonthsAndGoesOnIsWatchedAsBefore() {
    PeerClock clock = new PeerClock(2, 3, PeerClockPolicy.USUAL);
    List<String> told = new ArrayList<>();
    for (int gateway = 0; gateway < 3; gateway++) {
      clock.subscribed(0, gateway, 0);
      clock.subscribed(1, gateway, 0);
    }
    long now = 0;
    for (int i = 0; i < 1_000; i++, now += SECOND) {
      for (int gateway = 0; gateway < 3; gateway++) {
        clock.event(0, gateway, now);
        clock.event(1, gateway, now);
      }
      clock.timePassed(now, new Heard(told));
    }
    for (int minute = 0; minute < 60 * 24 * 60; minute++, now += 60 * SECOND) {
      for (int gateway = 0; gateway < 3; gateway++) {
        clock.event(1, gateway, now);
      }
      clock.timePassed(now, new Heard(told));
    }
    assertThat(told).isEmpty();
    for (int i = 0; i < 200; i++, now += SECOND) {
      for (int gateway = 0; gateway < 3; gateway++) {
        clock.event(1, gateway, now);
      }
      clock.event(0, 0, now);
      clock.event(0, 1, now);
      clock.timePassed(now, new Heard(told));
    }
    assertThat(told).hasSize(2).last().asString().startsWith("convicted 0/2 since");
  }

  @Test
  void moreGatewaysThanFitAreRefused() {
    assertThatThrownBy(() -> new PeerClock(1, 65, PeerClockPolicy.USUAL))
        .hasMessageContaining("1 to 64 gateways, was 1 and 65");
  }

  /// An exact count, not a measurement, over suspicions and resumptions too.
  @Test
  void anEventAllocatesNothing() {
    PeerClock clock = new PeerClock(100, 3, PeerClockPolicy.USUAL);
    for (int stream = 0; stream < 100; stream++) {
      for (int gateway = 0; gateway < 3; gateway++) {
        clock.subscribed(stream, gateway, 0);
      }
    }
    Counted counted = new Counted();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = 0;
    for (int i = 0; i < 400_000; i++) {
      if (i == 300_000) {
        before = threads.getCurrentThreadAllocatedBytes();
      }
      long now = i * 100_000L;
      boolean stall = i / 20_000 % 2 == 1;
      clock.event(i % 100, stall ? 1 + i % 2 : i % 3, now);
      clock.timePassed(now, counted);
      clock.nextDeadlineNanos();
    }
    long after = threads.getCurrentThreadAllocatedBytes();
    // What asking for the number itself costs.
    long itself = threads.getCurrentThreadAllocatedBytes() - after;
    assertThat(after - before - itself).isZero();
    assertThat(counted.told).isPositive();
  }

  private static final class Counted implements PeerClock.Output {
    private int told;

    @Override
    public void suspected(int stream, int gateway, long since, int witnesses, int peerEvents) {
      told++;
    }

    @Override
    public void convicted(int stream, int gateway, long since, int witnesses, int peerEvents) {
      told++;
    }

    @Override
    public void resumed(int stream, int gateway, long nowNanos) {
      told++;
    }
  }

  private record Heard(List<String> told) implements PeerClock.Output {
    @Override
    public void suspected(int stream, int gateway, long since, int witnesses, int peerEvents) {
      told.add("suspected %d/%d since %d s: %d witness, %d events"
          .formatted(stream, gateway, since / SECOND, witnesses, peerEvents));
    }

    @Override
    public void convicted(int stream, int gateway, long since, int witnesses, int peerEvents) {
      told.add("convicted %d/%d since %d s: %d witnesses, %d events"
          .formatted(stream, gateway, since / SECOND, witnesses, peerEvents));
    }

    @Override
    public void resumed(int stream, int gateway, long nowNanos) {
      told.add("resumed %d/%d".formatted(stream, gateway));
    }
  }
}
