package dev.everfeed.hub.runtime;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What systemd is to a service: another process with a datagram socket, on which it hears how
/// the service is. It is a Python program, because the JDK has no such socket.
final class Supervisor implements AutoCloseable {
  private static final String PROGRAM = """
      import json, socket, sys
      name = sys.argv[1]
      heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      heard.bind("\\0" + name[1:] if name.startswith("@") else name)
      print(json.dumps("bound"), flush=True)
      while True:
          print(json.dumps(heard.recv(65536).decode()), flush=True)
      """;

  private final String name;
  private final Process process;
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final List<String> past = new ArrayList<>();

  private Supervisor(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  /// @param name a path, or a name in the abstract namespace that begins with @
  /// @return null where there is no python3, which is said
  static @Nullable Supervisor listeningAt(String name) throws Exception {
    Process process;
    try {
      process = new ProcessBuilder("python3", "-c", PROGRAM, name)
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    } catch (IOException e) {
      System.out.println("not tested: sd_notify, for want of python3: " + e.getMessage());
      return null;
    }
    Supervisor made = new Supervisor(name, process);
    Thread.ofVirtual().start(made::read);
    made.await("bound");
    return made;
  }

  private void read() {
    var json = new com.fasterxml.jackson.databind.ObjectMapper();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        heard.add(json.readTree(line).asText());
      }
    } catch (IOException e) {
      heard.add("ended: " + e);
    }
  }

  /// What a process that it starts finds in its environment.
  Map<String, String> environment() {
    return Map.of("NOTIFY_SOCKET", name);
  }

  /// The same, of a process that is to give signs of life.
  Map<String, String> environment(long watchdogMicros) {
    return Map.of("NOTIFY_SOCKET", name, "WATCHDOG_USEC", Long.toString(watchdogMicros));
  }

  /// Waits for the next message that has this in it, and returns it.
  String await(String part) throws InterruptedException {
    while (true) {
      String message = heard.poll(30, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("not heard within 30 s: %s; heard: %s".formatted(part, past));
      }
      past.add(message);
      if (message.contains(part)) {
        return message;
      }
    }
  }

  /// Forgets what has been heard and not awaited.
  void forget() {
    heard.clear();
  }

  /// Everything that was awaited, or passed over meanwhile.
  List<String> past() {
    return past;
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
