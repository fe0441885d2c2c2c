package dev.everfeed.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class SpanTest {
  private static final Span HOUR = new Span(at(0), at(3_600));

  private static Instant at(long second) {
    return Instant.ofEpochSecond(second);
  }

  @Test
  void aSpanEndsAfterItsBegin() {
    assertThatThrownBy(() -> new Span(at(60), at(60)))
        .hasMessage("a span must end after its begin, was 1970-01-01T00:01:00Z to "
            + "1970-01-01T00:01:00Z");
    assertThatThrownBy(() -> new Span(at(60), at(59))).hasMessageContaining("must end after");
  }

  @Test
  void betweenAMomentAndItselfOrAnEarlierOneIsNothing() {
    assertThat(Span.between(at(0), at(1))).isEqualTo(new Span(at(0), at(1)));
    assertThat(Span.between(at(1), at(1))).isNull();
    assertThat(Span.between(at(2), at(1))).isNull();
  }

  @Test
  void aSpanContainsItsBeginAndNotItsEnd() {
    assertThat(HOUR.contains(at(0))).isTrue();
    assertThat(HOUR.contains(at(3_600).minusNanos(1))).isTrue();
    assertThat(HOUR.contains(at(3_600))).isFalse();
    assertThat(HOUR.contains(at(0).minusNanos(1))).isFalse();
  }

  @Test
  void aSpanContainsItselfAndWhatLiesWithinIt() {
    assertThat(HOUR.contains(HOUR)).isTrue();
    assertThat(HOUR.contains(new Span(at(1), at(3_599)))).isTrue();
    assertThat(HOUR.contains(new Span(at(-1), at(3_600)))).isFalse();
    assertThat(HOUR.contains(new Span(at(0), at(3_601)))).isFalse();
  }
}
