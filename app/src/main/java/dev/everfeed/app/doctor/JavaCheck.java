package dev.everfeed.app.doctor;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Collectors;

/// The Java that this runs on, which is the hub's: one launcher starts both.
final class JavaCheck implements Check {
  private static final int NEEDED = 25;
  private static final long MIB = 1L << 20;

  /// With less the log of what was published (`stream.log_mib`, 64) leaves too little.
  private static final long HEAP_MIN_BYTES = 192 * MIB;

  @Override
  public String name() {
    return "java";
  }

  @Override
  public List<Finding> look() {
    long heap = Runtime.getRuntime().maxMemory();
    String what = "Java %s (%s), heap at most %,d MiB, collectors %s"
        .formatted(
            Runtime.version(),
            System.getProperty("java.vendor"),
            heap / MIB,
            ManagementFactory.getGarbageCollectorMXBeans().stream()
                .map(GarbageCollectorMXBean::getName)
                .collect(Collectors.joining(", ")));
    if (Runtime.version().feature() < NEEDED) {
      return List.of(Finding.fail(name(), what, "install a JDK %d or newer".formatted(NEEDED)));
    }
    if (heap < HEAP_MIN_BYTES) {
      return List.of(Finding.warn(
          name(),
          what
              + "; %,d MiB are the least for the log of what was published"
                  .formatted(HEAP_MIN_BYTES / MIB),
          "EVERFEED_JAVA_OPTS=-Xmx512m, or more memory for the machine"));
    }
    return List.of(Finding.ok(name(), what));
  }
}
