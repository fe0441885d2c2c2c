package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.ControlPolicy;
import dev.everfeed.core.engine.EnginePlan;
import dev.everfeed.core.engine.Failover;
import dev.everfeed.core.engine.Link;
import dev.everfeed.core.engine.LinkPolicy;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The planted bugs that take more than a line.
final class StreamBugs {
  private static final long SECOND = 1_000_000_000L;

  private StreamBugs() {}

  static ControlPolicy withoutProbation(ControlPolicy p) {
    return new ControlPolicy(
        p.connectGraceNanos(),
        p.deadlineNanos(),
        p.firstTickNanos(),
        0,
        p.cooldownNanos(),
        p.reinstateNanos(),
        p.failBackNanos(),
        p.historyNanos(),
        p.canaryNanos(),
        p.avoidNanos(),
        p.movesAtOnceMax(),
        p.reconnectNanos());
  }

  static LinkPolicy withoutPacing(LinkPolicy p) {
    return new LinkPolicy(
        p.streamsPerRequest(),
        p.requestsMax(),
        0,
        p.answersByRequest(),
        p.connectWithinNanos(),
        p.answerWithinNanos(),
        p.quietNanos(),
        p.lifetimeNanos(),
        p.overlapNanos(),
        p.backoffBaseNanos(),
        p.backoffCapNanos(),
        p.settledNanos());
  }

  /// The newest one is forgotten: who brings it second, brings something new.
  static final class RemembersOneTooFew implements StreamDistortion {
    @Override
    public void tick(int gateway, Tick tick, long now, StreamEngine engine) {
      int stream = tick.stream();
      boolean newest = engine.arbiter().identity(stream) == Identity.ORDERED
          && engine.arbiter().lastId(stream) == tick.order();
      if (newest) {
        tick.setOrder(tick.order() + 1);
      }
      engine.on(gateway, tick, now);
    }
  }

  static final class RefillsOutOfOrder extends PassedOn {
    private final Tick kept = new Tick();
    private int gateway;
    private long seq;
    private boolean keeps;

    RefillsOutOfOrder(StreamEngine.Output world) {
      super(world);
    }

    @Override
    public void publish(int from, Tick tick, ValueStatus status, long number, long received) {
      if (keeps && tick.stream() == kept.stream()) {
        keeps = false;
        world.publish(from, tick, status, seq, received);
        world.publish(gateway, kept, ValueStatus.BACKFILLED, number, received);
      } else if (!keeps && status == ValueStatus.BACKFILLED) {
        keeps = true;
        kept.copyFrom(tick);
        gateway = from;
        seq = number;
      } else {
        world.publish(from, tick, status, number, received);
      }
    }
  }

  static final class LosesAnEvent implements StreamDistortion {
    private int count;

    @Override
    public void tick(int gateway, Tick tick, long now, StreamEngine engine) {
      if (++count % 500 != 0) {
        engine.on(gateway, tick, now);
      }
    }
  }

  /// The time for which our process stood still counts as silence of the venues.
  static final class CountsItsOwnPause implements StreamDistortion {
    private final Map<Integer, Long> last = new TreeMap<>();

    @Override
    public void tick(int gateway, Tick tick, long now, StreamEngine engine) {
      last.put(gateway, now);
      engine.on(gateway, tick, now);
    }

    @Override
    public void paused(long slip, long now, StreamEngine engine) {
      if (slip > SECOND) {
        last.forEach((gateway, since) -> {
          engine.on(new ControlInput.Suspected(gateway, ControlInput.WHOLE, since, 0, 0), now);
          engine.on(new ControlInput.Confirmed(gateway, ControlInput.WHOLE, "a slip"), now);
        });
      }
      engine.paused(slip, now);
    }
  }

  /// Silence in seconds, not in the events of others.
  static final class ConvictsAfterSeconds implements StreamDistortion {
    private final Map<Integer, Long> last = new TreeMap<>();

    @Override
    public void tick(int gateway, Tick tick, long now, StreamEngine engine) {
      last.put(gateway, now);
      engine.on(gateway, tick, now);
    }

    @Override
    public void heartbeat(int gateway, long now, StreamEngine engine) {
      long since = last.getOrDefault(gateway, now);
      if (now - since > 5 * SECOND) {
        engine.on(new ControlInput.Suspected(gateway, ControlInput.WHOLE, since, 0, 0), now);
        engine.on(new ControlInput.Confirmed(gateway, ControlInput.WHOLE, "a fixed limit"), now);
      }
    }
  }

