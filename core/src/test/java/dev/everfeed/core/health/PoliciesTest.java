package dev.everfeed.core.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/// Policies that can never be right are refused, and those at the border are not.
class PoliciesTest {
  @Test
  void aLineThatIsAloneIsBelievedLast() {
    assertThat(new LineWatchPolicy(1, 1, 1).aloneNanos()).isEqualTo(1);
    assertThatThrownBy(() -> new LineWatchPolicy(5, 4, 3))
        .hasMessage(
            "times must be positive, and one that is alone be believed last," + " was 5, 4, 3 ns");
    assertThatThrownBy(() -> new LineWatchPolicy(0, 1, 1)).hasMessageEndingWith("was 0, 1, 1 ns");
    assertThatThrownBy(() -> new LineWatchPolicy(1, 0, 1)).hasMessageEndingWith("was 1, 0, 1 ns");
  }

  private static LagWatchPolicy lag(long lag, long less, long back, long span) {
    return new LagWatchPolicy(lag, less, back, span, 0, 1, 0, span, 1, 1, span, 0, 0);
  }

  private static LagWatchPolicy level(long drift, long step, long level, long levelFor, long old) {
    return new LagWatchPolicy(1, 1, 0, 1, drift, step, level, levelFor, old, 1, 1, 0, 0);
  }

  private static LagWatchPolicy lagGrace(long floor, long cap) {
    return new LagWatchPolicy(1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, floor, cap);
  }

  @Test
  void aLagEndsBelowWhereItBeginsAndIsJudgedBySpans() {
    assertThat(lag(1, 1, 0, 1).spanNanos()).isEqualTo(1);
    assertThatThrownBy(() -> lag(4, 5, 2, 1))
        .hasMessage("lag must not end above where it begins, and a span not be empty,"
            + " was 5, 4, 2, 1 ns");
    assertThatThrownBy(() -> lag(1, 0, 0, 1)).hasMessageEndingWith("was 0, 1, 0, 1 ns");
    assertThatThrownBy(() -> lag(1, 1, -1, 1)).hasMessageEndingWith("was 1, 1, -1, 1 ns");
    assertThatThrownBy(() -> lag(1, 1, 0, 0)).hasMessageEndingWith("was 1, 1, 0, 0 ns");
  }

  @Test
  void aLevelLastsForASpanAtLeast() {
    assertThat(level(0, 1, 0, 1, 1).oldForNanos()).isEqualTo(1);
    assertThatThrownBy(() -> level(1, 2, 3, 0, 4))
        .hasMessage("times must be positive, and a level last for a span at least,"
            + " was 1, 2, 3, 0, 4 ns");
    assertThatThrownBy(() -> level(-1, 1, 0, 1, 1)).hasMessageEndingWith("was -1, 1, 0, 1, 1 ns");
    assertThatThrownBy(() -> level(0, 0, 0, 1, 1)).hasMessageEndingWith("was 0, 0, 0, 1, 1 ns");
    assertThatThrownBy(() -> level(0, 1, -1, 1, 1)).hasMessageEndingWith("was 0, 1, -1, 1, 1 ns");
    assertThatThrownBy(() -> level(0, 1, 0, 1, 0)).hasMessageEndingWith("was 0, 1, 0, 1, 0 ns");
  }

  private static LagWatchPolicy ahead(long ahead, long alone) {
    return new LagWatchPolicy(1, 1, 0, 2, 0, 1, 0, 2, 1, ahead, alone, 0, 0);
  }

  @Test
  void whatIsAheadIsNotBelievedForASpanAtLeast() {
    assertThat(ahead(1, 2).aheadNanos()).isEqualTo(1);
    assertThatThrownBy(() -> ahead(0, 3))
        .hasMessage("what is ahead must last for a span, was 0 and 3 ns");
    assertThatThrownBy(() -> ahead(1, 1)).hasMessageEndingWith("was 1 and 1 ns");
  }

  private static PriceWatchPolicy bounds(double bound, double most, double gross, double factor) {
    return new PriceWatchPolicy(bound, factor, most, gross, 1, 1, 1, 1, 1, 1, 0, 0);
  }

