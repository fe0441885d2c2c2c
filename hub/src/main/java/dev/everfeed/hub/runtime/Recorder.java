package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.RunReport;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Journal;
import dev.everfeed.hub.publish.CanonicalJson;
import dev.everfeed.hub.runtime.CoveredOnDisk.Series;
import io.vertx.core.Context;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
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
  private final Function<SourceId, @Nullable String> exchangeOf;
  private final OnDisk onDisk = new OnDisk();
  private final CoveredOnDisk covered = new CoveredOnDisk();
  private long lastRun;

  /// @param exchangeOf where a source's data trades, null for an aggregate
  Recorder(
      Journal journal,
      AnchoredClock clock,
      Context context,
      Function<SourceId, @Nullable String> exchangeOf) {
    this.journal = journal;
    this.clock = clock;
    this.context = context;
    this.exchangeOf = exchangeOf;
  }

  /// All but [Decision.Keep], which is [#keep]'s.
  void decided(Decision decision, long nowNanos) {
    switch (decision) {
      case Decision.Reject reject -> reject(reject, clock.at(nowNanos));
      case Decision.CircuitChanged change -> circuit(change, clock.at(nowNanos));
      default -> {} // calls and answers are counted, not written down
    }
  }

  /// Writes down what of an answer is not on disk yet: its bars, and then for which time they
  /// are all there are, both or neither.
  ///
  /// @param passing the same question is not likely to come again soon: what it brought need
  ///     not be remembered
  /// @return completed when all of the answer is on disk, on the context's or the journal's
  ///     thread, or with a [dev.everfeed.hub.journal.NotAcceptedException]
  CompletionStage<?> keep(Served served, boolean passing) {
    Query query = served.query();
    Instant at = clock.at(served.receivedAtNanos());
    List<Event> events =
        served.events().stream().map(event -> withItsEnd(event, at)).toList();
    List<Entry> entries = new ArrayList<>();
    onDisk.missing(query, events).forEach(event -> entries.add(new Entry.Received(event, at)));
    Span span = served.covered();
    Series series = span == null ? null : seriesOf(served);
    if (span != null && series != null && !covered.contains(series, span)) {
      entries.add(
          new Entry.Covered(series.exchange(), series.symbol(), series.interval(), span, at));
    }
    if (entries.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    return journal.submit(entries).whenComplete((_, refused) -> {
      if (refused == null) {
        context.runOnContext(_ -> {
          if (!passing) {
            onDisk.synced(query, events);
          }
          if (span != null && series != null) {
            covered.synced(series, span);
          }
        });
      } // the journal itself counts and tells what it refuses, and why
    });
  }

  /// Null when nobody can tell for which exchange the answer is, or for which instrument.
  private @Nullable Series seriesOf(Served served) {
    String exchange = exchangeOf.apply(served.source());
    return served.query() instanceof Query.Bars bars && exchange != null && !served.equivalent()
        ? new Series(exchange, bars.symbol(), bars.interval())
        : null;
  }

  /// Whether this process has seen to it that all bars of a stretch are on disk.
  boolean isCovered(Series series, Span span) {
    return covered.contains(series, span);
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
