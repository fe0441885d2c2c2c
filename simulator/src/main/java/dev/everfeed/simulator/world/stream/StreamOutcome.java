package dev.everfeed.simulator.world.stream;

import dev.everfeed.simulator.check.Violation;
import java.util.List;

/// What came of one seed.
///
/// @param hash       of everything that went in and came out
/// @param steps      events and inputs that went in, publications and decisions that came out
/// @param published  events
/// @param failovers  that moved something
/// @param faults     begun, local pauses and restarts included
/// @param wellNanos  from the healing until all was well again, -1 when it never was
/// @param endNanos   virtual time at the end
/// @param convictions of gateways, those without any fault of theirs apart
/// @param violations the first ones
/// @param phases     what happened, for people
public record StreamOutcome(
    long seed,
    long hash,
    long steps,
    long published,
    long failovers,
    int faults,
    long convictions,
    long falseConvictions,
    long wellNanos,
    long endNanos,
    List<Violation> violations,
    List<String> phases) {

  public String hashText() {
    return "%016x".formatted(hash);
  }

  /// The command that shows this run again.
  public String replay() {
    return "./everfeed simulate --streams --seed " + seed;
  }
}
