package dev.everfeed.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.engine.ControlDecision.Became;
import dev.everfeed.core.model.GatewayState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The table of a gateway's states: each way of being in a state with each input, and the state
/// after it. Of three lines that carry two contracts the first one is looked at; the two others
/// are up and deliver.
class GatewayTableTest {
  private static final long SECOND = 1_000_000_000;
  private static final ControlPolicy POLICY = ControlPolicy.USUAL;
  private static final int IT = 0;

  /// How a gateway can be where it is.
  private enum Row {
    NEVER_CONNECTED(GatewayState.DISCONNECTED),
    LINK_DOWN(GatewayState.DISCONNECTED),
    SWITCHED_OFF(GatewayState.DISCONNECTED),
    CONNECTING(GatewayState.CONNECTING),
    WELL(GatewayState.HEALTHY),
    SUSPECTED(GatewayState.HEALTHY),
    KEPT_BY_THE_PANIC_GUARD(GatewayState.HEALTHY),
    CONVICTED(GatewayState.UNHEALTHY),
    LAGGING(GatewayState.UNHEALTHY),
    ON_PROBATION(GatewayState.UNHEALTHY);

    final GatewayState state;

    Row(GatewayState state) {
      this.state = state;
    }
  }

  /// Every kind of input at least once, each variant that may matter.
  private static final Map<String, ControlInput> INPUTS = new LinkedHashMap<>();

  static {
    INPUTS.put("link connecting", linked(IT, Link.State.CONNECTING));
    INPUTS.put("link up", linked(IT, Link.State.HEALTHY));
    INPUTS.put("link down", linked(IT, Link.State.DISCONNECTED));
    INPUTS.put("another link down", linked(1, Link.State.DISCONNECTED));
    INPUTS.put("subscribed", new ControlInput.Subscribed(IT, 0));
    INPUTS.put("refused", new ControlInput.Refused(IT, 0, "unknown"));
    INPUTS.put("lists all", new ControlInput.Listed(IT, new TreeSet<>(List.of(0, 1))));
    INPUTS.put("lists nothing", new ControlInput.Listed(IT, new TreeSet<>()));
    INPUTS.put("suspected", new ControlInput.Suspected(IT, ControlInput.WHOLE, 0, 2, 9));
    INPUTS.put("stream suspected", new ControlInput.Suspected(IT, 0, 0, 2, 9));
    INPUTS.put("convicted", new ControlInput.Convicted(IT, ControlInput.WHOLE, 0, 2, 99));
    INPUTS.put("stream convicted", new ControlInput.Convicted(IT, 0, 0, 2, 99));
    INPUTS.put("confirmed", new ControlInput.Confirmed(IT, ControlInput.WHOLE, "HTTP"));
    INPUTS.put("stream confirmed", new ControlInput.Confirmed(IT, 0, "HTTP"));
    INPUTS.put("resumed", new ControlInput.Resumed(IT, ControlInput.WHOLE));
    INPUTS.put("stream resumed", new ControlInput.Resumed(IT, 0));
    INPUTS.put("took over", new ControlInput.TookOver(IT, 0));
    INPUTS.put("disagrees", new ControlInput.Disagrees(IT, 0, "its price is far off"));
    INPUTS.put("agrees", new ControlInput.Disagrees(IT, 0, null));
    INPUTS.put("prices differ", new ControlInput.Differ(0, "nobody knows who is right"));
    INPUTS.put("prices differ no more", new ControlInput.Differ(0, null));
    INPUTS.put("lags", new ControlInput.Lags(IT, 2 * SECOND));
    INPUTS.put("lags no more", new ControlInput.Lags(IT, 0));
    INPUTS.put("moved", new ControlInput.Move(new TreeSet<>(List.of(0)), IT, 1));
    INPUTS.put("returned", new ControlInput.Return(new TreeSet<>(List.of(0))));
    INPUTS.put("settled", new ControlInput.Settle(new TreeMap<>(Map.of(0, IT)), new TreeSet<>()));
    INPUTS.put("brought home", new ControlInput.Home(new TreeMap<>(Map.of(0, IT))));
    INPUTS.put("pinned", new ControlInput.Pin(new TreeSet<>(List.of(0)), true));
    INPUTS.put(
        "another policy",
        new ControlInput.Policy(new TreeSet<>(List.of(0)), FailoverPolicy.MANUAL));
    INPUTS.put("frozen", new ControlInput.Freeze(true));
    INPUTS.put("planned anew", new ControlInput.Planned(IT, plan("one", 7)));
    INPUTS.put("planned off", new ControlInput.Planned(IT, off("one")));
    INPUTS.put("switched on", new ControlInput.Enable(IT, true));
    INPUTS.put("switched off", new ControlInput.Enable(IT, false));
    INPUTS.put("time passed", new ControlInput.TimePassed());
  }

