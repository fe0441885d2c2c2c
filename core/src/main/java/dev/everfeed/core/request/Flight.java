package dev.everfeed.core.request;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One question on its way through the providers, and everybody who waits for its answer: equal
/// questions asked meanwhile join it.
final class Flight {

  /// Somebody who waits.
  ///
  /// @param deadlineNanos when it is answered, come what may
  record Waiter(long requestId, Priority priority, long deadlineNanos) {
    /// Whether a remembered answer will do.
    boolean takesRemembered() {
      return priority == Priority.USER;
    }
  }

  final Query query;
  final Route route;

  /// Who may answer, in order.
  final List<SourceId> providers;

  private final Map<Long, Waiter> waiters = new LinkedHashMap<>();
  private int users;

  /// Calls that are out, oldest first.
  final List<OutCall> calls = new ArrayList<>();

  final List<Tried> tried = new ArrayList<>();

  /// Index of the provider to look at next.
  int next;

  /// Further attempts made at [#lastCalled].
  int furtherAttempts;

  @Nullable
  SourceId lastCalled;

  /// Set while a further attempt at [#lastCalled] is waited for.
  boolean retryWaits;

  /// Pauses begun before further attempts.
  int retriesPlanned;

  /// Prices that could not be believed, by the symbol that was wanted; a price is believed after
  /// all when another provider says the same.
  Map<Symbol, Served> suspects = new TreeMap<>();

  /// The newest value of a provider that has stopped moving: better than nothing.
  @Nullable
  Frozen frozen;

  /// @param askedAs each wanted symbol, and the one that was asked for it
  record Frozen(Served served, SortedMap<Symbol, Symbol> askedAs) {}

  /// Bars of an exchange that does not go back as far as was asked: better than nothing.
  @Nullable
  Served partial;

  /// Users who have waited long enough for a provider, while there was nothing to give them.
  final List<Long> impatient = new ArrayList<>();

  /// Set while history is asked before the providers.
  boolean historyFirst;

  /// Set once history is asked, or was.
  boolean historyAsked;

  /// What history and memory have together; null until history has answered, or when they have
  /// nothing.
  @Nullable
  Remembered recalled;

  /// Why history was of no use.
  @Nullable
  Tried historyTried;

  boolean ended;

  /// Set when only the provider's health is to be seen: what it says is not remembered.
  boolean trial;

  Flight(Query query, Route route, List<SourceId> providers) {
    this.query = query;
    this.route = route;
    this.providers = providers;
  }

  /// Everybody has an answer. Timers may name it for seconds yet, and must not keep thousands of
  /// bars for as long.
  void end() {
    ended = true;
    recalled = null;
    partial = null;
  }

  void join(Waiter waiter) {
    waiters.put(waiter.requestId(), waiter);
    if (waiter.priority() == Priority.USER) {
      users++;
    }
  }

  /// Null when it does not wait any more.
  @Nullable
  Waiter leave(long requestId) {
    Waiter waiter = waiters.remove(requestId);
    if (waiter != null && waiter.priority() == Priority.USER) {
      users--;
    }
    return waiter;
  }

  /// In the order in which they came.
  List<Waiter> waiters() {
    return List.copyOf(waiters.values());
  }

  boolean userWaits() {
    return users > 0;
  }

  /// The most urgent of those who wait; a flight that only keeps the memory fresh is a refresh.
  Priority priority() {
    if (waiters.isEmpty()) {
      return Priority.REFRESH;
    }
    Priority most = Priority.BACKFILL;
    for (Waiter waiter : waiters.values()) {
      if (waiter.priority().compareTo(most) < 0) {
        most = waiter.priority();
      }
    }
    return most;
  }

  long latestDeadlineNanos() {
    long latest = Long.MIN_VALUE;
    for (Waiter waiter : waiters.values()) {
      latest = Math.max(latest, waiter.deadlineNanos());
    }
    return latest;
  }

  /// When the last user is answered, come what may; `Long.MIN_VALUE` when none waits.
  long latestUserDeadlineNanos() {
    long latest = Long.MIN_VALUE;
    for (Waiter waiter : waiters.values()) {
      if (waiter.takesRemembered()) {
        latest = Math.max(latest, waiter.deadlineNanos());
      }
    }
    return latest;
  }

  /// Who was tried, with those who are still out at the end.
  List<Tried> triedSoFar(long nowNanos) {
    List<Tried> all = new ArrayList<>(tried);
    for (OutCall call : calls) {
      all.add(new Tried(call.source, call.noAnswerYet(nowNanos)));
    }
    return all;
  }
}
