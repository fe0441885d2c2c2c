package dev.everfeed.hub.config;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.source.KnownSources;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// A gateway as an account has it: its source is `gateway_type`, `priority` and `is_enabled`
/// stand beside it, the rest is under `settings`. It is read by the rules that the file is read
/// by ([GatewaySettings]), and by what JSON can tell apart and YAML's texts cannot.
public final class GatewayForm {
  /// For an account that has none of its own: after everything that the file names.
  public static final int USUAL_PRIORITY = 100;

  /// By the name of the setting, as an account writes it.
  private static final Map<String, String> BESIDE =
      Map.of("source", "gateway_type", "priority", "priority", "enabled", "is_enabled");

  private static final List<String> SETTINGS =
      List.of("stream_url", "standby", "account", "policy");

  private static final int TEXT_MAX = 500;

  private GatewayForm() {}

  /// @param account  an object; fields that are none of a gateway's are left to others
  /// @param mistakes gets every one that is found; with any, what is returned is of no use
  public static GatewaySettings read(JsonNode account, List<Mistake> mistakes) {
    Map<String, Node> entries = new LinkedHashMap<>();
    String type = type(account.path("gateway_type"), mistakes);
    if (type != null) {
      entries.put("source", new Node.Scalar(type, type, ""));
    }
    JsonNode priority = account.path("priority");
    if (isThere(priority) && !priority.isIntegralNumber()) {
      mistakes.add(new Mistake(
          "priority",
          "",
          "must be a whole number from 0 to 1000, found " + Binder.shortened(priority.toString())));
    } else {
      String text = isThere(priority) ? priority.asText() : Integer.toString(USUAL_PRIORITY);
      entries.put("priority", new Node.Scalar(text, text, ""));
    }
    JsonNode enabled = account.path("is_enabled");
    if (isThere(enabled) && !enabled.isBoolean()) {
      mistakes.add(new Mistake(
          "is_enabled",
          "",
          "must be true or false, found " + Binder.shortened(enabled.toString())));
    } else if (isThere(enabled)) {
      entries.put("enabled", new Node.Scalar(enabled.asText(), enabled.asText(), ""));
    }
    settings(account.path("settings"), entries, mistakes);
    List<Mistake> found = new ArrayList<>();
    GatewaySettings gateway =
        new Binder(found, found).bind(GatewaySettings.class, new Node.Table(entries, ""));
    found.forEach(mistake -> mistakes.add(new Mistake(
        BESIDE.getOrDefault(mistake.path(), "settings." + mistake.path()), "", mistake.message())));
    return gateway;
  }

  private static @Nullable String type(JsonNode type, List<Mistake> mistakes) {
    List<String> known = streaming();
    String found = type.isTextual() ? type.textValue() : null;
    if (found != null && known.contains(found)) {
      return found;
    }
    mistakes.add(new Mistake(
        "gateway_type",
        "",
        "must be a source that streams (%s), found %s%s"
            .formatted(
                String.join(", ", known),
                isThere(type) ? Binder.shortened(type.toString()) : "none",
                found == null
                    ? ""
                    : Names.nearest(found, known)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse(""))));
    return null;
  }

  /// Names of the sources that an account can be of.
  public static List<String> streaming() {
    return Settings.SOURCES.stream()
        .map(SourceId::name)
        .filter(name -> KnownSources.stream(name).isPresent())
        .toList();
  }

  private static void settings(
      JsonNode settings, Map<String, Node> entries, List<Mistake> mistakes) {
    if (!isThere(settings)) {
      return;
    }
    if (!settings.isObject()) {
      mistakes.add(new Mistake("settings", "", "must be an object"));
      return;
    }
    for (Map.Entry<String, JsonNode> field : settings.properties()) {
      String name = field.getKey();
      JsonNode value = field.getValue();
      if (!SETTINGS.contains(name)) {
        // its value is not shown: it may be a secret in the wrong place
        mistakes.add(
            new Mistake("settings." + Binder.shortened(name), "", unknown(name, SETTINGS)));
      } else if (value.isTextual() && isPlain(value.textValue(), TEXT_MAX)) {
        entries.put(name, new Node.Scalar(value.textValue(), value.textValue(), ""));
      } else if (isThere(value)) {
        mistakes.add(new Mistake(
            "settings." + name,
            "",
            "must be a text of at most %d characters, none of them a control character"
                .formatted(TEXT_MAX)));
      }
    }
  }

  /// What is said of a name that nothing has.
  public static String unknown(String name, List<String> known) {
    return "is not known here"
        + Names.nearest(name, known).map(near -> "; did you mean " + near + "?").orElse("")
        + "; known: "
        + String.join(", ", known);
  }

  /// Whether a text can be stored and shown as it is.
  public static boolean isPlain(String text, int lengthMax) {
    return text.length() <= lengthMax
        && text.codePoints()
            .noneMatch(
                c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
  }

  private static boolean isThere(JsonNode value) {
    return !value.isMissingNode() && !value.isNull();
  }

  /// What stands under `settings`: that which is set.
  public static SequencedMap<String, String> settings(GatewaySettings gateway) {
    SequencedMap<String, String> settings = new LinkedHashMap<>();
    if (gateway.streamUrl() != null) {
      settings.put("stream_url", gateway.streamUrl().toString());
    }
    if (gateway.standby() != null) {
      settings.put("standby", gateway.standby().name().toLowerCase(Locale.ROOT));
    }
    if (gateway.account() != null) {
      settings.put("account", gateway.account());
    }
    if (gateway.policy() != null) {
      settings.put("policy", gateway.policy().name().toLowerCase(Locale.ROOT));
    }
    return Collections.unmodifiableSequencedMap(settings);
  }
}
