package dev.everfeed.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Reads the list of parts (SBOM), a CycloneDX 1.6 document in JSON:
/// <https://cyclonedx.org/docs/1.6/json/>.
final class PartsList {
  /// What makers wrote in place of the SPDX name.
  private static final Map<String, String> SPDX =
      Map.of("Mozilla Public License version 2.0", "MPL-2.0");

  private PartsList() {}

  /// @return sorted by group and name
  static List<Part> read(Path file) throws IOException {
    return read(new ObjectMapper().readTree(file.toFile()));
  }

  static List<Part> read(JsonNode document) {
    List<Part> parts = new ArrayList<>();
    for (JsonNode component : document.path("components")) {
      parts.add(new Part(
          component.path("group").asText(),
          component.path("name").asText(),
          component.path("version").asText(),
          licences(component.path("licenses"))));
    }
    parts.sort(Comparator.comparing(Part::group).thenComparing(Part::name));
    return parts;
  }

  private static List<String> licences(JsonNode told) {
    List<String> licences = new ArrayList<>();
    for (JsonNode each : told) {
      JsonNode licence = each.path("license");
      String name = each.hasNonNull("expression")
          ? each.path("expression").asText()
          : licence.path("id").asText(licence.path("name").asText());
      if (!name.isBlank()) {
        licences.add(SPDX.getOrDefault(name, name));
      }
    }
    return licences;
  }
}
