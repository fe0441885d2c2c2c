package dev.everfeed.simulator.check;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.Reply;
import java.util.Map;
import java.util.TreeMap;

/// P12 (RESILIENCE I-21). A price below or at zero is never served at all. Any other wrong one
/// cannot be told from a right one when it is the first ever, or when two sources say the same:
/// from then on the symbol is not looked at any more.
final class WrongPriceIsNotLive extends Invariant {
  private enum Believed {
    RIGHT,
    UNKNOWN
  }

  /// By base asset: an equivalent is held against what it stands for.
  private final Map<String, Believed> believed = new TreeMap<>();

  /// Who said something wrong of a symbol last.
  private final Map<String, SourceId> liar = new TreeMap<>();

  WrongPriceIsNotLive(Checks checks) {
    super("P12", "a wrong price is not served as live, an impossible one not at all", checks);
  }

  @Override
  void input(Input input, long now) {
    if (ledger.ending() == null || !(input instanceof Input.Answered answered)) {
      return;
    }
    for (Event event : answered.events()) {
      if (event instanceof Event.Price price) {
        boolean right = truth.isRight(price);
        believed.putIfAbsent(asset(price.symbol()), right ? Believed.RIGHT : Believed.UNKNOWN);
        if (!right) {
          SourceId before = liar.put(asset(price.symbol()), price.source());
          if (before != null && !before.equals(price.source())) {
            believed.put(asset(price.symbol()), Believed.UNKNOWN);
          }
        }
      }
    }
  }

  @Override
  void decision(Decision decision, long now) {
    if (!(decision instanceof Decision.Answer(long id, Reply.Value value))) {
      return;
    }
    for (Event event : value.served().events()) {
      if (event instanceof Event.Price price) {
        boolean impossible = price.price().signum() <= 0;
        boolean wrong = value.status() == ValueStatus.LIVE
            && believed.get(asset(price.symbol())) == Believed.RIGHT
            && !truth.isRight(price);
        if (impossible || wrong) {
          broken("request %d got as %s: %s".formatted(id, value.status(), price), now);
        }
      }
    }
  }

  private static String asset(Symbol symbol) {
    return symbol.base().orElse(symbol.text());
  }
}
