package dev.everfeed.hub.runtime;

import dev.everfeed.hub.config.Settings;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What stands under `sources:` in a test's configuration: the venues that the test has, and every
/// other source switched off. One that is not named is asked at its own address, on the Internet:
/// slow where that does not answer, and another test than was meant where it does.
final class OwnSources {
  private OwnSources() {}

  /// All simulated venues.
  static String of(Venues venues) {
    return of(venues, VenuesConfig.VENUES.toArray(String[]::new));
  }

  /// Of the simulated venues those by these names.
  static String of(Venues venues, String... names) {
    Map<String, URI> addresses = new TreeMap<>();
    for (String name : names) {
      addresses.put(name, venues.baseUrl(name));
    }
    return of(addresses);
  }

  /// @param addresses by the source's name
  static String of(Map<String, URI> addresses) {
    return Settings.SOURCES.stream()
        .map(source -> addresses.containsKey(source.name())
            ? "  %s: {base_url: \"%s\"}".formatted(source, addresses.get(source.name()))
            : "  %s: {enabled: false}".formatted(source))
        .collect(Collectors.joining("\n"));
  }

  /// The only venue, on this port of loopback.
  static String of(String name, int port) {
    return of(Map.of(name, URI.create("http://127.0.0.1:" + port)));
  }
}
