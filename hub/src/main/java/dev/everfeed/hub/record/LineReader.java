package dev.everfeed.hub.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the lines of recordings. Stateless; any thread may use it.
final class LineReader {
  /// The longest message has 4 MiB, which escaped are at most 24.
  private static final int STRING_MAX = 32 << 20;

  private static final JsonFactory FACTORY = JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(8)
          .maxStringLength(STRING_MAX)
          .build())
      .build();

  /// Characters of a moment: seconds of the epoch with nine digits after the point have 20.
  private static final int TIME_MAX = 32;

  private LineReader() {}

  /// A line that is not of the format. The message says why.
  static final class BadLine extends Exception {
    private static final long serialVersionUID = 1L;

    BadLine(String message) {
      super(message);
    }
  }

  /// @throws BadLine when it is no header of a version that is known here
  static RecordingHeader header(byte[] bytes, int from, int to) throws BadLine {
    Fields fields = Fields.of(bytes, from, to);
    String version = fields.texts.get("everfeed_recording");
    if (version == null) {
      throw new BadLine(
          "it does not begin with a line {\"dir\":\"header\",\"everfeed_recording\":%d"
              .formatted(RecordingHeader.VERSION));
    }
    if (!version.equals(Integer.toString(RecordingHeader.VERSION))) {
      throw new BadLine("it has version %s of the format, and this Everfeed reads version %d"
          .formatted(version, RecordingHeader.VERSION));
    }
    try {
      return new RecordingHeader(
          fields.text("id"),
          Math.toIntExact(fields.whole("part")),
          new SourceId(fields.text("source")),
          fields.text("exchange"),
          fields.text("url"),
          fields.streams,
          Instant.parse(fields.text("started_at")));
    } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
      throw new BadLine("its header is not right: " + e.getMessage());
    }
  }

  /// Null for a line of a kind that is not known here.
  ///
  /// @throws BadLine when it is not JSON, or lacks something
  static @Nullable Recorded line(byte[] bytes, int from, int to) throws BadLine {
    Fields fields = Fields.of(bytes, from, to);
    String dir = fields.text("dir");
    return switch (dir) {
      case "server" ->
        new Recorded.Frame(fields.wall(), fields.nanos(), fields.connection(), fields.bytes());
      case "client" ->
        new Recorded.Sent(fields.wall(), fields.nanos(), fields.connection(), fields.text("raw"));
      case "link" -> link(fields);
      case "recorder" -> recorder(fields);
      default -> null;
    };
  }

  private static @Nullable Recorded link(Fields fields) throws BadLine {
    return switch (fields.text("event")) {
      case "opened" -> new Recorded.Opened(fields.wall(), fields.nanos(), fields.connection());
      case "delivers" -> new Recorded.Delivers(fields.wall(), fields.nanos(), fields.connection());
      case "closed" ->
        new Recorded.Closed(
            fields.wall(), fields.nanos(), fields.connection(), fields.text("reason"));
      case "became" ->
        new Recorded.Became(
            fields.wall(),
            fields.nanos(),
            fields.text("from"),
            fields.text("to"),
            fields.text("reason"));
      default -> null;
    };
  }

  private static @Nullable Recorded recorder(Fields fields) throws BadLine {
    return switch (fields.text("event")) {
      case "lost" ->
        new Recorded.Lost(
            fields.wall(), fields.nanos(), fields.whole("frames"), fields.whole("bytes"));
      case "ended" ->
        new Recorded.Ended(
            fields.wall(), fields.nanos(), fields.whole("frames"), fields.whole("lost"));
      default -> null;
    };
  }

  /// The fields of one object: texts and numbers as they stand there.
  private static final class Fields {
    final Map<String, String> texts = new HashMap<>();
    final List<Stream> streams = new ArrayList<>();

    static Fields of(byte[] bytes, int from, int to) throws BadLine {
      Fields fields = new Fields();
      try (JsonParser parser = FACTORY.createParser(bytes, from, to - from)) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
          throw new BadLine("it is no JSON object");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          fields.take(parser.currentName(), parser);
        }
        if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
          throw new BadLine("it is not one JSON object");
        }
        return fields;
      } catch (JsonProcessingException e) {
        throw new BadLine("it is not JSON: " + e.getOriginalMessage());
      } catch (IOException | IllegalArgumentException e) {
        throw new BadLine(String.valueOf(e.getMessage()));
      }
    }

    private void take(String name, JsonParser parser) throws IOException {
      JsonToken token = parser.nextToken();
      if (name.equals("streams") && token == JsonToken.START_ARRAY) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          streams.add(RecordingHeader.streamOf(parser.getText()));
        }
      } else if (token.isStructStart()) {
        parser.skipChildren();
      } else if (token != JsonToken.VALUE_NULL) {
        texts.put(name, parser.getText());
      }
    }

    String text(String name) throws BadLine {
      String text = texts.get(name);
      if (text == null) {
        throw new BadLine("it lacks \"%s\"".formatted(name));
      }
      return text;
    }

    long whole(String name) throws BadLine {
      try {
        return Long.parseLong(text(name));
      } catch (NumberFormatException e) {
        throw new BadLine("\"%s\" is no whole number, was %s".formatted(name, texts.get(name)));
      }
    }

    long nanos() throws BadLine {
      return whole("mono");
    }

    int connection() throws BadLine {
      return (int) Math.clamp(whole("c"), 0, Integer.MAX_VALUE);
    }

    long wall() throws BadLine {
      String text = text("t");
      // an exponent would have a short line ask for a number of a hundred million digits
      if (text.length() > TIME_MAX || text.indexOf('e') >= 0 || text.indexOf('E') >= 0) {
        throw new BadLine("\"t\" is no time in seconds of at most %d characters, has %,d: %s"
            .formatted(
                TIME_MAX, text.length(), text.substring(0, Math.min(TIME_MAX, text.length()))));
      }
      try {
        return new BigDecimal(text).movePointRight(9).longValueExact();
      } catch (ArithmeticException | NumberFormatException e) {
        throw new BadLine("\"t\" is no time, was " + text);
      }
    }

    byte[] bytes() throws BadLine {
      String base64 = texts.get("base64");
      if (base64 == null) {
        return text("raw").getBytes(StandardCharsets.UTF_8);
      }
      try {
        return Base64.getDecoder().decode(base64);
      } catch (IllegalArgumentException e) {
        throw new BadLine("\"base64\" is none: " + e.getMessage());
      }
    }
  }
}
