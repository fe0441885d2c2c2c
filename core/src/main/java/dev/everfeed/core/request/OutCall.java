package dev.everfeed.core.request;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// A call, or a probe, that is out at a provider.
final class OutCall {
  final long id;

  /// Null for a probe.
  final @Nullable Flight flight;

  final SourceId source;
  final long permit;
  final long startedAtNanos;

  /// How many requests it takes at most, one after the other: it has the time of so many.
  final int requests;

  /// For a price query: each symbol that was wanted, and the one that was asked for it.
  final SortedMap<Symbol, Symbol> askedAs;

  /// How long this process stood still meanwhile: not the source's time.
  long creditNanos;

  /// Whether the flight has gone on to the next provider because of this call.
  boolean passed;

  OutCall(
      long id,
      @Nullable Flight flight,
      SourceId source,
      long permit,
      long startedAtNanos,
      int requests,
      SortedMap<Symbol, Symbol> askedAs) {
    this.id = id;
    this.flight = flight;
    this.source = source;
    this.permit = permit;
    this.startedAtNanos = startedAtNanos;
    this.requests = requests;
    this.askedAs = askedAs;
  }

  boolean isProbe() {
    return flight == null;
  }

  Failure noAnswerYet(long nowNanos) {
    return Failure.of(
        Failure.Kind.NO_ANSWER_YET,
        "no answer after %,d ms".formatted((nowNanos - startedAtNanos) / 1_000_000));
  }
}
