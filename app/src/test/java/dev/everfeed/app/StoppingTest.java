package dev.everfeed.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.hub.store.DataDirectory;
import dev.everfeed.hub.store.EmbeddedServer;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/// A hub in a process of its own, with its own PostgreSQL, is told to stop.
@Timeout(240)
class StoppingTest {
  private static final Pattern LISTENING = Pattern.compile(
      "listening on http://127\\.0\\.0\\.1:(\\d+), ZeroMQ on tcp://127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern ID = Pattern.compile("\"trade_id\":\"(\\d+)\"");

  @TempDir
  Path folder;

  private @Nullable Venues venues;
  private @Nullable Process process;

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(VenuesConfig.onFreePorts(InstantSource.system()));
  }

  @AfterEach
  void end() throws Exception {
    for (long pid : postgres()) {
      signal("KILL", pid);
    }
    Process running = process;
    if (running != null) {
      running.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
    if (venues != null) {
      venues.close();
    }
  }

  private Path log() {
    return folder.resolve("log");
  }

  private Path data() {
    return folder.resolve("data");
  }

  private String said() throws IOException {
    return Files.readString(log());
  }

  /// Returns when its database is up.
  private Matcher running(String deadline) throws Exception {
    LentPrograms.to(data());
    Path config = folder.resolve("everfeed.yaml");
    Venues at = Objects.requireNonNull(venues);
    StringBuilder sources = new StringBuilder();
    at.baseUrls()
        .forEach(
            (venue, url) -> sources.append("  %s: {base_url: \"%s\"}\n".formatted(venue, url)));
    Files.writeString(
        config,
        "http: {port: 0}\ndata_dir: \"%s\"\nshutdown_deadline: %s\nsources:\n%s"
            .formatted(data(), deadline, sources));
    ProcessBuilder builder = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx400m",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.everfeed.app.Everfeed",
            "run",
            "--config",
            config.toString())
        .redirectErrorStream(true)
        .redirectOutput(log().toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("EVERFEED_"));
    builder.environment().remove("DATABASE_URL");
    process = builder.start();
    Matcher listening = awaited(LISTENING);
    HttpClient client = HttpClient.newHttpClient();
    URI health = URI.create("http://127.0.0.1:" + listening.group(1) + "/health");
    String answer = "";
    while (!answer.contains("\"state\":\"up\"")) {
      answer = client
          .send(HttpRequest.newBuilder(health).build(), HttpResponse.BodyHandlers.ofString())
          .body();
      assertThat(process.waitFor(100, TimeUnit.MILLISECONDS)).as(said()).isFalse();
    }
    client.shutdownNow();
    return listening;
  }

  private Matcher awaited(Pattern pattern) throws Exception {
    Process running = Objects.requireNonNull(process);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (System.nanoTime() < end) {
      Matcher found = pattern.matcher(said());
      if (found.find()) {
        return found;
      }
      assertThat(running.waitFor(50, TimeUnit.MILLISECONDS)).as(said()).isFalse();
    }
    throw new AssertionError("%s did not come; it said %s".formatted(pattern, said()));
  }

  /// Of the hub's own PostgreSQL, the postmaster first.
  private List<Long> postgres() throws IOException {
    Path file = data().resolve("postgres/data/postmaster.pid");
    if (!Files.exists(file)) {
      return List.of();
    }
    long postmaster = Long.parseLong(Files.readAllLines(file).getFirst().strip());
    List<Long> all = new ArrayList<>();
    ProcessHandle.of(postmaster).ifPresent(server -> {
      all.add(postmaster);
      server.descendants().forEach(each -> all.add(each.pid()));
    });
    return all;
  }

  private static void signal(String name, long pid) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
  }

  private int ended(Duration within) throws Exception {
    Process running = Objects.requireNonNull(process);
    assertThat(running.waitFor(within.toMillis(), TimeUnit.MILLISECONDS))
        .as(said())
        .isTrue();
    return running.exitValue();
  }

  /// What a reader was given is in the database afterwards, and nothing else was accepted.
  @Test
  void itEndsInOrderAndWhatReadersWereGivenIsStored() throws Exception {
    Matcher listening = running("20s");
    Set<Long> given = new HashSet<>();
    try (ZContext context = new ZContext(1);
        ZMQ.Socket socket = context.createSocket(SocketType.SUB)) {
      socket.setHandshakeIvl(500);
      socket.setReceiveTimeOut(500);
      socket.connect("tcp://127.0.0.1:" + listening.group(2));
      socket.subscribe("trade|BTC/USDT|".getBytes(StandardCharsets.UTF_8));
      while (given.size() < 20) {
        take(socket, given);
      }
      Objects.requireNonNull(process).destroy(); // SIGTERM
      while (take(socket, given)) {}
    }
    assertThat(ended(Duration.ofSeconds(25))).isEqualTo(128 + 15);
    List<String> steps = new ArrayList<>();
    Matcher step = Pattern.compile("stopping (\\d): (\\w+): done in (\\d+) ms").matcher(said());
    while (step.find()) {
      steps.add(step.group(1) + " " + step.group(2));
    }
    assertThat(steps)
        .as(said())
        .containsExactly(
            "1 ready",
            "2 work",
            "3 venues",
            "4 readers",
            "5 journal",
            "6 store",
            "7 database",
            "8 loops");
    assertThat(said()).contains("hub: stopped in ");

    Set<Long> stored = new HashSet<>();
    try (DataDirectory mine = DataDirectory.open(data());
        EmbeddedServer server =
            new EmbeddedServer(mine.path().resolve("postgres"), System::nanoTime);
        Connection connection = server.start(EmbeddedServer.START_WITHIN).connect();
        Statement sql = connection.createStatement();
        ResultSet rows =
            sql.executeQuery("SELECT id::bigint FROM trade WHERE symbol = 'BTC/USDT'")) {
      while (rows.next()) {
        stored.add(rows.getLong(1));
      }
    }
    assertThat(stored).containsAll(given);
  }

  private static boolean take(ZMQ.Socket socket, Set<Long> given) {
    if (socket.recv() == null) {
      return false;
    }
    byte[] message = Objects.requireNonNull(socket.recv());
    Matcher id = ID.matcher(new String(message, StandardCharsets.UTF_8));
    if (id.find()) {
      given.add(Long.parseLong(id.group(1)));
    }
    return true;
  }

  @Test
  void aDatabaseThatHangsHoldsTheEndUpNoLongerThanTheDeadline() throws Exception {
    running("6s");
    for (long pid : postgres()) {
      signal("STOP", pid);
    }
    long began = System.nanoTime();
    Objects.requireNonNull(process).destroy();
    assertThat(ended(Duration.ofSeconds(20))).isEqualTo(Everfeed.NOT_IN_ORDER);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    assertThat(said())
        .contains("stopping 5: journal: done")
        .containsPattern("everfeed: stopped without .*; what was left is ended with the process")
        .containsPattern("hub: stopped in \\d+ ms \\(shutdown_deadline 6000 ms\\), without: ");
  }

  @Test
  void aSecondSignalDoesNotWait() throws Exception {
    running("2m");
    for (long pid : postgres()) {
      signal("STOP", pid);
    }
    Process hub = Objects.requireNonNull(process);
    hub.destroy();
    awaited(Pattern.compile("stopping 5: journal: done"));
    long began = System.nanoTime();
    hub.destroy();
    assertThat(ended(Duration.ofSeconds(10))).isEqualTo(Everfeed.NOT_IN_ORDER);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    assertThat(said()).contains("SIGTERM a second time");
  }
}
