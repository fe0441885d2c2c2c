package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.config.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the supervisor hears, on a real datagram socket of another process.
@Timeout(90)
class SupervisionTest {
  @TempDir
  private Path folder;

  @Test
  void theSupervisorHearsThatTheHubServesThatItLivesAndThatItStops() throws Exception {
    try (Supervisor supervisor = Supervisor.listeningAt(folder.resolve("notify").toString());
        Hub hub = Hub.start(settings())) {
      assumeTrue(supervisor != null);
      Supervision supervision = Supervision.of(hub, supervisor.environment(1_000_000));
      String first = supervisor.await("READY=1");
      assertThat(first.lines())
          .containsSequence(
              "READY=1", "WATCHDOG=1", "STATUS=serving on 127.0.0.1:%d".formatted(hub.port()));
      supervisor.await("WATCHDOG=1");
      supervisor.await("WATCHDOG=1");

      supervision.close();
      supervision.close();
      supervisor.await("STOPPING=1");
      assertThat(supervisor.past()).filteredOn(said -> said.contains("READY=1")).hasSize(1);
    }
  }

  /// The process is there, answers its signals, and does nothing: what only a restart heals.
  @Test
  void thereIsNoSignOfLifeWhileTheLoopOfTheHubHangs() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (Supervisor supervisor = Supervisor.listeningAt("@everfeed-" + UUID.randomUUID());
        Hub hub = Hub.start(settings())) {
      assumeTrue(supervisor != null);
      Supervision supervision = Supervision.of(hub, supervisor.environment(1_000_000));
      supervisor.await("WATCHDOG=1");

      hub.ask(Query.Prices.of(Symbol.of("BTC/USDT"))).onComplete(_ -> {
        hanging.countDown();
        awaitUninterrupted(release);
      });
      hanging.await();
      supervisor.await("STATUS=no sign of life for ");
      supervisor.forget();
      String next = supervisor.await("STATUS=");
      release.countDown();
      assertThat(next).contains("no sign of life for ").doesNotContain("WATCHDOG=1");
      supervisor.await("WATCHDOG=1");
      supervision.close();
    } finally {
      release.countDown();
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void oneWhoseSignsOfLifeAreNotWantedGivesNone() throws Exception {
    Well well = new Well();
    try (Supervisor supervisor = Supervisor.listeningAt("@everfeed-" + UUID.randomUUID())) {
      assumeTrue(supervisor != null);
      Map<String, String> another = Map.of(
          "NOTIFY_SOCKET", supervisor.environment().get("NOTIFY_SOCKET"),
          "WATCHDOG_USEC", "1000000",
          "WATCHDOG_PID", "1");
      try (Supervision _ = Supervision.of(well, supervisor.environment())) {
        assertThat(supervisor.await("READY=1")).isEqualTo("READY=1\nSTATUS=well\n");
      }
      try (Supervision _ = Supervision.of(well, another)) {
        assertThat(supervisor.await("READY=1")).isEqualTo("READY=1\nSTATUS=well\n");
      }
    }
  }

  /// A path with a zero at its end would be another one, and an abstract name with one too.
  @Test
  void whoDoesNotListenIsNamedWithTheReason() {
    String nobody = folder.resolve("nobody").toString();
    NotifySocket socket = NotifySocket.of(Map.of("NOTIFY_SOCKET", nobody)).orElseThrow();
    assertThatThrownBy(() -> socket.send("READY=1"))
        .isInstanceOf(IOException.class)
        .hasMessage("NOTIFY_SOCKET %s: sendto: No such file or directory", nobody);
  }

  @Test
  void aSocketThatIsNoneIsRefusedAndTheHubRunsWithoutSupervisor() {
    for (String wrong : new String[] {"relative", "vsock:2:1234", "/" + "x".repeat(108)}) {
      Map<String, String> environment = Map.of("NOTIFY_SOCKET", wrong);
      assertThatThrownBy(() -> NotifySocket.of(environment))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("NOTIFY_SOCKET must be ")
          .hasMessageContaining(wrong);
      Supervision.of(new Well(), environment).close();
    }
    assertThat(NotifySocket.of(Map.of())).isEmpty();
    assertThat(NotifySocket.of(Map.of("NOTIFY_SOCKET", "/" + "x".repeat(106)))).isPresent();
    assertThat(NotifySocket.of(Map.of("NOTIFY_SOCKET", "@" + "x".repeat(107)))).isPresent();
  }

  private static Settings settings() {
    return Settings.parse("""
        http: {port: 0}
        store: {enabled: false}
        stream: {enabled: false}
        symbols: [BTC/USDT]
        sources: {binance: {base_url: "http://127.0.0.1:9"}, coingecko: {enabled: false}}
        routes: {prices: {providers: [binance]}}
        refresh: {every: 1d}
        """, Map.of());
  }

  private static final class Well implements Supervision.Supervised {
    @Override
    public Duration silence() {
      return Duration.ZERO;
    }

    @Override
    public String status() {
      return "well";
    }
  }
}
