package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.arbitrate.ArbiterPolicy;
import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.ControlPolicy;
import dev.everfeed.core.engine.EnginePlan;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.engine.GatewayPlan;
import dev.everfeed.core.engine.LinkPolicy;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// A mistake that somebody could make on the push side, and the invariant that must find it.
@SuppressWarnings("ImmutableEnumChecker") // What it supplies is mutable, the enum is not.
enum PlantedStreamBug {
  REMEMBERS_ONE_TOO_FEW("E1", StreamBugs.RemembersOneTooFew::new),
  REFILLS_TWICE(
      "E1",
      () -> output(world -> new PassedOn(world) {
        @Override
        public void publish(int gateway, Tick tick, ValueStatus status, long seq, long received) {
          world.publish(gateway, tick, status, seq, received);
          if (status == ValueStatus.BACKFILLED) {
            world.publish(gateway, tick, status, seq, received);
          }
        }
      })),
  REFILLS_OUT_OF_ORDER("E1", () -> output(StreamBugs.RefillsOutOfOrder::new)),
  FORGETS_A_GAP(
      "E2",
      () -> output(world -> new PassedOn(world) {
        @Override
        public void gap(int gateway, int stream, long firstId, long lastId) {}
      })),
  WAITS_FOR_NO_OTHER_LINE("E3", () -> new StreamDistortion() {
    @Override
    public ArbiterPolicy arbiter(ArbiterPolicy policy) {
      return new ArbiterPolicy(
          0,
          policy.refillNanos(),
          policy.refillMost(),
          policy.heldPerStreamMax(),
          policy.heldMax(),
          policy.countsAnewNanos());
    }
  }),
  SKIPS_A_NUMBER(
      "E4",
      () -> output(world -> new PassedOn(world) {
        @Override
        public void publish(int gateway, Tick tick, ValueStatus status, long seq, long received) {
          world.publish(gateway, tick, status, seq + seq / 100, received);
        }
      })),
  USES_WHAT_IS_SWITCHED_OFF(
      "E5", () -> swallows(input -> input instanceof ControlInput.Enable one && !one.enabled())),
  LOSES_AN_EVENT("E6", StreamBugs.LosesAnEvent::new),
  SWITCHES_WITHOUT_A_WORD(
      "E7", () -> decisions(decision -> decision instanceof ControlDecision.SourceChanged)),
  KNOWS_NO_PANIC("E8", () -> new StreamDistortion() {
    @Override
    public boolean isConvicted(StreamEngine engine, int gateway, int contract) {
      return engine.control().isAccused(gateway, contract);
    }
  }),
  COUNTS_ITS_OWN_PAUSE("E9", StreamBugs.CountsItsOwnPause::new),
  CONVICTS_IN_A_HALT("E9", StreamBugs.ConvictsAfterSeconds::new),
  TAKES_HEARTBEATS_FOR_DATA("E10", StreamBugs.TakesHeartbeatsForData::new),
  TAKES_REPETITIONS_FOR_DATA("E10", StreamBugs.TakesRepetitionsForData::new),
  WATCHES_FROM_THE_FIRST_EVENT_ON("E10", StreamBugs.WatchesFromTheFirstEventOn::new),
  STAYS_LIVE_AFTER_A_CONVICTION("E11", StreamBugs.StaysLiveAfterAConviction::new),
  KEEPS_NO_COOLDOWN(
      "E12",
      () -> control(p -> policy(p, p.deadlineNanos(), 0, p.reinstateNanos(), p.failBackNanos()))),
  ACTS_ALONE(
      "E13",
      () -> policies(
          own -> own.kind() == FailoverPolicy.Kind.MANUAL ? FailoverPolicy.IMMEDIATE : own)),
  ACTS_TOO_EARLY(
      "E13",
      () -> policies(own -> own.kind() == FailoverPolicy.Kind.DELAYED
          ? FailoverPolicy.delayed(own.delayNanos() / 2)
          : own)),
  FREEZES_NOTHING("E26", () -> swallows(ControlInput.Freeze.class::isInstance)),
  PINS_NOTHING("E26", () -> swallows(ControlInput.Pin.class::isInstance)),
  NEVER_ROLLS_BACK(
      "E14",
      () -> control(p -> policy(
          p, 100 * p.deadlineNanos(), p.cooldownNanos(), p.reinstateNanos(), p.failBackNanos()))),
  LEAVES_BEFORE_THE_BACKUP_DELIVERS("E15", StreamBugs.LeavesTooEarly::new),
  LEAVES_PROBATION_OUT("E15", () -> control(StreamBugs::withoutProbation)),
  LEAVES_A_TIMER_AFTER_A_ROLLBACK("E15", StreamBugs.LeavesATimerAfterARollback::planted),
  USES_WHAT_IS_IN_QUARANTINE("E16", () -> swallows(ControlInput.Disagrees.class::isInstance)),
  RELEASES_TOO_EARLY(
      "E16",
      () -> control(p -> policy(
          p, p.deadlineNanos(), p.cooldownNanos(), p.reinstateNanos() / 10, p.failBackNanos()))),
  FORGETS_WHO_LISTS_WHAT("E16", () -> swallows(ControlInput.Listed.class::isInstance)),
  CHOOSES_THE_DISABLED(
      "E16",
      () -> gateways(own -> new GatewayPlan(
          own.id(),
          own.type(),
          own.priority(),
          true,
          own.standby(),
          own.streamsMax(),
          own.account(),
          own.accountMax()))),
  BREAKS_TIES_BY_HASH(
      "E17",
      () -> gateways(own -> new GatewayPlan(
          Integer.toHexString(own.id().hashCode() * 0x9E3779B9),
          own.type(),
          own.priority(),
          own.enabled(),
          own.standby(),
          own.streamsMax(),
          own.account(),
          own.accountMax()))),
  EVICTS_THE_ACTIVE(
      "E18",
      () -> gateways(own -> new GatewayPlan(
          own.id(),
          own.type(),
          own.priority(),
          own.enabled(),
          own.standby(),
          own.streamsMax(),
          own.account(),
          Integer.MAX_VALUE))),
  STORMS("E19", () -> new StreamDistortion() {
    @Override
    public int connects(int most) {
      return 10_000;
    }
  }),
  ASKS_TOO_FAST("E19", () -> new StreamDistortion() {
    @Override
    public LinkPolicy link(LinkPolicy policy) {
      return StreamBugs.withoutPacing(policy);
    }
  }),
  ENDS_TWICE(
      "E20",
      () -> output(world -> new PassedOn(world) {
        @Override
        public void decided(ControlDecision decision) {
          world.decided(decision);
          if (decision instanceof ControlDecision.Ended) {
            world.decided(decision);
          }
        }
      })),
  STEPS_BACK_IN_TIME(
      "E21",
      () -> output(world -> new PassedOn(world) {
        @Override
        public void publish(int gateway, Tick tick, ValueStatus status, long seq, long received) {
          world.publish(
              gateway, tick, status, seq, seq % 100 == 0 ? received - 1_000_000 : received);
        }
      })),
  FORGETS_THE_TIME("E23", () -> new StreamDistortion() {
    @Override
    public void timePassed(long now, StreamEngine engine) {}
  }),
  HESITATES(
      "E22",
      () -> policies(own -> own.kind() == FailoverPolicy.Kind.IMMEDIATE
          ? FailoverPolicy.delayed(3_000_000_000L)
          : own)),
  HOLDS_WITHOUT_BOUND("E24", () -> new StreamDistortion() {
    @Override
    public ArbiterPolicy arbiter(ArbiterPolicy policy) {
      return new ArbiterPolicy(
          policy.reorderNanos(),
          policy.refillNanos(),
          policy.refillMost(),
          1 << 20,
          1 << 20,
          policy.countsAnewNanos());
    }
  }),
  WAITS_TOO_LONG_FOR_A_REFILL("E24", () -> new StreamDistortion() {
    @Override
    public ArbiterPolicy arbiter(ArbiterPolicy policy) {
      return new ArbiterPolicy(
          policy.reorderNanos(),
          10 * policy.refillNanos(),
          policy.refillMost(),
          policy.heldPerStreamMax(),
          policy.heldMax(),
          policy.countsAnewNanos());
    }
  }),
  RETURNS_AT_ONCE(
      "E25",
      () -> control(p -> policy(p, p.deadlineNanos(), p.cooldownNanos(), p.reinstateNanos(), 0))),
  NEVER_HEARS_THAT_IT_IS_UP("E30", StreamBugs.NeverHearsThatItIsUp::new),
  LEAKS_AFTER_A_ROLLBACK("E31", () -> output(StreamBugs.LeaksAfterARollback::new)),
  NEVER_RETURNS(
      "E32",
      () -> control(p -> policy(
          p, p.deadlineNanos(), p.cooldownNanos(), p.reinstateNanos(), 1_000 * p.failBackNanos())));

