package dev.everfeed.core.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatewaySetsTest {
  private static final int ROWS = 131;

  /// Against an array of `long` as the naive twin.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 8, 9, 17, 33, 63, 64})
  void everyRowIsASetOfItsOwn(int gateways) {
    Random random = new Random(gateways);
    GatewaySets sets = new GatewaySets(ROWS, gateways);
    long[] twin = new long[ROWS];
    long all = -1L >>> (Long.SIZE - gateways);
    for (int i = 0; i < 20_000; i++) {
      int row = random.nextInt(ROWS);
      int gateway = random.nextInt(gateways);
      switch (random.nextInt(3)) {
        case 0 -> {
          sets.add(row, gateway);
          twin[row] |= 1L << gateway;
        }
        case 1 -> {
          sets.remove(row, gateway);
          twin[row] &= ~(1L << gateway);
        }
        default -> {
          twin[row] = random.nextLong() & all;
          sets.set(row, twin[row]);
        }
      }
      int other = random.nextInt(ROWS);
      assertThat(sets.get(other)).isEqualTo(twin[other]);
      assertThat(sets.has(row, gateway)).isEqualTo((twin[row] & 1L << gateway) != 0);
    }
  }

  @Test
  void threeGatewaysTakeHalfAByteARow() {
    assertThat(new GatewaySets(20_000, 3).bytes()).isEqualTo(10_000);
    assertThat(new GatewaySets(20_000, 64).bytes()).isEqualTo(160_000);
  }

  @Test
  void moreGatewaysThanFitAreRefused() {
    assertThatThrownBy(() -> new GatewaySets(1, 65))
        .hasMessageContaining("1 to 64 gateways, was 1 and 65");
  }
}
