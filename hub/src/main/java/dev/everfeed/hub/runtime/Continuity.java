package dev.everfeed.hub.runtime;

import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.Tick;
import dev.everfeed.hub.ledger.Gap;
import dev.everfeed.hub.ledger.GapRepair;
import dev.everfeed.hub.ledger.Ledger;
import dev.everfeed.hub.ledger.LedgerStreams;
import dev.everfeed.hub.ledger.LedgerTap;
import dev.everfeed.hub.ledger.LedgerView;
import dev.everfeed.hub.publish.Gateway;
import dev.everfeed.hub.telemetry.LedgerMetrics;
import dev.everfeed.hub.telemetry.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The continuity ledger of a hub: told by the tick loop, kept by a thread of its own, repaired
/// through the pull side.
///
/// | thread            | runs                                            | blocks on   |
/// |-------------------|-------------------------------------------------|-------------|
/// | the tick loop     | [#published] and what else is told              | -           |
/// | `ledger`          | [Ledger]                                        | the disk    |
/// | one of each source| [GapRepair], where something is kept            | answers     |
final class Continuity implements AutoCloseable {
  private static final Duration REPAIR_AFTER = Duration.ofSeconds(30);
  private static final long TELL_EVERY_NANOS = 1_000_000_000;

  /// Asks for trades that are on the disk when the answer is there.
  interface Asks {
    /// Fails with what people are told.
    CompletionStage<List<Event.Trade>> ask(SourceId source, Symbol symbol, long firstId, int limit);
  }

  private final Named gateways;
  private final Ledger ledger;
  private final LedgerTap tap;
  private final @Nullable GapRepair repair;
  private LedgerTap.@Nullable Found found;
  private long toldNanos;

  /// @param folder of the ledger; null for one that is forgotten in the end
  /// @param asks   null where nothing can be kept of the answers
  Continuity(
      StreamPlan plan, @Nullable Path folder, @Nullable Asks asks, HubClock clock, Metrics metrics)
      throws IOException {
    InstantSource wall = clock::now;
    this.gateways = new Named(plan.gateways());
    LedgerStreams streams = new LedgerStreams(
        plan.streams().all().stream().map(Stream::name).toList(),
        gateways,
        (gateway, stream) -> plan.engine().offer().identity(gateway, stream) == Identity.DENSE,
        (gateway, stream) -> plan.engine().offer().refills(gateway, stream));
    this.ledger = folder == null
        ? Ledger.inMemory(streams, wall)
        : Ledger.open(folder, streams, asks != null, wall);
    this.tap = ledger.tap(this::isFound);
    this.repair = folder == null || asks == null
        ? null
        : new GapRepair(
            ledger,
            (source, symbol, firstId, limit) ->
                await(asks.ask(new SourceId(source), symbol, firstId, limit)),
            (name, task) -> Thread.ofVirtual().name(name).start(task),
            clock::nanos,
            REPAIR_AFTER);
    LedgerMetrics.register(metrics, ledger);
  }

  /// What those who have left were called is still asked for: what is told of them comes later.
  private static final class Named implements LedgerStreams.Gateways {
    private final Places places;
    private final AtomicReferenceArray<@Nullable Gateway> last;

    Named(Places places) {
      this.places = places;
      this.last = new AtomicReferenceArray<>(places.count());
      places.taken().forEach(this::came);
    }

    void came(int place) {
      last.set(place, places.get(place).gateway());
    }

    @Override
    public int places() {
      return last.length();
    }

    @Override
    public String id(int gateway) {
      Gateway known = last.get(gateway);
      return known == null ? "" : known.id();
    }

    @Override
    public String source(int gateway) {
      Gateway known = last.get(gateway);
      return known == null ? "" : known.source().name();
    }
  }

  private static List<Event.Trade> await(CompletionStage<List<Event.Trade>> answer)
      throws InterruptedException, GapRepair.NotAnswered {
    try {
      return answer.toCompletableFuture().get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new GapRepair.NotAnswered(String.valueOf(cause.getMessage()));
    }
  }

  /// @param found told on the tick loop of gaps that nobody else has found
  void start(LedgerTap.Found found) {
    this.found = found;
    Thread.ofPlatform().name("ledger").daemon().start(ledger);
    if (repair != null) {
      repair.start();
    }
  }

  private void isFound(int gateway, int stream, long firstId, long lastId, Gap.Kind kind) {
    LedgerTap.Found told = found;
    if (told != null) {
      told.gap(gateway, stream, firstId, lastId, kind);
    }
  }

  LedgerView view() {
    return ledger.view();
  }

  // ---- on the tick loop

  /// Another gateway has come to a place.
  void came(int place) {
    gateways.came(place);
    tap.came(place);
    if (repair != null) {
      repair.serve(gateways.source(place));
    }
  }

  /// Before it is published.
  void published(int gateway, Tick tick) {
    tap.published(gateway, tick.stream(), tick.idNumber());
  }

  /// @param lines a bit for each gateway that could have brought it
  void gap(int gateway, int stream, long lastId, long lines) {
    tap.gap(gateway, stream, lastId, Long.bitCount(lines) > 1);
  }

  /// @param lines a bit for each gateway that could have brought it
  void asked(int gateway, int stream, long firstId, long lastId, long lines) {
    tap.asked(gateway, stream, firstId, lastId, Long.bitCount(lines) > 1);
  }

  void timePassed(long nowNanos) {
    if (nowNanos - toldNanos >= TELL_EVERY_NANOS) {
      toldNanos = nowNanos;
      tap.tellReached();
    }
  }

  /// Nothing is published any more.
  @Override
  public void close() {
    if (repair != null) {
      repair.close();
    }
    tap.tellReached();
    ledger.close();
  }
}