  /// Of the invariant that must find it.
  final String foundBy;

  /// Each run needs its own: some remember.
  final Supplier<StreamDistortion> distortion;

  PlantedStreamBug(String foundBy, Supplier<StreamDistortion> distortion) {
    this.foundBy = foundBy;
    this.distortion = distortion;
  }

  private static StreamDistortion output(
      Function<StreamEngine.Output, StreamEngine.Output> change) {
    return new StreamDistortion() {
      @Override
      public StreamEngine.Output output(StreamEngine.Output world) {
        return change.apply(world);
      }
    };
  }

  /// These decisions are not told.
  private static StreamDistortion decisions(Predicate<ControlDecision> swallowed) {
    return output(world -> new PassedOn(world) {
      @Override
      public void decided(ControlDecision decision) {
        if (!swallowed.test(decision)) {
          world.decided(decision);
        }
      }
    });
  }

  /// These inputs are not heard.
  private static StreamDistortion swallows(Predicate<ControlInput> swallowed) {
    return new StreamDistortion() {
      @Override
      public void input(ControlInput input, long now, StreamEngine engine) {
        if (!swallowed.test(input)) {
          engine.on(input, now);
        }
      }
    };
  }

  private static StreamDistortion control(UnaryOperator<ControlPolicy> change) {
    return new StreamDistortion() {
      @Override
      public ControlPolicy control(ControlPolicy policy) {
        return change.apply(policy);
      }
    };
  }

