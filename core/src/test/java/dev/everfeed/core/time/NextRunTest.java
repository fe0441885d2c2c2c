package dev.everfeed.core.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class NextRunTest {
  @Test
  void whatRepeatsIsDueALengthAfterTheTimeBefore() {
    assertThat(NextRun.every(Duration.ofSeconds(90)).after(Instant.EPOCH))
        .isEqualTo(Instant.ofEpochSecond(90));
  }

  /// It would be due without end.
  @Test
  void whatRepeatsAfterNothingIsRefused() {
    for (Duration length : new Duration[] {Duration.ZERO, Duration.ofNanos(-1)}) {
      assertThatThrownBy(() -> NextRun.every(length))
          .hasMessage("a run must repeat after more than 0 s, was " + length);
    }
    assertThat(NextRun.every(Duration.ofNanos(1)).after(Instant.EPOCH))
        .isEqualTo(Instant.ofEpochSecond(0, 1));
  }
}