  private static ControlInput linked(int gateway, Link.State state) {
    return new ControlInput.Linked(gateway, state, "the link says so");
  }

  /// What changes its state; every other input leaves it as it is.
  private static final Map<Row, Map<String, GatewayState>> TABLE = new EnumMap<>(Row.class);

  static {
    for (Row row : Row.values()) {
      Map<String, GatewayState> changes = new LinkedHashMap<>();
      if (row != Row.SWITCHED_OFF) {
        changes.put("link connecting", GatewayState.CONNECTING);
        changes.put("link down", GatewayState.DISCONNECTED);
        changes.put("switched off", GatewayState.DISCONNECTED);
        changes.put("planned off", GatewayState.DISCONNECTED);
      }
      TABLE.put(row, changes);
    }
    at(Row.NEVER_CONNECTED).put("link up", GatewayState.HEALTHY);
    at(Row.LINK_DOWN).put("link up", GatewayState.HEALTHY);
    at(Row.CONNECTING).put("link up", GatewayState.HEALTHY);
    at(Row.SWITCHED_OFF).put("switched on", GatewayState.HEALTHY);
    at(Row.SWITCHED_OFF).put("planned anew", GatewayState.HEALTHY);
    at(Row.WELL).put("convicted", GatewayState.UNHEALTHY);
    at(Row.SUSPECTED).put("convicted", GatewayState.UNHEALTHY);
    at(Row.SUSPECTED).put("confirmed", GatewayState.UNHEALTHY);
    for (Row row : List.of(Row.WELL, Row.SUSPECTED, Row.KEPT_BY_THE_PANIC_GUARD)) {
      at(row).put("lags", GatewayState.UNHEALTHY);
    }
    // one of two may be convicted, one of three was already
    at(Row.KEPT_BY_THE_PANIC_GUARD).put("another link down", GatewayState.UNHEALTHY);
    // it delivers again, and that has to be seen for a while first
    at(Row.KEPT_BY_THE_PANIC_GUARD).put("resumed", GatewayState.UNHEALTHY);
    at(Row.LAGGING).put("lags no more", GatewayState.HEALTHY);
  }

  private static Map<String, GatewayState> at(Row row) {
    return TABLE.computeIfAbsent(row, _ -> new LinkedHashMap<>());
  }

  private final List<Became> told = new ArrayList<>();
  private boolean delivers = true;
  private long now = 100 * SECOND;

