package dev.everfeed.benchmarks.kills;

import dev.everfeed.simulator.SimulatorMain;
import dev.everfeed.simulator.fault.ConsoleClient;
import dev.everfeed.simulator.fault.ConsoleRefused;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// One simulated server in a process of its own, to be killed, stopped and started again on the
/// same port. For one thread at a time.
final class LineProcess implements AutoCloseable {
  private static final int WARM_UP_TIMES = 3;
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  private static volatile boolean ending;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      ending = true;
      RUNNING.forEach(Process::destroyForcibly);
    }));
  }

  private final String name;
  private final List<String> arguments;
  private Process process;
  private URI url;
  private ConsoleClient console;

  /// Returns when it listens.
  ///
  /// @param name of the one venue or line that it serves
  /// @param arguments of [SimulatorMain], all but the port
  LineProcess(String name, List<String> arguments) throws IOException {
    this.name = name;
    this.arguments = List.copyOf(arguments);
    Started started = start(0);
    process = started.process;
    url = started.url;
    console = warmedUp(started.console);
  }

  private record Started(Process process, URI url, URI console) {}

  private Started start(int port) throws IOException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Xmx256m",
        "--sun-misc-unsafe-memory-access=allow",
        "-Dlogback.configurationFile=logback-quiet.xml",
        "-cp",
        System.getProperty("java.class.path"),
        SimulatorMain.class.getName()));
    command.addAll(arguments);
    command.addAll(List.of("--port", Integer.toString(port)));
    Process begun = new ProcessBuilder(command).redirectErrorStream(true).start();
    RUNNING.add(begun);
    if (ending) {
      begun.destroyForcibly(); // the hook may have been through
    }
    BufferedReader out = begun.inputReader(StandardCharsets.UTF_8);
    var said = new StringBuilder();
    URI consoleUrl = null;
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      said.append(line).append('\n');
      if (line.startsWith("console ")) {
        consoleUrl = URI.create(line.substring("console".length()).strip());
      } else if (line.startsWith(name + " ") && consoleUrl != null) {
        return new Started(begun, URI.create(line.substring(name.length()).strip()), consoleUrl);
      }
    }
    throw new IOException(name + " ended before it listened; it said " + said);
  }

  String name() {
    return name;
  }

  URI url() {
    return url;
  }

  /// `ws://…`.
  String streamUrl() {
    return url.toString().replaceFirst("^http", "ws");
  }

  /// SIGKILL; returns when it is gone.
  void kill() throws IOException, InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      throw new IOException("still there 10 s after SIGKILL: " + process);
    }
    RUNNING.remove(process);
  }

  /// On the port that it had.
  void startAgain() throws IOException {
    console.close();
    Started started = start(url.getPort());
    process = started.process;
    url = started.url;
    console = warmedUp(started.console);
  }

  /// The first call of a process may take half a second, on the loop that serves the line; where
  /// several processes start at once on few cores, even longer than the client waits.
  private ConsoleClient warmedUp(URI at) throws IOException {
    ConsoleClient client = new ConsoleClient(at);
    ConsoleRefused last = null;
    for (int times = 0; times < WARM_UP_TIMES; times++) {
      try {
        client.heal(name);
        return client;
      } catch (ConsoleRefused e) {
        last = e;
        System.err.printf("kills: the console of %s: %s%n", name, e.getMessage());
      }
    }
    throw new IOException(last);
  }

  /// `STOP` or `CONT`.
  void signal(String signal) throws IOException, InterruptedException {
    int code = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
        .start()
        .waitFor();
    if (code != 0) {
      throw new IOException("kill -%s %d failed".formatted(signal, process.pid()));
    }
  }

  /// Returns when it is in force.
  void fault(FaultKind kind, Duration lasting) throws IOException {
    try {
      console.fault(name, FaultOrder.of(kind).lasting(lasting));
    } catch (ConsoleRefused e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    RUNNING.remove(process);
    console.close();
  }
}
