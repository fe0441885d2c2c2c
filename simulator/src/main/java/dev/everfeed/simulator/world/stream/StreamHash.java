package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.Failover;

/// FNV-1a in words of 64 bits over everything that went into the engine and came out of it, with
/// its time.
final class StreamHash {
  private static final long OFFSET = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private long hash = OFFSET;

  void add(long value) {
    long mixed = (hash ^ value) * PRIME;
    hash = mixed ^ mixed >>> 29;
  }

  void add(String text) {
    for (int i = 0; i < text.length(); i++) {
      add(text.charAt(i));
    }
  }

  void input(ControlInput input) {
    add(input.getClass().getSimpleName());
    switch (input) {
      case ControlInput.Linked linked -> {
        add(linked.gateway());
        add(linked.state().name());
        add(linked.reason());
      }
      case ControlInput.Subscribed subscribed -> {
        add(subscribed.gateway());
        add(subscribed.stream());
      }
      case ControlInput.Refused refused -> {
        add(refused.gateway());
        add(refused.stream());
      }
      case ControlInput.Listed listed -> {
        add(listed.gateway());
        listed.contracts().forEach(this::add);
      }
      case ControlInput.Confirmed confirmed -> {
        add(confirmed.gateway());
        add(confirmed.stream());
      }
      case ControlInput.Disagrees disagrees -> {
        add(disagrees.gateway());
        add(disagrees.contract());
        add(disagrees.how() == null ? 0 : 1);
      }
      case ControlInput.Differ differ -> {
        add(differ.contract());
        add(differ.how() == null ? 0 : 1);
      }
      case ControlInput.Lags lags -> {
        add(lags.gateway());
        add(lags.lagNanos());
      }
      case ControlInput.Move move -> {
        move.contracts().forEach(this::add);
        add(move.from());
        add(move.to());
      }
      case ControlInput.Enable enable -> {
        add(enable.gateway());
        add(enable.enabled() ? 1 : 0);
      }
      case ControlInput.Return back -> back.contracts().forEach(this::add);
      case ControlInput.Settle settle -> {
        settle.gateways().forEach((contract, gateway) -> {
          add(contract);
          add(gateway);
        });
        settle.off().forEach(this::add);
      }
      case ControlInput.Home home ->
        home.gateways().forEach((contract, gateway) -> {
          add(contract);
          add(gateway);
        });
      case ControlInput.Pin pin -> {
        pin.contracts().forEach(this::add);
        add(pin.pinned() ? 1 : 0);
      }
      case ControlInput.Freeze freeze -> add(freeze.frozen() ? 1 : 0);
      case ControlInput.Policy policy -> {
        policy.contracts().forEach(this::add);
        add(policy.policy().toString());
      }
      case ControlInput.Planned planned -> {
        add(planned.gateway());
        add(planned.plan().toString());
      }
      case ControlInput.Suspected _,
          ControlInput.Convicted _,
          ControlInput.Resumed _,
          ControlInput.TookOver _,
          ControlInput.TimePassed _ -> {}
    }
  }

  void decision(ControlDecision decision) {
    add(decision.getClass().getSimpleName());
    switch (decision) {
      case ControlDecision.Want want -> {
        add(want.gateway());
        want.streams().forEach(this::add);
      }
      case ControlDecision.Status status -> {
        add(status.stream());
        add(status.status().name());
      }
      case ControlDecision.Reconnect reconnect -> {
        add(reconnect.gateway());
        add(reconnect.reason());
      }
      case ControlDecision.Confirm confirm -> {
        add(confirm.gateway());
        add(confirm.stream());
        add(confirm.silentSinceNanos());
      }
      case ControlDecision.Became became -> {
        add(became.gateway());
        add(became.to().name());
        add(became.reason());
      }
      case ControlDecision.Began began -> failover(began.failover());
      case ControlDecision.Ended ended -> failover(ended.failover());
      case ControlDecision.SourceChanged changed -> {
        add(changed.contract());
        add(changed.from());
        add(changed.to());
        add(changed.failoverId());
      }
      case ControlDecision.PriceJudged judged -> {
        add(judged.contract());
        add(judged.gateway());
        add(judged.verdict().name());
      }
      case ControlDecision.NoBackup backup -> {
        add(backup.gateway());
        backup.contracts().forEach(this::add);
      }
      case ControlDecision.Route _, ControlDecision.Candidate _ -> {}
    }
  }

  private void failover(Failover failover) {
    add(failover.id());
    add(failover.from());
    add(failover.to());
    add(failover.result().name());
    add(failover.durationNanos());
    add(failover.lost());
    failover.steps().forEach(step -> add(step.what()));
  }

  long value() {
    return hash;
  }
}