  @Test
  void everyKindOfInputIsInTheTable() {
    Set<Class<?>> used = new LinkedHashSet<>();
    INPUTS.values().forEach(input -> used.add(input.getClass()));
    assertThat(used)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.asList(ControlInput.class.getPermittedSubclasses()));
    assertThat(Stream.of(Row.values()).map(row -> row.state)).containsOnly(GatewayState.values());
  }

  @TestFactory
  Stream<DynamicTest> everyInputInEveryStateLeadsWhereTheTableSays() {
    return Stream.of(Row.values())
        .flatMap(row -> INPUTS.keySet().stream()
            .map(input -> DynamicTest.dynamicTest(
                row + ", " + input,
                () -> new GatewayTableTest()
                    .leads(row, input, at(row).getOrDefault(input, row.state)))));
  }

  private void leads(Row row, String input, GatewayState expected) {
    Control control = controlIn(row);
    assertThat(control.state(IT)).as("before").isEqualTo(row.state);
    told.clear();
    on(control, INPUTS.getOrDefault(input, new ControlInput.TimePassed()));
    assertThat(control.state(IT)).isEqualTo(expected);
    if (expected == row.state) {
      assertThat(told).isEmpty();
    } else {
      assertThat(told).hasSize(1);
      assertThat(told.getFirst().from()).isEqualTo(row.state);
      assertThat(told.getFirst().to()).isEqualTo(expected);
    }
    assertThat(control.reason(IT)).isNotEmpty();
  }

  @Test
  void aProbationEndsWhenItHasDeliveredForLongEnoughAndNotBefore() {
    Control control = controlIn(Row.ON_PROBATION);
    now += POLICY.reinstateNanos() - 1;
    on(control, new ControlInput.TimePassed());
    assertThat(control.state(IT)).isEqualTo(GatewayState.UNHEALTHY);
    now += 1;
    on(control, new ControlInput.TimePassed());
    assertThat(control.state(IT)).isEqualTo(GatewayState.HEALTHY);
  }

  @Test
  void aProbationDoesNotEndByWaitingAlone() {
    Control control = controlIn(Row.CONVICTED);
    delivers = false;
    on(control, new ControlInput.Resumed(IT, ControlInput.WHOLE));
    now += 10 * POLICY.reinstateNanos();
    on(control, new ControlInput.TimePassed());
    assertThat(control.state(IT)).isEqualTo(GatewayState.UNHEALTHY);
  }

  private Control controlIn(Row row) {
    Control control = made();
    on(control, new ControlInput.TimePassed());
    for (int gateway = 0; gateway < 3; gateway++) {
      if (gateway != IT || (row != Row.NEVER_CONNECTED && row != Row.CONNECTING)) {
        on(control, linked(gateway, Link.State.HEALTHY));
        for (int stream = 0; stream < 2; stream++) {
          on(control, new ControlInput.Subscribed(gateway, stream));
        }
      }
    }
    now += 20 * SECOND;
    switch (row) {
      case NEVER_CONNECTED, WELL -> {}
      case LINK_DOWN -> on(control, linked(IT, Link.State.DISCONNECTED));
      case SWITCHED_OFF -> on(control, new ControlInput.Enable(IT, false));
      case CONNECTING -> on(control, linked(IT, Link.State.CONNECTING));
      case SUSPECTED -> on(control, new ControlInput.Suspected(IT, ControlInput.WHOLE, now, 2, 9));
      case KEPT_BY_THE_PANIC_GUARD -> {
        on(control, new ControlInput.Convicted(1, ControlInput.WHOLE, now, 2, 99));
        now += 1;
        on(control, new ControlInput.Convicted(IT, ControlInput.WHOLE, now, 1, 99));
      }
      case CONVICTED, ON_PROBATION ->
        on(control, new ControlInput.Convicted(IT, ControlInput.WHOLE, now, 2, 99));
      case LAGGING -> on(control, new ControlInput.Lags(IT, SECOND));
    }
    if (row == Row.ON_PROBATION) {
      on(control, new ControlInput.Resumed(IT, ControlInput.WHOLE));
      now += 1;
      on(control, new ControlInput.TimePassed());
    }
    return control;
  }

  private void on(Control control, ControlInput input) {
    control.on(input, now, decision -> {
      if (decision instanceof Became became && became.gateway() == IT) {
        told.add(became);
      }
    });
  }

  private static GatewayPlan plan(String id, int priority) {
    return plan(id, priority, true);
  }

  private static GatewayPlan off(String id) {
    return plan(id, 1, false);
  }

  private static GatewayPlan plan(String id, int priority, boolean enabled) {
    return new GatewayPlan(
        id, "a", priority, enabled, GatewayPlan.Standby.HOT, 100, id, Integer.MAX_VALUE);
  }

  private Control made() {
    List<GatewayPlan> plans =
        Stream.of("one", "two", "three").map(id -> plan(id, 1)).toList();
    Offer offer = new Offer() {
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
    Seen seen = new Seen() {
      @Override
      public long newestNanos(int stream, int gateway) {
        return newestNanos(gateway);
      }

      @Override
      public long newestNanos(int gateway) {
        return gateway != IT || delivers ? now : Long.MIN_VALUE;
      }

      @Override
      public long canaryNanos(int gateway) {
        return newestNanos(gateway);
      }

      @Override
      public long lost(int stream) {
        return 0;
      }
    };
    return new Control(
        plans,
        List.of(new int[] {0}, new int[] {1}),
        List.of(FailoverPolicy.IMMEDIATE, FailoverPolicy.IMMEDIATE),
        new BitSet(),
        POLICY,
        offer,
        seen,
        now);
  }
}
