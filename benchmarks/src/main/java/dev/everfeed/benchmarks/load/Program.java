package dev.everfeed.benchmarks.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A program that is measured beside the hub, in a process of its own. It says one number in a
/// line when it is up (its port, or 0), and one for each line that it is told: how many trades
/// it has had. It ends with its standard input.
public final class Program implements AutoCloseable {
  private static final Duration SAYS_WITHIN = Duration.ofSeconds(30);

  private final String name;
  private final Process process;
  private final BlockingQueue<Long> said = new LinkedBlockingQueue<>();

  /// @param name of its log in `benchmarks/target`
  public Program(String name, List<String> command, Map<String, String> environment)
      throws IOException {
    this.name = name;
    Path log = Files.createDirectories(Path.of("benchmarks/target")).resolve(name + ".log");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().putAll(environment);
    process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    Thread.ofPlatform().daemon().name(name).start(this::listen);
  }

  /// A main class of the benchmarks, under the options that the launcher gives the hub.
  public static Program java(String name, Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-Xms32m",
        "-Xmx512m",
        "--sun-misc-unsafe-memory-access=allow",
        "--enable-native-access=ALL-UNNAMED",
        "-Dlogback.configurationFile=logback-quiet.xml",
        "-cp",
        System.getProperty("java.class.path"),
        main.getName()));
    command.addAll(List.of(arguments));
    return new Program(name, command, Map.of());
  }

  private void listen() {
    try (BufferedReader says = new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line; (line = says.readLine()) != null; ) {
        if (line.matches("[0-9]+")) {
          said.add(Long.parseLong(line));
        }
      }
    } catch (IOException e) {
      // it is being ended
    }
  }

  /// The number that it says next; waits for it.
  public long number() throws IOException, InterruptedException {
    long until = System.nanoTime() + SAYS_WITHIN.toNanos();
    while (process.isAlive() && System.nanoTime() < until) {
      Long number = said.poll(100, TimeUnit.MILLISECONDS);
      if (number != null) {
        return number;
      }
    }
    throw new IOException("%s %s; it said last: %s"
        .formatted(
            name,
            process.isAlive()
                ? "has said nothing for %d s".formatted(SAYS_WITHIN.toSeconds())
                : "has ended",
            last()));
  }

  private String last() throws IOException {
    List<String> said = Files.readAllLines(Path.of("benchmarks/target", name + ".log"));
    return String.join(" / ", said.subList(Math.max(0, said.size() - 5), said.size()));
  }

  /// Trades that it has had.
  public long trades() throws IOException, InterruptedException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
    return number();
  }

  public Footprint footprint() {
    return new Footprint(process.toHandle());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
