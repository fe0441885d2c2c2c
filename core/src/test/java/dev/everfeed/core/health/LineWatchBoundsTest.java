package dev.everfeed.core.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The times of [LineWatch], as exactly as it knows them: a tick is 2^20 ns.
class LineWatchBoundsTest implements LineWatch.Output {
  private static final long SECOND = 1_000_000_000L;
  private static final long TICK = 1 << 20;
  private static final long TOGETHER_TICKS = 500_000_000L / TICK;

  private final LineWatch watch = new LineWatch(2, 3, LineWatchPolicy.USUAL);
  private final List<String> told = new ArrayList<>();
  private long now = 10_000 * TICK;
  private long id = 100;

  /// All lines tell one event at the same time.
  private void all(double... prices) {
    id++;
    for (int line = 0; line < prices.length; line++) {
      say(line, id, prices[line], prices.length);
    }
  }

  private void say(int line, long event, double price, int lines) {
    watch.event(0, line, event, price, (1L << lines) - 1, now, this);
  }

  private boolean isSample(long event) {
    return watch.isDue(0, event, false, now);
  }

  @Override
  public void contradicted(int stream, int gateway, String how) {
    told.add("contradicted " + gateway + ": " + how);
  }

  @Override
  public void agrees(int stream, int gateway) {
    told.add("agrees " + gateway);
  }

  @Override
  public void differ(int stream, String how) {
    told.add("differ: " + how);
  }

  @Override
  public void differNoMore(int stream) {
    told.add("differ no more");
  }

  @Test
  void anEventIsLookedAtWhenItIsTheSampleOrTheFirstOfTenTicksLater() {
    assertThat(watch.isDue(0, 5, true, now)).isTrue();
    assertThat(watch.isDue(0, 5, false, now)).as("others have told it").isFalse();
    say(0, 5, 100, 2);
    assertThat(watch.isDue(0, 5, false, now)).isTrue();
    assertThat(watch.isDue(0, 6, true, now + 10 * TICK - 1)).isFalse();
    assertThat(watch.isDue(0, 6, true, now + 10 * TICK)).isTrue();
    assertThat(watch.isDue(0, 6, false, now + 10 * TICK)).isFalse();
    assertThat(watch.isDue(1, 6, true, now)).as("another stream's").isTrue();
  }

  @Test
  void aSampleIsKeptUntilAllHaveToldItOrHalfASecondIsOver() {
    say(0, 5, 100, 2);
    now += TOGETHER_TICKS * TICK - 1;
    say(0, 6, 100, 2);
    assertThat(isSample(5)).isTrue();
    now += 1;
    say(0, 7, 100, 2);
    assertThat(isSample(7)).isTrue();
    say(1, 7, 100, 2);
    say(0, 8, 100, 2);
    assertThat(isSample(8)).as("all had told it").isTrue();
  }

  @Test
  void whatHasNoPriceIsNoSampleAndOneLineAloneTakesNone() {
    say(0, 5, 0, 2);
    say(0, 6, Double.NaN, 2);
    watch.event(0, 0, 7, 100, 1, now, this);
    assertThat(isSample(5)).isFalse();
    assertThat(isSample(6)).isFalse();
    assertThat(isSample(7)).isFalse();
    say(0, 8, 100, 2);
    assertThat(isSample(8)).isTrue();
  }

  @Test
  void aLineThatTellsTheSampleTwiceIsHeardOnce() {
    say(0, 5, 100, 3);
    say(0, 5, 101, 3);
    say(1, 5, 102, 3);
    assertThat(told).isEmpty();
    say(2, 5, 100, 3);
    assertThat(told)
        .containsExactly(
            "contradicted 1: its price 102.0000 of event 5 is not 100.0000, as 2 lines of the same"
                + " content say");
  }

  @Test
  void whoContradictedAgreesAfterExactlyFiveSeconds() {
    all(100, 100, 101);
    now += SECOND;
    all(100, 100, 100);
    now += 5 * SECOND - 1;
    all(100, 100, 100);
    assertThat(watch.contradicts(0, 2)).isTrue();
    assertThat(watch.contradicts(0, 1)).isFalse();
    assertThat(watch.contradicts(1, 2)).isFalse();
    now += 1;
    all(100, 100, 100);
    assertThat(told).hasSize(2).last().isEqualTo("agrees 2");
    assertThat(watch.contradicts(0, 2)).isFalse();
  }

  @Test
  void aContradictionMeanwhileBeginsTheFiveSecondsAnew() {
    all(100, 100, 101);
    all(100, 100, 100);
    now += 4 * SECOND;
    all(100, 100, 101);
    all(100, 100, 100);
    now += 5 * SECOND - 1;
    all(100, 100, 100);
    assertThat(told).hasSize(1);
    now += 1;
    all(100, 100, 100);
    assertThat(told).hasSize(2);
  }

  @Test
  void twoThatDifferDoNotAnyMoreAfterExactlyFiveSeconds() {
    all(100, 200);
    assertThat(told)
        .containsExactly("differ: two lines of the same content say 100.0000 and 200.0000 of event"
            + " 101, and no majority says which is right");
    all(100, 100);
    now += 5 * SECOND - 1;
    all(100, 100);
    assertThat(watch.differ(0)).isTrue();
    assertThat(watch.differ(1)).isFalse();
    now += 1;
    all(100, 100);
    assertThat(told).last().isEqualTo("differ no more");
  }

  @Test
  void whoIsLeftAloneIsBelievedAfterExactlyAMinute() {
    all(100, 100, 101);
    watch.event(0, 2, ++id, 101, 0b100, now, this);
    now += 60 * SECOND - 1;
    watch.event(0, 2, ++id, 101, 0b100, now, this);
    watch.event(0, 1, ++id, 101, 0b010, now + SECOND, this);
    assertThat(told).as("another one's events say nothing of it").hasSize(1);
    now += 1;
    watch.event(0, 2, ++id, 101, 0b100, now, this);
    assertThat(told).last().isEqualTo("agrees 2");
  }

  @Test
  void manyCanContradictAtATimeOnManyStreams() {
    LineWatch many = new LineWatch(9, 3, LineWatchPolicy.USUAL);
    for (int stream = 0; stream < 9; stream++) {
      for (int line = 0; line < 3; line++) {
        many.event(stream, line, 1, line == 2 ? 101 : 100, 7, now, this);
      }
    }
    assertThat(told).hasSize(9);
    for (int stream = 0; stream < 9; stream++) {
      assertThat(many.contradicts(stream, 2)).isTrue();
    }
  }
}
