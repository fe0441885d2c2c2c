package dev.everfeed.hub.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.config.Secret;
import dev.everfeed.hub.publish.Publications;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a reader of the WebSocket asks for, read strictly: every name is known, nothing is
/// accepted in part.
///
/// @param id      as JSON text, to be given back; `null` when there was none
/// @param streams by number; all numbers of events together for the channel `event`
/// @param names   of the streams, in the order in which they were asked for
/// @param resumed where to go on, for `resume`
/// @param strings whether decimals are wanted as strings from now on; null when nothing was said
/// @param key     for `auth`; null when none was shown
record Wish(
    Op op,
    String id,
    BitSet streams,
    List<String> names,
    List<From> resumed,
    @Nullable Boolean strings,
    @Nullable Secret key) {

  enum Op {
    SUBSCRIBE,
    UNSUBSCRIBE,
    RESUME,
    PING,

    /// Who has been let in already may say it again.
    AUTH
  }

  /// @param seq the last one that the reader has
  record From(int stream, long epoch, long seq) {}

  /// Why something is not done. Thrown where it is found, sent as a frame of type `error`.
  static final class Refused extends RuntimeException {
    final String id;
    final String code;
    final boolean garbage;
    final transient List<String> valid;

    /// @param garbage whether it is not a message of the protocol at all
    Refused(String id, String code, String message, boolean garbage, List<String> valid) {
      super(message, null, false, false);
      this.id = id;
      this.code = code;
      this.garbage = garbage;
      this.valid = valid;
    }

    String json() {
      JsonText json = new JsonText().open().field("type", "error");
      raw(json, "id", id).field("code", code).field("message", String.valueOf(getMessage()));
      if (!valid.isEmpty()) {
        json.key("valid").openList();
        valid.stream().limit(Parameters.SHOWN).forEach(json::value);
        json.closeList();
      }
      return json.close().toString();
    }
  }

  static final String NO_ID = "null";
  private static final String EVENT = "event";
  private static final ObjectMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
      .build();
  private static final Map<String, Op> OPS = Map.of(
      "subscribe", Op.SUBSCRIBE,
      "unsubscribe", Op.UNSUBSCRIBE,
      "resume", Op.RESUME,
      "ping", Op.PING,
      "auth", Op.AUTH);
  private static final Set<String> SELECTORS =
      Set.of("op", "id", "channels", "symbols", "intervals", "streams", "numbers");
  private static final Set<String> PLAIN = Set.of("op", "id");
  private static final Set<String> KEYED = Set.of("op", "id", "key");
  private static final Set<String> RESUMES = Set.of("op", "id", "streams", "numbers");
  private static final List<String> CHANNELS = channels();
  private static final List<String> INTERVALS =
      Arrays.stream(Interval.values()).map(Interval::text).toList();

  private static List<String> channels() {
    List<String> all = new ArrayList<>();
    for (Channel channel : Channel.values()) {
      all.add(channel.text());
    }
    all.add(EVENT);
    return List.copyOf(all);
  }

  /// The id is a number or a string, and is given back as it came.
  static JsonText raw(JsonText json, String name, String id) {
    json.key(name);
    if (id.equals(NO_ID)) {
      return json.nothing();
    }
    return id.startsWith("\"") ? json.value(id.substring(1)) : json.number(Long.parseLong(id));
  }

  /// @throws Refused with what was allowed and what was found
  static Wish read(String text, Publications known) {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new Refused(
          NO_ID,
          "not_json",
          "a message must be one JSON object: " + e.getOriginalMessage(),
          true,
          List.of());
    }
    if (root == null || !root.isObject()) {
      throw new Refused(NO_ID, "not_json", "a message must be one JSON object", true, List.of());
    }
    String id = idOf(root.path("id"));
    String name = root.path("op").asText("");
    Op op = OPS.get(name);
    if (op == null) {
      throw new Refused(
          id,
          "unknown_op",
          "op must be one of subscribe, unsubscribe, resume, ping, auth, was \"%s\""
              .formatted(Parameters.shown(name)),
          true,
          List.of("subscribe", "unsubscribe", "resume", "ping", "auth"));
    }
    return new Reading(root, id, known).wish(op);
  }

  static String idOf(JsonNode id) {
    if (id.isIntegralNumber() && id.canConvertToLong()) {
      return Long.toString(id.longValue());
    }
    if (id.isTextual() && id.textValue().length() <= 64) {
      return "\"" + id.textValue();
    }
    if (id.isMissingNode() || id.isNull()) {
      return NO_ID;
    }
    throw new Refused(
        NO_ID,
        "invalid_field",
        "id must be a whole number, or a string of at most 64 characters",
        false,
        List.of());
  }

  /// Of one message.
  private record Reading(JsonNode root, String id, Publications known) {

    Wish wish(Op op) {
      Set<String> fields = switch (op) {
        case SUBSCRIBE, UNSUBSCRIBE -> SELECTORS;
        case RESUME -> RESUMES;
        case PING -> PLAIN;
        case AUTH -> KEYED;
      };
      root.fieldNames().forEachRemaining(name -> {
        if (!fields.contains(name)) {
          throw refused(
              "invalid_field",
              "field \"%s\" is not known here".formatted(Parameters.shown(name)),
              fields.stream().sorted().toList());
        }
      });
      Boolean strings = strings();
      BitSet streams = new BitSet();
      Set<String> names = new LinkedHashSet<>();
      List<From> resumed = new ArrayList<>();
      switch (op) {
        case PING, AUTH -> {}
        case RESUME -> resume(streams, names, resumed);
        case SUBSCRIBE -> select(streams, names);
        case UNSUBSCRIBE -> {
          if (root.has("streams") || root.has("channels")) {
            select(streams, names);
          } else {
            streams.set(0, known.size());
          }
        }
      }
      return new Wish(op, id, streams, List.copyOf(names), resumed, strings, key());
    }

    private Refused refused(String code, String message, List<String> valid) {
      return new Refused(id, code, message, false, valid);
    }

    private @Nullable Boolean strings() {
      if (!root.has("numbers")) {
        return null;
      }
      return switch (root.get("numbers").asText("")) {
        case "string" -> true;
        case "number" -> false;
        default ->
          throw refused(
              "invalid_field", "numbers must be string or number", List.of("string", "number"));
      };
    }

    private @Nullable Secret key() {
      JsonNode key = root.path("key");
      return key.isTextual() ? new Secret(key.textValue()) : null;
    }

    private List<String> texts(String field) {
      JsonNode list = root.path(field);
      // each once: channels, symbols and intervals are multiplied with one another
      Set<String> all = new LinkedHashSet<>();
      if (!list.isMissingNode()) {
        if (!list.isArray()) {
          throw refused("invalid_field", field + " must be a list of strings", List.of());
        }
        for (JsonNode one : list) {
          if (!one.isTextual()) {
            throw refused("invalid_field", field + " must be a list of strings", List.of());
          }
          all.add(one.textValue());
        }
      }
      return List.copyOf(all);
    }

    private void select(BitSet streams, Set<String> names) {
      if (root.has("streams")) {
        if (root.has("channels") || root.has("symbols") || root.has("intervals")) {
          throw refused(
              "invalid_field",
              "streams must stand alone, or channels with symbols and intervals",
              List.of());
        }
        for (String name : texts("streams")) {
          add(named(name), name, streams, names);
        }
      } else {
        List<String> channels = texts("channels");
        if (channels.isEmpty()) {
          throw refused("invalid_field", "channels must name at least one", CHANNELS);
        }
        for (String channel : channels) {
          channel(channel, streams, names);
        }
      }
      if (streams.isEmpty()) {
        throw refused("unknown_stream", "nothing that is published was named", List.of());
      }
    }

    private void channel(String channel, BitSet streams, Set<String> names) {
      if (!CHANNELS.contains(channel)) {
        throw refused(
            "unknown_channel",
            "channel \"%s\" is not known".formatted(Parameters.shown(channel)),
            CHANNELS);
      }
      if (channel.equals(EVENT)) {
        streams.set(known.streams().size(), known.size());
        names.add(EVENT);
        return;
      }
      List<String> symbols = texts("symbols");
      boolean every = symbols.equals(List.of("*"));
      List<String> all = known.symbols().stream().map(Symbol::text).toList();
      if (symbols.isEmpty()) {
        throw refused("invalid_field", "symbols must name at least one, or be [\"*\"]", all);
      }
      boolean bars = channel.equals(Channel.BAR.text());
      boolean everyInterval = bars && !root.has("intervals");
      List<String> intervals = everyInterval ? INTERVALS : bars ? intervals() : List.of("");
      for (String symbol : every ? all : symbols) {
        if (!every && !all.contains(symbol)) {
          throw refused(
              "unknown_symbol",
              "symbol \"%s\" is not streamed".formatted(Parameters.shown(symbol)),
              all);
        }
        for (String interval : intervals) {
          String name = channel + "|" + symbol + (interval.isEmpty() ? "" : "|" + interval);
          if (!(every || everyInterval) || known.numberOf(name) != Streams.NONE) {
            add(named(name), name, streams, names);
          }
        }
      }
    }

    private List<String> intervals() {
      List<String> intervals = texts("intervals");
      if (intervals.isEmpty()) {
        throw refused(
            "invalid_field",
            "intervals must name at least one, or not be there: then it is all that are published",
            INTERVALS);
      }
      for (String interval : intervals) {
        if (!INTERVALS.contains(interval)) {
          throw refused(
              "unknown_interval",
              "interval \"%s\" is not known".formatted(Parameters.shown(interval)),
              INTERVALS);
        }
      }
      return intervals;
    }

    private int named(String name) {
      int number = known.numberOf(name);
      if (number == Streams.NONE) {
        List<String> valid = known.streams().all().stream()
            .limit(Parameters.SHOWN)
            .map(stream -> stream.name())
            .toList();
        throw refused(
            "unknown_stream",
            "stream \"%s\" is not published".formatted(Parameters.shown(name)),
            valid);
      }
      return number;
    }

    private static void add(int number, String name, BitSet streams, Set<String> names) {
      streams.set(number);
      names.add(name);
    }

    private void resume(BitSet streams, Set<String> names, List<From> resumed) {
      JsonNode list = root.path("streams");
      if (!list.isArray() || list.isEmpty()) {
        throw refused(
            "invalid_field",
            "streams must be a list of {\"stream\", \"epoch\", \"seq\"}",
            List.of());
      }
      for (JsonNode one : list) {
        JsonNode epoch = one.path("epoch");
        JsonNode seq = one.path("seq");
        if (!one.path("stream").isTextual()
            || !epoch.isIntegralNumber()
            || !epoch.canConvertToLong()
            || !seq.isIntegralNumber()
            || !seq.canConvertToLong()
            || one.size() != 3) {
          throw refused(
              "invalid_field",
              "each of streams must have a stream, an epoch and the last seq that was had",
              List.of());
        }
        String name = one.get("stream").textValue();
        int number = named(name);
        if (streams.get(number)) {
          throw refused("invalid_field", "%s stands twice".formatted(name), List.of());
        }
        add(number, name, streams, names);
        resumed.add(new From(number, epoch.longValue(), seq.longValue()));
      }
    }
  }
}
