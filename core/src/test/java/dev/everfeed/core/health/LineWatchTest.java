package dev.everfeed.core.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Lines 0 to 3 of one venue; what the watch tells is kept as text.
class LineWatchTest implements LineWatch.Output {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;

  private final LineWatch watch = new LineWatch(2, 8, LineWatchPolicy.USUAL);
  private final List<String> told = new ArrayList<>();
  private String how = "";
  private long now = 7 * SECOND;
  private long id;

  @Test
  void linesThatSayTheSameAreNotSpokenOf() {
    for (int i = 0; i < 1_000; i++) {
      all(100 + i, 100 + i, 100 + i);
    }
    assertThat(told).isEmpty();
  }

  @Test
  void ofThreeTheOneIsFoundByTheSecondOfTheOthersWhoeverIsFirst() {
    for (int liar = 0; liar < 3; liar++) {
      double[] said = {100, 100, 100};
      said[liar] = 101;
      long begun = ++id;
      for (int line = 0; line < 3; line++) {
        say(line, begun, said[line]);
      }
      assertThat(told).last().isEqualTo("contradicted " + liar);
      assertThat(how).contains("its price 101.0000 of event " + begun).contains("2 lines");
    }
    assertThat(told).hasSize(3);
  }

  @Test
  void itIsToldOnceAndAgreesAfterFiveSecondsWithoutAContradiction() {
    all(100, 100, 101);
    all(100, 100, 101);
    for (int i = 0; i < 4; i++) {
      now += SECOND;
      all(100, 100, 100);
    }
    assertThat(watch.contradicts(0, 2)).isTrue();
    all(100, 100, 99);
    for (int i = 0; i < 5; i++) {
      now += SECOND;
      all(100, 100, 100);
    }
    assertThat(told).containsExactly("contradicted 2");
    now += SECOND;
    all(100, 100, 100);
    assertThat(told).containsExactly("contradicted 2", "agrees 2");
    assertThat(watch.contradicts(0, 2)).isFalse();
  }

  @Test
  void ofTwoNobodyIsAccusedAndThatTheyDifferIsToldOnce() {
    for (int i = 0; i < 10; i++) {
      now += SECOND;
      all(100, 200);
    }
    assertThat(told).containsExactly("differ");
    assertThat(how).contains("say 100.0000 and 200.0000");
    assertThat(watch.differ(0)).isTrue();
    for (int i = 0; i < 7; i++) {
      now += SECOND;
      all(100, 100);
    }
    assertThat(told).containsExactly("differ", "differ no more");
    assertThat(watch.differ(0)).isFalse();
  }

  @Test
  void halfIsNoMajority() {
    all(100, 100, 200, 200);
    assertThat(told).containsExactly("differ");
  }

  @Test
  void threeOfFourAreOne() {
    all(200, 100, 100, 100);
    assertThat(told).containsExactly("contradicted 0");
  }

  @Test
  void whoSaysAThirdPriceContradictsToo() {
    all(100, 200, 100, 100, 300);
    assertThat(told).containsExactly("contradicted 1", "contradicted 4");
  }

  @Test
  void aThirdLineThatSaysNothingLeavesTwoUndecided() {
    say(0, 1, 100, 3);
    say(1, 1, 101, 3);
    assertThat(told).isEmpty();
    now += 600 * MILLI;
    say(0, 2, 100, 3);
    assertThat(told).containsExactly("differ");
  }

  @Test
  void aLineThatIsBehindIsWaitedForAndThenNot() {
    say(0, 1, 100, 2);
    say(0, 2, 100, 2);
    say(1, 1, 100, 2);
    say(0, 3, 100, 2);
    now += 600 * MILLI;
    say(0, 9, 100, 2);
    say(1, 3, 55, 2);
    assertThat(told).as("of the third one nothing is known any more").isEmpty();
    say(1, 9, 99, 2);
    assertThat(told).containsExactly("differ");
  }

  @Test
  void whoIsLeftAloneIsBelievedAfterAMinute() {
    all(100, 100, 101);
    for (int i = 0; i < 59; i++) {
      now += SECOND;
      say(2, ++id, 101, 0);
    }
    assertThat(told).containsExactly("contradicted 2");
    now += 3 * SECOND;
    say(2, ++id, 101, 0);
    assertThat(told).containsExactly("contradicted 2", "agrees 2");
  }

