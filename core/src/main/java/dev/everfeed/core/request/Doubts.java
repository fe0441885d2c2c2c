package dev.everfeed.core.request;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.normalise.Consistency;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What becomes of an answer that is not believed, or that may not stand for all exchanges': a
/// price that another provider may confirm stays with its flight as a suspect, one that stands
/// still and bars without the beginning as better than nothing, and what is wrong is put aside.
final class Doubts {
  private final Judge judge;
  private final Memory memory;

  Doubts(Judge judge, Memory memory) {
    this.judge = judge;
    this.memory = memory;
  }

  /// Why an exchange's bars may not stand for all exchanges', or null. They are believed, under
  /// its own name.
  @Nullable
  Failure reservation(Flight flight, Served served) {
    Failure disagreement = disagreement(flight, served);
    if (disagreement != null || !beginsLate(flight.query, served)) {
      return disagreement;
    }
    Served before = flight.partial;
    Instant begin = beginOf(served);
    if (before == null || begin.isBefore(beginOf(before))) {
      flight.partial = served;
    }
    return Failure.of(
        Failure.Kind.NOT_OFFERED,
        "has bars from %s on, asked was from %s; who names its exchange gets those"
            .formatted(begin, ((Query.Bars) flight.query).from()));
  }

  /// Whether bars that may be those of any exchange begin later than asked, because this one
  /// does not have them any more. Another one may.
  static boolean beginsLate(Query query, Served served) {
    Span covered = served.covered();
    return query instanceof Query.Bars asked
        && asked.exchange() == null
        && asked.from() != null
        && covered != null
        && !served.events().isEmpty()
        && covered.from().isAfter(asked.interval().firstOpen(asked.from()));
  }

  /// When the first bar opens, or never.
  static Instant beginOf(Served served) {
    return !served.events().isEmpty() && served.events().getFirst() instanceof Event.Bar bar
        ? bar.time()
        : Instant.MAX;
  }

  private @Nullable Failure disagreement(Flight flight, Served served) {
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
