package dev.everfeed.hub.runtime;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The gateways by their numbers. A number is a place, of which there are as many as the engine
/// was laid out for; gateways come to vacant ones and leave them while the hub runs. Changed by
/// the tick loop, read by any thread.
final class Places {
  private final AtomicReferenceArray<StreamPlan.@Nullable Line> lines;

  /// @param more vacant ones behind the first
  Places(List<StreamPlan.Line> first, int more) {
    lines = new AtomicReferenceArray<>(first.size() + more);
    for (int i = 0; i < first.size(); i++) {
      lines.set(i, first.get(i));
    }
  }

  /// With the vacant ones.
  int count() {
    return lines.length();
  }

  /// Who is at a place, or null.
  StreamPlan.@Nullable Line at(int place) {
    return lines.get(place);
  }

  /// @throws NullPointerException when the place is vacant
  StreamPlan.Line get(int place) {
    return Objects.requireNonNull(lines.get(place), () -> "nobody is at place " + place);
  }

  /// Numbers of those that are not vacant.
  IntStream taken() {
    return IntStream.range(0, lines.length()).filter(place -> lines.get(place) != null);
  }

  List<StreamPlan.Line> all() {
    return taken().mapToObj(this::get).toList();
  }

  /// The number of a gateway, or -1.
  int numberOf(String id) {
    return taken()
        .filter(place -> get(place).gateway().id().equals(id))
        .findFirst()
        .orElse(-1);
  }

  /// A vacant place, or -1 when there is none.
  int vacant() {
    return IntStream.range(0, lines.length())
        .filter(place -> lines.get(place) == null)
        .findFirst()
        .orElse(-1);
  }

  void put(int place, StreamPlan.Line line) {
    lines.set(place, line);
  }

  void vacate(int place) {
    lines.set(place, null);
  }
}
