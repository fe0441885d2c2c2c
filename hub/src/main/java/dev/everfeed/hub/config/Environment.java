package dev.everfeed.hub.config;

import dev.everfeed.core.model.SourceId;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The process's environment as a part of the configuration: `EVERFEED_HTTP_PORT` overrides
/// `http.port`, and `${VAR}` in the file stands for a variable. Wherever a variable is looked
/// for, the same name with `_FILE` may name a file that holds the value.
final class Environment {
  private static final String PREFIX = "EVERFEED_";
  private static final String FILE = "_FILE";

  /// Names of ours that are not settings: they belong to the launcher and the command line.
  private static final Set<String> NOT_SETTINGS = Set.of(
      "EVERFEED_CONFIG",
      "EVERFEED_DATA",
      "EVERFEED_HEAP",
      "EVERFEED_HOME",
      "EVERFEED_JAVA",
      "EVERFEED_JAVA_HOME",
      "EVERFEED_JAVA_OPTS",
      "EVERFEED_API_KEY",
      "EVERFEED_API_KEY_FILE",
      "EVERFEED_TEST_POSTGRES_URL");

  /// What others call the address of the database; ours goes before it.
  private static final String DATABASE_URL = "DATABASE_URL";

  private static final Pattern VARIABLE =
      Pattern.compile("\\$(\\$\\{|\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?})");
  private static final int MAX_SECRET_BYTES = 65_536;

  private final Map<String, String> variables;
  private final List<Mistake> mistakes;

  Environment(Map<String, String> variables, List<Mistake> mistakes) {
    this.variables = new TreeMap<>(variables);
    this.mistakes = mistakes;
  }

  /// The tree with every `${VAR}` and `${VAR:-default}` replaced; `$${` stands for a plain `${`.
  Node.Table substituted(Node.Table root) {
    return (Node.Table) substituted(root, "");
  }

  private Node substituted(Node node, String path) {
    return switch (node) {
      case Node.Scalar scalar -> scalar.text().indexOf('$') < 0 ? scalar : filled(scalar, path);
      case Node.Empty empty -> empty;
      case Node.Table table -> {
        Map<String, Node> entries = new LinkedHashMap<>();
        table
            .entries()
            .forEach((key, value) ->
                entries.put(key, substituted(value, path.isEmpty() ? key : path + "." + key)));
        yield new Node.Table(entries, table.origin());
      }
      case Node.Sequence sequence -> {
        List<Node> items = new ArrayList<>();
        for (Node item : sequence.items()) {
          items.add(substituted(item, path + "[" + items.size() + "]"));
        }
        yield new Node.Sequence(items, sequence.origin());
      }
    };
  }

  private Node filled(Node.Scalar scalar, String path) {
    Matcher variable = VARIABLE.matcher(scalar.text());
    StringBuilder text = new StringBuilder();
    while (variable.find()) {
      String name = variable.group(2);
      String value;
      if (name == null) {
        value = "${";
      } else {
        value = valueOf(name, path, scalar.origin());
        if (value == null) {
          value = variable.group(3);
        }
        if (value == null) {
          mistakes.add(new Mistake(
              path,
              scalar.origin(),
              "names the environment variable %s, and neither it nor %s%s is set"
                  .formatted(name, name, FILE)));
          value = "";
        }
      }
      variable.appendReplacement(text, Matcher.quoteReplacement(value));
    }
    variable.appendTail(text);
    return new Node.Scalar(text.toString(), scalar.shown(), scalar.origin());
  }

  private @Nullable String valueOf(String name, String path, String origin) {
    String value = variables.get(name);
    if (value != null) {
      return value;
    }
    String file = variables.get(name + FILE);
    return file == null ? null : contentOf(file, path, origin, mistakes);
  }

  /// A secret's file without its last line end; null, and a mistake, when it cannot be read.
  static @Nullable String contentOf(
      String file, String path, String origin, List<Mistake> mistakes) {
    try {
      Path at = Path.of(file);
      if (Files.size(at) > MAX_SECRET_BYTES) {
        mistakes.add(new Mistake(
            path,
            origin,
            "file %s must have at most %,d bytes, has %,d"
                .formatted(file, MAX_SECRET_BYTES, Files.size(at))));
        return "";
      }
      return Files.readString(at).stripTrailing();
    } catch (IOException | InvalidPathException e) {
      mistakes.add(new Mistake(path, origin, "file %s cannot be read: %s".formatted(file, e)));
      return "";
    }
  }

