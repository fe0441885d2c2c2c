package dev.everfeed.core.engine;

import static dev.everfeed.core.engine.ControlBench.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.arbitrate.ArbiterPolicy;
import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.engine.ControlDecision.Ended;
import dev.everfeed.core.engine.ControlDecision.Want;
import dev.everfeed.core.engine.GatewayPlan.Standby;
import dev.everfeed.core.health.PeerClockPolicy;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Gateways come to places, are planned anew, and leave, while the others go on. One contract,
/// one stream of dense trades.
class PlacesTest implements StreamEngine.Output {
  private final List<String> published = new ArrayList<>();
  private final List<ControlDecision> decided = new ArrayList<>();
  private final TreeMap<Integer, SortedSet<Integer>> wanted = new TreeMap<>();
  private long now = 1_000 * SECOND;
  private final StreamEngine engine = new StreamEngine(
      new EnginePlan(
          List.of(line("a1", "a", 1)),
          List.of(new int[] {0}),
          List.of(FailoverPolicy.IMMEDIATE),
          new BitSet(),
          EVERYTHING,
          List.of(),
          3),
      ArbiterPolicy.USUAL,
      PeerClockPolicy.USUAL,
      ControlPolicy.USUAL,
      now,
      this);

  private static final Offer EVERYTHING = new Offer() {
    @Override
    public boolean offers(int gateway, int stream) {
      return true;
    }

    @Override
    public Identity identity(int gateway, int stream) {
      return Identity.DENSE;
    }

    @Override
    public boolean refills(int gateway, int stream) {
      return false;
    }
  };

  @Test
  void nothingIsWantedOfAVacantPlaceThoughItWouldOfferEverything() {
    up(0);
    pass(10 * SECOND);
    assertThat(wanted.keySet()).containsExactly(0);
    assertThat(engine.control().state(1).name()).isEqualTo("DISCONNECTED");
    down(0);
    pass(20 * SECOND);
    assertThat(all(Ended.class)).isEmpty();
    assertThat(engine.control().active(0)).isZero();
  }

  @Test
  void aLineThatComesTakesOverFromTheOneThatDiesAndNothingIsLost() {
    up(0);
    trade(0, 100);
    put(1, line("a2", "a", 2));
    assertThat(wanted.get(1)).containsExactly(0);
    up(1);
    trade(0, 101);
    trade(1, 101);
    down(0);
    trade(1, 102);
    pass(2 * SECOND);
    assertThat(published).containsExactly("0: 100", "0: 101", "1: 102");
    assertThat(engine.control().active(0)).isEqualTo(1);
    Failover failover = all(Ended.class).getFirst().failover();
    assertThat(failover.lost()).isZero();
    assertThat(failover.steps())
        .extracting(Failover.Step::what)
        .noneMatch(step -> step.contains("vacant"));
  }

  @Test
  void whatLeavesItsPlaceIsForgottenByWhoComes() {
    put(1, line("b1", "b", 2));
    up(0);
    up(1);
    trade(0, 100);
    trade(1, 9_000_000);
    leave(1);
    put(1, line("c1", "c", 2));
    up(1);
    down(0);
    trade(1, 7);
    trade(1, 8);
    assertThat(published).containsExactly("0: 100", "1: 7", "1: 8");
  }

  @Test
  void aContentThatComesUnderTheNumberOfAnotherIsNotTakenForIt() {
    up(0);
    trade(0, 100);
    put(1, line("b1", "b", 2));
    put(2, line("c1", "c", 3));
    leave(1);
    leave(0);
    put(1, line("d1", "d", 1)); // there are three numbers, and nobody has that of `a` now
    leave(2);
    assertThat(engine.control().active(0)).isEqualTo(1);
    up(1);
    trade(1, 6);
    trade(1, 7);
    assertThat(published).containsExactly("0: 100", "1: 6", "1: 7");
  }

