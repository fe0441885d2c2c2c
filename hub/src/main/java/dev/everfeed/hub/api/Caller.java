package dev.everfeed.hub.api;

import dev.everfeed.hub.access.ApiKey;
import org.jspecify.annotations.Nullable;

/// Who asks: the holder of a key, or anybody where no key is needed.
///
/// @param key  null for anybody
/// @param uses what the key has in use; nobody counts for anybody
record Caller(@Nullable ApiKey key, @Nullable KeyUse uses) {
  static final Caller ANYBODY = new Caller(null, null);

  /// For what is kept by who asked.
  String id() {
    return key == null ? "" : key.id();
  }

  /// As the audit log writes it; null for anybody.
  @Nullable
  String shown() {
    return key == null ? null : "%s (key %s)".formatted(key.name(), key.id());
  }
}