  /// Puts every `EVERFEED_…` variable into the tree, over what the file says. `DATABASE_URL` is
  /// the store's address when nobody says another.
  void overlay(Node.Table root, Class<? extends Record> type) {
    String database = variables.get(DATABASE_URL);
    if (database != null && !database.isBlank() && saysNoAddress(root)) {
      put(root, List.of("store", "url"), database, DATABASE_URL);
    }
    variables.forEach((name, value) -> {
      if (!name.startsWith(PREFIX) || NOT_SETTINGS.contains(name)) {
        return;
      }
      String rest = name.substring(PREFIX.length());
      Optional<List<String>> path = resolve(type, rest);
      String text = value;
      if (path.isEmpty() && rest.endsWith(FILE)) {
        path = resolve(type, rest.substring(0, rest.length() - FILE.length()));
        if (path.isPresent()) {
          String content = contentOf(value, String.join(".", path.get()), name, mistakes);
          text = content == null ? "" : content;
        }
      }
      if (path.isEmpty()) {
        mistakes.add(new Mistake(
            "",
            name,
            "is not a setting"
                + Names.nearest(rest, namesOf(type).toList())
                    .map(near -> "; did you mean " + PREFIX + near + "?")
                    .orElse("; such a variable is EVERFEED_ and the setting's path, as in"
                        + " EVERFEED_HTTP_PORT")));
        return;
      }
      put(root, path.get(), text, name);
    });
  }

  private static boolean saysNoAddress(Node.Table root) {
    Node store = root.entries().get("store");
    return store == null
        || store instanceof Node.Empty
        || (store instanceof Node.Table table
            && !(table.entries().get("url") instanceof Node.Scalar)
            && !(table.entries().get("url_file") instanceof Node.Scalar));
  }

  private void put(Node.Table root, List<String> path, String text, String origin) {
    Node.Table table = root;
    for (String key : path.subList(0, path.size() - 1)) {
      Node next = table.entries().get(key);
      if (!(next instanceof Node.Table)) {
        next = new Node.Table(new LinkedHashMap<>(), origin);
        table.entries().put(key, next);
      }
      table = (Node.Table) next;
    }
    table.entries().put(path.getLast(), nodeOf(text, origin));
  }

  /// A list or a table may be written in YAML's own brackets, a list also with bare commas.
  private Node nodeOf(String text, String origin) {
    String stripped = text.strip();
    if (stripped.startsWith("[") || stripped.startsWith("{")) {
      List<Mistake> found = new ArrayList<>();
      Node parsed = YamlReader.read("value: " + stripped, found).entries().get("value");
      found.forEach(m -> mistakes.add(new Mistake("", origin, m.message())));
      return parsed == null ? new Node.Empty(origin) : from(origin, parsed);
    }
    return new Node.Scalar(text, text, origin);
  }

  /// The same, said by a variable instead of a line.
  private static Node from(String origin, Node node) {
    return switch (node) {
      case Node.Scalar scalar -> new Node.Scalar(scalar.text(), scalar.shown(), origin);
      case Node.Empty _ -> new Node.Empty(origin);
      case Node.Sequence sequence ->
        new Node.Sequence(
            sequence.items().stream().map(item -> from(origin, item)).toList(), origin);
      case Node.Table table -> {
        Map<String, Node> entries = new LinkedHashMap<>();
        table.entries().forEach((key, value) -> entries.put(key, from(origin, value)));
        yield new Node.Table(entries, origin);
      }
    };
  }

  /// The path of `HTTP_PORT` in the tree of records. Names may hold underscores themselves, so
  /// the records are walked rather than the text split.
  private static Optional<List<String>> resolve(Type type, String rest) {
    Map<String, Type> children = childrenOf(type);
    for (Map.Entry<String, Type> child : children.entrySet()) {
      String name = Names.upper(child.getKey());
      if (rest.equals(name) && childrenOf(child.getValue()).isEmpty()) {
        return Optional.of(List.of(child.getKey()));
      }
      if (rest.startsWith(name + "_")) {
        Optional<List<String>> below = resolve(child.getValue(), rest.substring(name.length() + 1));
        if (below.isPresent()) {
          List<String> path = new ArrayList<>(List.of(child.getKey()));
          path.addAll(below.get());
          return Optional.of(path);
        }
      }
    }
    return Optional.empty();
  }

  private static Stream<String> namesOf(Type type) {
    return childrenOf(type).entrySet().stream().flatMap(child -> {
      String name = Names.upper(child.getKey());
      return childrenOf(child.getValue()).isEmpty()
          ? Stream.of(name)
          : namesOf(child.getValue()).map(below -> name + "_" + below);
    });
  }

  private static Map<String, Type> childrenOf(Type type) {
    Map<String, Type> children = new LinkedHashMap<>();
    if (type instanceof Class<?> c && Binder.isTable(c)) {
      for (RecordComponent component : c.getRecordComponents()) {
        children.put(Names.snake(component.getName()), component.getGenericType());
      }
    } else if (type instanceof ParameterizedType map
        && map.getRawType() == Map.class
        && map.getActualTypeArguments()[0] == SourceId.class
        && map.getActualTypeArguments()[1] instanceof Class<?> value
        && Binder.isTable(value)) {
      Settings.SOURCES.forEach(source -> children.put(source.name(), value));
    }
    return children;
  }
}
