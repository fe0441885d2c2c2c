package dev.everfeed.distribution;

import java.util.List;

/// A library in a package, as the list of parts tells it.
///
/// @param licences of which whoever passes it on may choose one: SPDX names, or what its makers
///     wrote; empty when they told none
record Part(String group, String name, String version, List<String> licences) {
  Part {
    licences = List.copyOf(licences);
  }

  /// Whether it is one of this project's own modules.
  boolean isOurs() {
    return group.equals("dev.everfeed");
  }

  /// Whether it is what the launcher starts, which lies beside the libraries.
  boolean isTheProgram() {
    return isOurs() && name.equals("app");
  }

  /// As the build names it among the libraries.
  String file() {
    return name + "-" + version + ".jar";
  }

  @Override
  public String toString() {
    return group + ":" + name + ":" + version;
  }
}
