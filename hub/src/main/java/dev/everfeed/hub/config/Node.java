package dev.everfeed.hub.config;

import java.util.List;
import java.util.Map;

/// A piece of the configuration as it was written, before it means anything.
sealed interface Node {
  /// `line 12`, or the name of the environment variable.
  String origin();

  /// @param text  with environment variables put in
  /// @param shown as it was written, which is what a message may show: a variable's value may
  ///     be a secret
  record Scalar(String text, String shown, String origin) implements Node {}

  /// A key without a value: the default holds.
  record Empty(String origin) implements Node {}

  /// @param entries in the file's order; changed only by the environment's overlay
  record Table(Map<String, Node> entries, String origin) implements Node {}

  record Sequence(List<Node> items, String origin) implements Node {}
}
