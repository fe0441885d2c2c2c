package dev.everfeed.simulator.check;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.Reply;
import java.time.Instant;
import java.util.List;

/// P23. What was kept is recalled unchanged: when history brings every bar of a range that is
/// over, and all are complete, the user gets just these intervals, complete, and not as stale.
public final class HistoryIsServed extends Invariant {
  HistoryIsServed(Checks checks) {
    super("P23", "a range that is over and that history has in full is served in full", checks);
  }

  @Override
  void decision(Decision decision, long now) {
    if (!(decision instanceof Decision.Answer(long id, Reply reply))
        || !(reply.query() instanceof Query.Bars wanted)
        || !(ledger.current() instanceof Input.Recalled recalled)
        || ledger.request(id) == null
        || !wanted.equals(ledger.recallQuery(recalled.callId()))
        || !isWhole(wanted, ofTheFirst(recalled.past()), truth.clock().at(now))) {
      return;
    }
    boolean served = reply instanceof Reply.Value value
        && value.status() == ValueStatus.CACHED
        && value.served().events().stream().allMatch(HistoryIsServed::isComplete)
        && times(value.served().events())
            .equals(times(
                ofTheFirst(recalled.past()).stream().map(Input.Past::event).toList()));
    if (!served) {
      broken(
          "request %d for %s: history had %d bars, the answer is %s"
              .formatted(id, wanted, recalled.past().size(), reply),
          now);
    }
  }

  /// What the first exchange has: the others do not stand in for it.
  static List<Input.Past> ofTheFirst(List<Input.Past> past) {
    return past.stream()
        .filter(one -> one.event().source().equals(past.getFirst().event().source()))
        .toList();
  }

  /// Whether bars of one exchange are all that can be of a range that is over.
  public static boolean isWhole(Query.Bars wanted, List<Input.Past> past, Instant now) {
    Instant from = wanted.from();
    Instant to = wanted.to();
    if (from == null || to == null || to.isAfter(now) || past.isEmpty()) {
      return false;
    }
    Instant next = wanted.interval().openOf(from);
    if (!next.equals(from)) {
      next = wanted.interval().next(next);
    }
    for (Input.Past one : past) {
      if (!(one.event() instanceof Event.Bar bar)
          || !isComplete(bar)
          || !bar.time().equals(next)) {
        return false;
      }
      next = wanted.interval().next(next);
    }
    return past.size() == wanted.limit() || !next.isBefore(to);
  }

  private static boolean isComplete(Event event) {
    return event instanceof Event.Bar bar && Boolean.TRUE.equals(bar.complete());
  }

  private static List<Instant> times(List<Event> bars) {
    return bars.stream().map(event -> ((Event.Bar) event).time()).toList();
  }
}
