package dev.everfeed.hub.account;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.config.GatewaySettings;
import dev.everfeed.hub.config.Settings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A gateway that the configuration has.
///
/// @param path where it stands there
record FileGateway(
    String id, String path, String gatewayType, int priority, GatewaySettings gateway) {

  static List<FileGateway> of(Settings settings) {
    List<FileGateway> all = new ArrayList<>();
    settings.stream().gateways().forEach((id, gateway) -> {
      @Nullable Integer own = gateway.priority();
      all.add(new FileGateway(
          id,
          "stream.gateways." + id,
          gateway.source(id),
          own == null ? all.size() + 1 : own,
          gateway));
    });
    if (all.isEmpty()) {
      for (SourceId source : settings.stream().sources()) {
        all.add(new FileGateway(
            source.name(),
            "stream.sources",
            source.name(),
            all.size() + 1,
            new GatewaySettings(source, null, null, true, null, null, null)));
      }
    }
    return List.copyOf(all);
  }
}
