package dev.everfeed.simulator.check;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Catalogue;
import dev.everfeed.core.request.Route;
import dev.everfeed.core.request.Tried;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// Which provider could have answered a request, whatever became of it.
///
/// Usable is a provider that offers all that was asked, was healthy from [#LINGERS_NANOS] before
/// the question on, whose circuit has been closed all the while, that had not asked to be left
/// alone and had budget left, while the hub was not misled about the price. At the deadline it
/// must also have been within reach: every provider before it may take until its call counts as
/// slow.
final class Usable {
  /// A provider that was silent may be avoided until its calls have timed out.
  static final long LINGERS_NANOS = 6_000_000_000L;

  private final Truth truth;
  private final Ledger ledger;

  Usable(Truth truth, Ledger ledger) {
    this.truth = truth;
    this.ledger = ledger;
  }

  Optional<SourceId> provider(Ledger.Request request, List<Tried> tried, long now) {
    Query query = request.ask.query();
    Route route = truth.route(query.kind());
    long from = request.askedAt - LINGERS_NANOS;
    long reach = truth.healthyLatencyNanos();
    if (truth.pausedWithin(from, now) || ledger.beliefs().everMisled()) {
      return Optional.empty();
    }
    for (SourceId source : route.providers()) {
      boolean usable = request.askedAt + reach < request.deadlineAt
          && offersAll(truth, route, source, query)
          && truth.healthy(source, from, now)
          && ledger.closedSince(source) <= from
          && !heldBack(source, tried);
      if (usable) {
        return Optional.of(source);
      }
      long slow = truth.guard(source).breaker().policy().slowCallNanos();
      reach += Math.min(slow, truth.guard(source).policy().timeoutNanos());
    }
    return Optional.empty();
  }

  private static boolean heldBack(SourceId source, List<Tried> tried) {
    for (Tried one : tried) {
      Failure.Kind kind = one.failure().kind();
      if (one.source().equals(source)
          && (kind == Failure.Kind.PAUSED || kind == Failure.Kind.OVER_BUDGET)) {
        return true;
      }
    }
    return false;
  }

  static boolean offersAll(Truth truth, Route route, SourceId source, Query query) {
    if (!(query instanceof Query.Prices prices)) {
      return truth.catalogue().weight(source, query) != Catalogue.NOT_OFFERED;
    }
    for (Symbol symbol : prices.symbols()) {
      Query one = Query.Prices.of(symbolAt(route, source, symbol));
      if (truth.catalogue().weight(source, one) == Catalogue.NOT_OFFERED) {
        return false;
      }
    }
    return true;
  }

  /// What the source has to be asked for, by the words of [Route#equivalents].
  static Symbol symbolAt(Route route, SourceId source, Symbol symbol) {
    SortedMap<SourceId, Symbol> named = route.equivalents().get(symbol);
    return named == null ? symbol : named.getOrDefault(source, symbol);
  }
}
