package dev.everfeed.hub.config;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// A key that secrets of accounts are encrypted with.
///
/// @param name stands beside everything that it has encrypted
/// @param key  of AES, 256 bits
public record AccountKey(String name, SecretKeySpec key) {
  private static final int BYTES = 32;
  private static final String NAME = "[A-Za-z0-9_.-]{1,40}";

  /// Those that are right. What is wrong is told by the key's place, and by its name where it
  /// has one: nothing of a key is ever shown.
  static List<AccountKey> list(Secret text, Consumer<String> mistakes) {
    List<AccountKey> keys = new ArrayList<>();
    List<String> written = text.reveal()
        .lines()
        .flatMap(line -> List.of(line.split(",", -1)).stream())
        .map(String::strip)
        .filter(entry -> !entry.isEmpty())
        .toList();
    if (written.isEmpty()) {
      mistakes.accept("must name at least one key, as NAME:KEY, found none");
    }
    for (int i = 0; i < written.size(); i++) {
      AccountKey key = one(i + 1, written.get(i), mistakes);
      if (key == null) {
        continue;
      }
      if (keys.stream().anyMatch(before -> before.name().equals(key.name()))) {
        mistakes.accept("key %d: must have a name of its own, \"%s\" is that of another one"
            .formatted(i + 1, key.name()));
      }
      keys.add(key);
    }
    return List.copyOf(keys);
  }

  private static @Nullable AccountKey one(int place, String text, Consumer<String> mistakes) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? "" : text.substring(0, colon);
    if (!name.matches(NAME)) {
      mistakes.accept(
          "key %d: must be NAME:KEY, the name of 1 to 40 letters, digits, '_', '.' and '-'"
              .formatted(place));
      return null;
    }
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text.substring(colon + 1));
    } catch (IllegalArgumentException e) {
      mistakes.accept(
          "key %d (%s): must be base64, as `openssl rand -base64 32` writes it, and is not"
              .formatted(place, name));
      return null;
    }
    if (bytes.length != BYTES) {
      mistakes.accept(
          "key %d (%s): must be of %d bytes, as `openssl rand -base64 32` makes them, was of %d"
              .formatted(place, name, BYTES, bytes.length));
      return null;
    }
    return new AccountKey(name, new SecretKeySpec(bytes, "AES"));
  }

  @Override
  public String toString() {
    return "key " + name;
  }
}
