package dev.everfeed.simulator.world;

import dev.everfeed.core.guard.GuardPolicy;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.util.SortedSet;

/// What one simulated provider is like while nothing is wrong with it.
///
/// @param aggregate     tells prices of equivalents, moved once a minute, and votes
/// @param moodOnly      tells nothing but the mood of the market
/// @param latencyNanos  median time of an answer
/// @param latencySpread sigma of its logarithm
/// @param weightLimit   that the provider allows in one of its own minutes
/// @param windowNanos   where these minutes begin
/// @param tellsWeight   whether its answers carry what it has counted
/// @param othersPercent of the weight is used by somebody else at our address
/// @param skewPpm       its prices are that far from the market's
/// @param offered       the symbols it can be asked for
/// @param usualNanos    the usual age of its newest value
/// @param policy        how the hub guards it
record ProviderPlan(
    SourceId id,
    boolean aggregate,
    boolean moodOnly,
    long latencyNanos,
    double latencySpread,
    int weightLimit,
    long windowNanos,
    boolean tellsWeight,
    int othersPercent,
    int skewPpm,
    SortedSet<Symbol> offered,
    long usualNanos,
    GuardPolicy policy) {}
