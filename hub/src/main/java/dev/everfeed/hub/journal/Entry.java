package dev.everfeed.hub.journal;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One thing that is written down in the journal, and later becomes a row. Immutable.
public sealed interface Entry {

  /// The hub's own time of it, which never steps back within a run of the hub (see
  /// [dev.everfeed.core.time.AnchoredClock]).
  Instant at();

  /// Something that a source said and that was believed.
  record Received(Event event, Instant at) implements Entry {}

  /// Something that a source said and that was not believed: kept for whoever looks into it,
  /// never served.
  record Rejected(Event event, String reason, Instant at) implements Entry {}

  /// A run of the schedule has ended.
  ///
  /// @param number        of this start of the hub, from 1
  /// @param at            its end
  /// @param questions     in the run
  /// @param refreshed     of these, answered by a provider
  /// @param errors        at most [dev.everfeed.core.request.RunReport#MAX_ERRORS]
  /// @param errorsDropped further ones
  /// @param asked         what was asked in it that is not asked in every run
  record RunEnded(
      long number,
      Instant startedAt,
      Instant at,
      int questions,
      int refreshed,
      List<RunError> errors,
      int errorsDropped,
      List<Asked> asked)
      implements Entry {
    public RunEnded {
      errors = List.copyOf(errors);
      asked = List.copyOf(asked);
    }
  }

  /// One failure of one provider in a run.
  record RunError(
      @Nullable SourceId source, String subject, Failure.Kind kind, String message, Instant at) {}

  /// A question of the schedule, in the words of the report (`BTC/USDT 1m`), and when it was
  /// asked.
  record Asked(String what, Instant at) {}

  /// Something worth knowing afterwards: a circuit opened, the hub started, entries were lost.
  ///
  /// @param type   `circuit_changed`, `hub_started`, `journal_lost`, …
  /// @param source whom it concerns, or null
  /// @param detail one JSON object
  record Happened(String type, @Nullable SourceId source, String detail, Instant at)
      implements Entry {}

  /// An exchange has told all bars that it has of a stretch of time; those that were not written
  /// down before come before this in the journal, so that whoever finds this finds them.
  ///
  /// @param exchange never empty: nobody can tell for an aggregate
  /// @param span     whole intervals that were over, with a bar or without
  record Covered(String exchange, Symbol symbol, Interval interval, Span span, Instant at)
      implements Entry {}
}
