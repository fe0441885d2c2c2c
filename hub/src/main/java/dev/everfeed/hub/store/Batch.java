package dev.everfeed.hub.store;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.normalise.Plausibility;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Positioned;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/// The rows that a stretch of the journal becomes, by table, each key once and in the order of
/// the keys, so that two writers that meet wait for each other and never in a circle.
///
/// What cannot be true, or could not be stored, is set apart before the database is asked.
final class Batch {
  /// Longest text in a key, in characters: an index takes 2,704 bytes.
  static final int KEY_LENGTH_MAX = 500;

  final List<BarTable.Bar> bars = new ArrayList<>();
  final List<CoverageTable.Covered> coverage = new ArrayList<>();
  final List<TradeTable.Trade> trades = new ArrayList<>();
  final List<QuoteTable.Latest> quotes = new ArrayList<>();
  final List<SentimentTable.Mood> moods = new ArrayList<>();
  final List<RunTable.Run> runs = new ArrayList<>();
  final List<RefreshTable.Asked> asked = new ArrayList<>();
  final List<EventTable.Happened> events = new ArrayList<>();
  final List<Refused> refused = new ArrayList<>();

  /// Entries for which there is no table (heartbeats, listings and the like), and trades that
  /// are older than any that are kept.
  private int ignored;

  private final UUID journal;
  private final Instant now;
  private final Instant tradesFrom;

  /// @param now        the database's clock
  /// @param keepTrades for how long, after their day
  Batch(UUID journal, List<Positioned> entries, Instant now, Duration keepTrades) {
    this.journal = journal;
    this.now = now;
    this.tradesFrom = now.minus(keepTrades).truncatedTo(ChronoUnit.DAYS);
    for (Positioned entry : entries) {
      switch (entry.entry()) {
        case Entry.Received e -> received(entry, e.event());
        case Entry.Rejected e -> refused.add(Refused.of(entry, e.reason()));
        case Entry.RunEnded e -> {
          runs.add(new RunTable.Run(journal, entry, e));
          e.asked().forEach(each -> asked.add(new RefreshTable.Asked(entry, each)));
        }
        case Entry.Happened e -> events.add(new EventTable.Happened(journal, entry, e));
        case Entry.Covered e -> covered(entry, e);
      }
    }
    long nowMicros = Times.micros(now);
    eachKeyOnce(
        bars,
        BarTable.Bar.BY_KEY,
        (kept, next) -> BarTable.replaces(kept, next, nowMicros) ? next : kept);
    eachKeyOnce(coverage, CoverageTable.Covered.BY_KEY, CoverageTable.Covered::and);
    eachKeyOnce(trades, TradeTable.Trade.BY_KEY, (kept, _) -> kept);
    eachKeyOnce(quotes, QuoteTable.Latest.BY_KEY, (kept, next) -> kept.and(next, now));
    eachKeyOnce(
        moods,
        SentimentTable.Mood.BY_KEY,
        (kept, next) -> SentimentTable.replaces(kept, next, now) ? next : kept);
    eachKeyOnce(
        asked,
        RefreshTable.Asked.BY_KEY,
        (kept, next) -> RefreshTable.replaces(kept, next, now) ? next : kept);
  }

  int ignored() {
    return ignored;
  }

  private void received(Positioned entry, Event event) {
    Optional<String> why = whyNot(event);
    if (why.isPresent()) {
      refused.add(Refused.of(entry, why.get()));
      return;
    }
    switch (event) {
      case Event.Bar bar -> bars.add(BarTable.Bar.of(entry, bar));
      case Event.Trade trade -> trade(entry, trade);
      case Event.Price price -> quotes.add(QuoteTable.Latest.of(entry, price));
      case Event.Quote quote -> quotes.add(QuoteTable.Latest.of(entry, quote));
      case Event.Sentiment mood -> moods.add(SentimentTable.Mood.of(entry, mood));
      case Event.Listing _,
          Event.ServerTime _,
          Event.SourceStatus _,
          Event.Ack _,
          Event.Heartbeat _,
          Event.ProviderError _ -> ignored++;
    }
  }

