package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.Control;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.Failover;
import dev.everfeed.core.engine.GatewayPlan;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.api.FailoverView;
import dev.everfeed.hub.api.Failovers.Move;
import dev.everfeed.hub.api.Failovers.Moved;
import dev.everfeed.hub.api.Failovers.Stay;
import dev.everfeed.hub.api.Failovers.Would;
import dev.everfeed.hub.api.OrderRefused;
import dev.everfeed.hub.api.StreamRouteView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Contracts that are moved by order: where each is, where it could go, why it cannot, and what an
/// order has begun. Used on the tick loop.
final class OrderedMoves {
  private final StreamLoop loop;
  private final StreamPlan plan;
  private final FailoverLog log;
  private final StandingBook book;
  private final Places places;

  OrderedMoves(StreamLoop loop, StreamPlan plan, FailoverLog log, StandingBook book) {
    this.loop = loop;
    this.plan = plan;
    this.log = log;
    this.book = book;
    this.places = plan.gateways();
  }

  private Control control() {
    return loop.control();
  }

  // ---- where contracts are

  StreamRouteView route(int contract) {
    int active = control().active(contract);
    long now = loop.nanos();
    List<StreamRouteView.Candidate> candidates = new ArrayList<>();
    for (int gateway : others(active)) {
      GatewayPlan own = plan.gateways().get(gateway).plan();
      candidates.add(new StreamRouteView.Candidate(
          own.id(),
          own.type(),
          own.priority(),
          control().state(gateway),
          control().whyNot(contract, gateway, now)));
    }
    return new StreamRouteView(
        plan.contracts().get(contract).text(),
        idOrNull(active),
        idOrNull(targetOf(contract)),
        control().policy(contract),
        control().ownPolicy(contract),
        control().isPlaced(contract),
        lastSwitch(plan.contracts().get(contract).text()),
        candidates);
  }

  private StreamRouteView.@Nullable Switch lastSwitch(String symbol) {
    for (FailoverView each : log.history().newest()) {
      for (FailoverView.Contract contract : each.contracts()) {
        if (contract.moved() && contract.symbol().equals(symbol)) {
          return new StreamRouteView.Switch(
              each.endedAt() == null ? each.decidedAt() : each.endedAt(),
              each.id(),
              each.kind(),
              each.from(),
              each.to(),
              each.trigger());
        }
      }
    }
    return null;
  }

  /// All gateways but one, as they would be chosen: of the same type first, connected before
  /// others, then by priority and id.
  private List<Integer> others(int active) {
    String type =
        active == Control.NOBODY ? "" : plan.gateways().get(active).plan().type();
    return places
        .taken()
        .filter(gateway -> gateway != active)
        .boxed()
        .sorted(Comparator.<Integer, Boolean>comparing(
                gateway -> !plan.gateways().get(gateway).plan().type().equals(type))
            .thenComparing(gateway -> !isUp(gateway))
            .thenComparing(gateway -> plan.gateways().get(gateway).plan().priority())
            .thenComparing(this::idOf))
        .toList();
  }

  private boolean isUp(int gateway) {
    GatewayState state = control().state(gateway);
    return state == GatewayState.HEALTHY || state == GatewayState.UNHEALTHY;
  }

  private int targetOf(int contract) {
    if (control().isMoving(contract)) {
      for (Failover failover : control().open()) {
        if (failover.contracts().contains(contract)
            && !failover.migrated().contains(contract)
            && !failover.unmigrated().containsKey(contract)) {
          return failover.to();
        }
      }
    }
    return Control.NOBODY;
  }

  String idOf(int gateway) {
    return places.get(gateway).id();
  }

  /// Between a look at what there is and the order it may have left.
  int numberOf(String id) throws OrderRefused {
    int number = places.numberOf(id);
    if (number < 0) {
      throw new OrderRefused(id + " is not there any more", List.of());
    }
    return number;
  }

  @Nullable
  String idOrNull(int gateway) {
    return gateway == Control.NOBODY ? null : idOf(gateway);
  }

  // ---- moves

  Moved move(Move order) throws OrderRefused {
    int to = order.to() == null ? Control.NOBODY : numberOf(order.to());
    Set<Integer> contracts = contracts(order);
    if (order.dryRun()) {
      return would(contracts, contract -> to == Control.NOBODY ? best(contract) : to, to);
    }
    Set<Integer> free = free(contracts);
    List<FailoverView> begun = move(free, to);
    isMoved(begun);
    return moved(contracts, begun, contract -> stay(contract, to));
  }

  Moved back(Move order) throws OrderRefused {
    Set<Integer> contracts = contracts(order);
    if (order.dryRun()) {
      return would(contracts, this::better, Control.NOBODY);
    }
    Set<Integer> free = free(contracts);
    TreeSet<Integer> able = free.stream()
        .filter(contract -> better(contract) != Control.NOBODY)
        .collect(Collectors.toCollection(TreeSet::new));
    List<FailoverView> begun =
        begun(able, Failover.Kind.FAIL_BACK, new ControlInput.Return(new TreeSet<>(free)));
    isMoved(begun);
    return moved(contracts, begun, this::noReturn);
  }

  private Set<Integer> contracts(Move order) throws OrderRefused {
    Set<Integer> contracts = new LinkedHashSet<>();
    for (Symbol symbol : order.symbols()) {
      contracts.add(plan.contracts().indexOf(symbol));
    }
    String from = order.from();
    if (from != null) {
      contracts.addAll(at(numberOf(from)));
      if (contracts.isEmpty()) {
        throw new OrderRefused("nothing is published from " + from, List.of());
      }
    }
    return contracts;
  }

