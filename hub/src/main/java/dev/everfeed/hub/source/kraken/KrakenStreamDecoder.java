package dev.everfeed.hub.source.kraken;

import dev.everfeed.core.model.Event;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.RecordedSession;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.WireDecoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Every frame of version 2 of Kraken's streams; its command-line name is [#WIRE]. A frame says
/// itself what it is, so all kinds but the session read alike.
public final class KrakenStreamDecoder implements WireDecoder {
  public static final String WIRE = "kraken_v2";

  private static final String SESSION = "ws_session";
  private static final Set<String> KINDS = Collections.unmodifiableSet(new TreeSet<>(List.of(
      "ws_trade",
      "ws_ticker",
      "ws_book_ticker",
      "ws_bar",
      "ws_book",
      "ws_ack",
      "ws_error",
      "ws_heartbeat",
      "ws_status",
      "ws_other",
      "ws_request",
      SESSION)));

  @Override
  public Set<String> kinds() {
    return KINDS;
  }

  @Override
  public List<Event> decode(String kind, byte[] bytes, DecodeContext context) throws Undecodable {
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException(
          "%s: no kind \"%s\", there are %s".formatted(WIRE, kind, String.join(" ", KINDS)));
    }
    List<Event> events = new ArrayList<>();
    if (kind.equals(SESSION)) {
      RecordedSession.read(bytes, frame -> KrakenFrames.frame(JsonReader.read(frame), events));
    } else {
      KrakenFrames.frame(JsonReader.read(bytes), events);
    }
    return events;
  }
}
