package dev.everfeed.benchmarks.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/// Where another JVM spends its time, by its own Flight Recorder: samples of running threads,
/// each counted for the method on top of its stack.
public final class Profile implements AutoCloseable {
  private static final int METHODS = 12;

  private final long pid;
  private final Path file;
  private boolean isStopped;

  /// Begins to record.
  public Profile(long pid, String name) throws IOException, InterruptedException {
    this.pid = pid;
    file = Path.of("benchmarks/target", name + ".jfr").toAbsolutePath();
    Files.deleteIfExists(file);
    jcmd("JFR.start", "name=" + name, "settings=profile", "filename=" + file);
  }

  private void jcmd(String... command) throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    ProcessBuilder builder = new ProcessBuilder(jcmd, Long.toString(pid));
    builder.command().addAll(List.of(command));
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("jcmd " + command[0] + ": " + said);
    }
  }

  /// Ends the recording; one line for each thread with a tenth of the samples or more: its
  /// share, and that of its methods.
  public String lines() throws IOException, InterruptedException {
    close();
    Map<String, Map<String, Integer>> byThread = new LinkedHashMap<>();
    int all = 0;
    for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
      String kind = event.getEventType().getName();
      RecordedStackTrace stack = event.getStackTrace();
      if (stack == null
          || stack.getFrames().isEmpty()
          || !(kind.equals("jdk.ExecutionSample") || kind.equals("jdk.NativeMethodSample"))) {
        continue;
      }
      RecordedThread thread = event.getThread("sampledThread");
      RecordedFrame top = stack.getFrames().getFirst();
      String method = top.getMethod().getType().getName().replaceFirst(".*[.]", "") + "."
          + top.getMethod().getName();
      if (isWaiting(method)) {
        continue;
      }
      byThread
          .computeIfAbsent(thread.getJavaName(), _ -> new LinkedHashMap<>())
          .merge(method, 1, Integer::sum);
      all++;
    }
    StringBuilder lines = new StringBuilder();
    for (Map.Entry<String, Map<String, Integer>> thread : byThread.entrySet()) {
      int samples =
          thread.getValue().values().stream().mapToInt(Integer::intValue).sum();
      if (samples * 10 >= all) {
        lines.append("- `%s`, %d %% of %,d samples: %s%n"
            .formatted(
                thread.getKey(), samples * 100 / all, all, methods(thread.getValue(), samples)));
      }
    }
    return lines.toString();
  }

  /// A native method in which nothing is done.
  private static boolean isWaiting(String method) {
    return method.equals("EPoll.wait") || method.equals("Net.poll") || method.equals("Net.accept");
  }

  private static String methods(Map<String, Integer> counted, int samples) {
    return counted.entrySet().stream()
        .sorted(Comparator.comparingInt(entry -> -entry.getValue()))
        .limit(METHODS)
        .map(entry -> String.format(
            Locale.ROOT, "`%s` %.0f %%", entry.getKey(), entry.getValue() * 100.0 / samples))
        .collect(Collectors.joining(", "));
  }

  /// Ends the recording; the file stays.
  @Override
  public void close() throws IOException {
    if (!isStopped) {
      isStopped = true;
      try {
        jcmd("JFR.stop", "name=" + file.getFileName().toString().replace(".jfr", ""));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
