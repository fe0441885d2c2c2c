package dev.everfeed.hub.account;

import dev.everfeed.hub.config.Secret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/// Encrypts secrets of accounts, each by itself, with AES-256 in Galois/Counter Mode (NIST SP
/// 800-38D).
///
/// ```
/// ef1:KEY:base64url( nonce of 12 bytes | ciphertext | tag of 16 bytes )
/// ```
///
/// KEY is the name of the key, so that it can be changed step by step. The nonce is random: of
/// 2^32 secrets with one key, which nobody writes, two have the same one with a probability of
/// 2^-33 (section 8.3). What is authenticated beside the secret is the format, the key's name,
/// the account and the secret's name: a ciphertext that is put into another row, or under
/// another name, is refused.
///
/// Stateless but for the random numbers; any thread.
final class SecretBox {
  private static final String FORMAT = "ef1";
  private static final Pattern SEALED =
      Pattern.compile(FORMAT + ":([A-Za-z0-9_.-]{1,40}):([A-Za-z0-9_-]+)");
  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BYTES = 16;

  private final KeyRing keys;
  private final SecureRandom random = new SecureRandom();

  SecretBox(KeyRing keys) {
    this.keys = keys;
  }

  /// @throws IllegalStateException without a key, which the caller looks for before
  String seal(String account, String name, Secret secret) {
    if (keys.isEmpty()) {
      throw new IllegalStateException("accounts: there is no key to encrypt with");
    }
    String keyName = keys.first();
    SecretKey key = keys.key(keyName).orElseThrow();
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BYTES * 8, nonce));
      cipher.updateAAD(context(keyName, account, name));
      byte[] stored = cipher.doFinal(secret.reveal().getBytes(StandardCharsets.UTF_8));
      byte[] whole = ByteBuffer.allocate(nonce.length + stored.length)
          .put(nonce)
          .put(stored)
          .array();
      return "%s:%s:%s"
          .formatted(
              FORMAT, keyName, Base64.getUrlEncoder().withoutPadding().encodeToString(whole));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("accounts: this Java cannot encrypt with " + CIPHER, e);
    }
  }

  /// @throws SecretLostException when it cannot be read
  Secret open(String account, String name, String stored) throws SecretLostException {
    Matcher parts = SEALED.matcher(stored);
    if (!parts.matches()) {
      throw new SecretLostException(
          "secret %s is not stored in a form that this version knows (%s:KEY:…); set it anew"
              .formatted(name, FORMAT));
    }
    String keyName = parts.group(1);
    SecretKey key = keys.key(keyName).orElse(null);
    if (key == null) {
      throw new SecretLostException(
          "secret %s is encrypted with the key \"%s\", and accounts.keys has %s; add that key to it, or set the secret anew"
              .formatted(
                  name,
                  keyName,
                  keys.isEmpty() ? "none" : "only " + String.join(", ", keys.names())));
    }
    String wrong =
        "secret %s cannot be decrypted with the key \"%s\": either another key has that name now, or what is stored was changed; bring the right key back, or set the secret anew"
            .formatted(name, keyName);
    try {
      byte[] whole = Base64.getUrlDecoder().decode(parts.group(2));
      if (whole.length < NONCE_BYTES + TAG_BYTES) {
        throw new SecretLostException(wrong);
      }
      Cipher cipher = Cipher.getInstance(CIPHER);
      cipher.init(
          Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BYTES * 8, whole, 0, NONCE_BYTES));
      cipher.updateAAD(context(keyName, account, name));
      byte[] text = cipher.doFinal(whole, NONCE_BYTES, whole.length - NONCE_BYTES);
      return new Secret(new String(text, StandardCharsets.UTF_8));
    } catch (AEADBadTagException | IllegalArgumentException e) {
      throw new SecretLostException(wrong);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("accounts: this Java cannot decrypt with " + CIPHER, e);
    }
  }

  /// The name of the key that it is encrypted with; empty for what is none of ours.
  static Optional<String> keyOf(String stored) {
    Matcher parts = SEALED.matcher(stored);
    return parts.matches() ? Optional.of(parts.group(1)) : Optional.empty();
  }

  /// None of the parts has a zero byte, so no two contexts are the same text.
  private static byte[] context(String key, String account, String name) {
    return String.join("\0", FORMAT, key, account, name).getBytes(StandardCharsets.UTF_8);
  }
}
