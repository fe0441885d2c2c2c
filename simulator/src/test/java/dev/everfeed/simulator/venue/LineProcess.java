package dev.everfeed.simulator.venue;

import dev.everfeed.simulator.SimulatorMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// One line in a process of its own, to be killed and stopped. A test that dies leaves none
/// behind: a shutdown hook ends it.
final class LineProcess implements AutoCloseable {
  private final Process process;
  private final Thread leftover;
  private final URI url;

  /// Returns when it listens.
  ///
  /// @param name of the one line that it serves
  LineProcess(String name, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(SimulatorMain.class.getName());
    command.addAll(List.of(arguments));
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    leftover = new Thread(process::destroyForcibly, "leftover-" + name);
    Runtime.getRuntime().addShutdownHook(leftover);
    try {
      url = awaitUrl(name);
    } catch (IOException | RuntimeException e) {
      kill();
      throw e;
    }
  }

  private URI awaitUrl(String name) throws IOException {
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    var said = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      said.append(line).append('\n');
      if (line.startsWith(name + " ")) {
        return URI.create(line.substring(name.length()).strip());
      }
    }
    throw new IOException(name + " ended before it listened; it said " + said);
  }

  URI url() {
    return url;
  }

  /// `STOP` or `CONT`.
  void signal(String name) throws IOException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    try {
      if (kill.waitFor() != 0) {
        throw new IOException("kill -%s %d failed".formatted(name, process.pid()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /// SIGKILL; returns when it is gone.
  void kill() throws IOException {
    process.destroyForcibly();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new IOException("still there 10 s after SIGKILL: " + process);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    kill();
    Runtime.getRuntime().removeShutdownHook(leftover);
  }
}
