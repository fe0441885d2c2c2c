package dev.everfeed.app.doctor;

import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.config.StreamSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/// What the operating system, or the container, allows a process, against what the hub is
/// configured to use. As told to this process: a service's unit can allow it other numbers.
final class LimitsCheck implements Check {
  private static final long MIB = 1L << 20;
  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final Path CGROUP = Path.of("/proc/self/cgroup");
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

  /// Libraries, the journal's and logs' files, the loops, the connections to sources (8 each, 8
  /// sources) and to the database; 256 connections that agree on their encryption.
  private static final int FILES_BESIDE_READERS = 556;

  /// Some forty of the hub and of the JVM, and PostgreSQL's processes, with room.
  private static final int THREADS = 200;

  /// Of the JVM beside its heap: code, classes, stacks, buffers of sockets; with room.
  private static final long JVM_MIB = 200;

  /// shared_buffers of the embedded server (64) and what its processes take beside that.
  private static final long POSTGRES_MIB = 160;

  private final Settings settings;

  LimitsCheck(Settings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return "limits";
  }

  @Override
  public List<Finding> look() throws IOException {
    if (!Files.isReadable(LIMITS)) {
      return List.of(Finding.skipped(name(), "there is no /proc here"));
    }
    List<String> limits = Files.readAllLines(LIMITS);
    List<Finding> findings = new ArrayList<>();
    findings.add(files(soft(limits, "Max open files")));
    findings.add(processes(soft(limits, "Max processes")));
    List<String> memory = Files.readAllLines(MEMORY);
    findings.add(memory(memoryLimit(), kib(memory, "MemTotal:") / 1_024));
    findings.add(swap(kib(memory, "SwapTotal:") / 1_024, kib(memory, "SwapFree:") / 1_024));
    return findings;
  }

  Finding files(long allowed) {
    StreamSettings stream = settings.stream();
    int readers = settings.http().maxConnections();
    int zeromq = stream.enabled() && stream.zeromq().enabled() ? 100 : 0;
    long wanted = (long) readers + stream.gateways().size() + zeromq + FILES_BESIDE_READERS;
    String what =
        "%s open files allowed; http.max_connections (%,d) and the rest of the hub want %,d"
            .formatted(shown(allowed), readers, wanted);
    return allowed < wanted
        ? Finding.fail(
            name(),
            what + ": connections will be refused before that many are open",
            "LimitNOFILE=%d in the systemd unit, `ulimit -n %d` before the start, or a smaller http.max_connections"
                .formatted(wanted * 2, wanted * 2))
        : Finding.ok(name(), what);
  }

  private Finding processes(long allowed) {
    String what = "%s processes and threads allowed to this user".formatted(shown(allowed));
    return allowed < THREADS
        ? Finding.warn(
            name(),
            what + "; the hub and its PostgreSQL want about %d".formatted(THREADS),
            "LimitNPROC (TasksMax) in the systemd unit, --pids-limit of the container, or `ulimit -u`")
        : Finding.ok(name(), what);
  }

  /// @param limitMib of the container or unit
  Finding memory(OptionalLong limitMib, long machineMib) {
    boolean embedded = settings.store().enabled() && settings.store().url() == null;
    long heap = Runtime.getRuntime().maxMemory() / MIB;
    long wanted = heap + JVM_MIB + (embedded ? POSTGRES_MIB : 0);
    long there = Math.min(limitMib.orElse(Long.MAX_VALUE), machineMib);
    String what = "%,d MiB of memory%s; heap (%,d), the JVM beside it (%d)%s want %,d"
        .formatted(
            there,
            limitMib.isPresent() && limitMib.getAsLong() < machineMib
                ? " (limit of the control group; the machine has %,d)".formatted(machineMib)
                : "",
            heap,
            JVM_MIB,
            embedded ? " and PostgreSQL (%d)".formatted(POSTGRES_MIB) : "",
            wanted);
    return there < wanted
        ? Finding.warn(
            name(),
            what + ": the kernel may end the hub when it uses them",
            "MemoryMax= or --memory of %d MiB, or a smaller heap: EVERFEED_JAVA_OPTS=-Xmx…"
                .formatted(wanted))
        : Finding.ok(name(), what);
  }

  private Finding swap(long totalMib, long freeMib) {
    long used = totalMib - freeMib;
    String what =
        totalMib == 0 ? "no swap" : "%,d of %,d MiB of swap are used".formatted(used, totalMib);
    return totalMib > 0 && used > totalMib / 2
        ? Finding.warn(
            name(),
            what + ": a hub whose memory is swapped out is late by seconds",
            "more memory, or `sysctl vm.swappiness=1`")
        : Finding.ok(name(), what);
  }

  private static String shown(long limit) {
    return limit == Long.MAX_VALUE ? "any number of" : "%,d".formatted(limit);
  }

  /// The second column, which counts (proc(5), /proc/pid/limits).
  private static long soft(List<String> limits, String name) {
    for (String line : limits) {
      if (line.startsWith(name)) {
        String value = line.substring(name.length()).strip().split("\\s+", -1)[0];
        return value.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(value);
      }
    }
    return Long.MAX_VALUE;
  }

  private static long kib(List<String> memory, String name) {
    for (String line : memory) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.substring(name.length())
            .toLowerCase(Locale.ROOT)
            .replace("kb", "")
            .strip());
      }
    }
    return 0;
  }

  /// The smallest limit from this process's control group up to the root: version 2's
  /// `memory.max`, version 1's `memory.limit_in_bytes` (docs.kernel.org, cgroup-v2 and memory).
  private static OptionalLong memoryLimit() throws IOException {
    if (!Files.isReadable(CGROUP)) {
      return OptionalLong.empty();
    }
    long smallest = Long.MAX_VALUE;
    for (String line : Files.readAllLines(CGROUP)) {
      String[] parts = line.split(":", 3);
      if (parts.length < 3) {
        continue;
      }
      boolean second = parts[1].isEmpty();
      if (!second && !List.of(parts[1].split(",", -1)).contains("memory")) {
        continue;
      }
      Path root = second ? CGROUPS : CGROUPS.resolve("memory");
      String file = second ? "memory.max" : "memory.limit_in_bytes";
      Path group = root.resolve(parts[2].substring(1)).normalize();
      for (; group != null && group.startsWith(root); group = group.getParent()) {
        smallest = Math.min(smallest, limit(group.resolve(file)));
      }
    }
    return smallest >= Long.MAX_VALUE / 2 ? OptionalLong.empty() : OptionalLong.of(smallest / MIB);
  }

  private static long limit(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      return Long.MAX_VALUE;
    }
    String text = Files.readString(file).strip();
    return text.equals("max") ? Long.MAX_VALUE : Long.parseLong(text);
  }
}
