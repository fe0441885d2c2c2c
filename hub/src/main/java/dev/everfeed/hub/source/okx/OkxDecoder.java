package dev.everfeed.hub.source.okx;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.WireDecoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Every answer of OKX's public REST interface that we know. An error is an error under every
/// kind.
public final class OkxDecoder implements WireDecoder {
  public static final SourceId SOURCE = new SourceId("okx");
  static final String EXCHANGE = "okx";

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

  @Override
  public Set<String> kinds() {
    return KINDS;
  }

  @Override
  public List<Event> decode(String kind, byte[] bytes, DecodeContext context) throws Undecodable {
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException(
          "okx: no kind \"%s\", there are %s".formatted(kind, String.join(" ", KINDS)));
    }
    List<Event> events = new ArrayList<>();
    OkxAnswers.read(
        kind,
        kind.equals("rest_instruments")
            ? JsonReader.read(bytes, OkxAnswers.LISTING_FIELDS)
            : JsonReader.read(bytes),
        context,
        events);
    return events;
  }
}
