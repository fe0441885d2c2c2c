package dev.everfeed.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// INVARIANTS.md names who holds each invariant; this looks whether they are there. Sources are
/// read as text, so that tests of all modules are seen whatever was built.
class InvariantsTest {
  private static final Pattern ID = Pattern.compile("^- \\*\\*([A-Z][0-9]+)\\*\\* ");
  private static final Pattern TEST_METHOD = Pattern.compile(
      "@(?:Test|ParameterizedTest|RepeatedTest|TestFactory)\\b[\\s\\S]*?\\bvoid\\s+(\\w+)\\(");
  private static final Pattern HOLDER = Pattern.compile("([A-Z]\\w*)(?:\\.([a-z]\\w*))?");
  private static final Pattern TEST_NAME = Pattern.compile("`([A-Z]\\w*Test)(?:\\.(\\w+))?`");
  private static final Path CHECKERS =
      Path.of("simulator/src/main/java/dev/everfeed/simulator/check");

  /// One line of the page.
  private record Line(String id, String statement, List<String> holders) {}

  @Test
  void everyInvariantIsHeldByATestOrACheckerThatExists() throws IOException {
    Map<String, Set<String>> tests = tests();
    Set<String> checkers = checkers();
    List<Line> lines = lines(Files.readString(DemoProcess.project().resolve("INVARIANTS.md")));

    List<String> dead = new ArrayList<>();
    for (Line line : lines) {
      for (String holder : line.holders()) {
        Matcher name = HOLDER.matcher(holder);
        if (!name.matches()) {
          dead.add("%s: \"%s\" is not Class or Class.method".formatted(line.id(), holder));
          continue;
        }
        Set<String> methods = tests.get(name.group(1));
        boolean holds = name.group(2) == null
            ? methods != null || checkers.contains(name.group(1))
            : methods != null && methods.contains(name.group(2));
        if (!holds) {
          dead.add("%s: no test and no checker is called %s".formatted(line.id(), holder));
        }
      }
    }

    assertThat(dead).isEmpty();
    assertThat(lines).extracting(Line::id).doesNotHaveDuplicates().hasSizeGreaterThan(30);
  }

  @Test
  void everyCheckerOfTheSimulationIsOnThePage() throws IOException {
    List<Line> lines = lines(Files.readString(DemoProcess.project().resolve("INVARIANTS.md")));
    Set<String> named = lines.stream()
        .flatMap(line -> line.holders().stream())
        .collect(Collectors.toCollection(TreeSet::new));

    assertThat(named).containsAll(checkers());
  }

  @Test
  void theTestsThatDocumentsNameExist() throws IOException {
    Map<String, Set<String>> tests = tests();
    List<String> dead = new ArrayList<>();
    try (Stream<Path> pages = Files.walk(DemoProcess.project().resolve("docs"))) {
      for (Path page : pages.filter(file -> file.toString().endsWith(".md")).toList()) {
        Matcher named = TEST_NAME.matcher(Files.readString(page));
        while (named.find()) {
          Set<String> methods = tests.get(named.group(1));
          if (methods == null || (named.group(2) != null && !methods.contains(named.group(2)))) {
            dead.add("%s: %s".formatted(page.getFileName(), named.group()));
          }
        }
      }
    }

    assertThat(dead).isEmpty();
  }

  /// The reader of the page fails where it must: otherwise a typing mistake would hide a line.
  @Test
  void anInvariantThatNobodyHoldsIsRefused() {
    assertThatThrownBy(() -> lines("- **X1** Nothing goes wrong.\n"))
        .hasMessageContaining("X1")
        .hasMessageContaining("Held by");
    assertThatThrownBy(() -> lines("- **X1** Nothing goes wrong. Held by: \n"))
        .hasMessageContaining("X1");
    assertThatThrownBy(() -> lines("- X1 Nothing goes wrong. Held by: SomeTest\n"))
        .hasMessageContaining("- X1");
    assertThatCode(
            () -> lines("- **X1** Nothing\n  goes wrong.\n  Held by: SomeTest.does, Other\n"))
        .doesNotThrowAnyException();
  }

  private static List<Line> lines(String page) {
    List<Line> lines = new ArrayList<>();
    for (String block : page.split("\\n(?=- |#|\\n)")) {
      String text = block.strip();
      if (!text.startsWith("- ")) {
        continue;
      }
      Matcher id = ID.matcher(text);
      if (!id.find()) {
        throw new AssertionError("a line must begin with \"- **ID** \", was: " + text);
      }
      int heldBy = text.indexOf("Held by:");
      if (heldBy < 0) {
        throw new AssertionError(
            "%s: must end with \"Held by: …\", was: %s".formatted(id.group(1), text));
      }
      List<String> holders = Stream.of(
              text.substring(heldBy + "Held by:".length()).split(","))
          .map(String::strip)
          .filter(holder -> !holder.isEmpty())
          .toList();
      if (holders.isEmpty()) {
        throw new AssertionError(id.group(1) + ": nobody is named after \"Held by:\"");
      }
      lines.add(new Line(id.group(1), text.substring(id.end(), heldBy).strip(), holders));
    }
    return lines;
  }

  /// The test methods of each test class of all modules.
  private static Map<String, Set<String>> tests() throws IOException {
    Map<String, Set<String>> tests = new TreeMap<>();
    Path project = DemoProcess.project();
    try (Stream<Path> modules = Files.list(project)) {
      for (Path module : modules.toList()) {
        Path sources = module.resolve("src/test/java");
        if (!Files.isDirectory(sources)) {
          continue;
        }
        try (Stream<Path> files = Files.walk(sources)) {
          for (Path file : files.filter(f -> f.toString().endsWith("Test.java")).toList()) {
            Set<String> methods = TEST_METHOD
                .matcher(Files.readString(file))
                .results()
                .map((MatchResult found) -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
            if (!methods.isEmpty()) {
              tests.put(className(file), methods);
            }
          }
        }
      }
    }
    return tests;
  }

  /// The checkers that the simulation runs: those that `Invariants` makes.
  private static Set<String> checkers() throws IOException {
    Path folder = DemoProcess.project().resolve(CHECKERS);
    String made = Files.readString(folder.resolve("Invariants.java"));
    Set<String> checkers = new TreeSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = className(file);
        if (Files.readString(file).contains("class " + name + " extends Invariant")
            && made.contains("new " + name + "(")) {
          checkers.add(name);
        }
      }
    }
    assertThat(checkers).as("checkers of the simulation").hasSizeGreaterThan(15);
    return checkers;
  }

  private static String className(Path file) {
    return file.getFileName().toString().replace(".java", "");
  }
}