  private static PriceWatchPolicy times(
      long gross, long sure, long back, long fresh, long learn, long every) {
    return new PriceWatchPolicy(1, 1, 1, 1, gross, sure, back, fresh, learn, every, 0, 0);
  }

  private static PriceWatchPolicy priceGrace(long floor, long cap) {
    return new PriceWatchPolicy(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, floor, cap);
  }

  @Test
  void theBoundsOfAPriceRiseFromAboveZero() {
    assertThat(bounds(0.1, 0.1, 0.1, 1).gross()).isEqualTo(0.1);
    assertThatThrownBy(() -> bounds(0, 0.2, 0.3, 2))
        .hasMessage("bounds must rise from above 0, and the factor be at least 1,"
            + " was 0.0, 0.2, 0.3 and 2.0");
    assertThatThrownBy(() -> bounds(0.2, 0.1, 0.3, 1)).hasMessageContaining("0.2, 0.1, 0.3");
    assertThatThrownBy(() -> bounds(0.1, 0.3, 0.2, 1)).hasMessageContaining("0.1, 0.3, 0.2");
    assertThatThrownBy(() -> bounds(0.1, 0.2, 0.3, 0.9)).hasMessageContaining("and 0.9");
    assertThatThrownBy(() -> bounds(Double.NaN, 0.2, 0.3, 1)).hasMessageContaining("NaN");
  }

  @Test
  void aGrossErrorIsToldFirstAndAPriceIsFreshForLongerThanThat() {
    assertThat(times(1, 1, 1, 1, 1, 1).everyNanos()).isEqualTo(1);
    assertThatThrownBy(() -> times(2, 1, 3, 4, 5, 6))
        .hasMessage("times must be positive, a gross error be told first, and a price be fresh for"
            + " longer than that takes, was 2, 1, 3, 4, 5, 6 ns");
    assertThatThrownBy(() -> times(0, 1, 1, 1, 1, 1)).hasMessageContaining("was 0, 1, 1, 1, 1, 1");
    assertThatThrownBy(() -> times(1, 1, 0, 1, 1, 1)).hasMessageContaining("was 1, 1, 0, 1, 1, 1");
    assertThatThrownBy(() -> times(1, 2, 1, 1, 1, 1)).hasMessageContaining("was 1, 2, 1, 1, 1, 1");
    assertThatThrownBy(() -> times(1, 1, 1, 1, 0, 1)).hasMessageContaining("was 1, 1, 1, 1, 0, 1");
    assertThatThrownBy(() -> times(1, 1, 1, 1, 1, 0)).hasMessageContaining("was 1, 1, 1, 1, 1, 0");
  }

  private static PeerClockPolicy peers(
      double suspect, double convict, int witnesses, int gaps, int events) {
    return new PeerClockPolicy(
        suspect, convict, witnesses, gaps, events, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0);
  }

  @Test
  void suspicionComesBeforeConvictionAndSomebodyWitnessesIt() {
    assertThat(peers(1, 1, 1, 1, 1).witnesses()).isEqualTo(1);
    assertThatThrownBy(() -> peers(2, 1, 3, 1, 1))
        .hasMessage("suspicion comes before conviction, and somebody witnesses it: was phi 2.0 and"
            + " 1.0, 3 witnesses");
    assertThatThrownBy(() -> peers(0, 1, 1, 1, 1)).hasMessageContaining("phi 0.0 and 1.0");
    assertThatThrownBy(() -> peers(1, 1, 0, 1, 1)).hasMessageEndingWith("0 witnesses");
  }

  @Test
  void warmingUpTakesSomeGapsAndEventsAndNotTooMany() {
    assertThat(peers(1, 1, 1, 127, 10_000).warmUpGaps()).isEqualTo(127);
    assertThatThrownBy(() -> peers(1, 1, 1, 0, 2))
        .hasMessage("warm-up takes 1 to 127 gaps and 1 to 10,000 events, was 0 and 2");
    assertThatThrownBy(() -> peers(1, 1, 1, 128, 1)).hasMessageEndingWith("was 128 and 1");
    assertThatThrownBy(() -> peers(1, 1, 1, 1, 0)).hasMessageEndingWith("was 1 and 0");
    assertThatThrownBy(() -> peers(1, 1, 1, 1, 10_001)).hasMessageEndingWith("was 1 and 10001");
  }

