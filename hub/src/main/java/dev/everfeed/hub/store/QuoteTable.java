package dev.everfeed.hub.store;

import dev.everfeed.core.model.Event;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Positioned;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The table `latest_quote`: a row for each symbol at each source, with its last price and its
/// last quote, which come and go by themselves.
final class QuoteTable implements Table<QuoteTable.Latest> {
  private static final List<String> PRICE = List.of("price", "price_time", "price_received_at");
  private static final List<String> QUOTE =
      List.of("bid", "bid_size", "ask", "ask_size", "quote_time", "quote_received_at");
  private static final String UPSERT = """
      INSERT INTO latest_quote AS o (symbol, source, exchange, %s, %s)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (symbol, source, exchange) DO UPDATE SET %s, %s WHERE %s OR %s""".formatted(
          String.join(", ", PRICE),
          String.join(", ", QUOTE),
          set(PRICE, newer("price")),
          set(QUOTE, newer("quote")),
          newer("price"),
          newer("quote"));

  /// How far a venue's time may be ahead of the database's clock and still be believed.
  private static final Duration AHEAD_MAX = Duration.ofMinutes(1);

  /// The last price and the last quote of one symbol at one source; one of them may be absent.
  record Latest(
      Positioned entry,
      @Nullable Part<Event.Price> price,
      @Nullable Part<Event.Quote> quote) implements Row {
    static final Comparator<Latest> BY_KEY = Comparator.comparing(Latest::symbol)
        .thenComparing(Latest::source)
        .thenComparing(Latest::exchange);

    static Latest of(Positioned entry, Event.Price price) {
      return new Latest(entry, Part.of(price, price.time(), entry), null);
    }

    static Latest of(Positioned entry, Event.Quote quote) {
      return new Latest(entry, null, Part.of(quote, quote.time(), entry));
    }

    /// Both together.
    Latest and(Latest next, Instant now) {
      return new Latest(next.entry, newer(price, next.price, now), newer(quote, next.quote, now));
    }

    private static <E extends Event> @Nullable Part<E> newer(
        @Nullable Part<E> stored, @Nullable Part<E> next, Instant now) {
      return next != null && (stored == null || next.replaces(stored, now)) ? next : stored;
    }

    private Event any() {
      return ((Entry.Received) entry.entry()).event();
    }

    String symbol() {
      return SafeText.of(
          any() instanceof Event.Price p
              ? p.symbol().text()
              : ((Event.Quote) any()).symbol().text());
    }

    String source() {
      return any().source().name();
    }

    String exchange() {
      String exchange =
          any() instanceof Event.Price p ? p.exchange() : ((Event.Quote) any()).exchange();
      return exchange == null ? "" : SafeText.of(exchange);
    }
  }

  /// A price or a quote.
  ///
  /// @param time the venue's, or null
  record Part<E extends Event>(E event, @Nullable Instant time, Instant receivedAt) {

    static <E extends Event> Part<E> of(E event, @Nullable Instant time, Positioned entry) {
      return new Part<>(
          event,
          time == null ? null : Times.ofMicros(Times.micros(time)),
          Times.ofMicros(Times.micros(entry.entry().at())));
    }

    /// The rule of [#newer], for the states of one batch.
    boolean replaces(Part<E> stored, Instant now) {
      if (stored.receivedAt.isAfter(now) || (stored.isAhead(now) && !isAhead(now))) {
        return true;
      }
      return time != null && stored.time != null && !time.equals(stored.time)
          ? time.isAfter(stored.time)
          : receivedAt.isAfter(stored.receivedAt);
    }

    private boolean isAhead(Instant now) {
      return time != null && time.isAfter(now.plus(AHEAD_MAX));
    }
  }

  /// Whether the part that is offered is newer than the stored one: by the venue's times where
  /// both are stated and differ, else by receipt. What is stamped later than the database's
  /// clock comes from a clock that was wrong: it gives way.
  private static String newer(String part) {
    return """
        (excluded.%1$s_received_at IS NOT NULL AND CASE
          WHEN o.%1$s_received_at IS NULL OR o.%1$s_received_at > now() THEN true
          WHEN o.%1$s_time > now() + interval '1 minute'
            AND (excluded.%1$s_time > now() + interval '1 minute') IS NOT TRUE THEN true
          WHEN excluded.%1$s_time <> o.%1$s_time THEN excluded.%1$s_time > o.%1$s_time
          ELSE excluded.%1$s_received_at > o.%1$s_received_at END)""".formatted(part);
  }

  private static String set(List<String> columns, String condition) {
    return columns.stream()
        .map(column ->
            "%1$s = CASE WHEN %2$s THEN excluded.%1$s ELSE o.%1$s END".formatted(column, condition))
        .collect(Collectors.joining(", "));
  }

  @Override
  public String name() {
    return "latest_quote";
  }

  @Override
  public int write(Connection connection, List<Latest> rows) throws SQLException {
    try (PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
      for (Latest row : rows) {
        upsert.setString(1, row.symbol());
        upsert.setString(2, row.source());
        upsert.setString(3, row.exchange());
        Part<Event.Price> price = row.price;
        Parameters.number(upsert, 4, price == null ? null : price.event.price());
        Parameters.time(upsert, 5, price == null ? null : price.time);
        Parameters.time(upsert, 6, price == null ? null : price.receivedAt);
        Part<Event.Quote> quote = row.quote;
        Parameters.number(upsert, 7, quote == null ? null : quote.event.bid());
        Parameters.number(upsert, 8, quote == null ? null : quote.event.bidSize());
        Parameters.number(upsert, 9, quote == null ? null : quote.event.ask());
        Parameters.number(upsert, 10, quote == null ? null : quote.event.askSize());
        Parameters.time(upsert, 11, quote == null ? null : quote.time);
        Parameters.time(upsert, 12, quote == null ? null : quote.receivedAt);
        upsert.addBatch();
      }
      return Parameters.changed(upsert.executeBatch());
    }
  }
}
