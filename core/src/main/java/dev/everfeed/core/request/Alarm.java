package dev.everfeed.core.request;

import dev.everfeed.core.model.SourceId;

/// What the chain has to look at when a moment has come.
sealed interface Alarm {

  /// Whether it holds time against a source.
  default boolean accusesASource() {
    return switch (this) {
      case Hedge _, Slow _, Timeout _ -> true;
      case Retry _, Patience _, Deadline _, Recall _, Trial _, Probe _ -> false;
    };
  }

  /// The call is out for longer than usual: is it time for the next provider?
  record Hedge(OutCall call) implements Alarm {}

  /// The call is out for so long that it counts as failed, though it may still answer.
  record Slow(OutCall call) implements Alarm {}

  /// The call's time is over.
  record Timeout(OutCall call) implements Alarm {}

  /// The pause before another attempt is over.
  ///
  /// @param number which pause of the flight; an earlier one was cut short
  record Retry(Flight flight, int number) implements Alarm {}

  /// A user has waited long enough if there is a remembered answer.
  record Patience(Flight flight, long requestId) implements Alarm {}

  /// A user's time is over.
  record Deadline(Flight flight, long requestId) implements Alarm {}

  /// History's time is over.
  record Recall(long callId) implements Alarm {}

  /// A circuit is half open: does anybody call its source, or must we?
  record Trial(SourceId source) implements Alarm {}

  /// The cooldown of a circuit is over.
  record Probe(SourceId source) implements Alarm {}
}
