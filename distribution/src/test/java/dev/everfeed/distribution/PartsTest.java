package dev.everfeed.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The list of parts that this build made, and the libraries that it packs.
class PartsTest {
  private static final Path PROJECT = Path.of(System.getProperty("everfeed.project", ".."));
  private static final Path BOM = PROJECT.resolve("distribution/target/bom.json");
  private static final Path LIBRARIES = PROJECT.resolve("app/target/lib");

  @Test
  void everyPartMayBePassedOnAndNoneIsOfAVersionKnownToBeBad() throws IOException {
    List<Part> parts = PartsList.read(BOM);
    assertThat(parts).extracting(Part::name).contains("netty-handler", "postgresql", "hub");
    assertThat(Judgement.ofThisProject().against(parts)).isEmpty();
  }

  /// The same sources make the same list: no number that is new each time, no hour of the day.
  @Test
  void theListOfPartsHasNothingOfTheMomentItWasMade() throws IOException {
    assertThat(new ObjectMapper().readTree(BOM.toFile()).has("serialNumber")).isFalse();
    assertThat(new ObjectMapper().readTree(BOM.toFile()).path("metadata").has("timestamp"))
        .isFalse();
  }

  /// Which of two would be loaded depends on the order of files in a folder.
  @Test
  void noClassIsInTwoLibraries(@TempDir Path folder) throws IOException {
    List<Part> parts = packed(folder);
    Map<String, Path> owners = new TreeMap<>();
    Map<String, String> twice = new TreeMap<>();
    for (Part part : parts) {
      Path library = folder.resolve("lib").resolve(part.file());
      for (String name : part.isTheProgram() ? List.<String>of() : classes(library)) {
        Path other = owners.put(name, library);
        if (other != null) {
          twice.put(name, other.getFileName() + " and " + library.getFileName());
        }
      }
    }
    assertThat(owners).hasSizeGreaterThan(1_000);
    assertThat(twice).isEmpty();
  }

  private static List<String> classes(Path library) throws IOException {
    try (ZipFile file = new ZipFile(library.toFile())) {
      return file.stream()
          .map(ZipEntry::getName)
          .filter(name -> name.endsWith(".class") && !name.startsWith("META-INF/"))
          .filter(name -> !name.endsWith("module-info.class"))
          .filter(name -> !name.endsWith("package-info.class"))
          .toList();
    }
  }

  /// As the build packs it, from what Maven has packaged.
  private static List<Part> packed(Path folder) throws IOException {
    assumeTrue(
        Files.isDirectory(LIBRARIES), "app is not packaged: mvn -pl distribution -am verify");
    List<Part> parts = PartsList.read(BOM);
    Packing.pack(parts, LIBRARIES, folder);
    return parts;
  }

  @Test
  void aLicenceThatIsNotAllowedIsRefusedAndOneOfSeveralIsEnough() {
    Judgement judgement = Judgement.of(List.of());
    assertThat(judgement.against(List.of(new Part("g", "n", "1", List.of("GPL-3.0-only")))))
        .singleElement()
        .asString()
        .startsWith("g:n:1: its licence is GPL-3.0-only; allowed are [0BSD, Apache-2.0,");
    assertThat(judgement.against(List.of(new Part("g", "n", "1", List.of()))))
        .singleElement()
        .asString()
        .contains("its licence is not told");
    assertThat(judgement.against(
            List.of(new Part("g", "n", "1", List.of("EPL-2.0", "LGPL-2.1-only")))))
        .isEmpty();
  }

  @Test
  void aVersionThatIsKnownToBeBadIsRefusedWithTheReason() {
    List<String> licences = List.of("MIT");
    assertThat(Judgement.ofThisProject()
            .against(List.of(
                new Part("org.postgresql", "postgresql", "42.7.6", licences),
                new Part("org.postgresql", "postgresql", "42.7.14", licences),
                new Part("io.netty", "netty-codec-http", "4.2.4.Final", licences),
                new Part("io.netty", "netty-codec-http", "4.2.18.Final", licences))))
        .satisfiesExactly(
            first -> assertThat(first)
                .isEqualTo("org.postgresql:postgresql:42.7.6: older than 42.7.7, which is the first"
                    + " without CVE-2025-49146, channel binding that was required and not"
                    + " done"),
            second -> assertThat(second).startsWith("io.netty:netty-codec-http:4.2.4.Final: "));
    assertThatThrownBy(() -> Judgement.of(List.of("a:b 1 why")))
        .hasMessage("known-bad.txt: must be GROUP:NAME < VERSION  REASON, was: a:b 1 why");
  }

  @Test
  void theTextsOfOthersLieInThePackage(@TempDir Path folder) throws IOException {
    packed(folder);
    Path licences = folder.resolve("licences");
    assertThat(licences.resolve("THIRD-PARTY.md"))
        .content()
        .contains("| org.postgresql:postgresql | ")
        .doesNotContain("dev.everfeed");
    assertThat(licences).isDirectoryRecursivelyContaining("glob:**/postgresql-*/LICENSE");
    assertThat(licences).isDirectoryRecursivelyContaining("glob:**/commons-compress-*/NOTICE.txt");
  }
}