  private static ControlPolicy policy(
      ControlPolicy p, long deadline, long cooldown, long reinstate, long failBack) {
    return new ControlPolicy(
        p.connectGraceNanos(),
        deadline,
        p.firstTickNanos(),
        p.probationNanos(),
        cooldown,
        reinstate,
        failBack,
        p.historyNanos(),
        p.canaryNanos(),
        p.avoidNanos(),
        p.movesAtOnceMax(),
        p.reconnectNanos());
  }

  private static StreamDistortion plan(UnaryOperator<EnginePlan> change) {
    return new StreamDistortion() {
      @Override
      public EnginePlan plan(EnginePlan plan) {
        return change.apply(plan);
      }
    };
  }

  private static StreamDistortion policies(UnaryOperator<FailoverPolicy> change) {
    return plan(plan -> new EnginePlan(
        plan.gateways(),
        plan.contracts(),
        plan.policies().stream().map(change).toList(),
        plan.canaries(),
        plan.offer()));
  }

  private static StreamDistortion gateways(UnaryOperator<GatewayPlan> change) {
    return plan(plan -> new EnginePlan(
        List.copyOf(plan.gateways().stream().map(change).toList()),
        plan.contracts(),
        plan.policies(),
        plan.canaries(),
        plan.offer()));
  }
}
