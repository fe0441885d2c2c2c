package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.RunReport;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Journal;
import dev.everfeed.hub.publish.CanonicalJson;
import io.vertx.core.Context;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Writes down what the pull side has decided: what was believed, what was not, runs of the
/// schedule, changes of circuits. Owned by the loop's context.
///
/// What the journal refuses is served all the same, and offered again with the next answer to
/// the same question: polled data can be fetched again (DESIGN section 2).
final class Recorder {
  private final Journal journal;
  private final AnchoredClock clock;
  private final Context context;
  private final OnDisk onDisk = new OnDisk();
  private long lastRun;

  Recorder(Journal journal, AnchoredClock clock, Context context) {
    this.journal = journal;
    this.clock = clock;
    this.context = context;
  }

  void decided(Decision decision, long nowNanos) {
    switch (decision) {
      case Decision.Keep keep -> keep(keep.served());
      case Decision.Reject reject -> reject(reject, clock.at(nowNanos));
      case Decision.CircuitChanged change -> circuit(change, clock.at(nowNanos));
      default -> {} // calls and answers are counted, not written down
    }
  }

  private void keep(Served served) {
    Query query = served.query();
    Instant at = clock.at(served.receivedAtNanos());
    List<Event> events =
        served.events().stream().map(event -> withItsEnd(event, at)).toList();
    List<Entry> entries = onDisk.missing(query, events).stream()
        .<Entry>map(event -> new Entry.Received(event, at))
        .toList();
    if (entries.isEmpty()) {
      return;
    }
    journal.submit(entries).whenComplete((_, refused) -> {
      if (refused == null) {
        context.runOnContext(_ -> onDisk.synced(query, events));
      } // the journal itself counts and tells what it refuses, and why
    });
  }

  /// A bar that does not say whether it is final is so when its interval was over as it came.
  private static Event withItsEnd(Event event, Instant receivedAt) {
    return event instanceof Event.Bar bar && bar.complete() == null
        ? new Event.Bar(
            bar.symbol(),
            bar.exchange(),
            bar.source(),
            bar.interval(),
            bar.time(),
            bar.open(),
            bar.high(),
            bar.low(),
            bar.close(),
            bar.volume(),
            !bar.interval().next(bar.time()).isAfter(receivedAt))
        : event;
  }

  private void reject(Decision.Reject reject, Instant at) {
    offer(reject.events().stream()
        .<Entry>map(event -> new Entry.Rejected(event, reject.failure().message(), at))
        .toList());
  }

  private void circuit(Decision.CircuitChanged change, Instant at) {
    StringBuilder detail = new StringBuilder("{\"from\":\"%s\",\"to\":\"%s\",\"cooldown_ms\":%d"
        .formatted(
            change.from().name().toLowerCase(Locale.ROOT),
            change.to().name().toLowerCase(Locale.ROOT),
            change.cooldownNanos() / 1_000_000));
    CanonicalJson.appendString(detail.append(",\"reason\":"), change.reason());
    happened("circuit_changed", change.source(), detail.append('}').toString(), at);
  }

  void happened(String type, @Nullable SourceId source, String detail, Instant at) {
    offer(List.of(new Entry.Happened(type, source, detail, at)));
  }

  /// To be called with the newest report as often as one likes.
  void ran(RunReport run) {
    if (run.number() <= lastRun) {
      return;
    }
    lastRun = run.number();
    offer(List.of(new Entry.RunEnded(
        run.number(),
        clock.at(run.startedAtNanos()),
        clock.at(run.endedAtNanos()),
        run.asked(),
        run.refreshed(),
        run.errors().stream()
            .map(error -> new Entry.RunError(
                error.source(),
                error.subject(),
                error.kind(),
                error.message(),
                clock.at(error.atNanos())))
            .toList(),
        run.errorsDropped(),
        run.periodic().stream()
            .map(asked -> new Entry.Asked(asked.what(), clock.at(asked.atNanos())))
            .toList())));
  }

  private void offer(List<Entry> entries) {
    if (!entries.isEmpty()) {
      journal.offer(entries); // counts what it refuses
    }
  }
}
