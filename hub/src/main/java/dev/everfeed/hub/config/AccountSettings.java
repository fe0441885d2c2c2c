package dev.everfeed.hub.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What accounts need: gateways that are made over the interface, and kept in the database.
///
/// @param keys null for none: then no account can have a secret
public record AccountSettings(
    @Knob(
        means =
            "Keys that the secrets of accounts are encrypted with before they are stored, one a line or with commas between them, each as `NAME:KEY` with the base64 of 32 bytes. The first encrypts, all decrypt ([how to make, change and lose them](accounts.md)). `keys_file` names a file that holds them.",
        touch = "before an account has a secret; put `${VAR}` here, never the keys")
    @Nullable
    Secret keys)
    implements Checked {

  /// Those of [#keys], the one that encrypts first.
  public List<AccountKey> keyList() {
    return keys == null ? List.of() : AccountKey.list(keys, _ -> {});
  }

  @Override
  public void check(Complaints complaints) {
    if (keys != null) {
      AccountKey.list(keys, mistake -> complaints.add("keys", mistake));
    }
  }
}
