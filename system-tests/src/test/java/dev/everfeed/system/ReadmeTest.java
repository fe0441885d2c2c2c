package dev.everfeed.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the README shows is what its reader gets: its console blocks are run, in their order,
/// against a demo of our own, and the output is compared in shape.
///
/// JSON must have the same names, and the same text where it says who answered and how far to
/// trust it; figures and times may differ, and so may the elements of lists. Other output must
/// be the same but for figures. What asks (`curl`) is asked again for a while, as a reader
/// would, until the hub has noticed; what acts (`./everfeed fault`) is run once.
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class ReadmeTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```console\\n(.*?)^```$");
  private static final Pattern LANGUAGE_BLOCK = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```$");
  private static final Set<String> SAME_TEXT =
      Set.of("symbol", "equivalent_of", "source", "exchange", "gateway", "content", "status");
  private static final Duration NOTICES_WITHIN = Duration.ofSeconds(60);
  private static final Duration COMMAND_WITHIN = Duration.ofSeconds(30);
  private static final Duration TICKS_WITHIN = Duration.ofSeconds(60);
  private static final long ASK_EVERY_MILLIS = 200;
  private static final String STARTS = "./everfeed demo";
  private static final String ASKS_STORE = "./everfeed sql ";

  private final ObjectMapper json = new ObjectMapper();

  /// A command of the README and the lines shown after it.
  private record Shown(String command, List<String> output) {
    boolean onlyAsks() {
      return command.startsWith("curl ") || command.startsWith(ASKS_STORE);
    }
  }

  @Test
  void theCommandsGiveWhatTheReadmeShows() throws Exception {
    List<Shown> session = session(Files.readString(DemoProcess.project().resolve("README.md")));
    String starts = session.getFirst().command();
    assertThat(starts).startsWith(STARTS);
    assertThat(session).hasSizeGreaterThanOrEqualTo(4);
    String options = starts.substring(STARTS.length()).strip();

    try (DemoProcess demo =
        new DemoProcess("readme", options.isEmpty() ? new String[0] : options.split(" +"))) {
      assertThat(shapeOfText(demo.output()))
          .as("the first lines of %s", starts)
          .contains(shapeOfText(String.join("\n", session.getFirst().output())));
      for (Shown shown : session.subList(1, session.size())) {
        String command = onFreePorts(shown.command(), demo);
        String last = run(command);
        long began = System.nanoTime();
        while (!difference(shown, last).isEmpty()
            && shown.onlyAsks()
            && System.nanoTime() - began < NOTICES_WITHIN.toNanos()) {
          TimeUnit.MILLISECONDS.sleep(ASK_EVERY_MILLIS);
          last = run(command);
        }
        assertThat(difference(shown, last))
            .as(
                "$ %s%nshown: %s%ngot:   %s",
                shown.command(), String.join("\n", shown.output()), last)
            .isEmpty();
      }
    }
  }

  /// It is the page's first code, and goes on printing when a venue that was cut off is back, and
  /// when the demo was stopped and started.
  @Test
  void theFirstExamplePrintsTicksAndSurvivesFaults() throws Exception {
    String readme = Files.readString(DemoProcess.project().resolve("README.md"));
    Matcher first = LANGUAGE_BLOCK.matcher(readme);
    assertThat(first.find()).isTrue();
    assertThat(first.group(1)).as("the language of the first example").isEqualTo("python");
    String code = first.group(2);
    assertThat(code.lines().filter(line -> !line.isBlank()).count()).isLessThanOrEqualTo(10);
    String python = Interpreters.python();
    Assumptions.assumeTrue(python != null, "no python3");
    Path output = DemoProcess.project().resolve("system-tests/target/readme-ticks.log");

    Process ticks = null;
    int port;
    try (DemoProcess demo = new DemoProcess("readme-ticks")) {
      port = demo.hub().getPort();
      ProcessBuilder builder = new ProcessBuilder(
              python,
              "-u",
              "-c",
              code.replace("http://127.0.0.1:8080", demo.hub().toString()))
          .directory(DemoProcess.project().toFile())
          .redirectErrorStream(true)
          .redirectOutput(output.toFile());
      builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
      ticks = builder.start();
      more(ticks, output);
      demo.fault("binance", "disconnect");
      more(ticks, output);
      demo.fault("binance", "refuse");
      TimeUnit.SECONDS.sleep(1);
      demo.heal("binance");
      more(ticks, output);
    } catch (Exception | Error e) {
      if (ticks != null) {
        ticks.destroyForcibly();
      }
      throw e;
    }
    try (DemoProcess demo =
        new DemoProcess("readme-ticks-again", "--port", Integer.toString(port))) {
      assertThat(demo.hub().getPort()).isEqualTo(port);
      more(ticks, output);
      List<Long> trades = Files.readString(output)
          .lines()
          .filter(line -> line.contains(" at "))
          .map(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
          .toList();
      assertThat(trades).isNotEmpty();
      for (int i = 1; i < trades.size(); i++) {
        assertThat(trades.get(i)).isIn(trades.get(i - 1) + 1, 1L); // 1 of the second hub
      }
    } finally {
      ticks.destroyForcibly();
    }
  }

  /// Until it has printed so much more that it must have been read now.
  private static void more(Process ticks, Path output) throws Exception {
    long lines = lines(output) + 20;
    long began = System.nanoTime();
    while (lines(output) < lines) {
      assertThat(ticks.isAlive())
          .as("it goes on; it said:%n%s", Files.readString(output))
          .isTrue();
      assertThat(System.nanoTime() - began)
          .as("ns for 20 ticks; it said:%n%s", Files.readString(output))
          .isLessThan(TICKS_WITHIN.toNanos());
      TimeUnit.MILLISECONDS.sleep(ASK_EVERY_MILLIS);
    }
  }

  private static long lines(Path output) throws IOException {
    return Files.readString(output).lines().count();
  }

  /// The comparison itself must be able to fail.
  @Test
  void anotherSourceAnotherNameOrAnotherWordIsADifference() throws IOException {
    Shown price =
        new Shown("curl x", List.of("{\"source\":\"binance\",\"price\":1.5,\"tried\":[]}"));

    assertThat(difference(price, "{\"source\":\"binance\",\"price\":2,\"tried\":[{\"a\":1}]}"))
        .isEmpty();
    assertThat(difference(price, "{\"source\":\"coingecko\",\"price\":1.5,\"tried\":[]}"))
        .contains("source");
    assertThat(difference(price, "{\"source\":\"binance\",\"tried\":[]}")).contains("price");
    assertThat(difference(price, "not json")).isNotEmpty();
    Shown fault =
        new Shown("./everfeed fault", List.of("binance: refuse since 2026-01-02T03:04:05.6Z"));
    assertThat(difference(fault, "binance: refuse since 2027-11-12T13:14:15.16Z"))
        .isEmpty();
    assertThat(difference(fault, "binance: slow since 2027-11-12T13:14:15.16Z")).isNotEmpty();
  }

  private static List<Shown> session(String readme) {
    List<Shown> session = new ArrayList<>();
    Matcher block = BLOCK.matcher(readme);
    while (block.find()) {
      for (String line : block.group(1).split("\n", -1)) {
        if (line.startsWith("$ ")) {
          session.add(new Shown(line.substring(2).strip(), new ArrayList<>()));
        } else if (!line.isBlank() && !session.isEmpty()) {
          session.getLast().output().add(line);
        }
      }
    }
    return session;
  }

  private static String onFreePorts(String command, DemoProcess demo) {
    String rewritten = command
        .replace("http://127.0.0.1:8080", demo.hub().toString())
        .replace("http://127.0.0.1:8090", demo.console().toString());
    boolean orders =
        command.startsWith("./everfeed fault ") || command.startsWith("./everfeed heal");
    if (orders) {
      return rewritten + " --console " + demo.console();
    }
    if (command.startsWith(ASKS_STORE)) {
      return rewritten + " --data " + demo.data();
    }
    if (!rewritten.startsWith("curl ") || rewritten.equals(command)) {
      throw new AssertionError("this test knows curl of 127.0.0.1:8080 or :8090, ./everfeed fault, "
          + "./everfeed heal and ./everfeed sql; the README has: " + command);
    }
    return rewritten;
  }

  /// Standard output, without the line ends around it.
  private static String run(String command) throws IOException, InterruptedException {
    Path errors = Files.createTempFile("readme", ".err");
    ProcessBuilder builder = new ProcessBuilder(
            "bash", "-c", command.replaceFirst("^curl ", "curl -sS "))
        .directory(DemoProcess.project().toFile())
        .redirectError(errors.toFile());
    builder.environment().put("EVERFEED_NO_REBUILD", "1");
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes());
      if (!process.waitFor(COMMAND_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("$ %s: not over after %s".formatted(command, COMMAND_WITHIN));
      }
      assertThat(process.exitValue())
          .as("$ %s%n%s%s", command, output, Files.readString(errors))
          .isIn(0, command.startsWith(ASKS_STORE) ? 1 : 0); // its database comes up later
      return output.strip();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      Files.delete(errors);
    }
  }

  /// Empty when the output is as shown.
  private String difference(Shown shown, String output) throws IOException {
    String wanted = String.join("\n", shown.output());
    if (!wanted.startsWith("{")) {
      boolean anyOrder =
          shown.command().startsWith(ASKS_STORE) && !shown.command().contains("ORDER BY");
      return shapeOfText(output, anyOrder).equals(shapeOfText(wanted, anyOrder))
          ? ""
          : "the text is another";
    }
    try {
      return difference("", json.readTree(wanted), json.readTree(output));
    } catch (JsonProcessingException e) {
      return "not JSON: " + e.getMessage();
    }
  }

  private static String difference(String path, JsonNode wanted, JsonNode got) {
    if (wanted.isObject() && got.isObject()) {
      Set<String> names = names(wanted);
      if (!names.equals(names(got))) {
        return "%s: names shown %s, got %s".formatted(path, names, names(got));
      }
      for (String name : names) {
        JsonNode one = wanted.get(name);
        JsonNode other = got.get(name);
        String deeper = SAME_TEXT.contains(name) && !one.equals(other)
            ? "%s/%s: shown %s, got %s".formatted(path, name, one, other)
            : difference(path + "/" + name, one, other);
        if (!deeper.isEmpty()) {
          return deeper;
        }
      }
      return "";
    }
    return wanted.getNodeType() == got.getNodeType()
        ? ""
        : "%s: shown %s, got %s".formatted(path, wanted.getNodeType(), got.getNodeType());
  }

  private static Set<String> names(JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /// The text without its figures (moments have a varying number of digits) and without the
  /// option that names the console where it is not the usual one.
  private static String shapeOfText(String text) {
    return shapeOfText(text, false);
  }

  /// @param anyOrder rows of a question that does not say in which order they come
  private static String shapeOfText(String text, boolean anyOrder) {
    Stream<String> lines = Stream.of(text.split("\n"))
        .map(line -> line.replaceAll(" --console \\S+", "")
            .replaceAll("\\d+(\\.\\d+)?", "#")
            .stripTrailing())
        .filter(line -> !line.isEmpty());
    return (anyOrder ? lines.sorted() : lines).collect(Collectors.joining("\n"));
  }
}
