package dev.everfeed.simulator.venue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Which servers run: venues under their own names, and lines of them.
///
/// A line is a further server of a venue that has streams: the same market with the same ids,
/// on a port of its own, with connections, limits, faults and floods of its own. Lines of one
/// venue, the venue's own server among them, deliver identical content.
///
/// @param venues some of [VenuesConfig#VENUES], or none
/// @param lines by name, in the order of their ports, the venue of each; it need not run itself
public record Servers(List<String> venues, Map<String, String> lines) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,63}");

  /// Every venue once, no line.
  public static final Servers ALL = new Servers(VenuesConfig.VENUES, Map.of());

  public Servers {
    venues = List.copyOf(venues);
    lines = Collections.unmodifiableMap(new LinkedHashMap<>(lines));
    for (String venue : venues) {
      if (!VenuesConfig.VENUES.contains(venue)) {
        throw new IllegalArgumentException(
            "venues: must name some of %s, was %s".formatted(VenuesConfig.VENUES, venue));
      }
    }
    if (venues.stream().distinct().count() < venues.size()) {
      throw new IllegalArgumentException(
          "venues: must name each venue once, was %s; another server of one is a line"
              .formatted(venues));
    }
    lines.forEach((line, venue) -> {
      if (!NAME.matcher(line).matches() || VenuesConfig.VENUES.contains(line)) {
        throw new IllegalArgumentException(
            "lines: a name must have 1 to 64 small letters, digits and _, and be no venue's, was \"%s\""
                .formatted(line));
      }
      if (!VenuesConfig.STREAMING.contains(venue)) {
        throw new IllegalArgumentException("lines: %s must be a line of one of %s, was of %s"
            .formatted(line, VenuesConfig.STREAMING, venue));
      }
    });
    if (venues.isEmpty() && lines.isEmpty()) {
      throw new IllegalArgumentException(
          "venues and lines: one of them must be named, was neither");
    }
  }

  /// Venues first, then lines; in the order of their ports.
  public List<String> names() {
    List<String> names = new ArrayList<>(venues);
    names.addAll(lines.keySet());
    return names;
  }

  /// Whose market a server tells; a venue's is its own.
  public String venueOf(String name) {
    return lines.getOrDefault(name, name);
  }

  Servers with(String venue, List<String> more) {
    Map<String, String> all = new LinkedHashMap<>(lines);
    more.forEach(line -> all.put(line, venue));
    return new Servers(venues, all);
  }
}
