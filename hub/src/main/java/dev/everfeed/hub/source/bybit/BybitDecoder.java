package dev.everfeed.hub.source.bybit;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.WireDecoder;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Every answer of Bybit's public REST interface that we know. An error is an error under every
/// kind.
public final class BybitDecoder implements WireDecoder {
  public static final SourceId SOURCE = new SourceId("bybit");
  static final String EXCHANGE = "bybit";

  private static final Set<String> KINDS = Collections.unmodifiableSet(new TreeSet<>(List.of(
      "rest_bars",
      "rest_trades",
      "rest_trades_element",
      "rest_ticker",
      "rest_ticker_element",
      "rest_book",
      "rest_instruments",
      "rest_time",
      "rest_error")));

  private final Map<String, Symbol> listed;

  public BybitDecoder() {
    this(Map.of());
  }

  /// @param listed the symbols of the venue's spot names, as far as they are known
  BybitDecoder(Map<String, Symbol> listed) {
    this.listed = Collections.unmodifiableMap(new TreeMap<>(listed));
  }

  @Override
  public Set<String> kinds() {
    return KINDS;
  }

  @Override
  public List<Event> decode(String kind, byte[] bytes, DecodeContext context) throws Undecodable {
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException(
          "bybit: no kind \"%s\", there are %s".formatted(kind, String.join(" ", KINDS)));
    }
    return new BybitAnswers(context, listed)
        .read(
            kind,
            kind.equals("rest_instruments")
                ? JsonReader.read(bytes, BybitAnswers.LISTING_FIELDS)
                : JsonReader.read(bytes));
  }
}
