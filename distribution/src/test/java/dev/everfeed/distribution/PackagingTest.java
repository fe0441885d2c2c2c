package dev.everfeed.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.everfeed.hub.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The files that a package has beside the program.
class PackagingTest {
  private static final Path FILES =
      Path.of(System.getProperty("everfeed.project", ".."), "distribution/src");

  /// Of the reference of containers' files; what is not there is a slip of the pen.
  private static final Set<String> INSTRUCTIONS = Set.of(
      "FROM",
      "ARG",
      "LABEL",
      "RUN",
      "COPY",
      "ENV",
      "WORKDIR",
      "USER",
      "VOLUME",
      "EXPOSE",
      "STOPSIGNAL",
      "HEALTHCHECK",
      "ENTRYPOINT",
      "CMD");

  @Test
  void theConfigurationThatIsPackedIsRightAndSaysTheDefaults() {
    Settings packed = Settings.load(FILES.resolve("conf/everfeed.yaml"), Map.of());
    assertThat(packed).isEqualTo(Settings.parse("", Map.of()));
  }

  /// Uncommented line by line, so that nobody's first change is refused.
  @Test
  void whatIsCommentedOutInItIsRightToo() throws IOException {
    List<String> examples = Files.readAllLines(FILES.resolve("conf/everfeed.yaml")).stream()
        .filter(line -> line.matches("#[a-z_]+: .*"))
        .map(line -> line.substring(1))
        .toList();
    assertThat(examples).hasSizeGreaterThan(4);
    Map<String, String> variables =
        Map.of("DATABASE_URL", "postgres://u:p@127.0.0.1/db", "COINGECKO_KEY", "key");
    for (String example : examples) {
      assertThat(Settings.parse(example, variables).symbols()).isNotEmpty();
    }
  }

  /// What the hub needs at the most to close in order; RunningUntilStopped has it.
  @Test
  void theServiceGivesTheHubTheTimeThatItNeedsToStop() throws IOException {
    String unit = Files.readString(FILES.resolve("systemd/everfeed.service"));
    assertThat(seconds(unit, "TimeoutStopSec")).isGreaterThan(45);
    assertThat(unit)
        .contains("\nType=notify\n", "\nKillMode=mixed\n", "\nRestart=on-failure\n")
        .contains("\nUser=everfeed\n", "\nNoNewPrivileges=yes\n", "\nProtectSystem=strict\n")
        .doesNotContain("\nMemoryDenyWriteExecute=yes");
    // Before it gives up for ever, a hub that fails within a minute has been started ten times.
    assertThat(seconds(unit, "WatchdogSec")).isEqualTo(30);
  }

  private static int seconds(String unit, String name) {
    var line = Pattern.compile("(?m)^" + name + "=(\\d+)s$").matcher(unit);
    assertThat(line.find()).as(name).isTrue();
    return Integer.parseInt(line.group(1));
  }

  @Test
  void theContainerIsNobodysRootAndSaysHowItIs() throws IOException {
    List<String> instructions = instructions();
    assertThat(instructions)
        .allSatisfy(
            line -> assertThat(INSTRUCTIONS).contains(line.substring(0, line.indexOf(' '))));
    assertThat(instructions.getFirst()).startsWith("ARG ");
    String user =
        instructions.stream().filter(line -> line.startsWith("USER ")).toList().getLast();
    assertThat(user).matches("USER [1-9]\\d{3,}:[1-9]\\d{3,}");
    // In the form of a list the program is the first process and gets the signals itself.
    assertThat(instructions).anyMatch(line -> line.startsWith("ENTRYPOINT [\"/opt/everfeed/"));
    assertThat(instructions).anyMatch(line -> line.startsWith("HEALTHCHECK "));
    assertThat(instructions).contains("VOLUME /var/lib/everfeed");
    assertThat(instructions)
        .noneMatch(line -> line.startsWith("FROM ") && line.endsWith(":latest"));
  }

  /// Lines that end with a backslash go on in the next one.
  private static List<String> instructions() throws IOException {
    List<String> found = new ArrayList<>();
    StringBuilder open = new StringBuilder();
    for (String line : Files.readAllLines(FILES.resolve("container/Containerfile"))) {
      if (line.startsWith("#") || (line.isBlank() && open.isEmpty())) {
        continue;
      }
      boolean more = line.endsWith("\\");
      open.append(more ? line.substring(0, line.length() - 1) : line);
      if (!more) {
        found.add(open.toString().strip());
        open.setLength(0);
      }
    }
    assertThat(open).as("an instruction without an end").isEmpty();
    return found;
  }

  @Test
  void theComposeFileGivesTheContainerNothingThatItDoesNotNeed() throws IOException {
    JsonNode file =
        new YAMLMapper().readTree(FILES.resolve("container/compose.yaml").toFile());
    JsonNode hub = file.path("services").path("everfeed");
    assertThat(hub.path("read_only").asBoolean()).isTrue();
    assertThat(hub.path("cap_drop").path(0).asText()).isEqualTo("ALL");
    assertThat(hub.path("security_opt").path(0).asText()).isEqualTo("no-new-privileges:true");
    assertThat(hub.path("stop_grace_period").asText()).isEqualTo("60s");
    assertThat(hub.path("init").asBoolean()).isTrue();
    assertThat(hub.path("environment").path("EVERFEED_HTTP_HOST").asText()).isEqualTo("0.0.0.0");
    assertThat(hub.path("ports").path(0).asText()).startsWith("127.0.0.1:");
    String volume = hub.path("volumes").path(0).asText();
    assertThat(volume).endsWith(":/var/lib/everfeed");
    assertThat(file.path("volumes").has(volume.substring(0, volume.indexOf(':'))))
        .isTrue();
  }
}