  /// It agrees for 4 s, is away for an hour, and agrees once: that is not an hour of agreement.
  @Test
  void theTimeForWhichALineWasAwayDoesNotCountForIt() {
    all(100, 100, 101);
    for (int i = 0; i < 4; i++) {
      now += SECOND;
      all(100, 100, 100);
    }
    watch.unsubscribed(0, 2);
    now += 3_600 * SECOND;
    all(100, 100, 100);
    assertThat(told).containsExactly("contradicted 2");
    for (int i = 0; i < 5; i++) {
      now += SECOND;
      all(100, 100, 100);
    }
    assertThat(told).containsExactly("contradicted 2", "agrees 2");
  }

  @Test
  void whatALineSaidBeforeItWasAwayIsNotWeighed() {
    say(0, 1, 100);
    watch.unsubscribed(0, 0);
    say(1, 1, 101);
    say(2, 1, 101);
    assertThat(told).as("the only one who said otherwise is gone").isEmpty();
    say(0, 1, 100);
    assertThat(told).as("and comes back with it").containsExactly("contradicted 0");
  }

  @Test
  void whenTheFirstToSpeakIsGoneTheOthersAreStillCompared() {
    say(0, 1, 100, 4);
    say(1, 1, 101, 4);
    watch.unsubscribed(0, 0);
    say(2, 1, 102, 4);
    say(3, 1, 101, 4);
    say(0, 1, 101, 4);
    assertThat(told).containsExactly("contradicted 2");
    assertThat(how).contains("its price 102.0000").contains("is not 101.0000");
  }

  /// Whatever the length of the silence: samples are timed in numbers that wrap.
  @Test
  void afterMonthsWithoutAnEventTheNextOneIsASample() {
    for (int days = 1; days < 200; days++) {
      all(100, 100, 100);
      now += days * 86_400 * SECOND;
      assertThat(watch.isDue(0, id + 1, true, now)).as("after %d days", days).isTrue();
    }
  }

  @Test
  void whatIsNoPriceSaysNothing() {
    all(100, Double.NaN, 0, 100);
    assertThat(told).isEmpty();
  }

  @Test
  void streamsHaveNothingToDoWithEachOther() {
    watch.event(0, 0, 1, 100, 3, now, this);
    watch.event(1, 1, 1, 200, 3, now, this);
    assertThat(told).isEmpty();
  }

  @Test
  void anEventAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    all(100, 100, 101);
    long before = 0;
    long least = Long.MAX_VALUE; // the machine itself may allocate once
    for (int i = 0; i < 500_000; i++) {
      if (i % 100_000 == 0) {
        long allocated = threads.getCurrentThreadAllocatedBytes();
        least = i < 200_000 ? least : Math.min(least, allocated - before);
        before = threads.getCurrentThreadAllocatedBytes();
      }
      watch.event(i % 2, i / 2 % 3, i / 6, i / 2 % 3 == 2 ? 101 : 100, 7, now += MILLI, this);
    }
    assertThat(least).isZero();
    assertThat(told).containsExactly("contradicted 2", "contradicted 2");
  }

  @Test
  void aPolicyThatBelievesAtOnceIsRefused() {
    assertThatThrownBy(() -> new LineWatchPolicy(1, 0, 1)).hasMessageContaining("was 1, 0, 1 ns");
  }

  @Test
  void aStreamOfThreeLinesTakesSeventeenBytes() {
    assertThat(new LineWatch(20_000, 3, LineWatchPolicy.USUAL).bytes())
        .isBetween(17L * 20_000, 17L * 20_000 + 200);
  }

  // ---- rig

  private void all(double... prices) {
    id++;
    for (int line = 0; line < prices.length; line++) {
      say(line, id, prices[line], prices.length);
    }
  }

  private void say(int line, long event, double price) {
    say(line, event, price, 3);
  }

  private void say(int line, long event, double price, int lines) {
    now += 10 * MILLI;
    long subscribed = lines == 0 ? 1L << line : (1L << lines) - 1;
    watch.event(0, line, event, price, subscribed, now, this);
  }

  @Override
  public void contradicted(int stream, int gateway, String evidence) {
    told.add("contradicted " + gateway);
    how = evidence;
  }

  @Override
  public void agrees(int stream, int gateway) {
    told.add("agrees " + gateway);
  }

  @Override
  public void differ(int stream, String evidence) {
    told.add("differ");
    how = evidence;
  }

  @Override
  public void differNoMore(int stream) {
    told.add("differ no more");
  }
}
