package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.Control;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.model.Symbol;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Symbols that were pinned or frozen at a gateway which was not there when the hub began, as that
/// of an account, go there once they can. Owned by the tick loop.
final class Homecomings {
  /// How long to wait before what could not go to its gateway is sent there again.
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private static final Duration AGAIN_MOST = Duration.ofMinutes(15);

  private long triedNanos = Long.MIN_VALUE / 2;
  private long againNanos = AGAIN.toNanos();

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

  /// Once a second. What could not arrive is tried again after twice the time.
  void timePassed() {
    if (book.awaiting().isEmpty()) {
      return;
    }
    Control control = loop.control();
    TreeMap<Integer, Integer> able = new TreeMap<>();
    for (Map.Entry<Symbol, String> each : List.copyOf(book.awaiting().entrySet())) {
      int contract = plan.contracts().indexOf(each.getKey());
      int gateway = plan.gateways().numberOf(each.getValue());
      if (gateway < 0 || departures.isLeaving(gateway) || control.isMoving(contract)) {
        continue;
      }
      if (control.active(contract) == gateway) {
        book.arrived(each.getKey(), loop::tell);
        againNanos = AGAIN.toNanos();
      } else if (control.whyNot(contract, gateway, loop.nanos()) == null) {
        able.put(contract, gateway);
      }
    }
    if (!able.isEmpty() && loop.nanos() - triedNanos >= againNanos) {
      triedNanos = loop.nanos();
      againNanos = Math.min(2 * againNanos, AGAIN_MOST.toNanos());
      loop.tell(new ControlInput.Home(able));
    }
  }
}