  /// Without those that are pinned to a gateway which they wait for.
  private Set<Integer> free(Set<Integer> contracts) {
    return contracts.stream()
        .filter(contract -> book.awaitedPin(plan.contracts().get(contract)) == null)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /// Also what has arrived at once, and nothing that was refused.
  private void isMoved(List<FailoverView> begun) {
    begun.stream()
        .flatMap(failover -> failover.contracts().stream())
        .filter(contract -> contract.stayed() == null)
        .forEach(contract -> book.isMoved(Symbol.of(contract.symbol())));
  }

  private int best(int contract) {
    return control().best(contract, loop.nanos());
  }

  private int better(int contract) {
    return control().better(contract, loop.nanos());
  }

  private Moved would(Set<Integer> contracts, IntUnaryOperator target, int named) {
    List<Would> would = new ArrayList<>();
    List<Stay> stays = new ArrayList<>();
    Set<Integer> free = free(contracts);
    for (int contract : contracts) {
      int from = control().active(contract);
      int to = from == Control.NOBODY || !free.contains(contract)
          ? Control.NOBODY
          : target.applyAsInt(contract);
      boolean goes = to != Control.NOBODY && control().whyNot(contract, to, loop.nanos()) == null;
      if (goes) {
        would.add(new Would(
            plan.contracts().get(contract).text(),
            idOf(from),
            idOf(to),
            places.get(from).plan().type().equals(places.get(to).plan().type()),
            isUp(to)));
      } else {
        stays.add(stay(contract, named));
      }
    }
    return new Moved(List.of(), would, stays);
  }

  private Moved moved(Set<Integer> contracts, List<FailoverView> begun, IntFunction<Stay> whyNot)
      throws OrderRefused {
    Set<String> moving =
        begun.stream().flatMap(failover -> failover.symbols().stream()).collect(Collectors.toSet());
    List<Stay> stays = new ArrayList<>();
    for (int contract : contracts) {
      if (!moving.contains(plan.contracts().get(contract).text())) {
        stays.add(whyNot.apply(contract));
      }
    }
    if (begun.isEmpty()) {
      throw new OrderRefused(
          stays.size() == 1
              ? "%s stays: %s"
                  .formatted(stays.getFirst().symbol(), stays.getFirst().reason())
              : "none of %,d contracts can move, each for its reason".formatted(stays.size()),
          stays);
    }
    return new Moved(begun, List.of(), stays);
  }

  private Stay noReturn(int contract) {
    int active = control().active(contract);
    boolean none = active == Control.NOBODY
        || others(active).stream().noneMatch(other -> control().isPreferred(other, active));
    Stay stay = stay(contract, Control.NOBODY);
    return none && active != Control.NOBODY
        ? new Stay(
            stay.symbol(), stay.at(), "it is at the gateway that it prefers", stay.possible())
        : stay;
  }

  /// Contracts that are published from a gateway.
  Set<Integer> at(int gateway) {
    return IntStream.range(0, plan.contracts().size())
        .filter(contract -> control().active(contract) == gateway)
        .boxed()
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /// @param to or [Control#NOBODY] for the best
  /// @return the failovers of those that move
  List<FailoverView> move(Set<Integer> contracts, int to) {
    long now = loop.nanos();
    TreeSet<Integer> able = contracts.stream()
        .filter(contract -> control().active(contract) != Control.NOBODY)
        .filter(contract -> to == Control.NOBODY
            ? !possible(contract, now).isEmpty()
            : control().whyNot(contract, to, now) == null)
        .collect(Collectors.toCollection(TreeSet::new));
    return begun(able, Failover.Kind.MANUAL, new ControlInput.Move(able, Control.NOBODY, to));
  }

  /// Gives an order, and finds the failovers that it has begun.
  ///
  /// @param able contracts that can move
  private List<FailoverView> begun(Set<Integer> able, Failover.Kind kind, ControlInput order) {
    if (able.isEmpty()) {
      return List.of();
    }
    Set<String> before = log.history().newest().stream()
        .filter(FailoverView::isOver)
        .map(FailoverView::id)
        .collect(Collectors.toSet());
    loop.tell(order);
    log.look();
    List<String> symbols = log.symbols(able);
    return log.history().newest().stream()
        .filter(each -> each.kind() == kind && !before.contains(each.id()))
        .filter(each -> each.contracts().stream()
            .anyMatch(contract -> contract.stayed() == null && symbols.contains(contract.symbol())))
        .toList();
  }

  /// Gateways that a contract could move to now.
  List<Integer> possible(int contract, long now) {
    int active = control().active(contract);
    return others(active).stream()
        .filter(gateway -> control().whyNot(contract, gateway, now) == null)
        .toList();
  }

  /// @param to or [Control#NOBODY] for any
  Stay stay(int contract, int to) {
    int active = control().active(contract);
    long now = loop.nanos();
    String pin = book.awaitedPin(plan.contracts().get(contract));
    String reason;
    if (active == Control.NOBODY) {
      reason = "no gateway has it";
    } else if (pin != null) {
      reason = "an operator has pinned it to %s, where it goes once that is there".formatted(pin);
    } else if (to != Control.NOBODY) {
      String whyNot = control().whyNot(contract, to, now);
      reason = idOf(to) + ": " + (whyNot == null ? "it could not move" : whyNot);
    } else if (places.taken().count() == 1) {
      reason = "there is no other gateway";
    } else {
      reason = others(active).stream()
          .map(gateway -> idOf(gateway) + ": " + control().whyNot(contract, gateway, now))
          .collect(Collectors.joining("; "));
    }
    return new Stay(
        plan.contracts().get(contract).text(),
        idOrNull(active),
        reason,
        possible(contract, now).stream().map(this::idOf).toList());
  }
}