  private static PeerClockPolicy peersLag(long start, long floor, long cap) {
    return new PeerClockPolicy(1, 1, 1, 1, 1, 0, start, floor, cap, 1, 1, 1, 1, 0, 0);
  }

  private static PeerClockPolicy peersAlone(int burst, double factor, long floor, long unknown) {
    return new PeerClockPolicy(1, 1, 1, 1, 1, 0, 0, 0, 0, burst, factor, floor, unknown, 0, 0);
  }

  private static PeerClockPolicy peersTimes(long warmUp, long floor, long cap) {
    return new PeerClockPolicy(1, 1, 1, 1, 1, warmUp, 0, 0, 0, 1, 1, 1, 1, floor, cap);
  }

  @Test
  void theLagOfPeersRisesFromFloorToStartToCap() {
    long most = PeerClock.LAG_MOST_NANOS;
    assertThat(peersLag(most, most, most).lagCapNanos()).isEqualTo(most);
    assertThatThrownBy(() -> peersLag(1, 2, 3))
        .hasMessage("lag must rise from floor to start to cap, to %d ns at most, was 2, 1, 3"
            .formatted(most));
    assertThatThrownBy(() -> peersLag(0, -1, 0)).hasMessageEndingWith("was -1, 0, 0");
    assertThatThrownBy(() -> peersLag(3, 1, 2)).hasMessageEndingWith("was 1, 3, 2");
    assertThatThrownBy(() -> peersLag(0, 0, most + 1)).hasMessageContaining("at most, was 0, 0");
  }

  @Test
  void whoIsAloneGetsAtLeastItsLongestGap() {
    assertThat(peersAlone(127, 1, 1, 1).burstPerMilli()).isEqualTo(127);
    assertThatThrownBy(() -> peersAlone(0, 1.5, 2, 3))
        .hasMessage("a burst is 1 to 127 events, a gateway alone gets at least its longest gap and"
            + " 1 ns, was 0, 1.5, 2, 3");
    assertThatThrownBy(() -> peersAlone(128, 1, 1, 1)).hasMessageContaining("was 128,");
    assertThatThrownBy(() -> peersAlone(1, 0.9, 1, 1)).hasMessageContaining("was 1, 0.9,");
    assertThatThrownBy(() -> peersAlone(1, 1, 0, 1)).hasMessageEndingWith("1.0, 0, 1");
    assertThatThrownBy(() -> peersAlone(1, 1, 2, 1)).hasMessageEndingWith("1.0, 2, 1");
    assertThatThrownBy(() -> peersTimes(-1, 0, 0)).hasMessageEndingWith("was -1, 0, 0");
    assertThatThrownBy(() -> peersTimes(0, -1, 0)).hasMessageEndingWith("was 0, -1, 0");
    assertThatThrownBy(() -> peersTimes(0, 2, 1)).hasMessageEndingWith("was 0, 2, 1");
    assertThat(peersTimes(0, 0, 0).graceCapNanos()).isZero();
  }

  @Test
  void aGraceIsNotNegativeNorItsCapBelowItsFloor() {
    assertThat(lagGrace(0, 0).graceCapNanos()).isZero();
    assertThat(priceGrace(0, 0).graceCapNanos()).isZero();
    String message = "a grace must not be negative, nor its cap below its floor, was 2 and 1 ns";
    assertThatThrownBy(() -> lagGrace(2, 1)).hasMessage(message);
    assertThatThrownBy(() -> priceGrace(2, 1)).hasMessage(message);
    assertThatThrownBy(() -> lagGrace(-1, 0)).hasMessageContaining("was -1 and 0 ns");
    assertThatThrownBy(() -> priceGrace(-1, 0)).hasMessageContaining("was -1 and 0 ns");
  }
}
