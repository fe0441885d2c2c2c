package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.fault.VenueStatus;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VenuesTest {
  private final VenuesConfig config = VenuesConfig.onFreePorts(new HandClock());

  @Test
  void countersTellWhatWasSeen() throws IOException {
    try (Venues venues = Venues.start(config)) {
      URI url = venues.baseUrl("binance");
      try (var client = new RawClient(url)) {
        client.ask("/api/v3/ping", false);
        client.response();
        client.ask("/api/v3/klines?symbol=BTCUSDT&interval=1h", false);
        assertThat(client.response()).contains("x-mbx-used-weight-1m: 3");
        VenueStatus status = venues.status("binance");
        assertThat(status.connectionsAccepted()).isEqualTo(1);
        assertThat(status.connectionsOpen()).isEqualTo(1);
        assertThat(status.requests()).isEqualTo(2);
        assertThat(status.weightUsed()).isEqualTo(3);
        assertThat(status.paths()).isEqualTo(Map.of("/api/v3/ping", 1L, "/api/v3/klines", 1L));
        for (int i = 0; i < 100; i++) {
          client.ask("/made/up/" + i, false);
          client.response();
        }
        VenueStatus then = venues.status("binance");
        assertThat(then.paths()).hasSize(65).containsEntry("(other)", 38L);
        assertThat(then.paths().values().stream().mapToLong(Long::longValue).sum())
            .isEqualTo(then.requests());
      }
      assertThat(venues.status()).extracting(VenueStatus::name).isEqualTo(VenuesConfig.VENUES);
      assertThat(venues.baseUrls())
          .containsEntry("binance", url)
          .hasSize(VenuesConfig.VENUES.size());
      assertThat(venues).hasToString(VenuesConfig.VENUES + " with Console of " + venues.console());
    }
  }

  @Test
  void onlyGetAndHeadAreAnswered() throws IOException {
    try (Venues venues = Venues.start(config)) {
      try (var client = new RawClient(venues.baseUrl("binance"))) {
        client.send("POST /api/v3/ping HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
        assertThat(client.response()).startsWith("HTTP/1.1 405");
        client.send("HEAD /api/v3/ping HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        assertThat(client.untilEnd()).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n");
      }
      assertThat(RawClient.get(venues.baseUrl("binance"), "/api/v3/klines?symbol=%zz"))
          .startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void closingGivesEveryPortBack() throws IOException {
    Venues venues = Venues.start(config);
    Map<String, URI> urls = venues.baseUrls();
    venues.fault("coingecko", FaultOrder.of(FaultKind.REFUSE));
    venues.close();
    venues.close();
    for (URI url : urls.values()) {
      assertThatThrownBy(() -> new RawClient(url).close()).isInstanceOf(ConnectException.class);
      new ServerSocket(url.getPort(), 1, InetAddress.getLoopbackAddress()).close();
    }
  }

  @Test
  void aPortInUseIsNamedAndNothingIsLeftRunning() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var ports = Map.of("coingecko", taken.getLocalPort());
      var wants = new VenuesConfig(
          "127.0.0.1",
          0,
          ports,
          1,
          List.of(Symbol.of("BTC/USDT")),
          new HandClock(),
          0,
          0,
          Duration.ofSeconds(5),
          true,
          Map.of());
      assertThatThrownBy(() -> Venues.start(wants))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(
              "coingecko: cannot listen on 127.0.0.1 port " + taken.getLocalPort());
      var console = new VenuesConfig(
          "127.0.0.1",
          taken.getLocalPort(),
          Map.of(),
          1,
          List.of(),
          new HandClock(),
          0,
          0,
          Duration.ofSeconds(5),
          true,
          Map.of());
      assertThatThrownBy(() -> Venues.start(console))
          .hasMessageContaining("console: cannot listen on");
    }
  }

  @Test
  void aWrongConfigurationIsRefused() {
    assertThat(config.fromPort(9_000).ports())
        .hasSize(VenuesConfig.VENUES.size())
        .containsEntry("binance", 9_001)
        .containsEntry("alternative_me", 9_003)
        .containsEntry("coinbase_exchange", 9_004)
        .containsEntry("coinbase_advanced", 9_005)
        .containsEntry("kraken", 9_006)
        .containsEntry("okx", 9_007)
        .containsEntry("bybit", 9_008);
    assertThat(config.withSymbols(List.of()).symbols()).isEmpty();
    assertThatThrownBy(() -> config.withLimits(-1, 0)).hasMessageContaining("were -1 and 0");
    assertThatThrownBy(() -> config.withRecordings("nobody", List.of()))
        .hasMessageContaining("recordings: must name one of [binance, coingecko,")
        .hasMessageContaining("bybit] or a line, was nobody");
    for (String host : List.of("0.0.0.0", "192.0.2.1")) {
      assertThatThrownBy(() -> new VenuesConfig(
              host,
              0,
              Map.of(),
              1,
              List.of(),
              new HandClock(),
              0,
              0,
              Duration.ofSeconds(5),
              true,
              Map.of()))
          .hasMessageContaining("host: must be a loopback address, was " + host);
    }
    assertThatThrownBy(() -> new VenuesConfig(
            "127.0.0.1",
            0,
            Map.of(),
            1,
            List.of(),
            new HandClock(),
            0,
            0,
            Duration.ZERO,
            true,
            Map.of()))
        .hasMessageContaining("coingeckoUpdateEvery");
  }

  @Test
  void anUnknownVenueIsNamed() throws IOException {
    try (Venues venues = Venues.start(config)) {
      assertThatThrownBy(() -> venues.heal("nobody"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("no simulated venue \"nobody\"; there are: " + VenuesConfig.VENUES);
    }
  }
}
