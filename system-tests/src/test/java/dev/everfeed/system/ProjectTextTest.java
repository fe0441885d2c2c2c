package dev.everfeed.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What is committed must work in anybody's clone: it names no folder of one machine, and no
/// host of a package registry, which everybody's own settings choose.
class ProjectTextTest {
  private static final Set<String> NOT_OURS =
      Set.of(".git", "target", "node_modules", "data", ".idea", ".vscode", ".settings");
  private static final long TEXT_BYTES_MAX = 4_000_000;

  /// In two parts each, so that this file does not name them either.
  private static final List<String> FORBIDDEN = List.of(
      joined("/ho", "me/"),
      joined("/ro", "ot/."),
      joined("/Us", "ers/"),
      joined("C:\\Us", "ers"),
      joined("/wo", "rk/"),
      joined("/tm", "p/wt"),
      joined("rep", "o1."),
      joined("rep", "o.maven"),
      joined("central.sona", "type"),
      joined("oss.sona", "type"),
      joined("registry.np", "mjs"),
      joined("py", "pi.org"),
      joined("files.python", "hosted"),
      joined("proxy.go", "lang"),
      joined("crates", ".io"),
      joined("docker", ".io/"),
      joined("arti", "factory"));

  @Test
  void noFileNamesAFolderOfOneMachineOrARegistry() throws IOException {
    List<String> found = new ArrayList<>();
    int read = 0;
    for (Path file : files()) {
      List<String> lines;
      try {
        lines = Files.readAllLines(file);
      } catch (CharacterCodingException e) {
        continue; // not text
      }
      read++;
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        int number = i + 1;
        FORBIDDEN.stream()
            .filter(line::contains)
            .forEach(word -> found.add("%s:%d: \"%s\" in: %s"
                .formatted(DemoProcess.project().relativize(file), number, word, line.strip())));
      }
    }

    assertThat(found).isEmpty();
    assertThat(read).as("text files that were read").isGreaterThan(200);
  }

  /// The text files of the checkout, without what is built into it.
  private static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(DemoProcess.project(), new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
        boolean ours = !NOT_OURS.contains(folder.getFileName().toString());
        return ours ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
      }

      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        boolean text = attributes.isRegularFile() && attributes.size() <= TEXT_BYTES_MAX;
        if (text && !file.getFileName().toString().equals(".git")) {
          files.add(file);
        }
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFileFailed(Path file, IOException failure) {
        throw new UncheckedIOException("cannot look at " + file, failure);
      }
    });
    return files;
  }

  private static String joined(String one, String other) {
    return one + other;
  }
}
