package dev.everfeed.hub.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All keys of a moment, in the order in which they were made. Immutable.
public final class ApiKeys {
  /// Keys in a file, revoked ones included.
  static final int MAX = 1_000;

  static final ApiKeys NONE = new ApiKeys(List.of());
  private static final String NOBODY = "0".repeat(64);

  private final Map<String, ApiKey> byId = new LinkedHashMap<>();

  ApiKeys(Collection<ApiKey> keys) {
    keys.forEach(key -> byId.put(key.id(), key));
  }

  public List<ApiKey> all() {
    return List.copyOf(byId.values());
  }

  public Optional<ApiKey> byId(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  /// Whose text this is, good or not. Takes the same time whether the id is known or not, and
  /// wherever the text is wrong.
  Optional<ApiKey> holder(String text) {
    if (!IssuedKey.isKey(text)) {
      return Optional.empty();
    }
    ApiKey key = byId.get(IssuedKey.id(text));
    byte[] seen = IssuedKey.hash(text).getBytes(StandardCharsets.US_ASCII);
    byte[] kept = (key == null ? NOBODY : key.hash()).getBytes(StandardCharsets.US_ASCII);
    boolean same = MessageDigest.isEqual(kept, seen);
    return same ? Optional.ofNullable(key) : Optional.empty();
  }

  /// What became of keys, for the log; at most ten of them by name.
  String since(ApiKeys before) {
    List<String> changes = new ArrayList<>();
    byId.forEach((id, key) -> {
      ApiKey old = before.byId.get(id);
      if (old == null) {
        changes.add("%s (%s, %s) is new".formatted(id, key.name(), key.role().text()));
      } else if (key.revokedAt() != null && old.revokedAt() == null) {
        changes.add("%s (%s) is revoked".formatted(id, key.name()));
      } else if (!key.equals(old)) {
        changes.add(
            key.expiresAt() == null
                ? "%s (%s) is another".formatted(id, key.name())
                : "%s (%s) is good until %s".formatted(id, key.name(), key.expiresAt()));
      }
    });
    before.byId.forEach((id, key) -> {
      if (!byId.containsKey(id)) {
        changes.add("%s (%s) is gone".formatted(id, key.name()));
      }
    });
    if (changes.isEmpty()) {
      return "none has changed";
    }
    int more = changes.size() - 10;
    return String.join(", ", changes.subList(0, Math.min(10, changes.size())))
        + (more > 0 ? " and %,d more".formatted(more) : "");
  }

  boolean isEmpty() {
    return byId.isEmpty();
  }

  ApiKeys with(ApiKey... keys) {
    Map<String, ApiKey> all = new LinkedHashMap<>(byId);
    for (ApiKey key : keys) {
      all.put(key.id(), key);
    }
    return new ApiKeys(new ArrayList<>(all.values()));
  }

  /// Makes room: of the keys that have not been good for the longest time, those that are too many.
  ApiKeys forgetting(Instant now) {
    List<ApiKey> all = new ArrayList<>(byId.values());
    for (int i = 0; i < all.size() && all.size() >= MAX; ) {
      if (all.get(i).at(now) == ApiKey.State.GOOD) {
        i++;
      } else {
        all.remove(i);
      }
    }
    return new ApiKeys(all);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ApiKeys that && all().equals(that.all());
  }

  @Override
  public int hashCode() {
    return byId.hashCode();
  }
}
