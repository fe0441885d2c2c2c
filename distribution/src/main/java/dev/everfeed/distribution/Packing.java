package dev.everfeed.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/// Puts the libraries into a package, and what has to be told of them beside them:
/// `distribution/build` runs it. Only what is listed is packed; in the folder that it takes them
/// from may be more, such as what an earlier build left there.
final class Packing {
  private Packing() {}

  /// @param arguments the list of parts, the folder of the libraries, the folder of the package
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 3) {
      System.err.println("usage: Packing BOM LIBRARIES PACKAGE");
      System.exit(2);
    }
    pack(PartsList.read(Path.of(arguments[0])), Path.of(arguments[1]), Path.of(arguments[2]));
  }

  static void pack(List<Part> parts, Path libraries, Path folder) throws IOException {
    Path packed = Files.createDirectories(folder.resolve("lib"));
    for (Part part : parts) {
      if (!part.isTheProgram()) {
        Files.copy(
            libraries.resolve(part.file()),
            packed.resolve(part.file()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    ThirdParty.write(parts, packed, folder.resolve("licences"));
  }
}
