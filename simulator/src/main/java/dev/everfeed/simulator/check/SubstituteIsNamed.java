package dev.everfeed.simulator.check;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.request.Route;

/// P17 (DESIGN section 5: an equivalent only where one is named, and then every value says so).
final class SubstituteIsNamed extends Invariant {
  SubstituteIsNamed(Checks checks) {
    super("P17", "what is not of the asked symbol is a named equivalent and says so", checks);
  }

  @Override
  void decision(Decision decision, long now) {
    if (!(decision instanceof Decision.Answer(long id, Reply.Value value))
        || !(value.query() instanceof Query.Prices wanted)) {
      return;
    }
    Route route = truth.route(value.query().kind());
    for (Event event : value.served().events()) {
      if (!(event instanceof Event.Price price) || wanted.symbols().contains(price.symbol())) {
        continue;
      }
      boolean named = false;
      for (Symbol symbol : wanted.symbols()) {
        named |= Usable.symbolAt(route, price.source(), symbol).equals(price.symbol());
      }
      if (!named || !value.served().equivalent()) {
        broken(
            "request %d for %s got %s, %s, equivalent: %s"
                .formatted(
                    id,
                    wanted,
                    price,
                    named ? "a named equivalent" : "which nobody named",
                    value.served().equivalent()),
            now);
      }
    }
  }
}
