package dev.everfeed.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// What a reader does with a hub that runs: asks over HTTP, gives commands, and asks again until
/// it is so.
final class Asking {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(10);
  private static final Duration DONE_WITHIN = Duration.ofSeconds(60);

  private Asking() {}

  /// Whatever its status.
  static JsonNode get(URI uri) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(ANSWERED_WITHIN).build();
    return JSON.readTree(
        CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  /// `./everfeed` with these arguments: its output and its errors, as they came.
  ///
  /// @param exit the status that it must end with
  static String everfeed(int exit, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(DemoProcess.launcher()));
    command.addAll(Arrays.asList(arguments));
    Path output = Files.createTempFile("everfeed", ".out");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("EVERFEED_NO_REBUILD", "1");
    builder.environment().put("EVERFEED_JAVA_OPTS", DemoProcess.BRIEF);
    Process process = builder.start();
    boolean ended = process.waitFor(DONE_WITHIN.toSeconds(), TimeUnit.SECONDS);
    String said = Files.readString(output);
    Files.delete(output);
    process.destroyForcibly();
    assertThat(ended).as("%s ends within %s", command, DONE_WITHIN).isTrue();
    assertThat(process.exitValue()).as("%s said: %s", command, said).isEqualTo(exit);
    return said;
  }

  /// Asks fifty times a second, as a reader would; each question is a round trip over a real
  /// socket.
  static void eventually(Callable<Boolean> condition) throws Exception {
    eventually("so", Duration.ofMillis(20), condition);
  }

  /// @param what for the message when it is not so after 60 s
  static void eventually(String what, Duration every, Callable<Boolean> condition)
      throws Exception {
    long until = System.nanoTime() + DONE_WITHIN.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not %s after %s".formatted(what, DONE_WITHIN));
      }
      LockSupport.parkNanos(every.toNanos());
    }
  }
}
