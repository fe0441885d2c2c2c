package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Span;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A set of time: spans that neither overlap nor touch. Not for two threads at once.
final class Spans {
  /// The end of each span, by its begin.
  private final NavigableMap<Instant, Instant> ends = new TreeMap<>();

  static Spans of(Collection<Span> spans) {
    Spans all = new Spans();
    spans.forEach(all::add);
    return all;
  }

  void add(Span span) {
    Instant from = span.from();
    Instant to = span.to();
    Map.Entry<Instant, Instant> before = ends.floorEntry(from);
    if (before != null && !before.getValue().isBefore(from)) {
      from = before.getKey();
      to = later(to, before.getValue());
    }
    NavigableMap<Instant, Instant> met = ends.subMap(from, true, to, true);
    if (!met.isEmpty()) {
      to = later(to, met.lastEntry().getValue());
      met.clear();
    }
    ends.put(from, to);
  }

  void remove(Span span) {
    Map.Entry<Instant, Instant> before = ends.lowerEntry(span.from());
    if (before != null && before.getValue().isAfter(span.from())) {
      ends.put(before.getKey(), span.from());
      if (before.getValue().isAfter(span.to())) {
        ends.put(span.to(), before.getValue());
        return;
      }
    }
    NavigableMap<Instant, Instant> met = ends.subMap(span.from(), true, span.to(), false);
    if (!met.isEmpty()) {
      Instant last = met.lastEntry().getValue();
      met.clear();
      if (last.isAfter(span.to())) {
        ends.put(span.to(), last);
      }
    }
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  boolean contains(Span span) {
    Map.Entry<Instant, Instant> around = ends.floorEntry(span.from());
    return around != null && !around.getValue().isBefore(span.to());
  }

  /// What of a span is in the set, rising.
  List<Span> within(Span span) {
    List<Span> parts = new ArrayList<>();
    Map.Entry<Instant, Instant> before = ends.lowerEntry(span.from());
    if (before != null && before.getValue().isAfter(span.from())) {
      addCut(new Span(before.getKey(), before.getValue()), span, parts);
    }
    ends.subMap(span.from(), true, span.to(), false)
        .forEach((from, to) -> addCut(new Span(from, to), span, parts));
    return parts;
  }

  private static void addCut(Span part, Span bounds, List<Span> out) {
    Instant from = later(part.from(), bounds.from());
    Instant to = part.to().isBefore(bounds.to()) ? part.to() : bounds.to();
    Span cut = Span.between(from, to);
    if (cut != null) {
      out.add(cut);
    }
  }

  /// What of a span is not in the set, rising.
  List<Span> missing(Span span) {
    Spans rest = new Spans();
    rest.add(span);
    within(span).forEach(rest::remove);
    return rest.all();
  }

  List<Span> all() {
    List<Span> all = new ArrayList<>(ends.size());
    ends.forEach((from, to) -> all.add(new Span(from, to)));
    return all;
  }

  @Nullable
  Span last() {
    Map.Entry<Instant, Instant> last = ends.lastEntry();
    return last == null ? null : new Span(last.getKey(), last.getValue());
  }

  @Nullable
  Span first() {
    Map.Entry<Instant, Instant> first = ends.firstEntry();
    return first == null ? null : new Span(first.getKey(), first.getValue());
  }

  /// The span of the set that ends there.
  @Nullable
  Span endingAt(Instant end) {
    Map.Entry<Instant, Instant> before = ends.lowerEntry(end);
    return before != null && before.getValue().equals(end) ? new Span(before.getKey(), end) : null;
  }

  int size() {
    return ends.size();
  }
}
