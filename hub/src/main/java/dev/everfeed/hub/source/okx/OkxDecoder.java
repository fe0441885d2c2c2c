package dev.everfeed.hub.source.okx;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.SourceId;
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

/// Every answer of OKX's public REST interface that we know, and every frame of its public
/// channels. An error is an error under every kind; a frame says itself what it is, so all `ws_`
/// kinds read alike.
public final class OkxDecoder implements WireDecoder {
  public static final SourceId SOURCE = new SourceId("okx");
  static final String EXCHANGE = "okx";

  private static final String SESSION = "ws_session";

  private static final Set<String> STREAM_KINDS = Set.of(
      "ws_trade",
      "ws_ticker",
      "ws_book_ticker",
      "ws_bar",
      "ws_book",
      "ws_book_topk",
      "ws_ack",
      "ws_error",
      "ws_heartbeat",
      "ws_status",
      "ws_other",
      "ws_request");

  private static final Set<String> REST_KINDS = Set.of(
      "rest_bars",
      "rest_trades",
      "rest_trades_element",
      "rest_ticker",
      "rest_ticker_element",
      "rest_book",
      "rest_instruments",
      "rest_time",
      "rest_error");

  private static final Set<String> KINDS = kindsOf();

  private static Set<String> kindsOf() {
    Set<String> all = new TreeSet<>(STREAM_KINDS);
    all.addAll(REST_KINDS);
    all.add(SESSION);
    return Collections.unmodifiableSet(all);
  }

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
    if (kind.equals(SESSION)) {
      RecordedSession.read(bytes, frame -> OkxFrames.read(frame, events));
      return events;
    }
    if (STREAM_KINDS.contains(kind)) {
      OkxFrames.read(bytes, events);
      return events;
    }
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
