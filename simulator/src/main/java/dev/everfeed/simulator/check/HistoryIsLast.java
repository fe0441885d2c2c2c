package dev.everfeed.simulator.check;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.request.Tried;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// P26 (REQUIREMENTS A1: history is the last provider). A provider was tried when it was called
/// for the question within [#FLIGHT_NANOS] before; of another one those who asked are told, by
/// the time at which history has answered, why it was passed over.
final class HistoryIsLast extends Invariant {
  /// Longer than any question is on its way.
  private static final long FLIGHT_NANOS = 30_000_000_000L;

  private record AskedThere(SourceId source, Query query) {}

  private final Map<AskedThere, Long> called = new LinkedHashMap<>();

  /// By question: providers of which nothing is known yet.
  private final Map<Query, Set<SourceId>> unexplained = new LinkedHashMap<>();

  private boolean available;

  /// Of these questions history has answered, and a user may still wait for the reply.
  private final Set<Query> answered = new LinkedHashSet<>();

  HistoryIsLast(Checks checks) {
    super("P26", "history is asked when every provider was tried or passed over", checks);
  }

  @Override
  void input(Input input, long now) {
    Query query = switch (input) {
      case Input.Recalled recalled -> ledger.recallQuery(recalled.callId());
      case Input.Failed failed -> ledger.recallQuery(failed.callId());
      default -> null;
    };
    if (query != null) {
      answered.add(query);
    }
    if (input instanceof Input.HistoryAvailable history) {
      available = history.available();
    }
  }

  @Override
  void decision(Decision decision, long now) {
    switch (decision) {
      case Decision.Call call -> {
        if (call.query() instanceof Query.Bars) {
          called.put(new AskedThere(call.source(), call.query()), now);
        }
      }
      case Decision.Recall recall -> {
        if (!recall.whole()) {
          look(recall, now);
        }
      }
      case Decision.Answer(long _, Reply reply) -> {
        Set<SourceId> sources = unexplained.isEmpty() ? null : unexplained.get(reply.query());
        if (sources != null) {
          reply.tried().stream().map(Tried::source).forEach(sources::remove);
        }
      }
      default -> {}
    }
  }

  private void look(Decision.Recall recall, long now) {
    Query query = recall.query();
    boolean historic = query instanceof Query.Bars || query instanceof Query.Trades;
    if (!available || !historic || !ledger.isOpen(query)) {
      broken("history is asked %s, and nobody wants that".formatted(query), now);
    }
    Set<SourceId> sources = new TreeSet<>();
    for (SourceId source : truth.route(query.kind()).providers()) {
      Long at = called.get(new AskedThere(source, query));
      if (at == null || now - at > FLIGHT_NANOS) {
        sources.add(source);
      }
    }
    unexplained.put(query, sources);
  }

  @Override
  void settled(long now) {
    if (answered.isEmpty()) {
      return;
    }
    answered.removeIf(query -> {
      if (ledger.isOpen(query)) {
        return false;
      }
      Set<SourceId> sources = unexplained.remove(query);
      if (sources != null && !sources.isEmpty()) {
        broken("history was asked %s before %s".formatted(query, sources), now);
      }
      return true;
    });
  }
}
