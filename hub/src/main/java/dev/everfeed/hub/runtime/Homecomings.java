package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.Control;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.model.Symbol;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Symbols that were pinned or frozen at a gateway which was not there when the hub began, as that
/// of an account, go there once they can. Owned by the tick loop.
final class Homecomings {
  /// How long to wait before a symbol that could not arrive is sent there again.
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private static final Duration AGAIN_MOST = Duration.ofMinutes(15);

  /// @param atNanos    when it was sent there last
  /// @param afterNanos how long to wait since
  private record Tried(long atNanos, long afterNanos) {}

  private final Map<Symbol, Tried> tried = new HashMap<>();

  private final StreamLoop loop;
  private final StreamPlan plan;
  private final StandingBook book;
  private final Departures departures;

  Homecomings(StreamLoop loop, StreamPlan plan, StandingBook book, Departures departures) {
    this.loop = loop;
    this.plan = plan;
    this.book = book;
    this.departures = departures;
  }

  /// Once a second. Who could not arrive is tried again after twice the time.
  void timePassed() {
    tried.keySet().retainAll(book.awaiting().keySet());
    if (book.awaiting().isEmpty()) {
      return;
    }
    Control control = loop.control();
    long now = loop.nanos();
    TreeMap<Integer, Integer> able = new TreeMap<>();
    for (Map.Entry<Symbol, String> each : List.copyOf(book.awaiting().entrySet())) {
      Symbol symbol = each.getKey();
      int contract = plan.contracts().indexOf(symbol);
      int gateway = plan.gateways().numberOf(each.getValue());
      if (gateway < 0 || departures.isLeaving(gateway) || control.isMoving(contract)) {
        continue;
      }
      if (control.active(contract) == gateway) {
        book.arrived(symbol, loop::tell);
      } else if (isDue(symbol, now) && control.whyNot(contract, gateway, now) == null) {
        able.put(contract, gateway);
        Tried last = tried.get(symbol);
        long after = last == null ? AGAIN.toNanos() : 2 * last.afterNanos();
        tried.put(symbol, new Tried(now, Math.min(after, AGAIN_MOST.toNanos())));
      }
    }
    if (!able.isEmpty()) {
      loop.tell(new ControlInput.Home(able));
    }
  }

  private boolean isDue(Symbol symbol, long now) {
    Tried last = tried.get(symbol);
    return last == null || now - last.atNanos() >= last.afterNanos();
  }
}
