package dev.everfeed.hub.runtime;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.request.Route;
import dev.everfeed.hub.api.BackfillOrder;
import dev.everfeed.hub.journal.NotAcceptedException;
import dev.everfeed.hub.runtime.CoveredOnDisk.Series;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.UnsupportedQueryException;
import dev.everfeed.hub.store.History;
import io.vertx.core.Future;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The hands of backfills in a hub: its loop, its journal and its store. Any thread but the
/// loop's may call them.
final class HubHands implements BackfillHands {
  /// The share of the journal that what can be fetched again may fill: the rest is for what
  /// cannot.
  private static final int SHARE_OF_JOURNAL = 4;

  private static final String CONNECTION_GONE = "08003";

  private final Semaphore reads = new Semaphore(1);
  private final PullLoop loop;
  private final PullPlan plan;
  private final Storage storage;

  HubHands(PullLoop loop, PullPlan plan, Storage storage) {
    this.loop = loop;
    this.plan = plan;
    this.storage = storage;
  }

  @Override
  public Reply ask(Query.Bars query) throws InterruptedException, NotAcceptedException {
    try {
      return result(loop.ask(query, Priority.BACKFILL));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof NotAcceptedException refused) {
        throw refused;
      }
      throw ended(e);
    }
  }

  private static <T> T result(Future<T> future) throws InterruptedException, ExecutionException {
    return future.toCompletionStage().toCompletableFuture().get();
  }

  /// The loop fails what is open only when it stops.
  private static InterruptedException ended(ExecutionException e) {
    InterruptedException stopped = new InterruptedException(String.valueOf(e.getMessage()));
    stopped.initCause(e);
    return stopped;
  }

  private <T> T look(Supplier<T> what) throws InterruptedException {
    try {
      return result(loop.look(what));
    } catch (ExecutionException e) {
      throw ended(e);
    }
  }

  @Override
  public boolean isCovered(Query.Bars query) throws InterruptedException {
    String exchange = Objects.requireNonNull(query.exchange());
    Instant from = Objects.requireNonNull(query.from());
    Instant to = Objects.requireNonNull(query.to());
    Series series = new Series(exchange, query.symbol(), query.interval());
    return look(() -> loop.isCovered(series, new Span(from, to)));
  }

  @Override
  public List<Candidate> candidates(BackfillOrder order) throws InterruptedException {
    Map<String, List<SourceId>> route = look(this::byExchange);
    List<String> wanted = new ArrayList<>(
        order.exchanges().isEmpty() || order.wantsAll() ? route.keySet() : order.exchanges());
    List<Candidate> candidates = new ArrayList<>();
    for (String exchange : wanted) {
      List<SourceId> sources = route.get(exchange);
      candidates.add(
          sources == null
              ? new Candidate(exchange, null, unknown(route.keySet()), false)
              : candidate(exchange, sources, order));
      boolean enough = order.exchanges().isEmpty() && candidates.getLast().refusal() == null;
      if (enough) {
        break;
      }
    }
    return candidates;
  }

  private Map<String, List<SourceId>> byExchange() {
    Map<String, List<SourceId>> byExchange = new LinkedHashMap<>();
    Route bars = plan.routes().get(Query.Kind.BARS);
    if (bars != null) {
      for (SourceId source : bars.providers()) {
        String exchange = plan.source(source).exchange();
        if (exchange != null && plan.source(source).bars() != null) {
          byExchange.computeIfAbsent(exchange, _ -> new ArrayList<>()).add(source);
        }
      }
    }
    return byExchange;
  }

  private static String unknown(Set<String> known) {
    return "no exchange of this name is on the route of bars; there %s %s"
        .formatted(known.size() == 1 ? "is" : "are", String.join(", ", known));
  }

  private Candidate candidate(String exchange, List<SourceId> sources, BackfillOrder order)
      throws InterruptedException {
    Set<String> reasons = new LinkedHashSet<>();
    for (SourceId source : sources) {
      String refusal = refusal(source, order);
      if (refusal == null) {
        return new Candidate(exchange, look(() -> plan.source(source).bars()), null, true);
      }
      reasons.add(refusal);
    }
    return new Candidate(exchange, null, String.join("; ", reasons), true);
  }

  /// Why a source cannot be asked for a series, or null. What it lists is asked for first, where
  /// that is not known yet.
  private @Nullable String refusal(SourceId id, BackfillOrder order) throws InterruptedException {
    List<Event> listed = look(() -> loop.listings(id));
    PolledSource source = look(() -> plan.source(id));
    if (listed.isEmpty() && source.offers().contains(Query.Kind.LISTINGS)) {
      listed = listings(id);
    }
    if (!listed.isEmpty() && !lists(listed, order.symbol())) {
      return "%s: does not list %s".formatted(id, order.symbol());
    }
    PolledSource knowing = listed.isEmpty() ? source : source.knowing(listed);
    try {
      knowing.weight(new Query.Bars(order.symbol(), order.interval(), null, null, 1));
      return null;
    } catch (UnsupportedQueryException e) {
      return e.getMessage();
    }
  }

  private static boolean lists(List<Event> listed, Symbol symbol) {
    return listed.stream()
        .anyMatch(
            event -> event instanceof Event.Listing listing && listing.symbol().equals(symbol));
  }

  /// Empty when they cannot be had; then the exchange says itself what it does not have.
  private List<Event> listings(SourceId id) throws InterruptedException {
    try {
      Reply reply = result(loop.ask(new Query.Listings(id), Priority.REFRESH));
      return reply instanceof Reply.Value value ? value.served().events() : List.of();
    } catch (ExecutionException e) {
      throw ended(e);
    }
  }

  @Override
  public @Nullable String holdUp() {
    return storage.holdUp(SHARE_OF_JOURNAL);
  }

  @Override
  public @Nullable String storeMissing() {
    return storage.missing();
  }

  @Override
  public <T> T read(Reading<T> reading) throws InterruptedException, SQLException {
    History history = storage.history();
    if (history == null) {
      throw new SQLException("the database is not there", CONNECTION_GONE);
    }
    reads.acquire();
    try {
      return reading.from(history);
    } finally {
      reads.release();
    }
  }

  @Override
  public long acceptedTo() {
    return storage.acceptedTo();
  }

  @Override
  public long drainedTo() {
    return storage.drainedTo();
  }

  @Override
  public void happened(String type, String detail) {
    storage.happened(type, detail);
  }
}
