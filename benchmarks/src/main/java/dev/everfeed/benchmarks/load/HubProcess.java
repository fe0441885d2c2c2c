package dev.everfeed.benchmarks.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// `./everfeed run --config FILE` as a user starts it, in a process of its own.
public final class HubProcess implements AutoCloseable {
  private static final long UP_WITHIN_NANOS = Duration.ofSeconds(30).toNanos();
  private static final long ASK_EVERY_NANOS = 2_000_000L;
  private static final int LINES_SHOWN = 30;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final Path output;
  private final int port;
  private final long startedAtNanos;

  /// @param name of its files in `benchmarks/target`
  /// @param configuration all but the port
  /// @param javaOptions further ones for its JVM, with a space between two; may be empty
  public HubProcess(String name, String configuration, String javaOptions) throws IOException {
    this(name, "", configuration, javaOptions);
  }

  /// @param http further settings of `http`, such as `max_connections: 5000`; may be empty
  public HubProcess(String name, String http, String configuration, String javaOptions)
      throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path folder = Files.createDirectories(Path.of("benchmarks/target"));
    Path file = folder.resolve(name + ".yaml");
    Files.writeString(
        file,
        "http: {port: %d%s}%n%s".formatted(port, http.isEmpty() ? "" : ", " + http, configuration));
    output = folder.resolve(name + ".log");
    ProcessBuilder builder = new ProcessBuilder("./everfeed", "run", "--config", file.toString())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile());
    builder.environment().put("EVERFEED_NO_REBUILD", "1");
    builder.environment().put("EVERFEED_JAVA_OPTS", javaOptions);
    startedAtNanos = System.nanoTime();
    process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(this::end));
  }

  public int port() {
    return port;
  }

  /// Nanoseconds from the start of the process until an answer is as wanted.
  public long until(String path, Predicate<Exchange.Answer> wanted) throws IOException {
    while (System.nanoTime() - startedAtNanos < UP_WITHIN_NANOS && process.isAlive()) {
      try (Exchange exchange = new Exchange(port)) {
        do {
          if (wanted.test(exchange.get(path))) {
            return System.nanoTime() - startedAtNanos;
          }
          LockSupport.parkNanos(ASK_EVERY_NANOS);
        } while (System.nanoTime() - startedAtNanos < UP_WITHIN_NANOS);
      } catch (IOException e) {
        LockSupport.parkNanos(ASK_EVERY_NANOS); // it does not listen yet
      }
    }
    throw failed("%s: not as wanted after %d s".formatted(path, UP_WITHIN_NANOS / 1_000_000_000L));
  }

  /// What it answers now, which must be JSON.
  public JsonNode json(String path) throws IOException {
    return JSON.readTree(text(path));
  }

  /// What it answers now.
  public String text(String path) throws IOException {
    try (Exchange exchange = new Exchange(port)) {
      return exchange.get(path).body();
    }
  }

  /// With the last that the hub has said.
  public IOException failed(String what) throws IOException {
    List<String> said = Files.readAllLines(output);
    return new IOException("%s; the hub said last:%n%s"
        .formatted(
            what,
            String.join("\n", said.subList(Math.max(0, said.size() - LINES_SHOWN), said.size()))));
  }

  /// Of the hub alone, without its database.
  public Footprint footprint() {
    return new Footprint(process.toHandle());
  }

  /// Resident memory now, in KiB; -1 where there is no /proc.
  public long residentKib() {
    return footprint().residentKib();
  }

  /// The most that was resident at once since its start, in KiB; -1 where there is no /proc.
  public long mostResidentKib() {
    return footprint().mostResidentKib();
  }

  /// Processor time since its start of the hub alone, in seconds; 0 where nothing tells.
  public double cpuSeconds() {
    return footprint().cpuSeconds();
  }

  /// The same of what it has started, which is its database: of the processes that run now.
  public double cpuSecondsOfItsOwn() {
    try (Stream<ProcessHandle> started = process.descendants()) {
      List<ProcessHandle> all = started.toList();
      return all.stream().map(Footprint::new).mapToDouble(Footprint::cpuSeconds).sum();
    }
  }

  /// @throws IOException when it did not stop by itself
  @Override
  public void close() throws IOException {
    if (!end()) {
      throw failed("the hub did not stop within 10 s and was killed");
    }
  }

  /// Leaves nothing behind: a hub that does not end is killed, and its database with it. True
  /// when that was not needed.
  private boolean end() {
    List<ProcessHandle> started;
    try (Stream<ProcessHandle> all = process.descendants()) {
      started = all.toList();
    }
    process.destroy();
    boolean ended = false;
    try {
      ended = process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      process.destroyForcibly();
      started.forEach(ProcessHandle::destroyForcibly);
    }
    return ended;
  }
}
