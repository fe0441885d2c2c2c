package dev.everfeed.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// `./everfeed demo` as a user starts it: the launcher, a JVM of its own, free ports on
/// loopback.
///
/// Belongs to the test that opened it. What it prints is in [#outputFile()], which stays after
/// [#close()]. A test that dies leaves no demo behind: a shutdown hook ends what is still
/// running.
final class DemoProcess implements AutoCloseable {
  /// Of processes that live for a minute or less: code that is optimised later than they end costs
  /// the others beside them processors' time.
  static final String BRIEF = "-XX:TieredStopAtLevel=1";

  private static final Duration COMES_UP_WITHIN = Duration.ofSeconds(60);
  private static final Duration STOPS_WITHIN = Duration.ofSeconds(15);
  private static final Duration ORDERED_WITHIN = Duration.ofSeconds(10);
  private static final Duration DIES_WITHIN = Duration.ofSeconds(5);
  private static final long LOOK_EVERY_MILLIS = 50;
  private static final Pattern HUB =
      Pattern.compile("(http://127\\.0\\.0\\.1:\\d+)/health/scheduler\\s");
  private static final Pattern CONSOLE =
      Pattern.compile("(http://127\\.0\\.0\\.1:\\d+)\\s+the venues and their faults");
  private static final String LAST_LINE = "Ctrl-C stops everything.";

  private final Process process;
  private final Path output;
  private final Thread leftovers;
  private final Path data;
  private final URI hub;
  private final URI console;

  /// Returns when the demo has said where it listens; throws with all that it printed when it
  /// has not within 60 s.
  ///
  /// @param name of the output file, `target/demo-NAME.log`
  /// @param options more of the command line, such as `--seed 7`
  DemoProcess(String name, String... options) {
    this(name, Map.of(), options);
  }

  /// @param environment what its configuration has otherwise, such as `EVERFEED_HTTP_PORT`
  DemoProcess(String name, Map<String, String> environment, String... options) {
    output = project().resolve("system-tests/target/demo-" + name + ".log");
    List<String> command = new ArrayList<>(List.of(launcher(), "demo"));
    command.addAll(Arrays.asList(options));
    for (String port : List.of("--port", "--venues-port")) {
      if (!command.contains(port)) {
        command.addAll(List.of(port, "0"));
      }
    }
    if (!command.contains("--data")) {
      command.addAll(List.of("--data", emptyFolder(name)));
    }
    data = Path.of(command.get(command.indexOf("--data") + 1));
    if (!command.contains("--log")) {
      command.addAll(List.of("--log", "text"));
    }
    try {
      Files.createDirectories(output.getParent());
      ProcessBuilder builder = new ProcessBuilder(command)
          .directory(project().toFile())
          .redirectErrorStream(true)
          .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
          .redirectOutput(output.toFile());
      builder.environment().putAll(environment);
      builder.environment().put("EVERFEED_NO_REBUILD", "1");
      builder.environment().put("EVERFEED_JAVA_OPTS", BRIEF);
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("demo: cannot start " + command, e);
    }
    leftovers = new Thread(this::kill, "demo-leftovers");
    Runtime.getRuntime().addShutdownHook(leftovers);
    try {
      String welcome = awaitWelcome();
      hub = address(HUB, welcome);
      console = address(CONSOLE, welcome);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private static String emptyFolder(String name) {
    Path folder = project().resolve("system-tests/target/demo-" + name + "-data");
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("demo: cannot empty " + folder, e);
      }
    }
    try {
      lendPrograms(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("demo: cannot link the programs to " + folder, e);
    }
    return folder.toString();
  }

  /// The programs of the embedded server that the hub's tests have unpacked, if they were run
  /// here: else each demo would, for three seconds of a processor.
  private static void lendPrograms(Path data) throws IOException {
    Path unpacked = project().resolve("hub/target/test-postgres-1/postgres");
    if (!Files.isDirectory(unpacked)) {
      return;
    }
    List<Path> programs = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(unpacked, "binaries-*")) {
      for (Path each : found) {
        try (Stream<Path> files = Files.walk(each)) {
          programs.addAll(files.toList());
        }
      }
    }
    for (Path each : programs) {
      Path own = data.resolve("postgres").resolve(unpacked.relativize(each));
      if (Files.isSymbolicLink(each)) {
        Files.createSymbolicLink(own, Files.readSymbolicLink(each));
      } else if (Files.isDirectory(each)) {
        Files.createDirectories(own);
      } else if (Files.getFileStore(each).equals(Files.getFileStore(own.getParent()))) {
        Files.createLink(own, each);
      } else {
        Files.copy(each, own, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  /// The checkout: the folder with the launcher.
  static Path project() {
    String project = System.getProperty("everfeed.project");
    if (project == null) {
      throw new IllegalStateException(
          "system property everfeed.project: must be the project's folder, was not set");
    }
    return Path.of(project);
  }

  /// The launcher, as a command.
  static String launcher() {
    return project().resolve("everfeed").toString();
  }

  /// Such as `http://127.0.0.1:41234`.
  URI hub() {
    return hub;
  }

  /// The folder of what it keeps.
  Path data() {
    return data;
  }

  /// Of the simulated venues, such as `http://127.0.0.1:41235`.
  URI console() {
    return console;
  }

  /// Makes a simulated venue fail as `everfeed fault` does, without a process for it.
  void fault(String venue, String kind) throws IOException, InterruptedException {
    order("/venues/" + venue + "/fault", "{\"kind\":\"" + kind + "\"}");
  }

  /// As `everfeed heal` does.
  void heal(String venue) throws IOException, InterruptedException {
    order("/venues/" + venue + "/heal", "{}");
  }

  private void order(String path, String body) throws IOException, InterruptedException {
    HttpRequest order = HttpRequest.newBuilder(console.resolve(path))
        .timeout(ORDERED_WITHIN)
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = client.send(order, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IllegalStateException("demo: %s %s: %s".formatted(path, body, answer.body()));
      }
    }
  }

  /// What the demo has printed so far, standard output and standard error together.
  String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException("demo: cannot read its output " + output, e);
    }
  }

  Path outputFile() {
    return output;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// For signals and for looking at it from outside.
  long pid() {
    return process.pid();
  }

  /// SIGTERM, as Ctrl-C does, then 15 s, then SIGKILL. Does nothing the second time.
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOPS_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(leftovers);
    } catch (IllegalStateException e) {
      return; // the JVM is going down, so the hook has run or is running
    }
  }

  private void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(DIES_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String awaitWelcome() {
    long began = System.nanoTime();
    try {
      while (System.nanoTime() - began < COMES_UP_WITHIN.toNanos()) {
        String said = output();
        if (said.contains(LAST_LINE)) {
          return said;
        }
        if (process.waitFor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
          throw new IllegalStateException(
              "demo: ended with status %d before it was up; it said:%n%s"
                  .formatted(process.exitValue(), output()));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("demo: interrupted while it came up", e);
    }
    throw new IllegalStateException(
        "demo: not up after %d s (\"%s\" was not printed); stopped it; it said:%n%s"
            .formatted(COMES_UP_WITHIN.toSeconds(), LAST_LINE, output()));
  }

  private static URI address(Pattern pattern, String welcome) {
    Matcher matcher = pattern.matcher(welcome);
    if (!matcher.find()) {
      throw new IllegalStateException(
          "demo: its first lines do not match %s; they are:%n%s".formatted(pattern, welcome));
    }
    return URI.create(matcher.group(1));
  }
}
