package dev.everfeed.hub.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Runs one program to its end, with a bound on its time and on what is kept of its words.
final class ServerCommand {
  /// Of what a program prints, the end is what explains a failure.
  private static final int KEPT_BYTES = 4 << 10;

  private ServerCommand() {}

  /// @param exit   128 and more: ended by a signal, also ours when the time was up
  /// @param output the end of what it printed, both streams
  record Result(int exit, String output) {
    boolean succeeded() {
      return exit == 0;
    }
  }

  /// What every program of the server sees of our environment: nothing that changes what it
  /// does or in which language it says so.
  static ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    String path = environment.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
    environment.clear();
    environment.put("PATH", path);
    environment.put("LC_ALL", "C");
    environment.put("TZ", "UTC");
    // A folder that everybody may enter: the account may not be allowed into ours.
    return builder.directory(Path.of("/").toFile());
  }

  /// @throws IOException the program cannot be executed; the message names it and says why
  static Result run(List<String> command, Duration within)
      throws IOException, InterruptedException {
    Process process = builder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      // Ends the read below as well, for the pipe's other end goes with the processes.
      var ended = process
          .onExit()
          .orTimeout(within.toNanos(), TimeUnit.NANOSECONDS)
          .whenComplete((_, late) -> {
            if (late != null) {
              endAll(process);
            }
          });
      String output = end(process.getInputStream());
      int exit = process.waitFor();
      if (ended.isCompletedExceptionally()) {
        output +=
            "\n(ended by the hub: it had not finished after %d s)".formatted(within.toSeconds());
      }
      return new Result(exit, output.strip());
    } finally {
      endAll(process);
    }
  }

  private static void endAll(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static String end(InputStream in) throws IOException {
    byte[] kept = new byte[2 * KEPT_BYTES];
    int length = 0;
    for (int read; (read = in.read(kept, length, kept.length - length)) >= 0; ) {
      length += read;
      if (length == kept.length) {
        System.arraycopy(kept, KEPT_BYTES, kept, 0, KEPT_BYTES);
        length = KEPT_BYTES;
      }
    }
    int from = Math.max(0, length - KEPT_BYTES);
    return new String(kept, from, length - from, StandardCharsets.UTF_8);
  }
}
