package dev.everfeed.hub.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.everfeed.hub.config.GatewayForm;
import dev.everfeed.hub.config.GatewaySettings;
import dev.everfeed.hub.config.Mistake;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// A gateway as a row of `market_data_account` has it, whether or not this program can make
/// sense of it: somebody may have written the row by hand, or a newer program.
///
/// @param settings an object, as JSON text
/// @param secrets  by name, encrypted ([SecretBox])
/// @param version  rises with every change
record Account(
    String id,
    String gatewayType,
    String settings,
    SortedMap<String, String> secrets,
    int priority,
    boolean enabled,
    String description,
    long version,
    Instant createdAt,
    Instant updatedAt) {

  Account {
    secrets = Collections.unmodifiableSortedMap(new TreeMap<>(secrets));
  }

  /// What the gateway is to be.
  ///
  /// @param mistakes gets what is wrong; with any, what is returned is of no use
  GatewaySettings gateway(List<Mistake> mistakes) {
    return GatewayForm.read(form(), mistakes);
  }

  /// As the interface writes it, without its secrets; the caller's to change.
  ObjectNode form() {
    ObjectNode form = Json.object();
    form.put("gateway_type", gatewayType);
    form.set("settings", Json.parsed(settings));
    form.put("priority", priority);
    form.put("is_enabled", enabled);
    form.put("description", description);
    return form;
  }
}
