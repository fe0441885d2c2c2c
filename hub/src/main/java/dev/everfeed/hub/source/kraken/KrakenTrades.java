package dev.everfeed.hub.source.kraken;

import static dev.everfeed.hub.source.kraken.KrakenRestDecoder.SOURCE;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.hub.source.HttpAnswers;
import dev.everfeed.hub.source.HttpResult;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.Outcome;
import dev.everfeed.hub.source.Plausible;
import dev.everfeed.hub.source.SourceRequest;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.UnsupportedQueryException;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// The trades of one question: the newest, or those from a moment on.
///
/// A moment is asked for in nanoseconds, but the venue files a trade under a cursor of its own,
/// a little later than the time that it shows for it: the recorded one of 1710327959.1733468 has
/// the cursor 1710327959173746878, 0.4 ms later. So an answer may begin with trades of just
/// before the moment. They are cut off; [#STRAY_MAX] more than were wanted are asked for, and
/// where a page cannot hold as many, a second one goes on from the cursor that came with the
/// first. No cursor outlives its question.
final class KrakenTrades {
  /// Most trades of one answer (guides/general/historical-data).
  static final int PAGE_MAX = 1_000;

  /// Most trades of before the moment that an answer may begin with; a venue that gives more has
  /// not heard which moment was asked for.
  static final int STRAY_MAX = 100;

  private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);

  private static final Set<String> CURSOR_FIELDS = Set.of("result", "last");

  private final Function<String, SourceRequest> get;

  KrakenTrades(Function<String, SourceRequest> get) {
    this.get = get;
  }

  SourceRequest first(Query.Trades query, String pair) throws UnsupportedQueryException {
    if (query.fromId() != null) {
      throw new UnsupportedQueryException(
          SOURCE, "gives trades from a moment on, not from an id on");
    }
    Instant from = query.from();
    return from == null
        ? get.apply("Trades?pair=%s&count=%d".formatted(pair, query.limit()))
        : since(query, pair, justBefore(from));
  }

  static int mostPages(Query.Trades query) {
    return query.from() == null || query.limit() + STRAY_MAX <= PAGE_MAX ? 1 : 2;
  }

  /// @param page   decoded, of the pair that was asked for
  /// @param before the trades of the first page when this is the second one
  Outcome received(
      Query.Trades query, String pair, List<Event> before, List<Event> page, HttpResult result) {
    List<Event> all = new ArrayList<>(before);
    Instant from = query.from();
    if (from == null) {
      all.addAll(page);
      // whatever `count` is to the venue, what was asked for are the newest
      return Plausible.trades(
          SOURCE, query, all.subList(Math.max(0, all.size() - query.limit()), all.size()));
    }
    int stray = 0;
    Set<String> known = ids(before);
    for (Event event : page) {
      Event.Trade trade = (Event.Trade) event;
      if (trade.time() != null && trade.time().isBefore(from)) {
        stray++;
      } else if (trade.tradeId() == null || !known.contains(trade.tradeId())) {
        all.add(trade);
      }
    }
    if (stray > STRAY_MAX) {
      return HttpAnswers.unusable(
          Failure.Kind.WRONG_DATA,
          SOURCE,
          "answered with %,d trades of %s from before %s when asked for those since"
              .formatted(stray, query.symbol(), from));
    }
    if (before.isEmpty()
        && all.size() < query.limit()
        && page.size() >= PAGE_MAX
        && mostPages(query) > 1) {
      try {
        return new Outcome.More(all, since(query, pair, cursor(result)));
      } catch (Undecodable e) {
        return HttpAnswers.unusable(
            Failure.Kind.UNDECODABLE, SOURCE, "undecodable " + e.getMessage());
      }
    }
    return Plausible.trades(SOURCE, query, all.subList(0, Math.min(all.size(), query.limit())));
  }

  private SourceRequest since(Query.Trades query, String pair, String nanos) {
    int count = Math.min(PAGE_MAX, query.limit() + STRAY_MAX);
    return get.apply("Trades?pair=%s&count=%d&since=%s".formatted(pair, count, nanos));
  }

  /// `since` is exclusive, by the cursors: the last one of an answer begins the next.
  private static String justBefore(Instant time) {
    return BigInteger.valueOf(time.getEpochSecond())
        .multiply(NANOS)
        .add(BigInteger.valueOf(time.getNano() - 1L))
        .max(BigInteger.ZERO)
        .toString();
  }

  private static String cursor(HttpResult result) throws Undecodable {
    return JsonReader.read(result.body(), CURSOR_FIELDS)
        .asObject("the answer")
        .get("result")
        .asObject("\"result\"")
        .get("last")
        .asId("\"last\"");
  }

  private static Set<String> ids(List<Event> trades) {
    Set<String> ids = new HashSet<>();
    for (Event event : trades) {
      if (event instanceof Event.Trade trade && trade.tradeId() != null) {
        ids.add(trade.tradeId());
      }
    }
    return ids;
  }
}
