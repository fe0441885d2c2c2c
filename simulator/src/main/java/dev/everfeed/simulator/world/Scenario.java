package dev.everfeed.simulator.world;

import dev.everfeed.core.guard.BreakerPolicy;
import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Planned;
import dev.everfeed.core.request.Route;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// Everything that a seed decides before the first event.
///
/// @param symbols      what users ask for
/// @param questions    what single users ask, drawn from evenly
/// @param plan         what the schedule refreshes
/// @param refreshNanos between two runs
/// @param safetyNanos  how long faults may be on; then everything is healed
/// @param askedPerSecond by single users
/// @param faults       by provider, in order of their beginning
/// @param timersFirst  whether, after a local pause, time is looked at before what has come in
/// @param store        empty when nothing is written down, and our process never starts anew
record Scenario(
    List<ProviderPlan> providers,
    SortedMap<Query.Kind, Route> routes,
    List<Symbol> symbols,
    List<Query> questions,
    List<Planned> plan,
    long refreshNanos,
    long safetyNanos,
    double askedPerSecond,
    SortedMap<SourceId, List<Fault>> faults,
    List<Pause> pauses,
    List<Herd> herds,
    List<PolicyChange> policyChanges,
    boolean timersFirst,
    Optional<StorePlan> store) {

  /// Our process stands still.
  record Pause(long atNanos, long lengthNanos) {}

  /// Many ask the same at once.
  record Herd(long atNanos, Query query, int users, Priority priority) {}

  /// An operator changes thresholds.
  record PolicyChange(long atNanos, SourceId source, BreakerPolicy policy) {}

  int faultCount() {
    int count = pauses.size();
    for (List<Fault> own : faults.values()) {
      count += own.size();
    }
    return count;
  }
}
