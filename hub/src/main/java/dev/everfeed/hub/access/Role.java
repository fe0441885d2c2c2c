package dev.everfeed.hub.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What a key is good for. Each role may do what those before it may.
public enum Role {
  /// Data, health, metrics.
  READER,

  /// Orders of every day: failovers, freezes, backfills; and who ordered what.
  OPERATOR,

  /// Accounts, which have secrets.
  ADMIN;

  public boolean covers(Role needed) {
    return compareTo(needed) >= 0;
  }

  /// As files, commands and answers write it.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Role> of(String text) {
    return Arrays.stream(values()).filter(role -> role.text().equals(text)).findFirst();
  }
}
