package dev.everfeed.simulator.check;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Reply;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// P11 (RESILIENCE I-13), for each part of an answer.
final class LiveIsFresh extends Invariant {
  LiveIsFresh(Checks checks) {
    super(
        "P11",
        "live is never older than its source's usual interval, nor remembered beyond fresh_for",
        checks);
  }

  @Override
  void decision(Decision decision, long now) {
    if (!(decision instanceof Decision.Answer(long id, Reply.Value value))
        || value.status() != ValueStatus.LIVE) {
      return;
    }
    long heldFor = now - value.served().receivedAtNanos();
    long freshFor = truth.route(value.query().kind()).freshForNanos();
    if (heldFor > freshFor) {
      broken(
          "request %d got as live what was received %,d ms ago, fresh for %,d ms"
              .formatted(id, heldFor / 1_000_000, freshFor / 1_000_000),
          now);
    }
    for (Event event : value.served().events()) {
      Instant time = timeOf(event);
      SourceId source = event.source();
      long usual = truth.catalogue().usualIntervalNanos(source);
      if (time != null && now - truth.clock().nanosAt(time) > usual) {
        broken(
            "request %d got as live %s, %,d ms old, usual at %s are %,d ms"
                .formatted(
                    id,
                    event,
                    (now - truth.clock().nanosAt(time)) / 1_000_000,
                    source,
                    usual / 1_000_000),
            now);
      }
    }
  }

  private static @Nullable Instant timeOf(Event event) {
    return switch (event) {
      case Event.Price price -> price.time();
      case Event.Sentiment sentiment -> sentiment.time();
      default -> null;
    };
  }
}
