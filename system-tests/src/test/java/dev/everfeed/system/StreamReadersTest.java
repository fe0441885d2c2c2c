package dev.everfeed.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Readers in Python and JavaScript, each a process with nothing of ours but the documented
/// interface, while the active line of a venue fails in one way after the other: from the numbers
/// alone they prove that nothing was lost, doubled or out of order, since the venue's other lines
/// brought what this one did not.
///
/// A minute and a quarter; `-Deverfeed.readers.seconds=600` goes on for longer, with the faults
/// again and
/// again.
class StreamReadersTest {
  private static final int SECONDS = Integer.getInteger("everfeed.readers.seconds", 75);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(45);
  private static final Pattern ZEROMQ = Pattern.compile("tcp://127\\.0\\.0\\.1:\\d+");

  /// In this order, each for a while; what ends a connection comes later, since the hub waits
  /// longer from time to time before it connects again.
  private static final List<String> FAULTS = List.of(
      "gap",
      "duplicate",
      "reorder",
      "silent",
      "garbage",
      "disconnect",
      "stall",
      "close",
      "giant",
      "reset",
      "bomb",
      "shutdown",
      "half-open",
      "refuse");

  private static final Duration FAULT_LASTS = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final Duration LOOKS = Duration.ofMillis(200);

  private final ObjectMapper json = new ObjectMapper();

  @Test
  @Timeout(value = 3_600, unit = TimeUnit.SECONDS)
  void theNumbersProveThatNothingWasLostWhateverTheActiveLineDoes() throws Exception {
    List<String> ordered = new ArrayList<>();
    try (DemoProcess demo = new DemoProcess("readers")) {
      Map<String, Process> readers = new LinkedHashMap<>();
      try {
        start(readers, demo);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS - 8);
        for (int i = 0; System.nanoTime() < end; i++) {
          pass(PAUSE);
          while (!isHealthy(demo) && System.nanoTime() < end) {
            pass(LOOKS);
          }
          String fault = FAULTS.get(i % FAULTS.size());
          demo.fault("binance", fault);
          ordered.add(fault);
          pass(FAULT_LASTS);
          demo.heal("binance");
        }
        for (Map.Entry<String, Process> reader : readers.entrySet()) {
          assertThat(reader.getValue().waitFor(ENDS_WITHIN.toSeconds() + SECONDS, TimeUnit.SECONDS))
              .as(
                  "%s ends after %d s; it said: %s",
                  reader.getKey(), SECONDS, said(reader.getKey()))
              .isTrue();
        }
      } finally {
        readers.values().forEach(Process::destroyForcibly);
      }
      for (Map.Entry<String, Process> reader : readers.entrySet()) {
        check(reader.getKey(), reader.getValue().exitValue());
      }
    }
    System.out.println("faults: " + ordered);
    assertThat(ordered).contains("gap", "duplicate", "reorder", "silent", "garbage", "disconnect");
  }

  private static boolean isHealthy(DemoProcess demo) throws Exception {
    for (JsonNode gateway : Asking.get(demo.hub().resolve("/v1/gateways")).get("gateways")) {
      if (gateway.get("transport").asText().equals("stream")
          && gateway.get("id").asText().equals("binance")) {
        return gateway.get("state").asText().equals("HEALTHY");
      }
    }
    throw new AssertionError("no gateway that streams is called binance");
  }

  private void start(Map<String, Process> readers, DemoProcess demo) throws Exception {
    String url = demo.hub().toString();
    String seconds = Integer.toString(SECONDS);
    String python = Interpreters.python();
    if (python != null) {
      run(readers, "python", python, "system-tests/readers/seq.py", url, seconds);
      if (Interpreters.hasPyzmq(python)) {
        Matcher zeromq = ZEROMQ.matcher(demo.output());
        assertThat(zeromq.find())
            .as("the demo says where ZeroMQ readers connect")
            .isTrue();
        run(readers, "zeromq", python, "system-tests/readers/seq.py", url, seconds, zeromq.group());
      }
    }
    List<String> node = Interpreters.node();
    if (!node.isEmpty()) {
      List<String> command = new ArrayList<>(node);
      command.addAll(List.of("system-tests/readers/seq.mjs", url, seconds));
      run(readers, "node", command.toArray(String[]::new));
    }
    assertThat(readers).as("readers that could be started").isNotEmpty();
  }

  private static void run(Map<String, Process> readers, String name, String... command)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command)
        .directory(DemoProcess.project().toFile())
        .redirectErrorStream(true)
        .redirectOutput(output(name).toFile());
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    readers.put(name, builder.start());
  }

  private static Path output(String name) {
    return DemoProcess.project().resolve("system-tests/target/reader-" + name + ".log");
  }

  private static String said(String name) throws IOException {
    return Files.readString(output(name));
  }

  private void check(String name, int exit) throws IOException {
    String said = said(name).strip();
    assertThat(exit).as("%s said: %s", name, said).isZero();
    JsonNode seen = json.readTree(said.substring(said.lastIndexOf('\n') + 1));
    System.out.println(name + ": " + seen);
    assertThat(seen.get("wrong")).as("%s: %s", name, seen).isEmpty();
    assertThat(seen.get("trades").asInt()).as("%s: %s", name, seen).isGreaterThan(SECONDS / 2);
    assertThat(seen.get("declared").asInt())
        .as("lost, though two lines were well, by %s: %s", name, seen)
        .isZero();
  }

  private static void pass(Duration time) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
  }
}
