package dev.everfeed.core.request;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Trades of history and of memory as one answer.
///
/// Two spans that share a trade (by exchange and id) are one span. Two that share none may have
/// a gap between them that nobody would see, so the one that ends later stands for both.
final class PastTrades {
  private record Identity(@Nullable String exchange, String id) {}

  private PastTrades() {}

  /// Null when there is none.
  ///
  /// @param answered the remembered answer to the same question
  static @Nullable Remembered with(
      Query.Trades wanted, List<Input.Past> past, @Nullable Served answered) {
    List<Event.Trade> recalled = new ArrayList<>();
    long oldest = Long.MAX_VALUE;
    long newest = Long.MIN_VALUE;
    for (Input.Past one : past) {
      if (one.event() instanceof Event.Trade trade && trade.symbol().equals(wanted.symbol())) {
        recalled.add(trade);
        oldest = Math.min(oldest, one.receivedAtNanos());
        newest = one.receivedAtNanos();
      }
    }
    List<Event.Trade> known = new ArrayList<>();
    if (answered != null) {
      answered.events().forEach(event -> {
        if (event instanceof Event.Trade trade) {
          known.add(trade);
        }
      });
    }
    if (answered == null || known.isEmpty()) {
      return recalled.isEmpty() ? null : answer(wanted, recalled, oldest, newest);
    }
    if (recalled.isEmpty()) {
      return Remembered.of(answered);
    }
    List<Event.Trade> span = oneSpan(recalled, known);
    if (span != null) {
      long receivedAt = answered.receivedAtNanos();
      return answer(wanted, span, Math.min(oldest, receivedAt), Math.max(newest, receivedAt));
    }
    return endsLater(recalled.getLast(), known.getLast())
        ? answer(wanted, recalled, oldest, newest)
        : Remembered.of(answered);
  }

  /// Null when they share no trade.
  private static @Nullable List<Event.Trade> oneSpan(
      List<Event.Trade> recalled, List<Event.Trade> known) {
    Set<Object> ids = new LinkedHashSet<>();
    recalled.forEach(trade -> ids.add(identity(trade)));
    List<Event.Trade> before = new ArrayList<>();
    List<Event.Trade> after = new ArrayList<>();
    boolean shared = false;
    for (Event.Trade trade : known) {
      if (ids.contains(identity(trade))) {
        shared = true;
      } else {
        (shared ? after : before).add(trade);
      }
    }
    if (!shared) {
      return null;
    }
    before.addAll(recalled);
    before.addAll(after);
    return before;
  }

  private static Remembered answer(
      Query.Trades wanted, List<Event.Trade> trades, long receivedAtNanos, long knownAtNanos) {
    int surplus = Math.max(0, trades.size() - wanted.limit());
    List<Event> cut = List.copyOf(
        wanted.fromId() == null
            ? trades.subList(surplus, trades.size())
            : trades.subList(0, trades.size() - surplus));
    return new Remembered(
        new Served(wanted, cut.getLast().source(), cut, receivedAtNanos, false), knownAtNanos);
  }

  /// A trade without an id is known by all it says.
  private static Object identity(Event.Trade trade) {
    String id = trade.tradeId();
    return id == null ? trade : new Identity(trade.exchange(), id);
  }

  private static boolean endsLater(Event.Trade one, Event.Trade other) {
    return one.time() != null && (other.time() == null || one.time().isAfter(other.time()));
  }
}
