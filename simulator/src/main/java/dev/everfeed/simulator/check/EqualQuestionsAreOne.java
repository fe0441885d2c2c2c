package dev.everfeed.simulator.check;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Catalogue;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.Route;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// P7 (RESILIENCE R4.3). A question's first call is looked at until it ends, or until another
/// provider was asked the same (which may have answered, so that the question may be new again).
final class EqualQuestionsAreOne extends Invariant {
  private final Map<Query, Long> firstOut = new LinkedHashMap<>();

  EqualQuestionsAreOne(Checks checks) {
    super("P7", "equal questions asked at once make one first call", checks);
  }

  @Override
  void input(Input input, long now) {
    Ledger.Made ended = ledger.ending();
    if (ended != null) {
      firstOut.values().remove(ended.id());
    }
  }

  @Override
  void decision(Decision decision, long now) {
    switch (decision) {
      case Decision.Cancel cancel -> firstOut.values().remove(cancel.callId());
      case Decision.Call call when call.purpose() == Decision.Purpose.FIRST -> first(call, now);
      case Decision.Call call
      when call.purpose() != Decision.Purpose.TRIAL ->
        firstOut.keySet().removeIf(asked -> isSame(asked, call.source(), call.query()));
      default -> {}
    }
  }

  private void first(Decision.Call call, long now) {
    if (!(ledger.current() instanceof Input.Ask ask)
        || !isSame(ask.query(), call.source(), call.query())) {
      return; // the schedule's question, whose words are not known here
    }
    Long before = firstOut.put(ask.query(), call.callId());
    if (before != null) {
      broken(
          "%s: first call %d to %s while first call %d is out"
              .formatted(ask.query(), call.callId(), call.source(), before),
          now);
    }
  }

  /// Whether `source` is asked `asked` when somebody wants `wanted`.
  private boolean isSame(Query wanted, SourceId source, Query asked) {
    if (wanted.kind() != asked.kind()) {
      return false;
    }
    if (!(wanted instanceof Query.Prices prices)) {
      return wanted.equals(asked);
    }
    Route route = truth.route(wanted.kind());
    List<Symbol> there = new ArrayList<>();
    for (Symbol symbol : prices.symbols()) {
      Symbol at = Usable.symbolAt(route, source, symbol);
      if (truth.catalogue().weight(source, Query.Prices.of(at)) != Catalogue.NOT_OFFERED) {
        there.add(at);
      }
    }
    return !there.isEmpty() && Query.Prices.of(there).equals(asked);
  }
}
