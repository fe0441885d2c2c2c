package dev.everfeed.core.guard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PausesTest {
  private final Pauses pauses = new Pauses(5, 30);

  @Test
  void aCallThatWasMadeWhenThePauseWasJustOverAndIsRefusedAgainDoublesIt() {
    assertThat(pauses.next(0, 0, 100)).isEqualTo(5);
    assertThat(pauses.next(0, 104, 104)).as("made while it lasted").isEqualTo(5);
    assertThat(pauses.next(0, 109, 109)).isEqualTo(10);
    assertThat(pauses.next(0, 119, 119)).isEqualTo(20);
    assertThat(pauses.next(0, 139, 139)).as("but no longer than the longest").isEqualTo(30);
  }

  @Test
  void whatTheSourceAsksForStandsBeforeOurOwn() {
    assertThat(pauses.next(7, 0, 100)).isEqualTo(7);
    assertThat(pauses.next(1, 107, 107)).isEqualTo(1);
    assertThat(pauses.next(0, 108, 108)).as("which doubled meanwhile").isEqualTo(20);
  }

  @Test
  void onlyACallThatWasMadeAfterThePauseMakesTheNextOneTheFirst() {
    pauses.next(0, 0, 100);
    pauses.next(0, 105, 105);
    pauses.succeeded(114); // was on its way before the pause was over
    assertThat(pauses.next(0, 115, 115)).isEqualTo(20);
    pauses.succeeded(135);
    assertThat(pauses.next(0, 140, 140)).isEqualTo(5);
  }

  @Test
  void aShorterPauseDoesNotEndALongerOne() {
    pauses.next(50, 0, 100);
    pauses.next(1, 0, 101);
    pauses.succeeded(149);
    assertThat(pauses.next(0, 150, 150)).as("not the first again").isEqualTo(10);
  }
}
