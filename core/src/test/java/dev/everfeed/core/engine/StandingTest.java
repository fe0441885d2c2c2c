package dev.everfeed.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.engine.GatewayPlan.Standby;
import org.junit.jupiter.api.Test;

class StandingTest {
  private static final long HOUR = 3_600;

  private final Standing gateway = new Standing(
      3, new GatewayPlan("a1", "a", 1, true, Standby.HOT, 9, "a1", Integer.MAX_VALUE), 100);

  @Test
  void itIsUpWhenItsLinkIsHealthyAndNobodyHasSwitchedItOff() {
    assertThat(gateway.isUp()).isFalse();
    gateway.link = Link.State.CONNECTING;
    assertThat(gateway.isUp()).isFalse();
    gateway.link = Link.State.HEALTHY;
    assertThat(gateway.isUp()).isTrue();
    gateway.enabled = false;
    assertThat(gateway.isUp()).isFalse();
  }

  @Test
  void theFirstAccusationStandsUntilItIsTakenBack() {
    gateway.clear(120);
    assertThat(gateway.clearedNanos).as("of nothing").isEqualTo(Long.MIN_VALUE);
    gateway.accuse("silent", 200);
    gateway.accuse("still silent", 300);
    assertThat(gateway.isAccused()).isTrue();
    assertThat(gateway.accusedNanos).isEqualTo(200);
    assertThat(gateway.accusation).isEqualTo("silent");

    gateway.deliversSinceNanos = 150; // of an accusation before
    gateway.clear(400);
    assertThat(gateway.isAccused()).isFalse();
    assertThat(gateway.accusation).isNull();
    assertThat(gateway.clearedNanos).isEqualTo(400);
    assertThat(gateway.deliversSinceNanos)
        .as("it has to prove itself anew")
        .isEqualTo(Long.MAX_VALUE);
    gateway.clear(500);
    assertThat(gateway.clearedNanos).isEqualTo(400);
  }

  @Test
  void troubleCountsForAsLongAsTheHistoryAndNotMoreThanSixteenTimes() {
    assertThat(gateway.troubles(0, HOUR)).isZero();
    gateway.trouble(10);
    gateway.trouble(20);
    assertThat(gateway.troubles(10 + HOUR, HOUR)).isEqualTo(2);
    assertThat(gateway.troubles(11 + HOUR, HOUR)).isEqualTo(1);
    assertThat(gateway.troubles(21 + HOUR, HOUR)).isZero();
    for (int i = 0; i < 20; i++) {
      gateway.trouble(50 + i);
    }
    assertThat(gateway.troubles(70, HOUR)).isEqualTo(16);
    assertThat(gateway.troubles(65 + HOUR, HOUR)).as("the oldest were let go").isEqualTo(5);
  }

  @Test
  void eachTimeTakesTwiceAsLongUpToSixteenTimes() {
    assertThat(Standing.doubled(5, 0)).isEqualTo(5);
    assertThat(Standing.doubled(5, 1)).isEqualTo(10);
    assertThat(Standing.doubled(5, 4)).isEqualTo(80);
    assertThat(Standing.doubled(5, 5)).isEqualTo(80);
  }
}
