package dev.everfeed.hub.source.binance;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.RecordedSession;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.WireDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Every message of Binance spot that we know, REST and stream.
///
/// A REST answer is read as the kind says, since its shape alone does not tell; a stream's
/// frame says itself what it is, so all `ws_` kinds read alike. An error body is an error
/// under every kind.
public final class BinanceDecoder implements WireDecoder {
  public static final SourceId SOURCE = new SourceId("binance");
  static final String EXCHANGE = "binance";

  private static final Set<String> STREAM_KINDS = Set.of(
      "ws_trade",
      "ws_agg_trade",
      "ws_bar",
      "ws_book_ticker",
      "ws_ticker",
      "ws_ack",
      "ws_error",
      "ws_status",
      "ws_book",
      "ws_book_topk",
      "ws_other",
      "ws_request");

  private static final Set<String> REST_KINDS = Set.of(
      "rest_bars",
      "rest_trades",
      "rest_agg_trades",
      "rest_trades_element",
      "rest_ticker",
      "rest_ticker_element",
      "rest_price",
      "rest_book_ticker",
      "rest_book",
      "rest_instruments",
      "rest_time",
      "rest_error");

  private static final Set<String> KINDS = kindsOf();

  private static Set<String> kindsOf() {
    Set<String> all = new TreeSet<>(STREAM_KINDS);
    all.addAll(REST_KINDS);
    all.add("ws_session");
    return java.util.Collections.unmodifiableSet(all);
  }

  @Override
  public Set<String> kinds() {
    return KINDS;
  }

  @Override
  public List<Event> decode(String kind, byte[] bytes, DecodeContext context) throws Undecodable {
    List<Event> events = new ArrayList<>();
    if (kind.equals("ws_session")) {
      RecordedSession.read(
          bytes, frame -> BinanceFrames.frame(JsonReader.read(frame), context, events));
    } else if (STREAM_KINDS.contains(kind)) {
      BinanceFrames.frame(JsonReader.read(bytes), context, events);
    } else if (kind.equals("rest_instruments")) {
      BinanceAnswers.read(
          kind, JsonReader.read(bytes, BinanceAnswers.LISTING_FIELDS), context, events);
    } else if (REST_KINDS.contains(kind)) {
      BinanceAnswers.read(kind, JsonReader.read(bytes), context, events);
    } else {
      throw new IllegalArgumentException(
          "binance: no kind \"%s\", there are %s".formatted(kind, String.join(" ", KINDS)));
    }
    return events;
  }
}
