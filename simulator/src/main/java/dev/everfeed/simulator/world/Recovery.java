package dev.everfeed.simulator.world;

import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Catalogue;
import dev.everfeed.core.request.PullEngine;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.request.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/// Whether all is well again after the faults (RESILIENCE L-1, L-2, L-4): every circuit closed,
/// the last run without an error, and enough answers in a row from the first provider. A
/// healthy world hedges now and then, so the latter two need to be seen once only.
final class Recovery {
  private static final int ANSWERS_IN_A_ROW = 20;

  private final PullEngine engine;
  private final SortedMap<Query.Kind, Route> routes;
  private final Catalogue catalogue;
  private final long healedAt;
  private int good;
  private int live;
  private boolean answersWell;
  private boolean runWell;
  private String lastBad = "no answer yet";

  Recovery(
      PullEngine engine, SortedMap<Query.Kind, Route> routes, Catalogue catalogue, long healedAt) {
    this.engine = engine;
    this.routes = routes;
    this.catalogue = catalogue;
    this.healedAt = healedAt;
  }

  void answered(Reply reply) {
    boolean first = reply instanceof Reply.Value value
        && (value.status() == ValueStatus.LIVE || value.status() == ValueStatus.CACHED)
        && value.served().source().equals(firstOf(reply.query()));
    if (first) {
      good++;
      live += ((Reply.Value) reply).status() == ValueStatus.LIVE ? 1 : 0;
    } else {
      good = 0;
      live = 0;
      lastBad = switch (reply) {
        case Reply.Value value ->
          "%s by %s, %s, after %s"
              .formatted(value.query(), value.served().source(), value.status(), value.tried());
        case Reply.Unavailable unavailable ->
          "%s: %s".formatted(unavailable.query(), unavailable.message());
      };
    }
  }

  /// The first provider of the route that offers any of it.
  private SourceId firstOf(Query query) {
    Route route = routes.get(query.kind());
    if (route == null) {
      throw new IllegalArgumentException("no route for " + query);
    }
    for (SourceId source : route.providers()) {
      if (query instanceof Query.Prices prices) {
        for (Symbol symbol : prices.symbols()) {
          SortedMap<SourceId, Symbol> named = route.equivalents().get(symbol);
          Symbol there = named == null ? symbol : named.getOrDefault(source, symbol);
          if (catalogue.weight(source, Query.Prices.of(there)) != Catalogue.NOT_OFFERED) {
            return source;
          }
        }
      } else if (catalogue.weight(source, query) != Catalogue.NOT_OFFERED) {
        return source;
      }
    }
    return route.providers().getLast();
  }

  /// What is not well yet, each with the id of what it breaks; empty when all is well.
  List<String> ailments() {
    List<String> ailments = new ArrayList<>();
    for (SourceGuard guard : engine.guards()) {
      if (guard.breaker().state() != CircuitBreaker.State.CLOSED) {
        ailments.add("L1 the circuit of %s is %s"
            .formatted(guard.source(), guard.breaker().state()));
      }
    }
    answersWell |= good >= ANSWERS_IN_A_ROW && live > 0;
    if (!answersWell) {
      ailments.add("L2 only %d answers in a row come from the first provider, %d of them live; the"
              .formatted(good, live)
          + " last other one: " + lastBad);
    }
    runWell |= engine
        .lastRun()
        .filter(run -> run.startedAtNanos() >= healedAt)
        .filter(run ->
            run.errors().stream().allMatch(error -> error.kind() == Failure.Kind.NOT_OFFERED))
        .isPresent();
    if (!runWell) {
      ailments.add("L3 the last run was not clean: " + engine.lastRun());
    }
    return ailments;
  }
}
