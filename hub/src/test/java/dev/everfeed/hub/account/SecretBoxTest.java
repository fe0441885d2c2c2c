package dev.everfeed.hub.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.hub.config.AccountSettings;
import dev.everfeed.hub.config.Secret;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Secrets in and out, and everything that must not come out.
class SecretBoxTest {
  private static final Secret SECRET = new Secret("hunter2-äöü-\uD83D\uDE00");

  /// @param names of keys; the same name is the same key in every ring
  static KeyRing ring(String... names) {
    StringBuilder keys = new StringBuilder();
    for (String name : names) {
      keys.append(key(name)).append('\n');
    }
    return new KeyRing(new AccountSettings(new Secret(keys.toString())).keyList());
  }

  static String key(String name) {
    byte[] bytes = new byte[32];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (name.hashCode() * 31 + i * 7);
    }
    return name + ":" + Base64.getEncoder().encodeToString(bytes);
  }

  @Test
  void whatIsSealedOpensAgainAndNeverLooksTheSame() throws Exception {
    SecretBox box = new SecretBox(ring("k1"));
    Set<String> stored = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      String each = box.seal("binance_2", "api_key", SECRET);
      assertThat(box.open("binance_2", "api_key", each)).isEqualTo(SECRET);
      stored.add(each);
    }
    assertThat(stored).hasSize(1_000).allMatch(each -> each.matches("ef1:k1:[A-Za-z0-9_-]+"));
  }

  @Test
  void theFirstKeyEncryptsAndEveryKeyDecrypts() throws Exception {
    String old = new SecretBox(ring("k1")).seal("a", "api_key", SECRET);
    SecretBox box = new SecretBox(ring("k2", "k1"));

    assertThat(box.open("a", "api_key", old)).isEqualTo(SECRET);
    assertThat(SecretBox.keyOf(box.seal("a", "api_key", SECRET))).contains("k2");
  }

  /// Somebody who can write the table, and has no key, cannot have one account use the secret of
  /// another.
  @Test
  void aSecretInAnotherPlaceIsRefused() {
    SecretBox box = new SecretBox(ring("k1"));
    String stored = box.seal("a", "api_key", SECRET);

    assertThatThrownBy(() -> box.open("b", "api_key", stored))
        .isInstanceOf(SecretLostException.class);
    assertThatThrownBy(() -> box.open("a", "api_secret", stored))
        .isInstanceOf(SecretLostException.class);
  }

  @Test
  void oneChangedCharacterAnywhereIsRefused() {
    SecretBox box = new SecretBox(ring("k1"));
    String stored = box.seal("a", "api_key", SECRET);
    for (int i = "ef1:k1:".length(); i < stored.length() - 1; i++) {
      char other = stored.charAt(i) == 'A' ? 'B' : 'A';
      String changed = stored.substring(0, i) + other + stored.substring(i + 1);
      assertThatThrownBy(() -> box.open("a", "api_key", changed))
          .as("character %d", i)
          .isInstanceOf(SecretLostException.class)
          .hasMessageNotContaining("hunter2");
    }
    for (int length = 0; length < stored.length(); length++) {
      String cut = stored.substring(0, length);
      assertThatThrownBy(() -> box.open("a", "api_key", cut))
          .isInstanceOf(SecretLostException.class);
    }
  }

  @Test
  void aLostKeyIsNamedWithThoseThatThereAre() {
    String stored = new SecretBox(ring("2025")).seal("a", "api_key", SECRET);

    assertThatThrownBy(() -> new SecretBox(ring("2026", "2027")).open("a", "api_key", stored))
        .hasMessage(
            "secret api_key is encrypted with the key \"2025\", and accounts.keys has only 2026, 2027; add that key to it, or set the secret anew");
    assertThatThrownBy(() -> new SecretBox(ring()).open("a", "api_key", stored))
        .hasMessageContaining("\"2025\", and accounts.keys has none");
  }

  @Test
  void anotherKeyOfTheSameNameIsToldApart() {
    String stored = new SecretBox(ring("k1")).seal("a", "api_key", SECRET);
    String other = "k1:" + key("k2").substring(3);
    SecretBox box = new SecretBox(new KeyRing(new AccountSettings(new Secret(other)).keyList()));

    assertThatThrownBy(() -> box.open("a", "api_key", stored))
        .hasMessageContaining(
            "either another key has that name now, or what is stored was changed");
  }
}