  /// Whose connection sends a heartbeat, is held to deliver.
  static final class TakesHeartbeatsForData implements StreamDistortion {
    private int streams;

    @Override
    public EnginePlan plan(EnginePlan plan) {
      streams = plan.contracts().stream().mapToInt(own -> own.length).sum();
      return plan;
    }

    @Override
    public void heartbeat(int gateway, long now, StreamEngine engine) {
      for (int stream = ControlInput.WHOLE; stream < streams; stream++) {
        engine.on(new ControlInput.Resumed(gateway, stream), now);
      }
    }
  }

  /// The same event again is a sign of life.
  static final class TakesRepetitionsForData implements StreamDistortion {
    private final Map<Integer, Long> newest = new TreeMap<>();

    @Override
    public void tick(int gateway, Tick tick, long now, StreamEngine engine) {
      int stream = tick.stream();
      Long before = newest.put(gateway << 16 | stream, tick.mantissa(Tick.PRICE));
      boolean again = before != null && before == tick.mantissa(Tick.PRICE);
      engine.on(gateway, tick, now);
      if (again) {
        engine.on(new ControlInput.Resumed(gateway, stream), now);
        engine.on(new ControlInput.Resumed(gateway, ControlInput.WHOLE), now);
      }
    }
  }

  /// A subscription counts from its first event on, not from its acknowledgement.
  static final class WatchesFromTheFirstEventOn implements StreamDistortion {
    private final TreeSet<Integer> acknowledged = new TreeSet<>();

    @Override
    public void input(ControlInput input, long now, StreamEngine engine) {
      switch (input) {
        case ControlInput.Subscribed one -> {
          acknowledged.add(one.gateway() << 16 | one.stream());
          return;
        }
        case ControlInput.Linked one -> acknowledged.removeIf(cell -> cell >> 16 == one.gateway());
        default -> {
          // is of no subscription
        }
      }
      engine.on(input, now);
    }

    @Override
    public void tick(int gateway, Tick tick, long now, StreamEngine engine) {
      if (acknowledged.remove(gateway << 16 | tick.stream())) {
        engine.on(new ControlInput.Subscribed(gateway, tick.stream()), now);
      }
      engine.on(gateway, tick, now);
    }
  }

  /// The status of what a convict delivers is not told any more.
  static final class StaysLiveAfterAConviction implements StreamDistortion {
    private final Map<Integer, Integer> contracts = new TreeMap<>();
    private int gateways;
    private @Nullable StreamEngine engine;

    @Override
    public EnginePlan plan(EnginePlan plan) {
      gateways = plan.gateways().size();
      for (int contract = 0; contract < plan.contracts().size(); contract++) {
        for (int stream : plan.contracts().get(contract)) {
          contracts.put(stream, contract);
        }
      }
      engine = null; // another one is made with it
      return plan;
    }

    @Override
    public void timePassed(long now, StreamEngine present) {
      engine = present;
      present.timePassed(now);
    }

    @Override
    public void input(ControlInput input, long now, StreamEngine present) {
      engine = present;
      present.on(input, now);
    }

    @Override
    public StreamEngine.Output output(StreamEngine.Output world) {
      return new PassedOn(world) {
        @Override
        public void decided(ControlDecision decision) {
          if (!(decision instanceof ControlDecision.Status told)
              || told.status() == ValueStatus.LIVE
              || !isOfAConvict(told.stream())) {
            world.decided(decision);
          }
        }
      };
    }

    private boolean isOfAConvict(int stream) {
      StreamEngine now = engine;
      int contract = contracts.getOrDefault(stream, 0);
      for (int gateway = 0; now != null && gateway < gateways; gateway++) {
        if (now.control().isConvicted(gateway, contract)) {
          return true;
        }
      }
      return false;
    }
  }

  /// The gateway before is unsubscribed when the move begins.
  static final class LeavesTooEarly implements StreamDistortion {
    private List<int[]> contracts = List.of();

    @Override
    public EnginePlan plan(EnginePlan plan) {
      contracts = plan.contracts();
      return plan;
    }

