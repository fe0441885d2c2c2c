package dev.everfeed.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.engine.GatewayPlan.Standby;
import dev.everfeed.core.model.Channel;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Plans and policies that can never be right are refused, and those at the border are not.
class PlansTest {
  private static final Offer EVERYTHING = new Offer() {
    @Override
    public boolean offers(int gateway, int stream) {
      return true;
    }

    @Override
    public Identity identity(int gateway, int stream) {
      return Identity.NONE;
    }

    @Override
    public boolean refills(int gateway, int stream) {
      return false;
    }
  };

  private static LinkPolicy link(int streams, int requests, long base, long cap) {
    return new LinkPolicy(streams, requests, 1, true, 1, 1, 1, 1, 1, base, cap, 1);
  }

  @Test
  void aLinkAsksForSomethingAtSomeTimeAndItsWaitsEndAtTheirCap() {
    assertThat(link(1, 1, 1, 1).backoffCapNanos()).isEqualTo(1);
    assertThatThrownBy(() -> link(0, 1, 2, 3))
        .hasMessage("a link asks for at least 1 stream, at least 1 time in a window, and waits at"
            + " least 1 ns up to its cap; was 0, 1, 2, 3");
    assertThatThrownBy(() -> link(1, 0, 2, 3)).hasMessageEndingWith("was 1, 0, 2, 3");
    assertThatThrownBy(() -> link(1, 1, 0, 3)).hasMessageEndingWith("was 1, 1, 0, 3");
    assertThatThrownBy(() -> link(1, 1, 2, 1)).hasMessageEndingWith("was 1, 1, 2, 1");
  }

  private static ControlPolicy control(long deadline, long firstTick, int movesAtOnce) {
    return new ControlPolicy(1, deadline, firstTick, 1, 1, 1, 1, 1, 1, 1, movesAtOnce, 1);
  }

  @Test
  void theFirstTickIsAwaitedForLessThanTheDeadlineOfAMigration() {
    assertThat(control(1, 0, 1).movesAtOnceMax()).isEqualTo(1);
    assertThat(control(5, 4, 1).firstTickNanos()).isEqualTo(4);
    assertThatThrownBy(() -> control(5, 5, 1))
        .hasMessage("the first tick is awaited for less than the deadline of a migration,"
            + " were 5 and 5 ns");
    assertThatThrownBy(() -> control(0, -1, 1)).hasMessageContaining("were -1 and 0");
    assertThatThrownBy(() -> control(5, -1, 1)).hasMessageContaining("were -1 and 5");
    assertThatThrownBy(() -> control(5, 1, 0))
        .hasMessage("at least 1 contract may move at a time, was 0");
  }

  private static GatewayPlan gateway(String id, String type, int streams, int connections) {
    return new GatewayPlan(id, type, 1, true, Standby.HOT, streams, "key", connections);
  }

  @Test
  void aGatewayHasANameATypeAndRoomForSomething() {
    assertThat(gateway("a1", "a", 1, 1).streamsMax()).isEqualTo(1);
    assertThatThrownBy(() -> gateway("a1", "a", 0, 1))
        .hasMessage("a gateway has an id, a type, and room for at least 1 stream and connection,"
            + " was a1 a 0 1");
    assertThatThrownBy(() -> gateway("", "a", 1, 1)).hasMessageEndingWith("was  a 1 1");
    assertThatThrownBy(() -> gateway("a1", "", 1, 1)).hasMessageEndingWith("was a1  1 1");
    assertThatThrownBy(() -> gateway("a1", "a", 1, 0)).hasMessageEndingWith("was a1 a 1 0");
  }

  private static EnginePlan plan(int policies, Channel... channels) {
    return new EnginePlan(
        List.of(gateway("a1", "a", 9, 9)),
        List.of(new int[] {0, 1}, new int[] {2}),
        List.of(FailoverPolicy.IMMEDIATE, FailoverPolicy.MANUAL).subList(0, policies),
        new BitSet(),
        EVERYTHING,
        List.of(channels));
  }

  @Test
  void eachContractHasAPolicyAndEachStreamAChannelOrNoneHas() {
    assertThat(plan(2, Channel.TRADE, Channel.QUOTE, Channel.BAR).streams()).isEqualTo(3);
    assertThat(plan(2).channels()).isEmpty();
    assertThatThrownBy(() -> plan(1)).hasMessage("each contract has a policy, were 2 and 1");
    assertThatThrownBy(() -> plan(2, Channel.TRADE))
        .hasMessage("each stream has a channel or none has, were 3 and 1");
  }
}
