package dev.everfeed.core.engine;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Which contracts are to be looked at: now, because something happened to them, or when their
/// time comes. Owned by the [Control].
final class Agenda {
  private final Fleet fleet;
  private final Set<Integer> now = new LinkedHashSet<>();
  private final Set<Integer> later = new TreeSet<>();

  Agenda(Fleet fleet) {
    this.fleet = fleet;
  }

  void lookAt(Contract contract) {
    now.add(contract.number);
  }

  /// At the contract of a stream.
  void lookAt(int stream) {
    lookAt(fleet.contractOf(stream));
  }

  void lookAtAll() {
    fleet.contracts.forEach(this::lookAt);
  }

  /// Where an account has few connections, a move decides who of all may have them.
  void lookAtAccount(Contract contract, int gateway) {
    if (fleet.gateways.get(gateway).plan().accountMax() == Integer.MAX_VALUE) {
      lookAt(contract);
    } else {
      lookAtAll();
    }
  }

  /// Those whose time has come are to be looked at.
  void wake(long nowNanos) {
    for (int number : later) {
      if (fleet.contracts.get(number).dueNanos <= nowNanos) {
        now.add(number);
      }
    }
  }

  /// Takes those that are to be looked at now, and forgets when they were to be. One that is
  /// looked at may make another one worth looking at: to be called until there is none.
  List<Contract> next() {
    List<Contract> taken = new ArrayList<>(now.size());
    for (int number : now) {
      taken.add(fleet.contracts.get(number));
    }
    now.clear();
    return taken;
  }

  /// A contract has been looked at, and has said when it wants to be again.
  void looked(Contract contract) {
    if (contract.dueNanos == Contract.NEVER) {
      later.remove(contract.number);
    } else {
      later.add(contract.number);
    }
  }

  /// When the first of them is due; [Contract#NEVER] for none.
  long nextNanos() {
    long next = Contract.NEVER;
    for (int number : later) {
      next = Math.min(next, fleet.contracts.get(number).dueNanos);
    }
    return next;
  }
}
