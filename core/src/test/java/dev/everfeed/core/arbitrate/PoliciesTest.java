package dev.everfeed.core.arbitrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.Proof.Refill;
import org.junit.jupiter.api.Test;

/// What is arbitrated how, and which bounds make no sense.
class PoliciesTest {
  private static ArbiterPolicy policy(
      long reorder, long refill, int refillMost, int perStream, int all, long anew) {
    return new ArbiterPolicy(reorder, refill, refillMost, perStream, all, anew);
  }

  @Test
  void timesAndSizesAreNotNegativeAndSomethingMayWait() {
    assertThat(policy(0, 0, 0, 1, 1, 1).heldMax()).isEqualTo(1);
    assertThatThrownBy(() -> policy(-1, 2, 3, 1, 1, 4))
        .hasMessage("an arbiter's times and sizes are not negative, were -1, 2, 3, 4");
    assertThatThrownBy(() -> policy(0, -1, 0, 1, 1, 1)).hasMessageEndingWith("were 0, -1, 0, 1");
    assertThatThrownBy(() -> policy(0, 0, -1, 1, 1, 1)).hasMessageEndingWith("were 0, 0, -1, 1");
    assertThatThrownBy(() -> policy(0, 0, 0, 1, 1, 0)).hasMessageEndingWith("were 0, 0, 0, 0");
    assertThatThrownBy(() -> policy(0, 0, 0, 0, 1, 1))
        .hasMessage(
            "at least 1 event may wait in a stream, and not more than in all; were 0 and 1");
    assertThatThrownBy(() -> policy(0, 0, 0, 2, 1, 1)).hasMessageEndingWith("were 2 and 1");
  }

  @Test
  void whatAChannelProvesDecidesHowItsLinesAreArbitrated() {
    assertThat(Identity.of(null)).isEqualTo(Identity.NONE);
    assertThat(identity(false, true, true)).isEqualTo(Identity.NONE);
    assertThat(identity(true, false, false)).isEqualTo(Identity.UNIQUE);
    assertThat(identity(true, true, false)).isEqualTo(Identity.UNIQUE);
    assertThat(identity(true, false, true)).isEqualTo(Identity.ORDERED);
    assertThat(identity(true, true, true)).isEqualTo(Identity.DENSE);
  }

  private static Identity identity(boolean identity, boolean dense, boolean ordered) {
    return Identity.of(new Proof(identity, dense, ordered, Refill.NONE, "nothing"));
  }
}
