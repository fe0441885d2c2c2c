package dev.everfeed.hub.account;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.everfeed.hub.config.GatewayForm;
import dev.everfeed.hub.config.GatewaySettings;
import dev.everfeed.hub.config.Mistake;
import dev.everfeed.hub.config.Secret;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What somebody wants an account to be, read strictly: all mistakes are told at once, and none
/// of them shows a secret.
///
/// @param gateway read by the rules of the configuration
/// @param secrets by name, empty for one that is to go; null to leave all as they are
record AccountOrder(
    String id,
    GatewaySettings gateway,
    String description,
    @Nullable SortedMap<String, Optional<Secret>> secrets) {
  private static final List<String> FIELDS =
      List.of("id", "gateway_type", "settings", "priority", "is_enabled", "description", "secrets");
  private static final String SECRET_NAME = "[a-z][a-z0-9_]{0,39}";
  private static final int SECRETS_MAX = 16;
  private static final int SECRET_MAX = 8_192;
  private static final int DESCRIPTION_MAX = 500;

  /// @param id of the path; null where the order names it
  static AccountOrder read(@Nullable String id, ObjectNode order) throws AccountRefused {
    List<Mistake> mistakes = new ArrayList<>();
    order.fieldNames().forEachRemaining(name -> {
      if (!FIELDS.contains(name)) {
        String shown = name.length() <= 80 ? name : name.substring(0, 80) + "…";
        mistakes.add(new Mistake(shown, "", GatewayForm.unknown(name, FIELDS)));
      }
    });
    String named = name(id, order.path("id"), mistakes);
    GatewaySettings gateway = GatewayForm.read(order, mistakes);
    String description = description(order.path("description"), mistakes);
    SortedMap<String, Optional<Secret>> secrets = secrets(order.path("secrets"), mistakes);
    if (!mistakes.isEmpty()) {
      throw AccountRefused.mistaken(mistakes);
    }
    return new AccountOrder(named, gateway, description, secrets);
  }

  /// An account as it is, with what is said on top of it (RFC 7396): null takes away.
  static AccountOrder merged(Account now, ObjectNode patch) throws AccountRefused {
    ObjectNode whole = now.form();
    for (Map.Entry<String, JsonNode> field : patch.properties()) {
      String name = field.getKey();
      JsonNode value = field.getValue();
      if (name.equals("settings") && value instanceof ObjectNode changes) {
        ObjectNode settings = (ObjectNode) whole.get("settings");
        for (Map.Entry<String, JsonNode> setting : changes.properties()) {
          if (setting.getValue().isNull()) {
            settings.remove(setting.getKey());
          } else {
            settings.set(setting.getKey(), setting.getValue());
          }
        }
      } else {
        whole.set(name, value);
      }
    }
    return read(now.id(), whole);
  }

  private static String name(@Nullable String path, JsonNode id, List<Mistake> mistakes) {
    if (path != null) {
      if (!id.isMissingNode() && !path.equals(id.textValue())) {
        mistakes.add(new Mistake("id", "", "must be that of the path, \"%s\"".formatted(path)));
      }
      return path;
    }
    if (!id.isTextual()) {
      mistakes.add(new Mistake("id", "", "is required, as in \"id\": \"binance_2\""));
      return "";
    }
    String wrong = GatewaySettings.wrongName(id.textValue());
    if (wrong != null) {
      mistakes.add(new Mistake("id", "", wrong));
    }
    return id.textValue();
  }

  private static String description(JsonNode description, List<Mistake> mistakes) {
    if (description.isMissingNode() || description.isNull()) {
      return "";
    }
    if (!description.isTextual()
        || !GatewayForm.isPlain(description.textValue(), DESCRIPTION_MAX)) {
      mistakes.add(new Mistake(
          "description",
          "",
          "must be a text of at most %d characters, none of them a control character"
              .formatted(DESCRIPTION_MAX)));
      return "";
    }
    return description.textValue();
  }

  private static @Nullable SortedMap<String, Optional<Secret>> secrets(
      JsonNode secrets, List<Mistake> mistakes) {
    if (secrets.isMissingNode()) {
      return null;
    }
    SortedMap<String, Optional<Secret>> read = new TreeMap<>();
    if (!secrets.isObject()) {
      mistakes.add(new Mistake("secrets", "", "must be an object, as in {\"api_key\": \"…\"}"));
      return read;
    }
    if (secrets.size() > SECRETS_MAX) {
      mistakes.add(
          new Mistake("secrets", "", "may be %d, were %d".formatted(SECRETS_MAX, secrets.size())));
    }
    for (Map.Entry<String, JsonNode> secret : secrets.properties()) {
      String name = secret.getKey();
      JsonNode value = secret.getValue();
      if (!name.matches(SECRET_NAME)) {
        // neither is shown: they may have been mixed up
        mistakes.add(
            new Mistake("secrets", "", "names have 1 to 40 of a-z, 0-9 and _, one has not"));
      } else if (value.isNull()) {
        read.put(name, Optional.empty());
      } else if (!value.isTextual()
          || value.textValue().isEmpty()
          || value.textValue().length() > SECRET_MAX) {
        mistakes.add(new Mistake(
            "secrets." + name, "", "must be a text of 1 to %,d characters".formatted(SECRET_MAX)));
      } else {
        read.put(name, Optional.of(new Secret(value.textValue())));
      }
    }
    return read;
  }

  boolean hasSecrets() {
    return secrets != null && secrets.values().stream().anyMatch(Optional::isPresent);
  }

  /// @param before the secrets as they are stored
  /// @param keeps  whether those stay that are not named
  AccountTable.Row row(SecretBox box, Map<String, String> before, boolean keeps) {
    SortedMap<String, String> stored = new TreeMap<>();
    if (keeps || secrets == null) {
      stored.putAll(before);
    }
    if (secrets != null) {
      secrets.forEach((name, secret) -> {
        if (secret.isPresent()) {
          stored.put(name, box.seal(id, name, secret.get()));
        } else {
          stored.remove(name);
        }
      });
    }
    return new AccountTable.Row(
        gateway.source(id),
        Json.of(new LinkedHashMap<>(GatewayForm.settings(gateway))),
        stored,
        Objects.requireNonNull(gateway.priority()),
        gateway.enabled(),
        description);
  }
}
