package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Catalogue;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.PullEngine;
import dev.everfeed.core.request.Route;
import dev.everfeed.core.time.AnchoredClock;
import java.util.List;
import java.util.Map;

/// What the world knows and the engine does not: which provider is broken when, and which price
/// is right. Moments are virtual nanoseconds.
public interface Truth {
  PullEngine engine();

  SourceGuard guard(SourceId source);

  Route route(Query.Kind kind);

  Catalogue catalogue();

  AnchoredClock clock();

  /// When our process began.
  long beganAt();

  /// What is stored of these bars now, oldest first.
  List<Input.Past> history(Query.Bars wanted);

  /// Whether there is a store, and nothing is wrong with it from `from` to `to`.
  boolean historyAnswers(long from, long to);

  /// How often the schedule asks what it does not ask in every run, by its name in the report.
  Map<String, Long> periods();

  /// Whether nothing is wrong with the provider at any moment from `from` to `to`, both
  /// included.
  boolean healthy(SourceId source, long from, long to);

  /// The longest that a healthy provider takes for an answer.
  long healthyLatencyNanos();

  /// The end of the local pause that holds `moment`, or `moment` itself.
  long endOfPause(long moment);

  /// Whether our own process stood still at any moment from `from` to `to`.
  boolean pausedWithin(long from, long to);

  /// Whether the price is what the market said then, within 5 %.
  boolean isRight(Event.Price price);

  /// Whether the source has counted everything we sent, and told the right limit, all the time.
  boolean tellsRightLimit(SourceId source);
}
