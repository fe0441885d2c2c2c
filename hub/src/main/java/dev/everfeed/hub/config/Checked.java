package dev.everfeed.hub.config;

import java.util.function.BiConsumer;

/// A record whose settings must also fit each other. Asked only when each of them is right
/// alone.
interface Checked {
  void check(Complaints complaints);

  /// Where a record says what does not fit.
  record Complaints(BiConsumer<String, String> sink) {
    /// @param key the setting's name in the file
    void add(String key, String message) {
      sink.accept(key, message);
    }
  }
}
