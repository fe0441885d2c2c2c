package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.Control;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.Failover;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.engine.GatewayPlan;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.api.FailoverHistory;
import dev.everfeed.hub.api.FailoverView;
import dev.everfeed.hub.api.Failovers;
import dev.everfeed.hub.api.OrderRefused;
import dev.everfeed.hub.api.StandingOrders;
import dev.everfeed.hub.api.StreamRouteView;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
  private final StandingBook book;

  /// Why nothing can be ordered here; null when it can.
  private final @Nullable String fixed;

  private final Places places;

  /// How often what could not be written is tried again.
  private static final Duration KEEP_EVERY = Duration.ofSeconds(5);

  private long triedNanos = Long.MIN_VALUE / 2;

  /// How often it is looked where symbols are while all is frozen, and whether those that wait for
  /// their gateway can go there.
  private static final Duration PLACES_EVERY = Duration.ofSeconds(1);

  private long placesNanos = Long.MIN_VALUE / 2;

  /// How long to wait before what could not go to its gateway is sent there again.
  private static final Duration HOME_AGAIN = Duration.ofSeconds(1);

  private static final Duration HOME_AGAIN_MOST = Duration.ofMinutes(15);

  private long homeNanos = Long.MIN_VALUE / 2;
  private long homeAgainNanos = HOME_AGAIN.toNanos();

  /// On the loop: gateways that are switched off when what moves has left.
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

  /// @param fixed why nothing can be ordered; null when it can
  Operators(
      StreamLoop loop,
      StreamPlan plan,
      FailoverLog log,
      StandingBook book,
      @Nullable String fixed) {
    this.book = book;
    this.loop = loop;
    this.plan = plan;
    this.log = log;
    this.fixed = fixed;
    this.places = plan.gateways();
  }

  @Override
  public List<Symbol> symbols() {
    return plan.contracts();
  }

  @Override
  public List<String> gateways() {
    return places.all().stream().map(StreamPlan.Line::id).toList();
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

  private String idOf(int gateway) {
    return places.get(gateway).id();
  }

  /// Between a look at what there is and the order it may have left.
  private int numberOf(String id) throws OrderRefused {
    int number = places.numberOf(id);
    if (number < 0) {
      throw new OrderRefused(id + " is not there any more", List.of());
    }
    return number;
  }

  private @Nullable String idOrNull(int gateway) {
    return gateway == Control.NOBODY ? null : idOf(gateway);
  }

  // ---- moves

  @Override
  public Future<Moved> move(Move order) {
    return onLoop(() -> {
      refuseWhereFixed();
      int to = order.to() == null ? Control.NOBODY : numberOf(order.to());
      Set<Integer> contracts = contracts(order);
      if (order.dryRun()) {
        return would(contracts, contract -> to == Control.NOBODY ? best(contract) : to, to);
      }
      Set<Integer> free = free(contracts);
      List<FailoverView> begun = move(free, to);
      moving(free).forEach(book::isMoved);
      return moved(contracts, begun, contract -> stay(contract, to));
    });
  }

  @Override
  public Future<Moved> back(Move order) {
    return onLoop(() -> {
      refuseWhereFixed();
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
      moving(free).forEach(book::isMoved);
      return moved(contracts, begun, this::noReturn);
    });
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

  private Stream<Symbol> moving(Set<Integer> contracts) {
    return contracts.stream().filter(control()::isMoving).map(plan.contracts()::get);
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
    return begun(able, Failover.Kind.MANUAL, new ControlInput.Move(able, Control.NOBODY, to));
  }

  /// Gives an order, and finds the failovers that it has begun.
  ///
  /// @param able contracts that can move
  private List<FailoverView> begun(Set<Integer> able, Failover.Kind kind, ControlInput order) {
    if (able.isEmpty()) {
      return List.of();
    }
    Set<String> before = history().newest().stream()
        .filter(FailoverView::isOver)
        .map(FailoverView::id)
        .collect(Collectors.toSet());
    loop.tell(order);
    log.look();
    List<String> symbols = log.symbols(able);
    return history().newest().stream()
        .filter(each -> each.kind() == kind && !before.contains(each.id()))
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

  // ---- what stands until it is taken back

  @Override
  public Future<StandingOrders> standing() {
    return Future.succeededFuture(book.shown());
  }

  @Override
  public Future<StandingOrders> freeze(@Nullable String reason) {
    return ordered(() -> book.freeze(reason, places(), loop::tell));
  }

  private SortedMap<String, String> places() {
    TreeMap<String, String> gateways = new TreeMap<>();
    for (int contract = 0; contract < plan.contracts().size(); contract++) {
      int active = control().active(contract);
      if (active != Control.NOBODY) {
        gateways.put(plan.contracts().get(contract).text(), idOf(active));
      }
    }
    return gateways;
  }

  @Override
  public Future<StandingOrders> unfreeze() {
    return ordered(() -> book.unfreeze(loop::tell));
  }

  @Override
  public Future<StandingOrders> pin(List<Symbol> symbols) {
    return ordered(() -> {
      Map<Symbol, String> gateways = new TreeMap<>();
      List<Stay> nowhere = new ArrayList<>();
      for (Symbol symbol : symbols) {
        int contract = plan.contracts().indexOf(symbol);
        int active = control().active(contract);
        if (active == Control.NOBODY || control().isMoving(contract)) {
          String why = active == Control.NOBODY ? "no gateway has it" : "it is on its way";
          nowhere.add(new Stay(symbol.text(), idOrNull(active), why, List.of()));
        } else {
          gateways.put(symbol, idOf(active));
        }
      }
      if (!nowhere.isEmpty()) {
        throw new OrderRefused(
            "%,d of %,d symbols cannot be pinned now, and none is"
                .formatted(nowhere.size(), symbols.size()),
            nowhere);
      }
      book.pin(gateways, loop::tell);
    });
  }

  @Override
  public Future<StandingOrders> unpin(List<Symbol> symbols) {
    return ordered(() -> book.unpin(symbols, loop::tell));
  }

  @Override
  public Future<StandingOrders> policy(List<Symbol> symbols, @Nullable FailoverPolicy policy) {
    return ordered(() -> book.policy(symbols, policy, loop::tell));
  }

  /// Something that changes what stands.
  private interface Change {
    void done() throws OrderRefused;
  }

  /// Complete when it is kept.
  private Future<StandingOrders> ordered(Change change) {
    return onLoop(() -> {
          refuseWhereFixed();
          change.done();
          return book.shown();
        })
        .compose(this::kept);
  }

  private Future<StandingOrders> kept(StandingOrders orders) {
    return loop.blocking(() -> book.keep(orders));
  }

  // ---- gateways

  /// It is taken away, and what stands of it with it.
  void left(String id) {
    if (book.left(id, loop::tell)) {
      kept(book.shown());
    }
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

  private void stay(int gateway) {
    Leaving before = leaving.remove(gateway);
    if (before != null) {
      before.dropWithdrawal();
    }
  }

  private Switched switched(int gateway, List<FailoverView> failovers) {
    return new Switched(loop.feed(gateway).shown(), failovers);
  }

  @Override
  public Future<Switched> start(String id) {
    return onLoop(() -> {
      refuseWhereFixed();
      int gateway = numberOf(id);
      stay(gateway);
      book.started(id);
      kept(book.shown());
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
      int gateway = numberOf(id);
      if (!control().isEnabled(gateway)) {
        book.stopped(id); // also when it is off for another reason, which may pass
        kept(book.shown());
        return switched(gateway, List.of());
      }
      Runnable stopped = () -> {
        book.stopped(id);
        kept(book.shown());
      };
      List<FailoverView> begun = leave(gateway, new Stop(force, stopped), null);
      return switched(gateway, begun);
    });
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
    Set<Integer> contracts = at(gateway);
    List<Stay> stays = contracts.stream()
        .filter(contract -> possible(contract, now).isEmpty())
        .filter(contract -> !control().isMoving(contract))
        .map(contract -> stay(contract, Control.NOBODY))
        .toList();
    if (!stays.isEmpty() && !next.force()) {
      throw new OrderRefused(
          "%,d of the %,d contracts of %s would be published by nobody; \"force\": true stops it all the same"
              .formatted(stays.size(), contracts.size(), idOf(gateway)),
          stays);
    }
    List<FailoverView> begun = move(contracts, Control.NOBODY);
    Leaving before = leaving.put(gateway, next);
    if (before != null) {
      before.dropWithdrawal();
    }
    timePassed();
    return begun;
  }

  /// Fifty times a second, on the loop.
  void timePassed() {
    if (book.isUnkept() && loop.nanos() - triedNanos >= KEEP_EVERY.toNanos()) {
      triedNanos = loop.nanos();
      kept(book.shown());
    }
    if (loop.nanos() - placesNanos >= PLACES_EVERY.toNanos()) {
      placesNanos = loop.nanos();
      bringHome();
      if (book.isFrozen() && book.moved(places())) {
        kept(book.shown());
      }
    }
    if (leaving.isEmpty()) {
      return;
    }
    for (Map.Entry<Integer, Leaving> each : List.copyOf(leaving.entrySet())) {
      int gateway = each.getKey();
      Set<Integer> contracts = at(gateway);
      if (contracts.stream().anyMatch(control()::isMoving)) {
        continue; // each move has a deadline
      }
      leaving.remove(gateway);
      boolean goes = contracts.isEmpty() || each.getValue().force();
      if (goes) {
        loop.tell(new ControlInput.Enable(gateway, false));
      } else {
        LOG.warn(
            "{}: is not stopped, since {} of its contracts could not leave",
            idOf(gateway),
            contracts.size());
      }
      each.getValue().ended(goes);
    }
  }

  /// What waits for its gateway goes there once that can be. What could not arrive is tried again
  /// after twice the time.
  private void bringHome() {
    if (book.awaiting().isEmpty()) {
      return;
    }
    TreeMap<Integer, Integer> able = new TreeMap<>();
    for (Map.Entry<Symbol, String> each : List.copyOf(book.awaiting().entrySet())) {
      int contract = plan.contracts().indexOf(each.getKey());
      int gateway = places.numberOf(each.getValue());
      if (gateway < 0 || leaving.containsKey(gateway) || control().isMoving(contract)) {
        continue;
      }
      if (control().active(contract) == gateway) {
        book.arrived(each.getKey(), loop::tell);
        homeAgainNanos = HOME_AGAIN.toNanos();
      } else if (control().whyNot(contract, gateway, loop.nanos()) == null) {
        able.put(contract, gateway);
      }
    }
    if (!able.isEmpty() && loop.nanos() - homeNanos >= homeAgainNanos) {
      homeNanos = loop.nanos();
      homeAgainNanos = Math.min(2 * homeAgainNanos, HOME_AGAIN_MOST.toNanos());
      loop.tell(new ControlInput.Home(able));
    }
  }

  @Override
  public Future<Switched> restart(String id) {
    return onLoop(() -> {
      refuseWhereFixed();
      int gateway = numberOf(id);
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
