package dev.everfeed.core.verdict;

import dev.everfeed.core.model.ValueStatus;
import org.jspecify.annotations.Nullable;

/// What is known of a symbol's data at one moment.
///
/// @param recording    whether what is published is a recording
/// @param status       the worst of its quotes and trades
/// @param ageNanos     of the newest quote or trade; [#NEVER] when there was none
/// @param sources      healthy ones that have it, each content counted once
/// @param moving       whether it is being moved
/// @param lost         trades that were declared lost, as long as that counts
/// @param doubt        why nobody can tell which of its prices are right; null when somebody can
/// @param standIn      why its price is not its own; null when it is
public record Evidence(
    boolean recording,
    ValueStatus status,
    long ageNanos,
    int sources,
    boolean moving,
    long lost,
    @Nullable String doubt,
    @Nullable String standIn) {
  public static final long NEVER = Long.MAX_VALUE;
}
