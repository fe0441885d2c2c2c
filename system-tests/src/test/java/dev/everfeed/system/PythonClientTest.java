package dev.everfeed.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The Python client against a real hub, and the page on the licences of the data that it gets.
///
/// The client's own tests do the asking: this starts a demo for them and looks at what they say.
/// They need `python3` and install nothing; what they skip for want of pandas or pyzmq is shown.
@Timeout(value = 420, unit = TimeUnit.SECONDS)
class PythonClientTest {
  private static final Path TESTS = Path.of("clients/python/test_everfeed.py");
  private static final Duration TESTS_WITHIN = Duration.ofMinutes(5);
  private static final int TESTS_MIN = 30;
  private static final Pattern RAN = Pattern.compile("(?m)^Ran (\\d+) tests in ");
  private static final Pattern ZEROMQ = Pattern.compile("tcp://127\\.0\\.0\\.1:\\d+");
  private static final Pattern SECTION = Pattern.compile("(?ms)^## ([^\\n]*)\\n(.*?)(?=^## |\\z)");
  private static DemoProcess demo;

  @BeforeAll
  static void start() {
    demo = new DemoProcess("python");
  }

  @AfterAll
  static void stop() {
    demo.close();
  }

  @Test
  void theClientAndItsExamplesWorkOnARealHub() throws Exception {
    String python = python();
    Path output = DemoProcess.project().resolve("system-tests/target/python-client.log");
    ProcessBuilder builder = new ProcessBuilder(python, TESTS.toString())
        .directory(DemoProcess.project().toFile())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile());
    builder.environment().put("EVERFEED_URL", demo.hub().toString());
    builder.environment().put("EVERFEED_CONSOLE", demo.console().toString());
    builder.environment().put("EVERFEED_ZEROMQ", zeromq());
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    Process process = builder.start();
    boolean ended;
    try {
      ended = process.waitFor(TESTS_WITHIN.toSeconds(), TimeUnit.SECONDS);
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(output);
    said.lines().filter(line -> line.contains("skipped")).forEach(System.out::println);

    assertThat(ended)
        .as("%s ends within %s; it said:%n%s", TESTS, TESTS_WITHIN, said)
        .isTrue();
    assertThat(process.exitValue()).as("%s said:%n%s", TESTS, said).isZero();
    Matcher ran = RAN.matcher(said);
    assertThat(ran.find()).as("%s says how many it ran:%n%s", TESTS, said).isTrue();
    assertThat(Integer.parseInt(ran.group(1))).isGreaterThanOrEqualTo(TESTS_MIN);
  }

  private static String zeromq() {
    Matcher address = ZEROMQ.matcher(demo.output());
    assertThat(address.find()).as("the demo says where ZeroMQ readers connect").isTrue();
    return address.group();
  }

  /// Whoever adds a source reads its terms.
  @Test
  void theLicenceOfEverySourceIsOnThePage() throws Exception {
    String page = Files.readString(DemoProcess.project().resolve("docs/data-licences.md"));
    List<String> lacking = new ArrayList<>();
    JsonNode sources = get(demo.hub().resolve("/v1/sources")).path("sources");
    assertThat(sources.size()).isGreaterThanOrEqualTo(3);
    for (JsonNode source : sources) {
      String id = source.path("id").asText();
      String attribution = source.path("attribution").asText();
      String section = section(page, id);
      if (section.isEmpty()) {
        lacking.add("%s: no section has `%s` in its heading".formatted(id, id));
      } else if (!section.contains("https://")) {
        lacking.add("%s: no address of its terms".formatted(id));
      } else if (!section.contains(attribution)) {
        lacking.add("%s: what /v1/sources shows is \"%s\", and the section has other words"
            .formatted(id, attribution));
      }
    }
    assertThat(lacking).isEmpty();
  }

  private static String section(String page, String id) {
    Matcher section = SECTION.matcher(page);
    while (section.find()) {
      if (section.group(1).contains("`" + id + "`")) {
        return section.group(2);
      }
    }
    return "";
  }

  /// Fails where everything has to be tested, and is skipped elsewhere, with the reason.
  private static String python() throws InterruptedException {
    String python = Interpreters.python();
    if (python == null) {
      String missing = "the Python client was not tested: no python3 on the PATH (Debian: python3)";
      assertThat(System.getenv("CI")).as(missing).isNull();
      return Assumptions.abort(missing);
    }
    return python;
  }

  private static JsonNode get(URI uri) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build();
      return new ObjectMapper()
          .readTree(client.send(request, BodyHandlers.ofString()).body());
    }
  }
}
