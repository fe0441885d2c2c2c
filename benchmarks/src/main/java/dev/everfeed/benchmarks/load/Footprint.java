package dev.everfeed.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// What a process takes of the machine, as the operating system counts it.
public record Footprint(ProcessHandle process) {
  /// Processor time since its start, user and kernel, in seconds; 0 where nothing tells.
  public double cpuSeconds() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }

  /// Resident memory now, in KiB; -1 where there is no /proc.
  public long residentKib() {
    return status("VmRSS:");
  }

  /// The most that was resident at once since its start, in KiB; -1 where there is no /proc.
  public long mostResidentKib() {
    return status("VmHWM:");
  }

  private long status(String field) {
    Path status = Path.of("/proc/" + process.pid() + "/status");
    if (!Files.exists(status)) {
      return -1;
    }
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith(field))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(-1);
    } catch (IOException e) {
      throw new UncheckedIOException("process " + process.pid() + " has ended", e);
    }
  }
}
