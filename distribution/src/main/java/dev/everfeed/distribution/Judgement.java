package dev.everfeed.distribution;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What may not be in a package: licences that do not let us pass a library on as we do, and
/// versions that are known to be bad. It asks nobody, so that it judges in every build; the
/// profile `vulnerabilities` asks a database when there is a network.
final class Judgement {
  /// Under which everything may be passed on beside Apache-2.0, unchanged, with its text. Of
  /// several licences of one library one is enough: they are for us to choose from.
  private static final Set<String> LICENCES = Set.of(
      "0BSD",
      "Apache-2.0",
      "BSD-2-Clause",
      "BSD-3-Clause",
      "CC0-1.0",
      "EPL-1.0",
      "EPL-2.0",
      "MIT",
      "MIT-0",
      "MPL-2.0",
      "PostgreSQL",
      "Public Domain",
      "UPL-1.0");

  /// `group:name < version  reason`; a name that ends with * stands for all that begin so.
  private static final Pattern RULE =
      Pattern.compile("(?<group>\\S+):(?<name>\\S+) < (?<floor>\\S+)\\s+(?<reason>.+)");

  private record Floor(String group, String name, Version version, String reason) {
    boolean concerns(Part part) {
      return part.group().equals(group)
          && (name.endsWith("*")
              ? part.name().startsWith(name.substring(0, name.length() - 1))
              : part.name().equals(name));
    }
  }

  private final List<Floor> floors;

  private Judgement(List<Floor> floors) {
    this.floors = floors;
  }

  /// With the versions that are listed in `known-bad.txt`.
  static Judgement ofThisProject() {
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(
        Objects.requireNonNull(Judgement.class.getResourceAsStream("known-bad.txt")),
        StandardCharsets.UTF_8))) {
      return of(lines.lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @throws IllegalArgumentException for a line that cannot be read
  static Judgement of(List<String> lines) {
    List<Floor> floors = new ArrayList<>();
    for (String line : lines) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      Matcher rule = RULE.matcher(line);
      if (!rule.matches()) {
        throw new IllegalArgumentException(
            "known-bad.txt: must be GROUP:NAME < VERSION  REASON, was: " + line);
      }
      floors.add(new Floor(
          rule.group("group"),
          rule.group("name"),
          Version.parse(rule.group("floor")),
          rule.group("reason")));
    }
    return new Judgement(floors);
  }

  /// Everything that is against these parts, a sentence each; empty when nothing is.
  List<String> against(List<Part> parts) {
    List<String> found = new ArrayList<>();
    for (Part part : parts) {
      if (part.licences().stream().noneMatch(LICENCES::contains)) {
        found.add("%s: its licence is %s; allowed are %s"
            .formatted(
                part,
                part.licences().isEmpty() ? "not told" : String.join(", ", part.licences()),
                LICENCES.stream().sorted().toList()));
      }
      Version version = Version.parse(part.version());
      for (Floor floor : floors) {
        if (floor.concerns(part) && version.compareTo(floor.version()) < 0) {
          found.add("%s: older than %s, which is the first without %s"
              .formatted(part, floor.version(), floor.reason()));
        }
      }
    }
    return found;
  }
}
