package dev.everfeed.core.engine;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Bytes of what objects hold, counted and not measured: as HotSpot lays objects out in heaps
/// below 32 GB (headers of 12 bytes, references of 4, all rounded up to 8). Each object counts
/// once, for whom it was first reached from.
///
/// Our own classes and arrays are exact. Of the JDK's collections the content is, and of their
/// inside so much as they usually take; the engine keeps nothing in them but what is seldom.
final class Footprint {
  private static final int HEADER = 12;
  private static final int ARRAY_HEADER = 16;
  private static final int REFERENCE = 4;
  private static final int LIST = 24;
  private static final int MAP = 48;
  private static final int MAP_ENTRY = 40;
  private static final int DEQUE_LEAST = 16;

  private final Set<Object> counted = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<Object> toCount = new ArrayDeque<>();

  /// Does not count an object, nor what is held by it alone.
  void leaveOut(Object object) {
    counted.add(object);
  }

  /// What is held by a field of an object.
  long of(Object object, Field field) {
    field.setAccessible(true);
    long bytes = 0;
    if (!field.getType().isPrimitive()) {
      reach(value(object, field));
    }
    for (Object next = toCount.poll(); next != null; next = toCount.poll()) {
      bytes += roundedUp(shallow(next));
    }
    return bytes;
  }

  private void reach(@Nullable Object object) {
    if (object == null || object instanceof Enum || object instanceof Class) {
      return; // of nobody
    }
    if (counted.add(object)) {
      toCount.add(object);
    }
  }

  private long shallow(Object object) {
    Class<?> type = object.getClass();
    if (type.isArray()) {
      return array(object, type.getComponentType());
    }
    if (type.getName().startsWith("dev.everfeed.")) {
      return fields(object, type);
    }
    return switch (object) {
      case String text -> 24 + roundedUp(ARRAY_HEADER + text.length());
      case Number number -> 16 + (number instanceof Long ? 8 : 0);
      case BitSet bits -> 24 + roundedUp(ARRAY_HEADER + bits.size() / 8);
      case Map<?, ?> map -> {
        map.keySet().forEach(this::reach);
        map.values().forEach(this::reach);
        yield MAP + table(map.size()) + (long) MAP_ENTRY * map.size();
      }
      case Set<?> set -> {
        set.forEach(this::reach);
        yield 16 + MAP + table(set.size()) + (long) MAP_ENTRY * set.size();
      }
      case Collection<?> elements -> {
        elements.forEach(this::reach);
        int room = elements instanceof List ? elements.size() : 2 * elements.size() + DEQUE_LEAST;
        yield LIST + roundedUp(ARRAY_HEADER + (long) REFERENCE * room);
      }
      default -> throw new AssertionError("it is not known what a " + type.getName() + " takes");
    };
  }

  private static long table(int entries) {
    return roundedUp(ARRAY_HEADER + 2L * REFERENCE * Math.max(8, entries));
  }

  private long array(Object array, Class<?> component) {
    int length = Array.getLength(array);
    if (!component.isPrimitive()) {
      for (Object element : (Object[]) array) {
        reach(element);
      }
    }
    return ARRAY_HEADER + (long) length * size(component);
  }

  private long fields(Object object, Class<?> type) {
    long bytes = HEADER;
    for (Class<?> each = type; each != null; each = each.getSuperclass()) {
      for (Field field : each.getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers())) {
          continue;
        }
        bytes += size(field.getType());
        if (!field.getType().isPrimitive()) {
          field.setAccessible(true);
          reach(value(object, field));
        }
      }
    }
    return bytes;
  }

  private static @Nullable Object value(Object object, Field field) {
    try {
      return field.get(object);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private static int size(Class<?> type) {
    if (type == long.class || type == double.class) {
      return 8;
    }
    if (type == int.class || type == float.class || !type.isPrimitive()) {
      return 4;
    }
    return type == char.class || type == short.class ? 2 : 1;
  }

  private static long roundedUp(long bytes) {
    return (bytes + 7) & -8;
  }
}
