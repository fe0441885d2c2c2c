package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.Control;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.FailoverPolicy;
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
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What people do to failovers: their orders are carried out on the tick loop, between two
/// ticks.
final class Operators implements Failovers {
  private final StreamLoop loop;
  private final StreamPlan plan;
  private final FailoverLog log;
  private final StandingBook book;

  /// Why nothing can be ordered here; null when it can.
  private final @Nullable String fixed;

  private final OrderedMoves moves;
  private final Departures departures;
  private final Homecomings homecomings;

  /// How often what could not be written is tried again.
  private static final Duration KEEP_EVERY = Duration.ofSeconds(5);

  private long triedNanos = Long.MIN_VALUE / 2;

  /// How often it is looked where symbols are while all is frozen, and whether those that wait for
  /// their gateway can go there.
  private static final Duration PLACES_EVERY = Duration.ofSeconds(1);

  private long placesNanos = Long.MIN_VALUE / 2;

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
    this.moves = new OrderedMoves(loop, plan, log, book);
    this.departures = new Departures(loop, moves);
    this.homecomings = new Homecomings(loop, plan, book, departures);
  }

  @Override
  public List<Symbol> symbols() {
    return plan.contracts();
  }

  @Override
  public List<String> gateways() {
    return plan.gateways().all().stream().map(StreamPlan.Line::id).toList();
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
        () -> IntStream.range(0, plan.contracts().size()).mapToObj(moves::route).toList());
  }

  // ---- moves

  @Override
  public Future<Moved> move(Move order) {
    return onLoop(() -> {
      refuseWhereFixed();
      return moves.move(order);
    });
  }

  @Override
  public Future<Moved> back(Move order) {
    return onLoop(() -> {
      refuseWhereFixed();
      return moves.back(order);
    });
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
        gateways.put(plan.contracts().get(contract).text(), moves.idOf(active));
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
          nowhere.add(new Stay(symbol.text(), moves.idOrNull(active), why, List.of()));
        } else {
          gateways.put(symbol, moves.idOf(active));
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

  /// Gateways that leave, for those who set how they are used.
  Departures departures() {
    return departures;
  }

  /// It is taken away, and what stands of it with it.
  void left(String id) {
    if (book.left(id, loop::tell)) {
      kept(book.shown());
    }
  }

  private Switched switched(int gateway, List<FailoverView> failovers) {
    return new Switched(loop.feed(gateway).shown(), failovers);
  }

  @Override
  public Future<Switched> start(String id) {
    return onLoop(() -> {
      refuseWhereFixed();
      int gateway = moves.numberOf(id);
      departures.stays(gateway);
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
      int gateway = moves.numberOf(id);
      if (!control().isEnabled(gateway)) {
        book.stopped(id); // also when it is off for another reason, which may pass
        kept(book.shown());
        return switched(gateway, List.of());
      }
      Runnable stopped = () -> {
        book.stopped(id);
        kept(book.shown());
      };
      List<FailoverView> begun = departures.stop(gateway, force, stopped);
      return switched(gateway, begun);
    });
  }

  /// Fifty times a second, on the loop.
  void timePassed() {
    if (book.isUnkept() && loop.nanos() - triedNanos >= KEEP_EVERY.toNanos()) {
      triedNanos = loop.nanos();
      kept(book.shown());
    }
    if (loop.nanos() - placesNanos >= PLACES_EVERY.toNanos()) {
      placesNanos = loop.nanos();
      homecomings.timePassed();
      if (book.isFrozen() && book.moved(places())) {
        kept(book.shown());
      }
    }
    departures.timePassed();
  }

  @Override
  public Future<Switched> restart(String id) {
    return onLoop(() -> {
      refuseWhereFixed();
      int gateway = moves.numberOf(id);
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
