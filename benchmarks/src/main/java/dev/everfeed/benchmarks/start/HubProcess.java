package dev.everfeed.benchmarks.start;

import dev.everfeed.benchmarks.load.Exchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/// `./everfeed run --config FILE` as a user starts it, in a process of its own.
final class HubProcess implements AutoCloseable {
  private static final long UP_WITHIN_NANOS = Duration.ofSeconds(30).toNanos();
  private static final long ASK_EVERY_NANOS = 2_000_000L;

  private final Process process;
  private final Path output;
  private final int port;
  private final long startedAtNanos;

  /// @param configuration all but the port
  HubProcess(String configuration) throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path folder = Files.createDirectories(Path.of("benchmarks/target"));
    Path file = folder.resolve("start.yaml");
    Files.writeString(file, "http: {port: " + port + "}\n" + configuration);
    output = folder.resolve("start.log");
    ProcessBuilder builder = new ProcessBuilder("./everfeed", "run", "--config", file.toString())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile());
    builder.environment().put("EVERFEED_NO_REBUILD", "1");
    startedAtNanos = System.nanoTime();
    process = builder.start();
  }

  int port() {
    return port;
  }

  /// Nanoseconds from the start of the process until an answer is as wanted.
  long until(String path, Predicate<Exchange.Answer> wanted) throws IOException {
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
    throw new IOException("%s: not as wanted after %d s; the hub said:%n%s"
        .formatted(path, UP_WITHIN_NANOS / 1_000_000_000L, Files.readString(output)));
  }

  /// Resident memory now, in KiB; -1 where there is no /proc.
  long residentKib() {
    Path status = Path.of("/proc/" + process.pid() + "/status");
    if (!Files.exists(status)) {
      return -1;
    }
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(-1);
    } catch (IOException e) {
      throw new UncheckedIOException("the hub has ended", e);
    }
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("the hub did not stop within 10 s");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
