package dev.everfeed.core.engine;

import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.engine.GatewayPlan.Standby;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;

/// A control machine on a bench: the test says what comes through which gateway, and moves the
/// time to the nanosecond. Contract 0 has the streams 0 and 1, contract 1 has stream 2; they are
/// dense trades unless a test says otherwise.
final class ControlBench {
  static final long MILLI = 1_000_000;
  static final long SECOND = 1_000 * MILLI;
  static final ControlPolicy POLICY = ControlPolicy.USUAL;
  private static final int STREAMS = 3;
  private static final int GATEWAYS_MAX = 4;

  final List<ControlDecision> decided = new ArrayList<>();
  final BitSet canaries = new BitSet();
  final long[] canaryNanos = new long[GATEWAYS_MAX];
  final long[] lost = new long[STREAMS];

  /// Streams whose events cannot be told apart.
  final BitSet plain = new BitSet();

  /// Streams that the first gateway does not offer.
  final BitSet lacks = new BitSet();

  boolean refills;
  ControlPolicy limits = POLICY;
  long now = 1_000 * SECOND;
  Control control;
  private final FailoverPolicy policy;
  private final long[][] newest = new long[STREAMS][GATEWAYS_MAX];

  ControlBench(FailoverPolicy policy, GatewayPlan... gateways) {
    this.policy = policy;
    for (long[] each : newest) {
      Arrays.fill(each, Long.MIN_VALUE);
    }
    Arrays.fill(canaryNanos, Long.MIN_VALUE);
    this.control = made(List.of(gateways));
  }

  static ControlBench of(GatewayPlan... gateways) {
    return new ControlBench(FailoverPolicy.IMMEDIATE, gateways).begin();
  }

  /// All gateways are up, subscribed, and have had an event of each stream just now.
  static ControlBench allUp(GatewayPlan... gateways) {
    return of(gateways).everybodyUp(gateways.length);
  }

  static GatewayPlan line(String id, int priority) {
    return plan(id, "a", priority, Standby.HOT, 100);
  }

  static GatewayPlan venue(String id, int priority, Standby standby) {
    return plan(id, "b", priority, standby, 100);
  }

  static GatewayPlan plan(String id, String type, int priority, Standby standby, int streamsMax) {
    return new GatewayPlan(id, type, priority, true, standby, streamsMax, id, Integer.MAX_VALUE);
  }

  static GatewayPlan account(String id, int priority, Standby standby) {
    return account(id, priority, standby, 1);
  }

  static GatewayPlan account(String id, int priority, Standby standby, int accountMax) {
    return new GatewayPlan(id, "a", priority, true, standby, 100, "one key", accountMax);
  }

  ControlBench begin() {
    return on(new ControlInput.TimePassed());
  }

  ControlBench everybodyUp(int gateways) {
    for (int gateway = 0; gateway < gateways; gateway++) {
      up(gateway);
      events(gateway);
    }
    decided.clear();
    return begin();
  }

  ControlBench on(ControlInput input) {
    control.on(input, now, decided::add);
    return this;
  }

  ControlBench pass(long nanos) {
    now += nanos;
    return begin();
  }

  ControlBench link(int gateway, Link.State state, String reason) {
    return on(new ControlInput.Linked(gateway, state, reason));
  }

  ControlBench connected(int gateway) {
    return link(gateway, Link.State.HEALTHY, "subscribed");
  }

  ControlBench up(int gateway) {
    connected(gateway);
    return subscribed(gateway);
  }

  ControlBench subscribed(int gateway) {
    for (int stream : control.wanted(gateway)) {
      on(new ControlInput.Subscribed(gateway, stream));
    }
    return this;
  }

  ControlBench down(int gateway) {
    return link(gateway, Link.State.DISCONNECTED, "reset");
  }

  /// A gateway brings something new of a stream; nobody looks at it yet.
  ControlBench event(int gateway, int stream) {
    newest[stream][gateway] = now;
    return this;
  }

  ControlBench events(int gateway) {
    for (int stream = 0; stream < STREAMS; stream++) {
      event(gateway, stream);
    }
    return this;
  }

  ControlBench suspected(int gateway, int stream) {
    return on(new ControlInput.Suspected(gateway, stream, now - SECOND, 1, 9));
  }

  ControlBench convicted(int gateway, int stream) {
    return on(new ControlInput.Convicted(gateway, stream, now - SECOND, 2, 99));
  }

  <T extends ControlDecision> List<T> all(Class<T> type) {
    return decided.stream().filter(type::isInstance).map(type::cast).toList();
  }

  Failover began() {
    return all(ControlDecision.Began.class).getLast().failover();
  }

  Failover ended() {
    return all(ControlDecision.Ended.class).getLast().failover();
  }

  ControlBench move(int from, int to, Integer... contracts) {
    return on(new ControlInput.Move(new TreeSet<>(List.of(contracts)), from, to));
  }

  private Control made(List<GatewayPlan> gateways) {
    Offer offer = new Offer() {
      @Override
      public boolean offers(int gateway, int stream) {
        return gateway != 0 || !lacks.get(stream);
      }

      @Override
      public Identity identity(int gateway, int stream) {
        return plain.get(stream) ? Identity.NONE : Identity.DENSE;
      }

      @Override
      public boolean refills(int gateway, int stream) {
        return refills;
      }
    };
    Seen seen = new Seen() {
      @Override
      public long newestNanos(int stream, int gateway) {
        return newest[stream][gateway];
      }

      @Override
      public long newestNanos(int gateway) {
        return Arrays.stream(newest).mapToLong(each -> each[gateway]).max().orElseThrow();
      }

      @Override
      public long canaryNanos(int gateway) {
        return canaryNanos[gateway];
      }

      @Override
      public long lost(int stream) {
        return lost[stream];
      }
    };
    return new Control(
        gateways,
        List.of(new int[] {0, 1}, new int[] {2}),
        List.of(policy, policy),
        canaries,
        limits,
        offer,
        seen,
        now);
  }

  /// The same with another number of contracts that may move to one gateway at a time.
  ControlBench movingAtOnce(int most, GatewayPlan... gateways) {
    limits = new ControlPolicy(
        POLICY.connectGraceNanos(),
        POLICY.deadlineNanos(),
        POLICY.firstTickNanos(),
        POLICY.probationNanos(),
        POLICY.cooldownNanos(),
        POLICY.reinstateNanos(),
        POLICY.failBackNanos(),
        POLICY.historyNanos(),
        POLICY.canaryNanos(),
        POLICY.avoidNanos(),
        most,
        POLICY.reconnectNanos());
    control = made(List.of(gateways));
    return begin();
  }
}
