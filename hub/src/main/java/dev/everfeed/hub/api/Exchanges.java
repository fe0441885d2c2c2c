package dev.everfeed.hub.api;

import dev.everfeed.core.model.Query;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The exchanges on a route, the best first.
final class Exchanges {
  private Exchanges() {}

  static List<String> ofBars(HubView view) {
    return of(Query.Kind.BARS, view);
  }

  /// Each once, in the order in which they are asked.
  static List<String> of(Query.Kind kind, HubView view) {
    return view.sources().stream()
        .filter(source -> source.offers().getOrDefault(kind, 0) > 0)
        .sorted(Comparator.comparingInt(source -> source.offers().getOrDefault(kind, 0)))
        .map(SourceView::exchange)
        .filter(Objects::nonNull)
        .distinct()
        .toList();
  }

  /// A name that was asked for, or null for any.
  ///
  /// @throws Problem 400 when nobody on the route trades there
  static @Nullable String known(@Nullable String name, Query.Kind kind, HubView view) {
    List<String> known = of(kind, view);
    if (name != null && !known.contains(name)) {
      throw Problem.listing(
          400,
          "unknown-exchange",
          "The exchange is not known",
          "exchange \"%s\" has no %s here; known: %s"
              .formatted(Parameters.shown(name), kind.text(), String.join(", ", known)),
          known,
          known.size());
    }
    return name;
  }
}
