package dev.everfeed.hub.config;

import java.util.List;
import java.util.stream.Collectors;

/// The configuration is wrong and the hub must not start. The message lists every mistake, one a
/// line.
public final class ConfigurationException extends RuntimeException {
  private final transient List<Mistake> mistakes;

  public ConfigurationException(String where, List<Mistake> mistakes) {
    super("%s: %d %s; nothing was started%n%s"
        .formatted(
            where,
            mistakes.size(),
            mistakes.size() == 1 ? "mistake" : "mistakes",
            mistakes.stream().map(m -> "  " + m).collect(Collectors.joining("\n"))));
    this.mistakes = List.copyOf(mistakes);
  }

  public List<Mistake> mistakes() {
    return mistakes;
  }
}
