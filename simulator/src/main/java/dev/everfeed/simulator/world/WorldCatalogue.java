package dev.everfeed.simulator.world;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Catalogue;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the simulated providers offer: exchanges prices and bars, the aggregate prices of
/// equivalents and votes, the last one the mood of the market.
final class WorldCatalogue implements Catalogue {
  private final Map<SourceId, ProviderPlan> plans = new TreeMap<>();

  WorldCatalogue(List<ProviderPlan> plans) {
    plans.forEach(plan -> this.plans.put(plan.id(), plan));
  }

  @Override
  public int weight(SourceId source, Query query) {
    ProviderPlan plan = plan(source);
    return switch (query) {
      case Query.Prices prices ->
        plan.offered().containsAll(prices.symbols())
            ? (prices.symbols().size() > 1 ? 4 : 2)
            : NOT_OFFERED;
      case Query.Bars bars ->
        !plan.aggregate() && plan.offered().contains(bars.symbol()) ? 2 : NOT_OFFERED;
      case Query.Sentiments _ -> plan.aggregate() || plan.moodOnly() ? 1 : NOT_OFFERED;
      case Query.Trades _, Query.Listings _ -> NOT_OFFERED;
    };
  }

  @Override
  public @Nullable String exchangeOf(SourceId source) {
    ProviderPlan plan = plan(source);
    return plan.aggregate() || plan.moodOnly() ? null : source.name();
  }

  @Override
  public int probeWeight(SourceId source) {
    return 1;
  }

  @Override
  public long usualIntervalNanos(SourceId source) {
    return plan(source).usualNanos();
  }

  private ProviderPlan plan(SourceId source) {
    ProviderPlan plan = plans.get(source);
    if (plan == null) {
      throw new IllegalArgumentException("no provider " + source);
    }
    return plan;
  }
}
