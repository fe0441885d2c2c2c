package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.Control;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.Failover;
import dev.everfeed.core.engine.GatewayPlan;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.api.FailoverHistory;
import dev.everfeed.hub.api.FailoverView;
import dev.everfeed.hub.api.Failovers;
import dev.everfeed.hub.api.OrderRefused;
import dev.everfeed.hub.api.StreamRouteView;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What people do to failovers: their orders are carried out on the tick loop, between two
/// ticks.
final class Operators implements Failovers {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.failover");

  private final StreamLoop loop;
  private final StreamPlan plan;
  private final FailoverLog log;

  /// Why nothing can be ordered here; null when it can.
  private final @Nullable String fixed;

  private final List<String> ids;

  /// On the loop: gateways that are switched off when what moves has left; those with `true`
  /// also when something stays.
  private final Map<Integer, Boolean> leaving = new TreeMap<>();

  /// @param fixed why nothing can be ordered; null when it can
  Operators(StreamLoop loop, StreamPlan plan, FailoverLog log, @Nullable String fixed) {
    this.loop = loop;
    this.plan = plan;
    this.log = log;
    this.fixed = fixed;
    this.ids = plan.gateways().stream().map(line -> line.gateway().id()).toList();
  }

  @Override
  public List<Symbol> symbols() {
    return plan.contracts();
  }

  @Override
  public List<String> gateways() {
    return ids;
  }

  @Override
  public FailoverHistory history() {
    return log.history();
  }

  /// Something that is done on the loop, or refused.
  private interface Task<T> {
    T done() throws OrderRefused;
  }

  private <T> Future<T> onLoop(Task<T> task) {
    Promise<T> promise = Promise.promise();
    loop.onLoop(() -> {
      try {
        promise.complete(task.done());
      } catch (OrderRefused | RuntimeException e) {
        promise.fail(e);
      }
    });
    return promise.future();
  }

  private Control control() {
    return loop.control();
  }

  private void refuseWhereFixed() throws OrderRefused {
    if (fixed != null) {
      throw new OrderRefused(fixed, List.of());
    }
  }

  // ---- where symbols are

  @Override
  public Future<List<StreamRouteView>> routes() {
    return onLoop(
        () -> IntStream.range(0, plan.contracts().size()).mapToObj(this::route).toList());
  }

