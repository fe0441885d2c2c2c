package dev.everfeed.hub.access;

import dev.everfeed.hub.config.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A new key, the only time that its text is there: `everfeed_ID_SECRET`, the secret of 43 letters
/// and digits, which are 256 bits. The beginning is always the same, so that scanners find a key
/// that was written into a repository.
///
/// @param text what its holder shows
/// @param kept what the hub keeps of it
public record IssuedKey(Secret text, ApiKey kept) {
  private static final String PREFIX = "everfeed_";
  private static final int ID = 8;
  private static final int SECRET = 43;

  /// Characters of a key's text; nothing longer is looked at.
  static final int LENGTH = PREFIX.length() + ID + 1 + SECRET;

  private static final Pattern FORM =
      Pattern.compile(PREFIX + "[0-9A-Za-z]{" + ID + "}_[0-9A-Za-z]{" + SECRET + "}");
  private static final String LETTERS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final SecureRandom RANDOM = new SecureRandom();

  static IssuedKey make(String name, Role role, Instant now, @Nullable Instant expiresAt) {
    String id = letters(ID);
    String text = PREFIX + id + "_" + letters(SECRET);
    return new IssuedKey(
        new Secret(text), new ApiKey(id, name, role, hash(text), now, expiresAt, null));
  }

  private static String letters(int count) {
    StringBuilder text = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      text.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
    }
    return text.toString();
  }

  /// Whether a text could be a key at all. Looks at no more than [#LENGTH] characters.
  static boolean isKey(String text) {
    return text.length() == LENGTH && FORM.matcher(text).matches();
  }

  /// The id in a text that [#isKey].
  static String id(String text) {
    return text.substring(PREFIX.length(), PREFIX.length() + ID);
  }

  static String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
