package dev.everfeed.hub.ledger;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Symbol;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks for what is missing, so that it is in the store at least: what the hub missed while it
/// was down at once, what was declared lost while it ran a little later, and what could not be
/// had again after pauses that double.
///
/// Bounds: pages of [#PAGE] ids one after the other for each source, [#IDS_MAX] ids of each
/// stream in each life of the hub (the newest of a gap are asked for), and [#TRIES_MAX] tries of
/// each gap, over all lives. The budgets of the sources are those who ask through [Hands].
///
/// One thread for each source, which waits for answers.
public final class GapRepair implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.ledger");

  static final int PAGE = 1_000;
  static final long IDS_MAX = 50_000;
  static final int TRIES_MAX = 10;

  private static final String TOO_MANY =
      "at most %,d ids of a stream are asked for in each life of the hub".formatted(IDS_MAX);

  private static final Duration LOOK_EVERY = Duration.ofMillis(500);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  /// What a repair does it with.
  public interface Hands {
    /// Trades from an id on, which are on the disk when this returns.
    ///
    /// @throws NotAnswered when they cannot be had now
    List<Event.Trade> ask(String source, Symbol symbol, long firstId, int limit)
        throws InterruptedException, NotAnswered;
  }

  /// Begins a thread, of those that may wait.
  public interface Starter {
    Thread start(String name, Runnable task);
  }

  /// Nobody answered, or it could not be kept.
  public static final class NotAnswered extends Exception {
    private static final long serialVersionUID = 1;

    public NotAnswered(String message) {
      super(message);
    }
  }

  private final Ledger ledger;
  private final Hands hands;
  private final LongSupplier nanos;
  private final Duration firstAfter;
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final Set<String> served = ConcurrentHashMap.newKeySet();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Starter starter;
  private volatile boolean closed;

  /// @param firstAfter that something was declared lost, it is asked for; then after twice as
  ///     long each time
  public GapRepair(
      Ledger ledger, Hands hands, Starter starter, LongSupplier nanos, Duration firstAfter) {
    this.starter = starter;
    this.ledger = ledger;
    this.hands = hands;
    this.nanos = nanos;
    this.firstAfter = firstAfter;
  }

  public void start() {
    LedgerStreams.Gateways gateways = ledger.streams().gateways();
    for (int gateway = 0; gateway < gateways.places(); gateway++) {
      serve(gateways.source(gateway));
    }
  }

  /// Gaps of a source are asked for from now on. Called by one thread at a time.
  ///
  /// @param source nothing for none
  public void serve(String source) {
    if (!source.isEmpty() && !closed && served.add(source)) {
      threads.add(starter.start("ledger-" + source, () -> new OfSource(source).run()));
    }
  }

  /// Asks one source.
  private final class OfSource {
    private final String source;

    /// By gap: when it is tried next.
    private final Map<Long, Long> due = new HashMap<>();

    /// By stream: ids that were asked for since the start.
    private final Map<String, Long> asked = new HashMap<>();

    OfSource(String source) {
      this.source = source;
    }

    /// Streams that it can be asked for by id now.
    private Set<String> streams() {
      Set<String> streams = new LinkedHashSet<>();
      LedgerStreams plan = ledger.streams();
      for (int gateway = 0; gateway < plan.gateways().places(); gateway++) {
        boolean its = plan.gateways().source(gateway).equals(source);
        for (int stream = 0; its && stream < plan.streams().size(); stream++) {
          if (plan.refills().is(gateway, stream)) {
            streams.add(plan.streams().get(stream));
          }
        }
      }
      return streams;
    }

    void run() {
      try {
        while (!closed) {
          LedgerView.OfStream next = next();
          if (next == null) {
            if (stop.await(LOOK_EVERY.toNanos(), TimeUnit.NANOSECONDS)) {
              return;
            }
          } else {
            repair(next);
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the hub is stopping
      } catch (RuntimeException e) {
        LOG.error("ledger: gaps of {} are not asked for any more", source, e);
      }
    }

    /// The oldest one that is due.
    private LedgerView.@Nullable OfStream next() {
      long now = nanos.getAsLong();
      List<LedgerView.OfStream> gaps = ledger.view().gaps();
      Set<String> streams = gaps.isEmpty() ? Set.of() : streams();
      for (int i = gaps.size() - 1; i >= 0; i--) {
        LedgerView.OfStream each = gaps.get(i);
        Gap gap = each.gap();
        if (!each.source().equals(source)
            || gap.missing().isEmpty()
            || gap.state() == Gap.State.RECOVERING
            || gap.tries() >= TRIES_MAX
            || !streams.contains(each.stream())
            || (gap.state() != Gap.State.DETECTED && mayAsk(each) <= 0)) {
          continue;
        }
        boolean atOnce = gap.state() == Gap.State.DETECTED;
        long at = due.computeIfAbsent(gap.number(), _ -> atOnce ? now : now + pause(gap.tries()));
        if (at <= now) {
          return each;
        }
      }
      return null;
    }

    private long pause(int tries) {
      return firstAfter.toNanos() << Math.min(tries, TRIES_MAX);
    }

    private long mayAsk(LedgerView.OfStream each) {
      return IDS_MAX - asked.getOrDefault(each.stream(), 0L);
    }

    private void repair(LedgerView.OfStream each) throws InterruptedException {
      Gap gap = each.gap();
      due.put(gap.number(), nanos.getAsLong() + pause(gap.tries() + 1));
      if (mayAsk(each) <= 0) {
        end(gap, TOO_MANY);
        return;
      }
      ledger.asked(gap.number());
      String why = ask(each);
      LOG.info(
          "ledger: {} of {}, ids {} to {}: {}",
          each.stream(),
          source,
          gap.firstId(),
          gap.lastId(),
          why.isEmpty() ? "filled" : "not filled: " + why);
      end(gap, why);
    }

    /// Until it is in the view, it would be begun again.
    private void end(Gap gap, String why) throws InterruptedException {
      try {
        ledger.ended(gap.number(), why).get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("the ledger never fails what is awaited", e);
      }
    }

    /// @return why something is still missing, or nothing
    private String ask(LedgerView.OfStream each) throws InterruptedException {
      Gap gap = each.gap();
      Symbol symbol = Symbol.of(each.stream().split("\\|", -1)[1]);
      IdRanges wanted = newest(gap.missing(), mayAsk(each));
      String why = wanted.ids() < gap.missing().ids() ? TOO_MANY : "";
      asked.merge(each.stream(), wanted.ids(), Long::sum);
      // An answer that could not be written down is remembered, and would not be written down
      // when it is given again: another try asks another question.
      int page = PAGE - gap.tries();
      for (int i = 0; i < wanted.count(); i++) {
        for (long from = wanted.first(i); from <= wanted.last(i); from += page) {
          IdRanges asks = IdRanges.of(from, Math.min(wanted.last(i), from + page - 1));
          List<Event.Trade> trades;
          try {
            trades = hands.ask(source, symbol, from, page);
          } catch (NotAnswered e) {
            return String.valueOf(e.getMessage());
          }
          IdRanges found = ids(trades).and(asks);
          ledger.filled(gap.number(), found);
          if (!found.equals(asks)) {
            why = "%s does not have them all".formatted(source);
          }
        }
      }
      return why;
    }

    private static IdRanges newest(IdRanges missing, long most) {
      IdRanges newest = IdRanges.NONE;
      long left = most;
      for (int i = missing.count() - 1; i >= 0 && left > 0; i--) {
        long first = Math.max(missing.first(i), missing.last(i) - left + 1);
        newest = newest.plus(first, missing.last(i));
        left -= missing.last(i) - first + 1;
      }
      return newest;
    }

    private static IdRanges ids(List<Event.Trade> trades) {
      IdRanges ids = IdRanges.NONE;
      for (Event.Trade trade : trades) {
        String id = trade.tradeId();
        if (id != null && id.matches("[0-9]{1,18}")) {
          long number = Long.parseLong(id);
          ids = ids.plus(number, number);
        }
      }
      return ids;
    }
  }

  /// Gives up what is under way: it is asked for in the next life.
  @Override
  public void close() {
    closed = true;
    stop.countDown();
    threads.forEach(Thread::interrupt);
    for (Thread each : threads) {
      try {
        each.join(CLOSE_WITHIN);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
