package dev.everfeed.hub.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads one JSON text (RFC 8259) strictly: UTF-8 and nothing else, one value and nothing
/// after it, bounded in depth, in the length of its numbers and in the number of values kept.
///
/// Stateless; any thread may use it.
public final class JsonReader {
  /// The deepest recorded message (Binance's exchangeInfo) has 5.
  static final int MAX_DEPTH = 64;

  /// Values kept of one message. Binance's exchangeInfo of 2021 has 8,475 that we read,
  /// CoinGecko's list of coins about 80,000; each takes some 70 bytes of heap.
  static final int MAX_VALUES = 1_000_000;

  private static final JsonFactory FACTORY = JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(MAX_DEPTH)
          .maxNumberLength(1_000)
          .maxStringLength(1 << 20)
          .maxNameLength(1_000)
          .build())
      .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
      // names that were made to collide must not turn into an exception of another type
      .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
      .build();

  private final JsonParser parser;
  private final @Nullable Set<String> kept;
  private int values;

  private JsonReader(JsonParser parser, @Nullable Set<String> kept) {
    this.parser = parser;
    this.kept = kept;
  }

  /// The whole message.
  public static JsonValue read(byte[] bytes) throws Undecodable {
    return readWith(bytes, null);
  }

  /// The message without the fields that are not among `kept`, at any depth; what is left out
  /// is checked for syntax only, and takes no memory.
  public static JsonValue read(byte[] bytes, Set<String> kept) throws Undecodable {
    return readWith(bytes, kept);
  }

  private static JsonValue readWith(byte[] bytes, @Nullable Set<String> kept) throws Undecodable {
    refuseOtherThanUtf8(bytes);
    try (JsonParser parser = FACTORY.createParser(bytes)) {
      JsonReader reader = new JsonReader(parser, kept);
      if (parser.nextToken() == null) {
        throw new Undecodable(bytes.length, "the message is empty");
      }
      JsonValue root = reader.value();
      if (parser.nextToken() != null) {
        throw new Undecodable(
            parser.currentTokenLocation().getByteOffset(), "something follows the message");
      }
      return root;
    } catch (JsonProcessingException e) {
      long offset = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
      throw new Undecodable(Math.clamp(offset, 0, bytes.length), firstLine(e.getOriginalMessage()));
    } catch (IOException e) {
      throw new Undecodable(0, "not readable as JSON: " + firstLine(e.getMessage()));
    }
  }

  /// Depth is bounded by the parser, so the recursion is.
  private JsonValue value() throws IOException, Undecodable {
    long offset = parser.currentTokenLocation().getByteOffset();
    if (++values > MAX_VALUES) {
      throw new Undecodable(offset, "the message has more than %,d values".formatted(MAX_VALUES));
    }
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> object(offset);
      case START_ARRAY -> array(offset);
      case VALUE_STRING -> new JsonValue.Text(offset, parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonValue.Num(offset, parser.getText());
      case VALUE_TRUE -> new JsonValue.Bool(offset, true);
      case VALUE_FALSE -> new JsonValue.Bool(offset, false);
      case VALUE_NULL -> new JsonValue.Nul(offset);
      case END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
        throw new Undecodable(offset, "a value was expected, was " + token);
    };
  }

  private JsonValue object(long offset) throws IOException, Undecodable {
    Map<String, JsonValue> fields = new LinkedHashMap<>();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      parser.nextToken();
      if (kept == null || kept.contains(name)) {
        fields.put(name, value());
      } else {
        parser.skipChildren();
      }
    }
    return new JsonValue.Obj(offset, fields);
  }

  private JsonValue array(long offset) throws IOException, Undecodable {
    List<JsonValue> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(value());
    }
    return new JsonValue.Arr(offset, items);
  }

  /// Jackson would guess UTF-16 and UTF-32 from a byte order mark or zero bytes, and lets some
  /// wrong UTF-8 pass.
  private static void refuseOtherThanUtf8(byte[] bytes) throws Undecodable {
    for (int i = 0; i < Math.min(4, bytes.length); i++) {
      if (bytes[i] == 0) {
        throw new Undecodable(i, "a zero byte where a JSON value was expected");
      }
    }
    int ascii = 0; // which most messages are to their end
    while (ascii < bytes.length && bytes[ascii] >= 0) {
      ascii++;
    }
    if (ascii == bytes.length) {
      return;
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes, ascii, bytes.length - ascii);
    CharBuffer out = CharBuffer.allocate(4_096);
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (result.isError()) {
        throw new Undecodable(
            in.position(), "not UTF-8 at byte 0x%02X".formatted(bytes[in.position()] & 0xff));
      }
      if (!result.isOverflow()) {
        return;
      }
      out.clear();
    }
  }

  private static String firstLine(@Nullable String text) {
    String line = text == null ? "no reason given" : text.lines().findFirst().orElse("");
    return line.length() <= 200 ? line : line.substring(0, 200) + "…";
  }
}
