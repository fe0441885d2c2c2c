package dev.everfeed.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.runtime.Hub;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `status --watch` in a process of its own on a pseudo-terminal of 62 columns and 24 lines, and
/// the page that it draws. The narrow one cuts the longest line of each page.
@Timeout(120)
class StatusWatchTest {
  /// Relays between a child on a pseudo-terminal and our pipes (Python's pty and termios).
  private static final String RELAY = """
      import fcntl, os, pty, select, signal, struct, sys, termios
      pid, fd = pty.fork()
      if pid == 0:
          # a build in the background ignores it, and what is ignored is inherited
          signal.signal(signal.SIGINT, signal.SIG_DFL)
          fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 62, 0, 0))
          os.execv(sys.argv[1], sys.argv[1:])
      while True:
          for ready in select.select([fd, 0], [], [])[0]:
              try:
                  data = os.read(ready, 65536)
              except OSError:
                  data = b''
              if not data:
                  os.close(fd)
                  sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 255)
              os.write(1 if ready == fd else fd, data)
      """;

  private static final String SCREEN = "\u001b[?1049h";
  private static final String SCREEN_BACK = "\u001b[?25h\u001b[?1049l";

  @TempDir
  Path folder;

  private @Nullable Process process;

  @AfterEach
  void end() throws InterruptedException {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      process.waitFor(10, TimeUnit.SECONDS);
    }
  }

  private Path output() {
    return folder.resolve("output");
  }

  private Process watching(int port, boolean terminal, String... environment) throws IOException {
    List<String> command = new ArrayList<>();
    if (terminal) {
      Path relay = folder.resolve("relay.py");
      Files.writeString(relay, RELAY);
      command.addAll(List.of("python3", relay.toString()));
    }
    command.addAll(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        "dev.everfeed.app.Everfeed",
        "status",
        "--watch",
        "--every",
        "200ms",
        "--url",
        "http://127.0.0.1:" + port));
    ProcessBuilder builder = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output().toFile());
    builder.environment().remove("NO_COLOR");
    for (String name : environment) {
      builder.environment().put(name, "1");
    }
    Process started = builder.start();
    process = started;
    return started;
  }

  private String awaited(String text) throws IOException, InterruptedException {
    Process running = process;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    String said = "";
    while (System.nanoTime() < end) {
      said = Files.readString(output());
      if (said.contains(text)) {
        return said;
      }
      assertThat(running != null && running.waitFor(50, TimeUnit.MILLISECONDS))
          .as("it goes on; it said %s", said)
          .isFalse();
    }
    throw new AssertionError("\"%s\" did not come; it said %s".formatted(text, said));
  }

  private static Hub hub(int port) throws InterruptedException {
    return Hub.start(Settings.parse("""
        http: {port: %d}
        store: {enabled: false}
        stream: {enabled: false}
        symbols: [BTC/USDT]
        sources:
          binance: {base_url: "http://127.0.0.1:9"}
          coingecko: {base_url: "http://127.0.0.1:9"}
          alternative_me: {enabled: false}
          coinbase_exchange: {enabled: false}
          coinbase_advanced: {enabled: false}
          kraken: {enabled: false}
          okx: {enabled: false}
          bybit: {enabled: false}
        """.formatted(port), Map.of()));
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private static boolean hasPython() {
    try {
      return new ProcessBuilder("python3", "-c", "import pty").start().waitFor() == 0;
    } catch (IOException _) {
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// From the first page over a hub that goes and comes back to Ctrl-C, which gives the screen
  /// back.
  @Test
  void itDrawsInPlaceSaysWhenTheHubIsGoneAndGivesTheScreenBack() throws Exception {
    assumeTrue(hasPython(), "a pseudo-terminal needs python3");
    int port = freePort();
    try (Hub first = hub(port)) {
      assertThat(first.port()).isEqualTo(port);
      watching(port, true);
      assertThat(awaited("SOURCE")).startsWith(SCREEN).contains("\u001b[?25l");
      awaited("binance");
    }
    awaited("no answer for 1 s, last seen ");
    awaited("no answer for 2 s, last seen ");
    int before = Files.readString(output()).length();
    try (Hub second = hub(port)) {
      assertThat(second.port()).isEqualTo(port);
      String frame = "";
      while (!frame.contains("hub http://127.0.0.1:%d: ".formatted(port))
          || frame.substring(frame.lastIndexOf("\u001b[H")).contains("no answer")) {
        frame = awaited("SOURCE").substring(before);
      }
      Process watching = Objects.requireNonNull(process);
      assertThat(Files.readString(output())).doesNotContain(SCREEN_BACK);
      watching.getOutputStream().write(3); // Ctrl-C, which the terminal makes a SIGINT of
      watching.getOutputStream().flush();
      assertThat(watching.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(watching.exitValue()).isEqualTo(130);
      assertThat(Files.readString(output())).endsWith(SCREEN_BACK);
    }
    String last = Files.readString(output());
    assertThat(last.substring(last.lastIndexOf("\u001b[H"), last.lastIndexOf("\u001b[J"))
            .split("\r+\n", -1)) // the terminal adds a return of its own
        .hasSizeLessThanOrEqualTo(24)
        .allSatisfy(line ->
            assertThat(line.replaceAll("\u001b\\[[0-9;?]*[A-Za-z]", "")).hasSizeLessThan(62))
        .anySatisfy(line -> assertThat(line).contains("…\u001b"));
    assertThat(last).contains("\u001b[33m"); // degraded: its sources are not there
  }

  @Test
  void noColorMeansNoColour() throws Exception {
    assumeTrue(hasPython(), "a pseudo-terminal needs python3");
    try (Hub hub = hub(0)) {
      watching(hub.port(), true, "NO_COLOR");
      assertThat(awaited("GAPS")).startsWith(SCREEN).doesNotContainPattern("\u001b\\[[0-9]+m");
    }
  }

  @Test
  void withoutATerminalPagesComeOneAfterTheOtherWithoutControlSequences() throws Exception {
    try (Hub hub = hub(0)) {
      watching(hub.port(), false);
      awaited("GAPS");
      String said = Files.readString(output());
      while (said.indexOf("GAPS") == said.lastIndexOf("GAPS")) {
        said = awaited("GAPS");
      }
      assertThat(said).doesNotContain("\u001b").contains("hub http://127.0.0.1:" + hub.port());
    }
  }

  /// As with `| head`: it ends by itself when nobody reads any more.
  @Test
  void aReaderThatGoesAwayEndsIt() throws Exception {
    try (Hub hub = hub(0)) {
      List<String> command = List.of(
          "sh",
          "-c",
          "\"$0\" -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp \"$1\" dev.everfeed.app.Everfeed"
              + " status --watch --every 100ms --url http://127.0.0.1:" + hub.port()
              + " | head -n 1",
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          System.getProperty("java.class.path"));
      Process piped = new ProcessBuilder(command).redirectErrorStream(true).start();
      process = piped;
      assertThat(piped.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(new String(piped.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("hub http://127.0.0.1:" + hub.port())
          .doesNotContain("Exception");
    }
  }

  private static StatusSource.Told told(int gateways) throws IOException {
    ObjectMapper json = new ObjectMapper();
    StringBuilder list = new StringBuilder("[");
    for (int i = 0; i < gateways; i++) {
      list.append(i == 0 ? "" : ",")
          .append(
              "{\"id\":\"source_%d\",\"transport\":\"poll\",\"state\":\"HEALTHY\",\"status\":\"ok\",\"reason\":null}"
                  .formatted(i));
    }
    JsonNode none = json.readTree("[]");
    return new StatusSource.Told(
        Instant.parse("2026-11-23T12:00:00Z"),
        json.readTree("{\"status\":\"degraded\",\"reasons\":[\"\\u001b[2Jevil\"],\"store\":{}}"),
        json.readTree(list.append(']').toString()),
        none,
        none,
        json.readTree("{}"),
        none,
        Map.of());
  }

  @Test
  void whatDoesNotFitIsCountedAndNothingMovesTheCursor() throws Exception {
    StatusPage page = new StatusPage(URI.create("http://hub"));
    Instant now = Instant.parse("2026-11-23T12:00:07Z");
    List<StatusPage.Line> lines = page.lines(told(30), null, null, now, 40, 20);
    assertThat(lines).hasSize(20).allSatisfy(line -> {
      assertThat(line.text().length()).isLessThanOrEqualTo(40);
      assertThat(line.text()).doesNotContain("\u001b");
    });
    // 20 lines: two above, one reason, five heads, and twelve for the sources
    assertThat(lines).extracting(StatusPage.Line::text).contains("  … 19 more");

    List<StatusPage.Line> gone =
        page.lines(told(1), "it is away", Instant.parse("2026-11-23T12:00:02Z"), now, 200, 50);
    assertThat(gone.getFirst().text())
        .isEqualTo("hub http://hub: no answer for 5 s, last seen 12:00:00 UTC (it is away)");
    assertThat(gone.getLast().tone()).isEqualTo(StatusPage.Tone.OLD);
    assertThat(page.lines(null, "it is away", now, now, 200, 50)).hasSize(1);
  }
}
