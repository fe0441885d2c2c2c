package dev.everfeed.core.request;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.normalise.Consistency;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What becomes of an answer that is not believed: a price that another provider may confirm
/// stays with its flight as a suspect, one that stands still as better than nothing, and what
/// is wrong is put aside.
final class Doubts {
  private final Judge judge;
  private final Memory memory;

  Doubts(Judge judge, Memory memory) {
    this.judge = judge;
    this.memory = memory;
  }

  /// Why an exchange's bars may not stand for all exchanges', or null.
  @Nullable
  Failure disagreement(Flight flight, Served served) {
    if (!(flight.query instanceof Query.Bars asked) || asked.exchange() != null) {
      return null;
    }
    return memory
        .deviation(asked, served.events())
        .filter(Consistency.Deviation::disagrees)
        .map(deviation -> Failure.of(Failure.Kind.DISAGREES, deviation.text()))
        .orElse(null);
  }

  static Served served(OutCall call, Flight flight, Input.Answered answered, long nowNanos) {
    return new Served(
        flight.query,
        call.source,
        answered.events(),
        nowNanos,
        isEquivalent(call),
        answered.covered());
  }

  private static boolean isEquivalent(OutCall call) {
    for (Map.Entry<Symbol, Symbol> entry : call.askedAs.entrySet()) {
      if (!entry.getKey().equals(entry.getValue())) {
        return true;
      }
    }
    return false;
  }

  /// Why the answer is not believed, or null.
  @Nullable
  Failure objection(
      OutCall call, Flight flight, Served served, long nowNanos, Consumer<Decision> out) {
    Map<Symbol, Served> parts = Memory.parts(served, call.askedAs);
    Failure objection = judge.objection(served, parts, flight.suspects, flight.route, nowNanos);
    if (objection == null) {
      return null;
    }
    if (objection.kind() == Failure.Kind.WRONG_DATA) {
      flight.suspects = parts;
      out.accept(new Decision.Reject(call.source, flight.query, served.events(), objection));
    } else if (objection.kind() == Failure.Kind.FROZEN) {
      Flight.Frozen before = flight.frozen;
      if (before == null || judge.isAsYoung(served, before.served(), nowNanos)) {
        flight.frozen = new Flight.Frozen(served, call.askedAs);
      }
    }
    return objection;
  }
}
