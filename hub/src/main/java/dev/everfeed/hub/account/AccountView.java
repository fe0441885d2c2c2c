package dev.everfeed.hub.account;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.config.GatewayForm;
import dev.everfeed.hub.config.Settings;
import java.time.Instant;
import java.util.Collections;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An account as people see it. Of a secret nothing is seen but its name, and the name of the
/// key that it is encrypted with.
///
/// @param path      where the configuration has it; null for one of the database
/// @param settings  an object, as JSON text
/// @param secrets   names of their keys, empty where what is stored names none
/// @param reason    why it is not used, or null
/// @param version   0 for one of the configuration
/// @param createdAt null for one of the configuration
/// @param updatedAt null for one of the configuration
public record AccountView(
    String id,
    @Nullable String path,
    String gatewayType,
    String settings,
    int priority,
    boolean enabled,
    String description,
    SortedMap<String, String> secrets,
    State state,
    @Nullable String reason,
    long version,
    @Nullable Instant createdAt,
    @Nullable Instant updatedAt) {

  /// What this hub makes of an account.
  public enum State {
    /// It is one of the hub's gateways.
    USED,
    /// Nobody wants it used.
    OFF,
    /// It is wrong, or its secrets cannot be read.
    UNUSABLE,
    /// It is right, and could not be put to use yet.
    WAITING;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public AccountView {
    secrets = Collections.unmodifiableSortedMap(new TreeMap<>(secrets));
  }

  static AccountView of(Account account, Effect.Outcome outcome) {
    SortedMap<String, String> keys = new TreeMap<>();
    account
        .secrets()
        .forEach((name, stored) -> keys.put(name, SecretBox.keyOf(stored).orElse("")));
    return new AccountView(
        account.id(),
        null,
        account.gatewayType(),
        account.settings(),
        account.priority(),
        account.enabled(),
        account.description(),
        keys,
        outcome.state(),
        outcome.reason(),
        account.version(),
        account.createdAt(),
        account.updatedAt());
  }

  /// @param unused why none is used in this hub, or null
  static AccountView of(FileGateway gateway, Settings settings, @Nullable String unused) {
    boolean enabled = gateway.gateway().enabled();
    String off = unused;
    if (off == null && !enabled) {
      off = "it is not enabled";
    } else if (off == null
        && !settings.source(new SourceId(gateway.gatewayType())).enabled()) {
      off = "sources.%s.enabled is false in the configuration".formatted(gateway.gatewayType());
    }
    return new AccountView(
        gateway.id(),
        gateway.path(),
        gateway.gatewayType(),
        Json.of(GatewayForm.settings(gateway.gateway())),
        gateway.priority(),
        enabled,
        "",
        new TreeMap<>(),
        off == null ? State.USED : State.OFF,
        off,
        0,
        null,
        null);
  }

  public boolean isOfFile() {
    return path != null;
  }
}
