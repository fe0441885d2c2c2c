package dev.everfeed.hub.config;

import dev.everfeed.core.model.SourceId;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Makes records out of [Node]s. A value that is wrong is noted and replaced by its default, so
/// that one reading finds all mistakes; whoever calls throws the result away when there are any.
///
/// A record type that stands at the top (`breaker`, `retry`) lends its values as defaults to the
/// same type further down.
final class Binder {
  private final List<Mistake> mistakes;
  private final List<Mistake> ignored;
  private final Map<Class<?>, Object> lenders = new LinkedHashMap<>();

  /// @param ignored what is wrong and can be left out: an unknown name in a list of sources that
  ///     names others too (REQUIREMENTS B8)
  Binder(List<Mistake> mistakes, List<Mistake> ignored) {
    this.mistakes = mistakes;
    this.ignored = ignored;
  }

  /// Whether this record is a table in the file; other records are texts.
  static boolean isTable(Class<?> type) {
    return type.isRecord()
        && Arrays.stream(type.getRecordComponents())
            .anyMatch(component -> component.isAnnotationPresent(Knob.class));
  }

  <R extends Record> R bind(Class<R> type, Node root) {
    return type.cast(table(type, root, "", Map.of()));
  }

  private Object table(Class<?> type, Node node, String path, Map<String, Node> defaults) {
    int mistakesBefore = mistakes.size();
    Map<String, Node> entries = Map.of();
    switch (node) {
      case Node.Table table -> entries = table.entries();
      case Node.Empty _ -> {}
      default -> add(path, node, "must be a table of settings (`name: value`)");
    }
    RecordComponent[] components = type.getRecordComponents();
    refuseUnknown(components, entries, path);
    @Nullable Object lender = lenders.get(type);
    @Nullable Object[] values = new @Nullable Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = component(components[i], entries, path, node.origin(), defaults, lender);
      if (type == Settings.class && isTable(types[i]) && values[i] != null) {
        lenders.put(types[i], Objects.requireNonNull(values[i]));
      }
    }
    Object made = construct(type, types, values);
    // What is wholly lent was checked where it stands.
    boolean own = lender == null || !entries.isEmpty();
    boolean whole = type == Settings.class || mistakes.size() == mistakesBefore;
    // The root's parts do not hang together, so a mistake in one does not hide those of another.
    if (own && whole && made instanceof Checked checked) {
      Map<String, Node> written = entries;
      checked.check(new Checked.Complaints(
          (key, message) -> add(join(path, key), written.getOrDefault(key, node), message)));
    }
    return made;
  }

  private @Nullable Object component(
      RecordComponent component,
      Map<String, Node> entries,
      String path,
      String origin,
      Map<String, Node> defaults,
      @Nullable Object lender) {
    String key = Names.snake(component.getName());
    String where = join(path, key);
    Knob knob = component.getAnnotation(Knob.class);
    if (knob == null) {
      throw new IllegalStateException("%s has no @Knob".formatted(where));
    }
    Node written = entries.getOrDefault(key, new Node.Empty(origin));
    Type type = component.getGenericType();
    if (type == Secret.class) {
      Node file = entries.get(key + "_file");
      if (file instanceof Node.Scalar scalar) {
        if (!(written instanceof Node.Empty)) {
          add(where, file, "must not be set together with " + key + "_file; take one of them");
        }
        String content = Environment.contentOf(scalar.text(), where, scalar.origin(), mistakes);
        return content == null ? null : new Secret(content);
      }
    }
    if (type instanceof Class<?> c && isTable(c)) {
      return table(c, written, where, parsed(knob.defaults()));
    }
    if (type instanceof ParameterizedType map && map.getRawType() == Map.class) {
      return map(map, written, where, knob, defaults.get(key));
    }
    Node fallback = defaults.getOrDefault(key, parsedValue(knob.value()));
    if (!(written instanceof Node.Empty)) {
      int before = mistakes.size();
      Object value = value(type, written, where, knob);
      if (mistakes.size() == before) {
        return value;
      }
    }
    return lender != null ? read(component, lender) : usual(type, fallback, where, knob);
  }

  private @Nullable Object usual(Type type, Node fallback, String where, Knob knob) {
    if (fallback instanceof Node.Empty) {
      return type instanceof ParameterizedType ? List.of() : null;
    }
    return value(type, fallback, where, knob);
  }

  private void refuseUnknown(RecordComponent[] components, Map<String, Node> entries, String path) {
    List<String> known = new ArrayList<>();
    for (RecordComponent component : components) {
      known.add(Names.snake(component.getName()));
      if (component.getType() == Secret.class) {
        known.add(Names.snake(component.getName()) + "_file");
      }
    }
    entries.forEach((key, value) -> {
      if (!known.contains(key)) {
        add(
            join(path, key),
            value,
            "is not a setting"
                + Names.nearest(key, known)
                    .map(n -> "; did you mean " + n + "?")
                    .orElse("")
                + "; known here: "
                + String.join(", ", known));
      }
    });
  }

  private Object map(
      ParameterizedType type, Node written, String path, Knob knob, @Nullable Node routeDefault) {
    Type keyType = type.getActualTypeArguments()[0];
    Type valueType = type.getActualTypeArguments()[1];
    Node node = written instanceof Node.Empty && routeDefault != null ? routeDefault : written;
    Map<String, Node> entries = new LinkedHashMap<>();
    switch (node) {
      case Node.Table table -> entries.putAll(table.entries());
      case Node.Empty _ -> {}
      default -> add(path, node, "must be a table (`name: value`)");
    }
    boolean bySource = keyType == SourceId.class && valueType instanceof Class<?> c && isTable(c);
    if (bySource) {
      Settings.SOURCES.forEach(s -> entries.putIfAbsent(s.name(), new Node.Empty(node.origin())));
    }
    Map<Object, Object> values = new LinkedHashMap<>();
    entries.forEach((key, value) -> {
      String where = join(path, key);
      Object k = value(keyType, new Node.Scalar(key, key, value.origin()), where, knob);
      if (k == null) {
        return;
      }
      Object v;
      if (valueType instanceof Class<?> c && isTable(c)) {
        v = table(c, value, where, Map.of());
      } else if (valueType instanceof ParameterizedType inner) {
        v = map(inner, value, where, knob, null);
      } else {
        v = value(valueType, value, where, knob);
      }
      if (v != null) {
        values.put(k, v);
      }
    });
    return java.util.Collections.unmodifiableMap(values);
  }

  private @Nullable Object value(Type type, Node node, String where, Knob knob) {
    if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      return list(list.getActualTypeArguments()[0], node, where, knob);
    }
    if (!(node instanceof Node.Scalar scalar)) {
      add(where, node, "must be one value, found a list or a table");
      return null;
    }
    try {
      return Texts.read((Class<?>) type, scalar.text().strip(), knob);
    } catch (IllegalArgumentException e) {
      String found = type == Secret.class ? "" : ", found \"" + shortened(scalar.shown()) + "\"";
      add(where, node, e.getMessage() + found);
      return null;
    }
  }

  private List<Object> list(Type element, Node node, String where, Knob knob) {
    List<Node> items = switch (node) {
      case Node.Sequence sequence -> sequence.items();
      case Node.Scalar scalar
      when !scalar.origin().startsWith("line") ->
        Arrays.stream(scalar.text().split(",", -1))
            .map(String::strip)
            .<Node>map(text -> new Node.Scalar(text, text, scalar.origin()))
            .toList();
      default -> {
        add(where, node, "must be a list, as in [a, b]");
        yield List.of();
      }
    };
    List<Object> values = new ArrayList<>();
    int mistakesBefore = mistakes.size();
    for (int i = 0; i < items.size(); i++) {
      Object value = value(element, items.get(i), where + "[" + i + "]", knob);
      if (value != null) {
        values.add(value);
      }
    }
    if (element == SourceId.class && !values.isEmpty()) {
      List<Mistake> unknown = mistakes.subList(mistakesBefore, mistakes.size());
      ignored.addAll(unknown);
      unknown.clear();
    }
    return List.copyOf(values);
  }

  private static Map<String, Node> parsed(String[] defaults) {
    return YamlReader.read(String.join("\n", defaults), refusing()).entries();
  }

  private static Node parsedValue(String text) {
    Node node = YamlReader.read("value: " + text, refusing()).entries().get("value");
    return node == null ? new Node.Empty("") : node;
  }

  /// A list for mistakes that only a programmer can make.
  private static List<Mistake> refusing() {
    return new ArrayList<>() {
      @Override
      public boolean add(Mistake mistake) {
        throw new IllegalStateException("a default is wrong: " + mistake);
      }
    };
  }

  private void add(String path, Node at, String message) {
    mistakes.add(new Mistake(path, at.origin(), message));
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  static String shortened(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }

  private static @Nullable Object read(RecordComponent component, Object from) {
    try {
      return component.getAccessor().invoke(from);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }

  private static Object construct(Class<?> type, Class<?>[] types, @Nullable Object[] values) {
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made", e);
    }
  }

  /// Sorted names of the sources, for messages.
  static String sources() {
    return String.join(
        ", ", new TreeSet<>(Settings.SOURCES.stream().map(SourceId::name).toList()));
  }
}
