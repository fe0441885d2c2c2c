package dev.everfeed.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.simulator.venue.Venues;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulatorMainTest {
  @Test
  void theUrlsArePrinted() throws IOException {
    var out = new ByteArrayOutputStream();
    String[] arguments = {"--seed", "42", "--port-base", "0", "--no-limits"};
    try (Venues venues =
        SimulatorMain.start(arguments, new PrintStream(out, true, StandardCharsets.UTF_8))) {
      String text = out.toString(StandardCharsets.UTF_8);
      assertThat(text).contains("seed 42").contains(venues.console().toString());
      venues.baseUrls().values().forEach(url -> assertThat(text).contains(url.toString()));
    }
  }

  @Test
  void oneLineCanBeServedAlone() throws IOException {
    var out = new ByteArrayOutputStream();
    String[] arguments = {"--line", "binance_2=binance", "--port", "0"};
    try (Venues venues =
        SimulatorMain.start(arguments, new PrintStream(out, true, StandardCharsets.UTF_8))) {
      assertThat(venues.baseUrls()).containsOnlyKeys("binance_2");
      assertThat(out.toString(StandardCharsets.UTF_8))
          .contains("binance_2          " + venues.baseUrl("binance_2"))
          .doesNotContain("kraken");
    }
  }

  @Test
  void theServersAskedForAreTheOnesThatRun() throws IOException {
    String[] arguments = {
      "--venue", "binance", "--venue", "okx", "--line", "binance_2=binance", "--port-base", "0"
    };
    try (Venues venues = SimulatorMain.start(arguments, System.out)) {
      assertThat(venues.baseUrls()).containsOnlyKeys("binance", "okx", "binance_2");
    }
    assertThatThrownBy(() -> SimulatorMain.start(new String[] {"--venue", "nobody"}, System.out))
        .hasMessageContaining("was nobody");
  }

  @Test
  void theSymbolsAskedForAreTheOnesThatAreListed() throws IOException, InterruptedException {
    String[] arguments = {
      "--venue", "binance", "--port", "0", "--symbol", "BTC/USDT=100", "--symbol", "X001/USDT"
    };
    try (Venues venues = SimulatorMain.start(arguments, System.out);
        HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(
              venues.baseUrl("binance").resolve("/api/v3/ticker/price"))
          .build();
      assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).body())
          .contains("BTCUSDT", "X001USDT")
          .doesNotContain("ETHUSDT");
    }
    String[] tooFew = {"--symbol", "BTC/USDT=1"};
    assertThatThrownBy(() -> SimulatorMain.start(tooFew, System.out))
        .hasMessageContaining("must be 10 to 2000, was 1");
  }

  @Test
  void argumentsThatCannotBeUnderstoodAreNamed() {
    for (String[] wrong : List.of(
        new String[] {"--speed", "1"},
        new String[] {"--seed"},
        new String[] {"--seed", "-1"},
        new String[] {"--port-base", "65535"},
        new String[] {"--line", "binance_2"},
        new String[] {"--port", "8091"})) {
      assertThatThrownBy(() -> SimulatorMain.start(wrong, System.out))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(wrong[0]);
    }
  }
}