  private StreamRouteView route(int contract) {
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
        plan.engine().policies().get(contract),
        candidates);
  }

  /// All gateways but one, as they would be chosen: of the same type first, connected before
  /// others, then by priority and id.
  private List<Integer> others(int active) {
    String type =
        active == Control.NOBODY ? "" : plan.gateways().get(active).plan().type();
    return IntStream.range(0, ids.size())
        .filter(gateway -> gateway != active)
        .boxed()
        .sorted(Comparator.<Integer, Boolean>comparing(
                gateway -> !plan.gateways().get(gateway).plan().type().equals(type))
            .thenComparing(gateway -> !isUp(gateway))
            .thenComparing(gateway -> plan.gateways().get(gateway).plan().priority())
            .thenComparing(ids::get))
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

  private @Nullable String idOrNull(int gateway) {
    return gateway == Control.NOBODY ? null : ids.get(gateway);
  }

  // ---- moves

  @Override
  public Future<Moved> move(Move order) {
    return onLoop(() -> {
      refuseWhereFixed();
      int to = order.to() == null ? Control.NOBODY : ids.indexOf(order.to());
      Set<Integer> contracts = new LinkedHashSet<>();
      for (Symbol symbol : order.symbols()) {
        contracts.add(plan.contracts().indexOf(symbol));
      }
      String from = order.from();
      if (from != null) {
        contracts.addAll(at(ids.indexOf(from)));
        if (contracts.isEmpty()) {
          throw new OrderRefused("nothing is published from " + from, List.of());
        }
      }
      List<FailoverView> begun = move(contracts, to);
      Set<String> moving = begun.stream()
          .flatMap(failover -> failover.symbols().stream())
          .collect(Collectors.toSet());
      List<Stay> stays = new ArrayList<>();
      for (int contract : contracts) {
        if (!moving.contains(plan.contracts().get(contract).text())) {
          stays.add(stay(contract, to));
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
      return new Moved(begun, stays);
    });
  }

  private Set<Integer> at(int gateway) {
    return IntStream.range(0, plan.contracts().size())
        .filter(contract -> control().active(contract) == gateway)
        .boxed()
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /// @param to or [Control#NOBODY] for the best
  /// @return the failovers of those that move
  private List<FailoverView> move(Set<Integer> contracts, int to) {
    long now = loop.nanos();
    TreeSet<Integer> able = contracts.stream()
        .filter(contract -> control().active(contract) != Control.NOBODY)
        .filter(contract -> to == Control.NOBODY
            ? !possible(contract, now).isEmpty()
            : control().whyNot(contract, to, now) == null)
        .collect(Collectors.toCollection(TreeSet::new));
    if (able.isEmpty()) {
      return List.of();
    }
    Set<String> before = history().newest().stream()
        .filter(FailoverView::isOver)
        .map(FailoverView::id)
        .collect(Collectors.toSet());
    loop.tell(new ControlInput.Move(able, Control.NOBODY, to));
    log.look();
    List<String> symbols = log.symbols(able);
    return history().newest().stream()
        .filter(each -> each.kind() == Failover.Kind.MANUAL && !before.contains(each.id()))
        .filter(each -> each.contracts().stream()
            .anyMatch(contract -> contract.stayed() == null && symbols.contains(contract.symbol())))
        .toList();
  }

  private List<Integer> possible(int contract, long now) {
    int active = control().active(contract);
    return others(active).stream()
        .filter(gateway -> control().whyNot(contract, gateway, now) == null)
        .toList();
  }

  private Stay stay(int contract, int to) {
    int active = control().active(contract);
    long now = loop.nanos();
    String reason;
    if (active == Control.NOBODY) {
      reason = "no gateway has it";
    } else if (to != Control.NOBODY) {
      String whyNot = control().whyNot(contract, to, now);
      reason = ids.get(to) + ": " + (whyNot == null ? "it could not move" : whyNot);
    } else if (ids.size() == 1) {
      reason = "there is no other gateway";
    } else {
      reason = others(active).stream()
          .map(gateway -> ids.get(gateway) + ": " + control().whyNot(contract, gateway, now))
          .collect(Collectors.joining("; "));
    }
    return new Stay(
        plan.contracts().get(contract).text(),
        idOrNull(active),
        reason,
        possible(contract, now).stream().map(ids::get).toList());
  }

  // ---- gateways

  private Switched switched(int gateway, List<FailoverView> failovers) {
    return new Switched(loop.feed(gateway).shown(), failovers);
  }

  @Override
  public Future<Switched> start(String id) {
    return onLoop(() -> {
      refuseWhereFixed();
      int gateway = ids.indexOf(id);
      leaving.remove(gateway);
      if (!control().isEnabled(gateway)) {
        loop.tell(new ControlInput.Enable(gateway, true));
      }
      return switched(gateway, List.of());
    });
  }

  @Override
  public Future<Switched> stop(String id, boolean force) {
    return onLoop(() -> {
      refuseWhereFixed();
      int gateway = ids.indexOf(id);
      if (!control().isEnabled(gateway)) {
        return switched(gateway, List.of());
      }
      long now = loop.nanos();
      Set<Integer> contracts = at(gateway);
      List<Stay> stays = contracts.stream()
          .filter(contract -> possible(contract, now).isEmpty())
          .filter(contract -> !control().isMoving(contract))
          .map(contract -> stay(contract, Control.NOBODY))
          .toList();
      if (!stays.isEmpty() && !force) {
        throw new OrderRefused(
            "%,d of the %,d contracts of %s would be published by nobody; \"force\": true stops it all the same"
                .formatted(stays.size(), contracts.size(), id),
            stays);
      }
      List<FailoverView> begun = move(contracts, Control.NOBODY);
      leaving.put(gateway, force);
      timePassed();
      return switched(gateway, begun);
    });
  }

  /// Fifty times a second, on the loop.
  void timePassed() {
    if (leaving.isEmpty()) {
      return;
    }
    for (Iterator<Map.Entry<Integer, Boolean>> all = leaving.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<Integer, Boolean> each = all.next();
      int gateway = each.getKey();
      Set<Integer> contracts = at(gateway);
      if (contracts.stream().anyMatch(control()::isMoving)) {
        continue; // each move has a deadline
      }
      all.remove();
      if (contracts.isEmpty() || each.getValue()) {
        loop.tell(new ControlInput.Enable(gateway, false));
      } else {
        LOG.warn(
            "{}: is not stopped, since {} of its contracts could not leave",
            ids.get(gateway),
            contracts.size());
      }
    }
  }

  @Override
  public Future<Switched> restart(String id) {
    return onLoop(() -> {
      refuseWhereFixed();
      int gateway = ids.indexOf(id);
      if (!control().isEnabled(gateway)) {
        throw new OrderRefused(id + " is switched off; start it first", List.of());
      }
      if (loop.feed(gateway).shown().streams() == 0) {
        throw new OrderRefused(
            id + " has no connection, since nothing is wanted from it", List.of());
      }
      loop.feed(gateway).reconnect("an operator restarts it");
      return switched(gateway, List.of());
    });
  }
}
