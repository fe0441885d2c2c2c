package dev.everfeed.hub.account;

import dev.everfeed.hub.config.AccountKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import javax.crypto.SecretKey;

/// The keys that the configuration has: the first encrypts, all decrypt. Immutable.
final class KeyRing {
  private final SequencedMap<String, SecretKey> keys = new LinkedHashMap<>();

  KeyRing(List<AccountKey> keys) {
    keys.forEach(key -> this.keys.put(key.name(), key.key()));
  }

  boolean isEmpty() {
    return keys.isEmpty();
  }

  /// The name of the key that encrypts.
  String first() {
    return keys.firstEntry().getKey();
  }

  Optional<SecretKey> key(String name) {
    return Optional.ofNullable(keys.get(name));
  }

  Set<String> names() {
    return keys.sequencedKeySet();
  }
}
