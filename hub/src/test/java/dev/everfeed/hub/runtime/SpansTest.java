package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Sets of time beside their naive twin, a set of seconds.
class SpansTest {
  private static Span span(int from, int to) {
    return new Span(Instant.ofEpochSecond(from), Instant.ofEpochSecond(to));
  }

  @Test
  void whatTouchesIsOneSpan() {
    Spans spans = Spans.of(List.of(span(0, 5), span(10, 15), span(5, 10), span(20, 21)));
    assertThat(spans.all()).containsExactly(span(0, 15), span(20, 21));
    assertThat(spans.missing(span(3, 30))).containsExactly(span(15, 20), span(21, 30));
    assertThat(spans.first()).isEqualTo(span(0, 15));
    assertThat(spans.last()).isEqualTo(span(20, 21));
    assertThat(new Spans().last()).isNull();
  }

  @Test
  void addingAndRemovingIsThatOfTheNaiveTwin() {
    Random random = new Random(3);
    for (int round = 0; round < 200; round++) {
      Spans spans = new Spans();
      BitSet twin = new BitSet();
      for (int step = 0; step < 40; step++) {
        int from = random.nextInt(100);
        int to = from + 1 + random.nextInt(20);
        if (random.nextInt(3) == 0) {
          spans.remove(span(from, to));
          twin.clear(from, to);
        } else {
          spans.add(span(from, to));
          twin.set(from, to);
        }
        assertThat(seconds(spans.all())).isEqualTo(twin);
        assertThat(spans.size()).isEqualTo(spans.all().size());
        for (int i = 1; i < spans.size(); i++) {
          assertThat(spans.all().get(i - 1).to()).isBefore(spans.all().get(i).from());
        }
        int begin = random.nextInt(100);
        int end = begin + 1 + random.nextInt(20);
        BitSet inside = (BitSet) twin.clone();
        inside.clear(0, begin);
        inside.clear(end, 200);
        BitSet outside = new BitSet();
        outside.set(begin, end);
        outside.andNot(twin);
        assertThat(seconds(spans.within(span(begin, end)))).isEqualTo(inside);
        assertThat(seconds(spans.missing(span(begin, end)))).isEqualTo(outside);
        assertThat(spans.contains(span(begin, end))).isEqualTo(outside.isEmpty());
      }
    }
  }

  private static BitSet seconds(List<Span> spans) {
    BitSet seconds = new BitSet();
    for (Span span : spans) {
      seconds.set((int) span.from().getEpochSecond(), (int) span.to().getEpochSecond());
    }
    return seconds;
  }

  @Test
  void whatIsKnownOfASeriesIsBoundedAndTheOldestTimeGoesFirst() {
    CoveredOnDisk covered = new CoveredOnDisk();
    CoveredOnDisk.Series series =
        new CoveredOnDisk.Series("kraken", Symbol.of("BTC/USD"), Interval.S1);
    for (int i = 0; i <= CoveredOnDisk.MAX_SPANS; i++) {
      covered.synced(series, span(2 * i, 2 * i + 1));
    }
    assertThat(covered.contains(series, span(0, 1))).isFalse();
    assertThat(covered.contains(series, span(2, 3))).isTrue();
    assertThat(covered.contains(
            new CoveredOnDisk.Series("okx", series.symbol(), series.interval()), span(2, 3)))
        .isFalse();
  }
}
