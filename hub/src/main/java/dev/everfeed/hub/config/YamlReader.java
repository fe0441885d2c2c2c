package dev.everfeed.hub.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads YAML into [Node]s and keeps the lines, which Jackson's own tree loses. Keys that stand
/// twice and aliases are mistakes; scalars stay text, so that `1.10` and `on` mean what they
/// look like.
final class YamlReader {
  /// Deep enough for any sensible file; a bomb of nested brackets ends here.
  private static final int MAX_DEPTH = 20;

  private final YAMLParser parser;
  private final List<Mistake> mistakes;

  private YamlReader(YAMLParser parser, List<Mistake> mistakes) {
    this.parser = parser;
    this.mistakes = mistakes;
  }

  /// The file's tree; an empty table for an empty file, or when it is not YAML at all, which is
  /// then among the mistakes.
  static Node.Table read(String yaml, List<Mistake> mistakes) {
    Node.Table nothing = new Node.Table(new LinkedHashMap<>(), "");
    try (YAMLParser parser = new YAMLFactory().createParser(yaml)) {
      YamlReader reader = new YamlReader(parser, mistakes);
      if (parser.nextToken() == null) {
        return nothing;
      }
      Node root = reader.value("", 0);
      if (parser.nextToken() != null) {
        mistakes.add(new Mistake("", reader.line(), "must be one YAML document, found a second"));
      }
      if (root instanceof Node.Table table) {
        return table;
      }
      if (!(root instanceof Node.Empty)) {
        mistakes.add(new Mistake("", root.origin(), "must be a table of settings (`name: value`)"));
      }
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String text = String.valueOf(e.getOriginalMessage()).strip();
      String shown = text.lines().findFirst().orElse("");
      mistakes.add(new Mistake(
          "", at == null ? "" : "line " + at.getLineNr(), "is not YAML: " + shown + hintOf(text)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return nothing;
  }

  private static String hintOf(String text) {
    return text.contains("alias")
        ? "; a text that begins with '*' needs quotes, such as \"*/USDT\""
        : "";
  }

  private String line() {
    return "line " + parser.currentTokenLocation().getLineNr();
  }

  private Node value(String path, int depth) throws IOException {
    String origin = line();
    if (depth > MAX_DEPTH) {
      mistakes.add(new Mistake(path, origin, "is nested deeper than %d".formatted(MAX_DEPTH)));
      parser.skipChildren();
      return new Node.Empty(origin);
    }
    if (parser.isCurrentAlias()) {
      mistakes.add(
          new Mistake(
              path,
              origin,
              "must not be a YAML alias; a text that begins with '*' needs quotes, such as \"*/USDT\""));
      return new Node.Empty(origin);
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> table(path, origin, depth);
      case START_ARRAY -> sequence(path, origin, depth);
      case VALUE_NULL -> new Node.Empty(origin);
      default -> new Node.Scalar(parser.getText(), parser.getText(), origin);
    };
  }

  private Node table(String path, String origin, int depth) throws IOException {
    Map<String, Node> entries = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      String where = path.isEmpty() ? key : path + "." + key;
      String keyLine = line();
      parser.nextToken();
      Node value = value(where, depth + 1);
      Node earlier = entries.putIfAbsent(key, value);
      if (earlier != null) {
        mistakes.add(
            new Mistake(where, keyLine, "must stand once, stood before at " + earlier.origin()));
      }
    }
    return new Node.Table(entries, origin);
  }

  private Node sequence(String path, String origin, int depth) throws IOException {
    List<Node> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(value(path + "[" + items.size() + "]", depth + 1));
    }
    return new Node.Sequence(items, origin);
  }
}