    @Override
    public StreamEngine.Output output(StreamEngine.Output world) {
      return new PassedOn(world) {
        private final Map<Integer, TreeSet<Integer>> wanted = new TreeMap<>();

        @Override
        public void decided(ControlDecision decision) {
          world.decided(decision);
          if (decision instanceof ControlDecision.Want want) {
            wanted.put(want.gateway(), new TreeSet<>(want.streams()));
          }
          if (decision instanceof ControlDecision.Began began
              && began.failover().result() == Failover.Result.PENDING) {
            int from = began.failover().from();
            TreeSet<Integer> left = wanted.getOrDefault(from, new TreeSet<>());
            for (int contract : began.failover().contracts()) {
              for (int stream : contracts.get(contract)) {
                left.remove(stream);
              }
            }
            world.decided(new ControlDecision.Want(from, new TreeSet<>(left)));
          }
        }
      };
    }
  }

  /// A second connection is not told to be up.
  static final class NeverHearsThatItIsUp implements StreamDistortion {
    private final List<Integer> ups = new ArrayList<>();

    @Override
    public void input(ControlInput input, long now, StreamEngine engine) {
      if (input instanceof ControlInput.Linked linked && linked.state() == Link.State.HEALTHY) {
        ups.add(linked.gateway());
        if (ups.indexOf(linked.gateway()) < ups.size() - 1) {
          return;
        }
      }
      engine.on(input, now);
    }
  }

  /// The timer of a move that failed goes on: at the deadline of the one after it, it takes back
  /// what that one has asked for.
  static final class LeavesATimerAfterARollback extends PassedOn {
    private final Map<Integer, TreeSet<Integer>> wanted = new TreeMap<>();
    private final TreeSet<Integer> timers = new TreeSet<>();
    private List<int[]> contracts = List.of();

    LeavesATimerAfterARollback(StreamEngine.Output world) {
      super(world);
    }

    static StreamDistortion planted() {
      return new StreamDistortion() {
        private List<int[]> contracts = List.of();

        @Override
        public EnginePlan plan(EnginePlan plan) {
          contracts = plan.contracts();
          return plan;
        }

        @Override
        public StreamEngine.Output output(StreamEngine.Output world) {
          LeavesATimerAfterARollback output = new LeavesATimerAfterARollback(world);
          output.contracts = contracts;
          return output;
        }
      };
    }

    @Override
    public void decided(ControlDecision decision) {
      world.decided(decision);
      switch (decision) {
        case ControlDecision.Want want -> wanted.put(want.gateway(), new TreeSet<>(want.streams()));
        case ControlDecision.Ended ended
        when ended.failover().result() == Failover.Result.FAILED ->
          timers.addAll(ended.failover().unmigrated().keySet());
        case ControlDecision.Ended ended
        when ended.failover().to() >= 0 -> strike(ended.failover());
        default -> {
          // has no timers
        }
      }
    }

    private void strike(Failover failover) {
      TreeSet<Integer> left = wanted.getOrDefault(failover.to(), new TreeSet<>());
      boolean strikes = false;
      for (int contract : failover.migrated()) {
        if (timers.remove(contract)) {
          strikes = true;
          for (int stream : contracts.get(contract)) {
            left.remove(stream);
          }
        }
      }
      if (strikes) {
        world.decided(new ControlDecision.Want(failover.to(), new TreeSet<>(left)));
      }
    }
  }

  /// What a move that failed had asked for, is not given back.
  static final class LeaksAfterARollback extends PassedOn {
    private final Map<Integer, TreeSet<Integer>> wanted = new TreeMap<>();
    private int leaking = -1;

    LeaksAfterARollback(StreamEngine.Output world) {
      super(world);
    }

    @Override
    public void decided(ControlDecision decision) {
      if (decision instanceof ControlDecision.Ended ended
          && ended.failover().result() == Failover.Result.FAILED) {
        leaking = ended.failover().to();
      }
      ControlDecision passed = decision;
      if (decision instanceof ControlDecision.Want want) {
        TreeSet<Integer> streams = new TreeSet<>(want.streams());
        if (want.gateway() == leaking) {
          streams.addAll(wanted.getOrDefault(leaking, new TreeSet<>()));
        }
        wanted.put(want.gateway(), streams);
        passed = new ControlDecision.Want(want.gateway(), streams);
      }
      world.decided(passed);
    }
  }
}
