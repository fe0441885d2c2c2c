package dev.everfeed.hub.store;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A hub's start of its server in a JVM of its own, so that it can be killed or be another user.
///
/// It prints `ready PID PORT`, and ends when its input does: in order if it reads `stop`, else
/// leaving the server behind.
final class ChildHub implements AutoCloseable {
  final Process process;
  final String answer;

  private ChildHub(Process process, String answer) {
    this.process = process;
    this.answer = answer;
  }

  /// @param prefix before `java`
  /// @return when it is ready, or has given up
  static ChildHub start(List<String> prefix, String classPath, Path folder) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx256m",
        "-cp",
        classPath,
        ChildHub.class.getName(),
        folder.toString()));
    Process process = new ProcessBuilder(command)
        .directory(Path.of("/").toFile())
        .redirectErrorStream(true)
        .start();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder seen = new StringBuilder();
    for (String line; (line = lines.readLine()) != null; ) {
      if (line.startsWith("ready ") || line.startsWith("refused ")) {
        return new ChildHub(process, line);
      }
      seen.append(line).append('\n');
    }
    return new ChildHub(process, "ended: " + seen);
  }

  long serverPid() {
    return Long.parseLong(answer.split(" ", -1)[1]);
  }

  int port() {
    return Integer.parseInt(answer.split(" ", -1)[2]);
  }

  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  void stop() throws IOException, InterruptedException {
    process.getOutputStream().write("stop\n".getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    process.waitFor(60, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /// The class path in a place that every user can read.
  static String copyClassPath(Path folder) throws IOException {
    List<String> copied = new ArrayList<>();
    int number = 0;
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path from = Path.of(entry);
      if (entry.isEmpty() || !Files.exists(from)) {
        continue;
      }
      Path to = folder.resolve(number++ + "-" + from.getFileName());
      try (var all = Files.walk(from)) {
        for (Path path : (Iterable<Path>) all::iterator) {
          Path target =
              from.equals(path) ? to : to.resolve(from.relativize(path).toString());
          if (Files.isDirectory(path)) {
            Files.createDirectories(target);
            Files.setPosixFilePermissions(target, Folders.READABLE);
          } else {
            Files.copy(path, target);
            Files.setPosixFilePermissions(target, Folders.READABLE);
          }
        }
      }
      copied.add(to.toString());
    }
    return String.join(File.pathSeparator, copied);
  }

  public static void main(String[] arguments) throws Exception {
    try (DataDirectory data = DataDirectory.open(Path.of(arguments[0]))) {
      EmbeddedServer server = new EmbeddedServer(data.path().resolve("postgres"), System::nanoTime);
      DatabaseAddress address = server.start(EmbeddedServer.START_WITHIN);
      System.out.printf(
          "ready %d %d%n", server.process().pid(), address.hosts().getFirst().port());
      String said =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
      if ("stop".equals(said)) {
        server.stop();
      }
    } catch (DataDirectoryInUseException | EmbeddedServerException refusal) {
      System.out.println("refused " + refusal.getMessage());
    }
  }
}
