package dev.everfeed.hub.source;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whether decoded events can be an answer to what was asked. Only what a single answer shows
/// by itself is judged here; comparing sources is the arbiter's work.
public final class Plausible {
  /// Beyond it, and with letters, an id says nothing about the order.
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,40}");

  private Plausible() {}

  /// Keeps what is of the symbols asked for. A side of a quote that is not positive is an empty
  /// side (Binance writes `0.00000000`), and a price that is not positive is none.
  public static Outcome prices(SourceId source, Query.Prices query, List<Event> events) {
    List<Event> kept = new ArrayList<>();
    TreeSet<Symbol> others = new TreeSet<>();
    for (Event event : events) {
      switch (event) {
        case Event.Price price
        when !query.symbols().contains(price.symbol()) -> others.add(price.symbol());
        case Event.Quote quote
        when !query.symbols().contains(quote.symbol()) -> others.add(quote.symbol());
        case Event.Price price
        when price.price().signum() < 0 -> {
          return HttpAnswers.unusable(
              Failure.Kind.WRONG_DATA,
              source,
              "the price of %s is %s".formatted(price.symbol(), price.price()));
        }
        case Event.Price price when price.price().signum() > 0 -> kept.add(price);
        case Event.Quote quote -> {
          boolean bid = isPositive(quote.bid());
          boolean ask = isPositive(quote.ask());
          if (bid || ask) {
            kept.add(new Event.Quote(
                quote.symbol(),
                quote.exchange(),
                quote.source(),
                bid ? quote.bid() : null,
                bid ? quote.bidSize() : null,
                ask ? quote.ask() : null,
                ask ? quote.askSize() : null,
                quote.time()));
          }
        }
        default -> {
          // a price of zero: the symbol does not trade
        }
      }
    }
    if (!kept.isEmpty()) {
      return new Outcome.Usable(kept);
    }
    return others.isEmpty()
        ? HttpAnswers.unusable(Failure.Kind.CALLER, source, "has no price of " + query.symbols())
        : HttpAnswers.unusable(
            Failure.Kind.WRONG_DATA,
            source,
            "answered for %s when asked for %s".formatted(others, query.symbols()));
  }

  /// Bars must be whole (`low <= open, close <= high`), positive, oldest first and within the
  /// range asked for.
  public static Outcome bars(SourceId source, Query.Bars query, List<Event> events) {
    Instant last = null;
    for (Event event : events) {
      Event.Bar bar = (Event.Bar) event;
      String wrong = wrongOf(query, bar, last);
      if (wrong != null) {
        return HttpAnswers.unusable(
            Failure.Kind.WRONG_DATA,
            source,
            "the %s bar of %s at %s %s".formatted(bar.interval(), bar.symbol(), bar.time(), wrong));
      }
      last = bar.time();
    }
    return events.size() <= query.limit()
        ? new Outcome.Usable(events)
        : HttpAnswers.unusable(
            Failure.Kind.WRONG_DATA,
            source,
            "answered with %d bars when asked for %d".formatted(events.size(), query.limit()));
  }

  private static @Nullable String wrongOf(Query.Bars query, Event.Bar bar, @Nullable Instant last) {
    if (bar.low().signum() <= 0) {
      return "has a low of " + bar.low();
    }
    if (bar.low().compareTo(bar.open()) > 0
        || bar.low().compareTo(bar.close()) > 0
        || bar.high().compareTo(bar.open()) < 0
        || bar.high().compareTo(bar.close()) < 0) {
      return "is impossible: open %s, high %s, low %s, close %s"
          .formatted(bar.open(), bar.high(), bar.low(), bar.close());
    }
    if (bar.volume() != null && bar.volume().signum() < 0) {
      return "has a volume of " + bar.volume();
    }
    if (last != null && !bar.time().isAfter(last)) {
      return "follows the one at " + last;
    }
    if (!bar.interval().openOf(bar.time()).equals(bar.time())) {
      return "does not open at a whole %s of UTC".formatted(bar.interval());
    }
    if ((query.from() != null && bar.time().isBefore(query.from()))
        || (query.to() != null && !bar.time().isBefore(query.to()))) {
      return "is outside the range asked for, %s to %s".formatted(query.from(), query.to());
    }
    return null;
  }

  /// Trades must have positive prices and sizes, and ids that rise, where they are numbers,
  /// from the one asked for on.
  public static Outcome trades(SourceId source, Query.Trades query, List<Event> events) {
    BigInteger least = query.fromId() == null ? BigInteger.ZERO : new BigInteger(query.fromId());
    for (Event event : events) {
      Event.Trade trade = (Event.Trade) event;
      if (trade.price().signum() <= 0 || trade.size().signum() <= 0) {
        return HttpAnswers.unusable(
            Failure.Kind.WRONG_DATA,
            source,
            "trade %s of %s has price %s and size %s"
                .formatted(trade.tradeId(), trade.symbol(), trade.price(), trade.size()));
      }
      if (trade.tradeId() != null && NUMBER.matcher(trade.tradeId()).matches()) {
        BigInteger id = new BigInteger(trade.tradeId());
        if (id.compareTo(least) < 0) {
          return HttpAnswers.unusable(
              Failure.Kind.WRONG_DATA,
              source,
              "trade %s of %s comes where %s or later was due"
                  .formatted(id, trade.symbol(), least));
        }
        least = id.add(BigInteger.ONE);
      }
    }
    return new Outcome.Usable(events);
  }

  private static boolean isPositive(@Nullable Decimal value) {
    return value != null && value.signum() > 0;
  }
}