  private void trade(Positioned entry, Event.Trade trade) {
    if (trade.time() == null) {
      refused.add(Refused.of(entry, "a deal needs the venue's time, had none"));
      return;
    }
    if (trade.time().isBefore(tradesFrom)) {
      ignored++;
      return;
    }
    trades.add(TradeTable.Trade.of(journal, entry, trade, Times.nanos(trade.time())));
  }

  private void covered(Positioned entry, Entry.Covered covered) {
    Instant newest = now.plusSeconds(Times.AHEAD_SECONDS_MAX);
    Optional<String> why = covered.span().to().isAfter(newest)
        ? Optional.of("nobody can have told bars up to %s, the latest that can be is %s"
            .formatted(covered.span().to(), newest))
        : key("exchange", covered.exchange());
    if (why.isPresent()) {
      refused.add(Refused.of(entry, why.get()));
    } else {
      coverage.add(CoverageTable.Covered.of(entry, covered));
    }
  }

  /// Why an event cannot be true or cannot be stored.
  private Optional<String> whyNot(Event event) {
    Optional<String> impossible = Plausibility.impossible(event);
    if (impossible.isPresent()) {
      return impossible;
    }
    return switch (event) {
      case Event.Bar bar
      when isNegative(bar.volume()) ->
        Optional.of("%s: volume must not be below 0, was %s".formatted(bar.symbol(), bar.volume()));
      case Event.Bar bar -> or(time(bar.time()), key("exchange", bar.exchange()));
      case Event.Trade trade ->
        or(
            time(trade.time()),
            or(key("exchange", trade.exchange()), key("trade id", trade.tradeId())));
      case Event.Quote quote
      when isCrossed(quote) ->
        Optional.of(
            "%s: bid %s is above ask %s".formatted(quote.symbol(), quote.bid(), quote.ask()));
      case Event.Quote quote
      when isNegative(quote.bidSize()) || isNegative(quote.askSize()) ->
        Optional.of("%s: sizes must not be below 0, were %s and %s"
            .formatted(quote.symbol(), quote.bidSize(), quote.askSize()));
      case Event.Quote quote -> or(time(quote.time()), key("exchange", quote.exchange()));
      case Event.Price price -> or(time(price.time()), key("exchange", price.exchange()));
      case Event.Sentiment mood -> or(time(mood.time()), key("measure", mood.measure()));
      default -> Optional.empty();
    };
  }

  private static boolean isNegative(@Nullable Decimal value) {
    return value != null && value.signum() < 0;
  }

  private static boolean isCrossed(Event.Quote quote) {
    return quote.bid() != null && quote.ask() != null && quote.bid().compareTo(quote.ask()) > 0;
  }

  private Optional<String> time(@Nullable Instant time) {
    return time == null ? Optional.empty() : Times.outOfRange(time, now);
  }

  private static Optional<String> key(String name, @Nullable String text) {
    return text == null || text.length() <= KEY_LENGTH_MAX
        ? Optional.empty()
        : Optional.of("%s must have at most %d characters, had %d"
            .formatted(name, KEY_LENGTH_MAX, text.length()));
  }

  private static Optional<String> or(Optional<String> one, Optional<String> other) {
    return one.isPresent() ? one : other;
  }

  /// Sorts rows by their key, and of those with one key keeps what the rule makes of them, in
  /// the order in which they came.
  private static <R> void eachKeyOnce(List<R> rows, Comparator<R> byKey, BinaryOperator<R> rule) {
    rows.sort(byKey); // is stable, and quick where rows come in order, as those of an answer do
    int last = -1;
    for (int i = 0; i < rows.size(); i++) {
      R next = rows.get(i);
      if (last >= 0 && byKey.compare(rows.get(last), next) == 0) {
        rows.set(last, rule.apply(rows.get(last), next));
      } else {
        rows.set(++last, next);
      }
    }
    rows.subList(last + 1, rows.size()).clear();
  }
}
