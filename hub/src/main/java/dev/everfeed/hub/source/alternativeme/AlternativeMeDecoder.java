package dev.everfeed.hub.source.alternativeme;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.WireDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The answer of `/fng/`, newest day first: `{"name":…,"data":[{"value":"27",
/// "value_classification":"Fear","timestamp":"1785628800"}],"metadata":{"error":null}}`. All
/// values are strings; the time is the day's begin in seconds.
public final class AlternativeMeDecoder implements WireDecoder {
  static final SourceId SOURCE = new SourceId("alternative_me");
  private static final Set<String> KINDS = Set.of("sentiment");

  @Override
  public Set<String> kinds() {
    return KINDS;
  }

  @Override
  public List<Event> decode(String kind, byte[] bytes, DecodeContext context) throws Undecodable {
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException(
          "alternative_me: no kind \"%s\", there is sentiment".formatted(kind));
    }
    Obj root = JsonReader.read(bytes).asObject("the answer");
    if (root.find("metadata") instanceof Obj metadata && metadata.has("error")) {
      return List.of(new Event.ProviderError(SOURCE, null, metadata.text("error")));
    }
    List<Event> events = new ArrayList<>();
    for (JsonValue item : root.get("data").asArray("\"data\"").items()) {
      Obj day = item.asObject("a day");
      JsonValue time = day.find("timestamp");
      events.add(new Event.Sentiment(
          SOURCE,
          "fear_greed",
          null,
          day.decimal("value"),
          day.textOrNull("value_classification"),
          time == null ? null : time.asEpochSeconds("\"timestamp\"")));
    }
    return events;
  }
}
