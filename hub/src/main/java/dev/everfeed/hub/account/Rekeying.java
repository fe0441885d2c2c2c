package dev.everfeed.hub.account;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Encrypts with the first key what is encrypted with another one, as far as it can be read.
/// What somebody changes meanwhile is left to the next time.
final class Rekeying {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.accounts");

  private final KeyRing keys;
  private final SecretBox box;

  /// @param keys at least one
  Rekeying(KeyRing keys, SecretBox box) {
    this.keys = keys;
    this.box = box;
  }

  /// @return how many secrets are encrypted anew
  int run(AccountTable table, List<Account> accounts) throws SQLException {
    int count = 0;
    for (Account account : accounts) {
      SortedMap<String, String> secrets = new TreeMap<>(account.secrets());
      int changed = anew(account.id(), secrets);
      if (changed > 0 && table.rekey(account, secrets)) {
        count += changed;
      }
    }
    return count;
  }

  private int anew(String account, SortedMap<String, String> secrets) {
    int changed = 0;
    for (Map.Entry<String, String> secret : secrets.entrySet()) {
      String name = secret.getKey();
      if (SecretBox.keyOf(secret.getValue()).equals(Optional.of(keys.first()))) {
        continue;
      }
      try {
        secret.setValue(box.seal(account, name, box.open(account, name, secret.getValue())));
        changed++;
      } catch (SecretLostException e) {
        LOG.debug("account {}: {}", account, e.getMessage()); // its state tells everybody
      }
    }
    return changed;
  }
}
