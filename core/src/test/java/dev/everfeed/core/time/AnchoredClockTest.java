package dev.everfeed.core.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class AnchoredClockTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Instant ANCHOR = Instant.parse("2026-01-01T00:00:00.900Z");

  private final AnchoredClock clock = new AnchoredClock(ANCHOR, 5 * SECOND);

  @Test
  void aMonotonicMomentIsAsFarFromTheAnchorAsItsWallTime() {
    assertThat(clock.at(5 * SECOND)).isEqualTo(ANCHOR);
    assertThat(clock.at(7 * SECOND + 3)).isEqualTo(ANCHOR.plusSeconds(2).plusNanos(3));
    assertThat(clock.at(0)).isEqualTo(ANCHOR.minusSeconds(5));
  }

  @Test
  void aWallTimeIsFoundAgainAsTheMomentThatItWas() {
    for (long nanos : new long[] {0, 5 * SECOND, 5 * SECOND + 1, 5 * SECOND - 1, 3_600 * SECOND}) {
      assertThat(clock.nanosAt(clock.at(nanos))).isEqualTo(nanos);
    }
  }

  /// A payload may carry any time; arithmetic with what comes of it must not overflow.
  @Test
  void timesTooFarAwayForALongAreClamped() {
    assertThat(clock.nanosAt(Instant.MAX)).isEqualTo(Long.MAX_VALUE / 2);
    assertThat(clock.nanosAt(Instant.MIN)).isEqualTo(Long.MIN_VALUE / 2);
    long most = 4_600_000_000L;
    assertThat(clock.nanosAt(ANCHOR.plusSeconds(most))).isEqualTo((most + 5) * SECOND);
    assertThat(clock.nanosAt(ANCHOR.minusSeconds(most))).isEqualTo((5 - most) * SECOND);
    assertThat(clock.nanosAt(ANCHOR.plusSeconds(most + 1))).isEqualTo(Long.MAX_VALUE / 2);
    assertThat(clock.nanosAt(ANCHOR.minusSeconds(most + 1))).isEqualTo(Long.MIN_VALUE / 2);
  }
}
