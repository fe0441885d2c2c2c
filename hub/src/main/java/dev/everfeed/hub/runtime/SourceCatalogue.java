package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Catalogue;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.UnsupportedQueryException;
import org.jspecify.annotations.Nullable;

/// The catalogue of the adapters: a call costs what its request weighs.
final class SourceCatalogue implements Catalogue {
  private final PullPlan plan;

  SourceCatalogue(PullPlan plan) {
    this.plan = plan;
  }

  @Override
  public int weight(SourceId source, Query query) {
    PolledSource adapter = plan.source(source);
    if (query instanceof Query.Listings listings && !listings.source().equals(source)) {
      return NOT_OFFERED;
    }
    if (!adapter.offers().contains(query.kind())) {
      return NOT_OFFERED;
    }
    try {
      return adapter.weight(query);
    } catch (UnsupportedQueryException e) {
      return NOT_OFFERED; // the chain says so in the request's `tried`
    }
  }

  /// All requests of a question weigh the same.
  @Override
  public int requests(SourceId source, Query query) {
    PolledSource adapter = plan.source(source);
    try {
      return Math.ceilDiv(
          adapter.weight(query), Math.max(1, adapter.request(query).weight()));
    } catch (UnsupportedQueryException e) {
      return 1; // it is not asked
    }
  }

  /// The adapter's own words: it has no such interval, or does not list the symbol.
  @Override
  public String whyNotOffered(SourceId source, Query query) {
    try {
      if (plan.source(source).offers().contains(query.kind())) {
        plan.source(source).weight(query);
      }
    } catch (UnsupportedQueryException e) {
      return e.getMessage();
    }
    return Catalogue.super.whyNotOffered(source, query);
  }

  @Override
  public @Nullable String exchangeOf(SourceId source) {
    return plan.source(source).exchange();
  }

  @Override
  public int probeWeight(SourceId source) {
    return plan.source(source).probe().weight();
  }

  @Override
  public long askAgainAfterNanos(SourceId source) {
    return plan.source(source).askAgainAfter().toNanos();
  }

  @Override
  public long usualIntervalNanos(SourceId source) {
    return plan.source(source).usualInterval().toNanos();
  }
}
