package dev.everfeed.hub.source.kraken;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.WireDecoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Every answer of Kraken's REST interface that we know; its command-line name is `kraken_rest`.
///
/// All come in one envelope, `{"error":[…],"result":{…}}`, with HTTP 200 whether they are errors
/// or not; an error is one under every kind.
public final class KrakenRestDecoder implements WireDecoder {
  public static final SourceId SOURCE = new SourceId("kraken");
  static final String EXCHANGE = "kraken";

  static final Set<String> KINDS = Collections.unmodifiableSet(new TreeSet<>(Set.of(
      "rest_bars",
      "rest_trades",
      "rest_ticker",
      "rest_book",
      "rest_spread",
      "rest_instruments",
      "rest_time",
      "rest_status",
      "rest_error")));

  private final Map<String, Symbol> listed;

  public KrakenRestDecoder() {
    this(Map.of());
  }

  /// @param listed the venue's list of instruments: symbols by key
  KrakenRestDecoder(Map<String, Symbol> listed) {
    this.listed = listed;
  }

  @Override
  public Set<String> kinds() {
    return KINDS;
  }

  @Override
  public List<Event> decode(String kind, byte[] bytes, DecodeContext context) throws Undecodable {
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException(
          "kraken_rest: no kind \"%s\", there are %s".formatted(kind, String.join(" ", KINDS)));
    }
    List<Event> events = new ArrayList<>();
    Obj envelope = JsonReader.read(bytes).asObject("the answer");
    if (!errors(envelope, events)) {
      new KrakenAnswers(listed, context, events).read(kind, envelope);
    }
    return events;
  }

  /// `"error"` lists texts `<severity><category>:<what>`, of severity `E`, or `W` for a warning
  /// that comes with a result (support article 360001491786, API Error Codes). Warnings beside a
  /// result are no errors.
  ///
  /// @return whether the answer is an error
  private static boolean errors(Obj envelope, List<Event> out) throws Undecodable {
    boolean any = false;
    boolean serious = !envelope.has("result");
    for (JsonValue item : envelope.get("error").asArray("\"error\"").items()) {
      String text = item.asText("an error");
      any = true;
      serious |= !text.startsWith("W");
      out.add(new Event.ProviderError(SOURCE, null, text));
    }
    if (any && serious) {
      return true;
    }
    out.clear();
    return false;
  }
}
