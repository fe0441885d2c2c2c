package dev.everfeed.app.doctor;

import dev.everfeed.hub.access.Access;
import dev.everfeed.hub.config.ConfigurationException;
import dev.everfeed.hub.config.Settings;
import java.util.List;

/// Whether the hub would start where it is to listen: keys, their file, the certificate, CURVE. It
/// asks what the hub asks itself.
final class AccessCheck implements Check {
  private final Settings settings;

  AccessCheck(Settings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return "access";
  }

  @Override
  public List<Finding> look() {
    Access access;
    try {
      access = Access.open(settings, "configuration");
    } catch (ConfigurationException e) {
      return e.mistakes().stream()
          .map(mistake -> Finding.fail(name(), mistake.toString(), "docs/security.md"))
          .toList();
    }
    if (access.isPlain()) {
      return List.of(Finding.warn(
          name(),
          "%s can be reached from other machines, and is neither encrypted nor behind a proxy: readers' keys can be read on their way, orders are refused"
              .formatted(settings.http().host()),
          "set http.tls, or http.behind_proxy"));
    }
    return List.of(Finding.ok(
        name(),
        access.isKeyNeeded()
            ? "everybody needs a key, %d are known".formatted(access.keys().size())
            : "only this machine can reach it, and everybody on it may do everything"));
  }
}
