package dev.everfeed.hub.api;

import dev.everfeed.core.guard.GuardSnapshot;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.source.BarRules;
import dev.everfeed.hub.source.Content;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One source: what it is, and how it is at the moment of the [HubView].
///
/// @param exchange      where what it tells trades; null for an aggregate
/// @param attribution   the words and the link that its terms ask for; empty when they ask none
/// @param usualInterval how often its values move, by its own documents; null when unknown
/// @param host          host and port that it is asked at
/// @param enabled       false when the configuration took it out of service
/// @param offers        the kinds of data it serves; the value is its place in that kind's
///     order (1 is asked first), or 0 when no route names it
/// @param proofs        what each kind can prove about its own completeness
/// @param bars          how it serves bars, or null when it has none
public record SourceView(
    SourceId id,
    @Nullable String exchange,
    Content content,
    String attribution,
    @Nullable Duration usualInterval,
    String host,
    boolean enabled,
    Map<Query.Kind, Integer> offers,
    Map<Query.Kind, Proof> proofs,
    @Nullable BarRules bars,
    GuardSnapshot guard) {

  /// Its best place in any order: 1 is asked first; 0 when no route names it.
  public int priority() {
    return offers.values().stream().filter(p -> p > 0).mapToInt(p -> p).min().orElse(0);
  }
}
