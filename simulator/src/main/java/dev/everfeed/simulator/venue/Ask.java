package dev.everfeed.simulator.venue;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a client asked a venue.
///
/// @param path percent-decoded, begins with `/`
/// @param query the first value of each parameter, decoded
record Ask(String path, Map<String, String> query) {
  Optional<String> parameter(String name) {
    return Optional.ofNullable(query.get(name));
  }

  @Nullable
  String get(String name) {
    return query.get(name);
  }
}
