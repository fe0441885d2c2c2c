package dev.everfeed.simulator.world;

import dev.everfeed.simulator.check.Violation;
import java.util.List;

/// What came of one seed.
///
/// @param hash       of everything that went in and came out
/// @param steps      inputs and decisions
/// @param requests   of users
/// @param live       of them answered live; the others by what they are called
/// @param lost       of them asked of a process that ended before it answered
/// @param calls      made at providers, probes not counted
/// @param further    of them retries and hedges
/// @param failovers  answers by another than the first provider of the route
/// @param openings   of circuits
/// @param recalls    questions to history
/// @param restarts   of our process
/// @param faults     begun, local pauses included
/// @param healNanos  virtual time at which everything was healed
/// @param wellNanos  virtual time at which all was well again, -1 when it never was
/// @param endNanos   virtual time at the end
/// @param violations the first ones
/// @param phases     what happened, for people
public record Outcome(
    long seed,
    long hash,
    long steps,
    long requests,
    long live,
    long maybeStale,
    long cached,
    long stale,
    long unavailable,
    long lost,
    long calls,
    long further,
    long failovers,
    long openings,
    long recalls,
    long restarts,
    int faults,
    long healNanos,
    long wellNanos,
    long endNanos,
    List<Violation> violations,
    List<String> phases) {

  public String hashText() {
    return "%016x".formatted(hash);
  }

  /// The command that shows this run again.
  public String replay() {
    return "./everfeed simulate --seed " + seed;
  }
}
