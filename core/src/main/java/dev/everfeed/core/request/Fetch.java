package dev.everfeed.core.request;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What becomes of one [Planned] in one run: its questions to several exchanges, each by
/// itself.
final class Fetch {
  final int planned;
  private final Planned plan;
  private final SortedMap<String, Integer> bars = new TreeMap<>();
  private final SortedMap<String, String> failed = new TreeMap<>();
  private int next;
  private int open;

  Fetch(int planned, Planned plan) {
    this.planned = planned;
    this.plan = plan;
  }

  /// The place of the next question of its plan, which counts as asked from now on; -1 when
  /// there is none.
  int take() {
    if (next == plan.questions().size()) {
      return -1;
    }
    open++;
    return next++;
  }

  /// One of its questions has an answer, or will not get one. True when that was the last.
  boolean ended() {
    return --open == 0;
  }

  /// Whether the next one in order is to be asked for one that brought nothing.
  boolean bringsInAnother(Reply reply) {
    return reply instanceof Reply.Unavailable && next < plan.questions().size();
  }

  void replied(Query query, Reply reply) {
    String exchange = query.exchange();
    if (reply instanceof Reply.Value value) {
      bars.put(nameOf(value, exchange), value.served().events().size());
    }
    for (Tried tried : reply.tried()) {
      if (reply instanceof Reply.Unavailable
          || (tried.failure().kind() != Failure.Kind.NOT_OFFERED
              && tried.failure().kind() != Failure.Kind.NO_ANSWER_YET)) {
        failed.put(tried.source().name(), tried.failure().message());
      }
    }
    if (reply instanceof Reply.Unavailable && reply.tried().isEmpty() && exchange != null) {
      failed.put(exchange, "no source of this exchange is on the route");
    }
  }

  private static String nameOf(Reply.Value value, @Nullable String asked) {
    if (asked != null) {
      return asked;
    }
    SourceId source = value.served().source();
    return !value.served().events().isEmpty()
            && value.served().events().getFirst() instanceof Event.Bar bar
            && bar.exchange() != null
        ? bar.exchange()
        : source.name();
  }

  void postponed(Query query) {
    String exchange = query.exchange();
    failed.put(exchange == null ? "all" : exchange, "postponed: no budget left in this run");
  }

  /// Null for what is no bars.
  Decision.@Nullable Fetched report() {
    return plan.questions().getFirst() instanceof Query.Bars asked
        ? new Decision.Fetched(asked.symbol(), asked.interval(), plan.wanted(), bars, failed)
        : null;
  }
}
