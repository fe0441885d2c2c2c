package dev.everfeed.hub.source;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// From a source's own name of a symbol, in bytes, to the numbers of the published streams.
///
/// Immutable; any thread may use it. Finding allocates nothing.
public final class StreamNumbers {
  private static final int INTERVALS = Interval.values().length;
  private static final NameTable INTERVAL_NAMES =
      new NameTable(Arrays.stream(Interval.values()).map(Interval::text).toList());

  private final NameTable names;
  private final List<Symbol> symbols;
  private final Map<Symbol, Integer> places = new LinkedHashMap<>();
  private final int[] trades;
  private final int[] quotes;
  private final int[] bars;

  /// @param streams  what is published
  /// @param nativeOf the source's name for a symbol, empty where it has none; of two symbols
  ///     with one name the first has it
  public StreamNumbers(Streams streams, Function<Symbol, Optional<String>> nativeOf) {
    Map<String, Symbol> owners = new LinkedHashMap<>();
    for (Stream stream : streams.all()) {
      nativeOf.apply(stream.symbol()).ifPresent(name -> owners.putIfAbsent(name, stream.symbol()));
    }
    this.names = new NameTable(List.copyOf(owners.keySet()));
    this.symbols = List.copyOf(owners.values());
    this.trades = new int[symbols.size()];
    this.quotes = new int[symbols.size()];
    this.bars = new int[symbols.size() * INTERVALS];
    for (int place = 0; place < symbols.size(); place++) {
      Symbol symbol = symbols.get(place);
      places.put(symbol, place);
      trades[place] = streams.numberOf(Stream.trades(symbol));
      quotes[place] = streams.numberOf(Stream.quotes(symbol));
      for (Interval interval : Interval.values()) {
        bars[place * INTERVALS + interval.ordinal()] =
            streams.numberOf(Stream.bars(symbol, interval));
      }
    }
  }

  /// The source's names of symbols; the number of a name is the place of its symbol.
  public NameTable names() {
    return names;
  }

  /// By place.
  public List<Symbol> symbols() {
    return symbols;
  }

  /// `1s`, `1m`, …: the number of a name is the ordinal of its interval.
  public static NameTable intervals() {
    return INTERVAL_NAMES;
  }

  /// The number of the stream of trades, or [Streams#NONE].
  public int trades(int place) {
    return trades[place];
  }

  /// The number of the stream of quotes, or [Streams#NONE].
  public int quotes(int place) {
    return quotes[place];
  }

  /// The number of the stream of bars, or [Streams#NONE].
  ///
  /// @param interval its ordinal
  public int bars(int place, int interval) {
    return bars[place * INTERVALS + interval];
  }

  /// The place of the symbol that the source calls so, or [NameTable#NONE].
  public int place(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return names.find(bytes, 0, bytes.length);
  }

  /// The number of the stream that the event belongs to, or [Streams#NONE].
  public int numberOf(Event event) {
    return switch (event) {
      case Event.Trade trade -> numberOf(trade.symbol(), trades);
      case Event.Quote quote -> numberOf(quote.symbol(), quotes);
      case Event.Bar bar -> {
        Integer place = places.get(bar.symbol());
        yield place == null ? Streams.NONE : bars(place, bar.interval().ordinal());
      }
      case Event.Price _,
          Event.Listing _,
          Event.ServerTime _,
          Event.SourceStatus _,
          Event.Ack _,
          Event.Heartbeat _,
          Event.ProviderError _,
          Event.Sentiment _ -> Streams.NONE;
    };
  }

  private int numberOf(Symbol symbol, int[] streams) {
    Integer place = places.get(symbol);
    return place == null ? Streams.NONE : streams[place];
  }
}