  @Test
  void whatIsPublishedFromAPlaceThatIsVacatedGoesToTheNextOne() {
    up(0);
    trade(0, 100);
    leave(0);
    assertThat(engine.control().active(0)).isEqualTo(Control.NOBODY);
    put(0, line("c1", "c", 1));
    up(0);
    trade(0, 7);
    assertThat(engine.control().active(0)).isZero();
    assertThat(published).containsExactly("0: 100", "0: 7");
  }

  @Test
  void aPriorityThatIsChangedIsKeptToAtTheNextMove() {
    put(1, line("a2", "a", 2));
    put(2, line("a3", "a", 3));
    up(0);
    up(1);
    up(2);
    trade(0, 100);
    trade(1, 100);
    trade(2, 100);
    put(2, line("a3", "a", 0));
    down(0);
    trade(2, 101);
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).isEqualTo(2);
  }

  @Test
  void aGatewayThatIsUsedIsNotReplacedUnderWay() {
    up(0);
    assertThatThrownBy(() -> put(0, line("c1", "c", 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a1 is switched off before c1 takes its place; it was on, with 1 streams wanted of it");
    trade(0, 100);
    assertThat(published).containsExactly("0: 100");
  }

  private static GatewayPlan line(String id, String type, int priority) {
    return new GatewayPlan(
        id, type, priority, true, Standby.HOT, Integer.MAX_VALUE, id, Integer.MAX_VALUE);
  }

  private void put(int place, GatewayPlan plan) {
    engine.on(new ControlInput.Planned(place, plan), now);
  }

  private void leave(int gateway) {
    engine.on(new ControlInput.Enable(gateway, false), now);
    engine.on(new ControlInput.Linked(gateway, Link.State.DISCONNECTED, "switched off"), now);
    engine.on(ControlInput.Planned.vacant(gateway), now);
  }

  private void up(int gateway) {
    engine.on(new ControlInput.Linked(gateway, Link.State.CONNECTING, "connects"), now);
    engine.on(new ControlInput.Linked(gateway, Link.State.HEALTHY, "subscribed"), now);
    for (int stream : new TreeSet<>(wanted.getOrDefault(gateway, new TreeSet<>()))) {
      engine.on(new ControlInput.Subscribed(gateway, stream), now);
    }
  }

  private void down(int gateway) {
    engine.on(new ControlInput.Linked(gateway, Link.State.DISCONNECTED, "reset"), now);
  }

  private void trade(int gateway, long id) {
    byte[] text = Long.toString(id).getBytes(StandardCharsets.US_ASCII);
    Tick tick = new Tick();
    tick.begin(0);
    tick.setId(text, 0, text.length);
    engine.on(gateway, tick, now);
  }

  private void pass(long nanos) {
    long end = now + nanos;
    while (engine.nextDeadlineNanos() <= end) {
      now = Math.max(now, engine.nextDeadlineNanos());
      engine.timePassed(now);
    }
    now = end;
    engine.timePassed(now);
  }

  private <T extends ControlDecision> List<T> all(Class<T> type) {
    return decided.stream().filter(type::isInstance).map(type::cast).toList();
  }

  // ---- what the engine decides

  @Override
  public void publish(int gateway, Tick tick, ValueStatus status, long seq, long receivedNanos) {
    assertThat(seq).as("in order, without holes").isEqualTo(published.size() + 1);
    published.add("%d: %d".formatted(gateway, tick.order()));
  }

  @Override
  public void gap(int gateway, int stream, long firstId, long lastId) {
    published.add("lost from %d to %d".formatted(firstId, lastId));
  }

  @Override
  public void refill(int gateway, int stream, long firstId, long lastId) {
    throw new AssertionError("nobody offers it");
  }

  @Override
  public void decided(ControlDecision decision) {
    decided.add(decision);
    if (decision instanceof Want want) {
      wanted.put(want.gateway(), want.streams());
    }
  }
}
