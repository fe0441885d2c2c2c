package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.Control;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.hub.api.FailoverView;
import dev.everfeed.hub.api.Failovers.Stay;
import dev.everfeed.hub.api.OrderRefused;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gateways that are switched off once what is published from them has moved elsewhere. Owned by
/// the tick loop.
final class Departures {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.failover");

  private final StreamLoop loop;
  private final OrderedMoves moves;

  /// By gateway.
  private final Map<Integer, Leaving> leaving = new TreeMap<>();

  /// What is waited for at a gateway, for two who may want it off, each with a mind of its own.
  ///
  /// @param stop       of an operator
  /// @param withdrawal of how it is set
  private record Leaving(@Nullable Stop stop, @Nullable Withdrawal withdrawal) {
    boolean force() {
      return (stop != null && stop.force) || (withdrawal != null && withdrawal.force);
    }

    /// @param off whether it was switched off
    void ended(boolean off) {
      if (off && stop != null) {
        stop.then.run();
      }
      if (withdrawal != null) {
        if (off) {
          withdrawal.then.run();
        }
        withdrawal.left.complete(off);
      }
    }

    /// Another order took the place of the withdrawal.
    void dropWithdrawal() {
      if (withdrawal != null) {
        withdrawal.left.complete(false);
      }
    }
  }

  /// @param force also when something stays
  /// @param then  done when it is switched off
  private record Stop(boolean force, Runnable then) {}

  /// @param left whether it was switched off
  private record Withdrawal(boolean force, Runnable then, Promise<Boolean> left) {}

  Departures(StreamLoop loop, OrderedMoves moves) {
    this.loop = loop;
    this.moves = moves;
  }

  boolean isLeaving(int gateway) {
    return leaving.containsKey(gateway);
  }

  /// As it is set it need not leave any more; what an operator has ordered goes on.
  void isWanted(int gateway) {
    Leaving now = leaving.remove(gateway);
    if (now != null) {
      now.dropWithdrawal();
      if (now.stop() != null) {
        leaving.put(gateway, new Leaving(now.stop(), null));
      }
    }
  }

  /// An operator starts it: nobody waits for it to be empty any more.
  void stays(int gateway) {
    Leaving before = leaving.remove(gateway);
    if (before != null) {
      before.dropWithdrawal();
    }
  }

  /// An operator stops a gateway.
  ///
  /// @param then done on the loop when it is switched off
  /// @return what it has begun
  List<FailoverView> stop(int gateway, boolean force, Runnable then) throws OrderRefused {
    return leave(gateway, new Stop(force, then), null);
  }

  /// Contracts leave a gateway that is set in another way, then it is switched off. On the loop.
  ///
  /// @param then done on the loop when it is
  /// @param left whether it came to that
  /// @throws OrderRefused when something would be published by nobody, and that is not forced
  void leave(int gateway, boolean force, Runnable then, Promise<Boolean> left) throws OrderRefused {
    Leaving before = leaving.get(gateway);
    leave(gateway, before == null ? null : before.stop(), new Withdrawal(force, then, left));
  }

  private List<FailoverView> leave(
      int gateway, @Nullable Stop stop, @Nullable Withdrawal withdrawal) throws OrderRefused {
    Leaving next = new Leaving(stop, withdrawal);
    long now = loop.nanos();
    Set<Integer> contracts = moves.at(gateway);
    List<Stay> stays = contracts.stream()
        .filter(contract -> moves.possible(contract, now).isEmpty())
        .filter(contract -> !loop.control().isMoving(contract))
        .map(contract -> moves.stay(contract, Control.NOBODY))
        .toList();
    if (!stays.isEmpty() && !next.force()) {
      throw new OrderRefused(
          "%,d of the %,d contracts of %s would be published by nobody; \"force\": true stops it all the same"
              .formatted(stays.size(), contracts.size(), moves.idOf(gateway)),
          stays);
    }
    List<FailoverView> begun = moves.move(contracts, Control.NOBODY);
    Leaving before = leaving.put(gateway, next);
    if (before != null) {
      before.dropWithdrawal();
    }
    timePassed();
    return begun;
  }

  /// Fifty times a second.
  void timePassed() {
    for (int gateway : List.copyOf(leaving.keySet())) {
      Set<Integer> contracts = moves.at(gateway);
      if (contracts.stream().anyMatch(loop.control()::isMoving)) {
        continue; // each move has a deadline
      }
      Leaving own = Objects.requireNonNull(leaving.remove(gateway));
      boolean goes = contracts.isEmpty() || own.force();
      if (goes) {
        loop.tell(new ControlInput.Enable(gateway, false));
      } else {
        LOG.warn(
            "{}: is not stopped, since {} of its contracts could not leave",
            moves.idOf(gateway),
            contracts.size());
      }
      own.ended(goes);
    }
  }
}
