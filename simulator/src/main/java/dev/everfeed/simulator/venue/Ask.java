package dev.everfeed.simulator.venue;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
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

  /// A whole number of at most 18 digits; empty when the parameter is not there.
  ///
  /// @param refusal what the venue says of a parameter that is something else, by its name
  /// @throws Refused with that
  OptionalLong whole(String name, Function<String, Answer> refusal) throws Refused {
    String text = query.get(name);
    if (text == null) {
      return OptionalLong.empty();
    }
    if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new Refused(refusal.apply(name));
    }
    return OptionalLong.of(Long.parseLong(text));
  }
}
