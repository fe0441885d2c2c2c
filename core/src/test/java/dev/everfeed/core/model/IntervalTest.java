package dev.everfeed.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class IntervalTest {
  private static Instant at(String text) {
    return Instant.parse(text);
  }

  @Test
  void anIntervalIsReadAsItIsWrittenAndCaseMatters() {
    assertThat(Interval.all()).isEqualTo("1s 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1M");
    for (Interval interval : Interval.values()) {
      assertThat(Interval.parse(interval.text())).contains(interval);
      assertThat(interval).hasToString(interval.text());
    }
    assertThat(Interval.parse("1M")).contains(Interval.MONTH);
    assertThat(Interval.parse("1m")).contains(Interval.M1);
    assertThat(Interval.parse("1D")).isEmpty();
    assertThat(Interval.parse("7m")).isEmpty();
  }

  @Test
  void barsBeginAtWholeIntervalsOfTheEpoch() {
    assertThat(Interval.M15.openOf(at("2026-11-02T10:44:59.999Z")))
        .isEqualTo(at("2026-11-02T10:30:00Z"));
    assertThat(Interval.M15.openOf(at("2026-11-02T10:45:00Z")))
        .isEqualTo(at("2026-11-02T10:45:00Z"));
    assertThat(Interval.H1.openOf(Instant.ofEpochSecond(-1)))
        .as("before 1970 too")
        .isEqualTo(at("1969-12-31T23:00:00Z"));
  }

  @Test
  void weeksBeginOnMondayAndMonthsOnTheFirst() {
    assertThat(Interval.W1.openOf(at("2026-11-08T23:59:59Z")))
        .isEqualTo(at("2026-11-02T00:00:00Z"));
    assertThat(Interval.W1.openOf(at("2026-11-09T00:00:00Z")))
        .isEqualTo(at("2026-11-09T00:00:00Z"));
    assertThat(Interval.MONTH.openOf(at("2028-02-29T12:00:00Z")))
        .isEqualTo(at("2028-02-01T00:00:00Z"));
  }

  @Test
  void theNextMonthBeginsAfterAsManyDaysAsThisOneHas() {
    assertThat(Interval.MONTH.next(at("2028-02-01T00:00:00Z")))
        .isEqualTo(at("2028-03-01T00:00:00Z"));
    assertThat(Interval.MONTH.moved(at("2026-11-01T00:00:00Z"), 3))
        .isEqualTo(at("2027-02-01T00:00:00Z"));
    assertThat(Interval.MONTH.moved(at("2026-11-01T00:00:00Z"), -11))
        .isEqualTo(at("2025-12-01T00:00:00Z"));
    assertThat(Interval.MONTH.duration()).isEqualTo(Duration.ofDays(30));
  }

  @Test
  void allOtherBarsFollowEachOtherByTheirLength() {
    Instant open = at("2026-11-02T00:00:00Z");
    assertThat(Interval.H4.next(open)).isEqualTo(at("2026-11-02T04:00:00Z"));
    assertThat(Interval.H4.moved(open, 2)).isEqualTo(at("2026-11-02T08:00:00Z"));
    assertThat(Interval.H4.moved(open, -1)).isEqualTo(at("2026-11-01T20:00:00Z"));
    assertThat(Interval.H4.duration()).isEqualTo(Duration.ofHours(4));
  }

  @Test
  void theFirstOpenIsTheMomentItselfOrTheNextOne() {
    assertThat(Interval.D1.firstOpen(at("2026-11-02T00:00:00Z")))
        .isEqualTo(at("2026-11-02T00:00:00Z"));
    assertThat(Interval.D1.firstOpen(at("2026-11-02T00:00:00.001Z")))
        .isEqualTo(at("2026-11-03T00:00:00Z"));
  }
}
