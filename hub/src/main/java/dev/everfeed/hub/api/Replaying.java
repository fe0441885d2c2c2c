package dev.everfeed.hub.api;

import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.publish.PublicationLog;
import dev.everfeed.hub.publish.Publications;
import dev.everfeed.hub.publish.Publications.Message;
import dev.everfeed.hub.publish.Publications.Replay;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `/v1/replay` and `/v1/snapshot`: what was published, from memory. On the server's event loop;
/// an answer costs microseconds for each message in it.
final class Replaying {
  private static final String NUMBERS = "numbers";
  private static final int USUAL = 1_000;
  private static final int MAX = 5_000;

  private final Desk desk;

  Replaying(Desk desk) {
    this.desk = desk;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.of(
            "/v1/replay", List.of("stream", "epoch", "from_seq", "limit", NUMBERS), this::replay),
        Endpoint.of("/v1/snapshot", List.of("symbol", NUMBERS), this::snapshot),
        Endpoint.of("/v1/stream", List.of(NUMBERS), _ -> {
          throw Problem.of(
              426,
              "upgrade-required",
              "This is a WebSocket",
              "open it as ws://, or as wss:// where a proxy has a certificate");
        }));
  }

  /// @throws Problem 503
  static Publications publications(Desk desk) {
    return desk.publications()
        .orElseThrow(() -> Problem.of(
            503,
            "nothing-is-streamed",
            "Nothing is streamed",
            "this hub has no source that it listens to"));
  }

  private Answer replay(Parameters p) {
    Publications publications = publications(desk);
    String name = p.required("stream", "trade|BTC/USDT");
    int stream = stream(name, publications);
    long epoch = p.number("epoch", "7");
    long from = p.number("from_seq", "42");
    int limit = p.limit(USUAL, MAX);
    boolean strings = p.decimalsAsStrings();
    long last = publications.log().lastSeq(stream);
    if (epoch == publications.epoch() && from > Math.max(0, last) + 1) {
      throw Problem.badParameter(
          "from_seq must be at most one more than the newest, which is %d, was %d"
              .formatted(Math.max(0, last), from));
    }
    return switch (publications.replay(stream, epoch, from, limit)) {
      case Replay.Gone gone -> throw Problem.gone(name, publications.epoch(), gone);
      case Replay.Messages found -> {
        List<Message> messages = found.messages();
        JsonText json =
            new JsonText().open().field("stream", name).field("epoch", publications.epoch());
        number(json, "last_seq", found.lastSeq());
        long next = messages.isEmpty() ? from : messages.getLast().seq() + 1;
        number(json, "next_from_seq", next > found.lastSeq() ? PublicationLog.NOWHERE : next);
        json.key("messages").openList();
        DecimalStrings decimals = new DecimalStrings();
        messages.forEach(message -> json.json(text(message, decimals, strings)));
        yield Answer.json(json.closeList().close().toString());
      }
    };
  }

  private static int stream(String name, Publications publications) {
    int stream = publications.numberOf(name);
    if (stream == Streams.NONE) {
      List<String> valid = publications.streams().all().stream()
          .limit(Parameters.SHOWN)
          .map(one -> one.name())
          .toList();
      throw Problem.listing(
          404,
          "unknown-stream",
          "The stream is not published",
          "stream \"%s\" is not published; those that are look like trade|BTC/USDT and bar|BTC/USDT|1m"
              .formatted(Parameters.shown(name)),
          valid,
          publications.streams().size());
    }
    return stream;
  }

  private Answer snapshot(Parameters p) {
    Publications publications = publications(desk);
    Symbol symbol = p.symbol(p.required("symbol", "BTC/USDT"), desk.view());
    boolean strings = p.decimalsAsStrings();
    JsonText json = new JsonText()
        .open()
        .field("symbol", symbol.text())
        .field("epoch", publications.epoch())
        .key("streams")
        .openList();
    for (int stream : publications.of(symbol)) {
      latest(json, publications, stream, Long.MAX_VALUE, strings);
    }
    return Answer.json(json.closeList().close().toString());
  }

  /// The newest message of a stream before a position. Its `seq` is null while there is none;
  /// the message alone is null when it has been overwritten.
  static void latest(
      JsonText json, Publications publications, int stream, long before, boolean strings) {
    // before the message, so that it is never newer than that
    long last = publications.log().lastSeq(stream);
    @Nullable Message message = publications.latestBefore(stream, before).orElse(null);
    json.open().field("stream", publications.name(stream));
    boolean still = message == null && publications.log().lastPosition(stream) < before;
    number(json, "seq", message != null ? message.seq() : still ? last : PublicationLog.NOWHERE);
    json.field("status", message == null ? null : publications.statusNow(stream).text());
    json.key("message");
    if (message == null) {
      json.nothing();
    } else {
      json.json(text(message, new DecimalStrings(), strings));
    }
    json.close();
  }

  private static void number(JsonText json, String name, long value) {
    if (value == PublicationLog.NOWHERE) {
      json.fieldNull(name);
    } else {
      json.field(name, value);
    }
  }

  private static String text(Message message, DecimalStrings decimals, boolean strings) {
    if (!strings) {
      return message.text();
    }
    int length = decimals.rewrite(message.json(), message.json().length);
    return new String(decimals.bytes(), 0, length, StandardCharsets.UTF_8);
  }
}
