package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.api.AsyncReference;
import dev.everfeed.hub.api.Reference;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a real hub in front of two simulated venues tells a program to do while they fail.
@Timeout(120)
class VerdictHubTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Symbol BTC = Symbol.of("BTC/USDT");

  private final HttpClient client = HttpClient.newHttpClient();
  private @Nullable Venues venues;
  private @Nullable Hub hub;

  @AfterEach
  void stop() throws IOException {
    if (hub != null) {
      hub.close();
    }
    if (venues != null) {
      venues.close();
    }
    client.close();
  }

  private Venues start(String stream) throws Exception {
    Venues started =
        Venues.start(VenuesConfig.onFreePorts(InstantSource.system()).withTradesPerSecond(BTC, 60));
    venues = started;
    hub = Hub.start(Settings.parse("""
        http: {port: 0}
        store: {enabled: false}
        symbols: [BTC/USDT]
        sources:
        %s
        stream: %s
        verdict: {better_after: 1s}
        refresh: {every: 1m, intervals: []}
        """.formatted(OwnSources.of(started), stream), Map.of()));
    return started;
  }

  @Test
  void whenTheVenuesStopItHaltsAndWhenTheyAreBackItTradesAgain() throws Exception {
    Venues started = start("{sources: [binance, coinbase_exchange]}");
    assertThat(verdict().get("verdict").asText()).isEqualTo("halt"); // it has just begun
    eventually(() -> verdict().get("verdict").asText().equals("trade"));
    JsonNode well = verdict();
    assertThat(well.get("factor").asText()).isEqualTo("1");
    assertThat(well.get("sources").asInt()).isEqualTo(2);
    assertThat(well.get("gateway").asText()).isEqualTo(routed());
    assertThat(well.get("reasons")).isEmpty();

    started.fault("coinbase_exchange", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> verdict().get("verdict").asText().equals("reduce"));
    assertThat(codes()).contains("few_sources");
    started.fault("binance", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> verdict().get("verdict").asText().equals("halt"));
    assertThat(codes()).contains("stale");
    assertThat(text("/metrics")).contains("everfeed_verdict_symbols{verdict=\"halt\"} 1");

    started.heal("binance");
    started.heal("coinbase_exchange");
    eventually(() -> verdict().get("verdict").asText().equals("trade")
        || codes().equals(List.of("lost"))); // what was lost meanwhile counts for a minute
    List<JsonNode> events = events();
    assertThat(events).hasSizeBetween(4, 12);
    String before = "halt";
    for (JsonNode event : events) {
      assertThat(event.get("previous_verdict").asText()).isEqualTo(before);
      assertThat(event.get("factor")).isNotEqualTo(event.get("previous_factor"));
      before = event.get("verdict").asText();
    }
    assertThat(events.stream().map(event -> event.get("verdict").asText()))
        .containsSubsequence("trade", "reduce", "halt");
    assertThat(before).isEqualTo(verdict().get("verdict").asText());
  }

  @Test
  void aHubThatListensToNobodyJudgesThePriceThatItCanAskFor() throws Exception {
    start("{enabled: false}");
    eventually(() -> verdict().get("verdict").asText().equals("reduce"));
    assertThat(verdict().get("basis").asText()).isEqualTo("poll");
    assertThat(codes()).containsExactly("few_sources");
    assertThat(get("/v1/verdict").get("verdicts")).isEmpty();
  }

  private JsonNode verdict() throws Exception {
    JsonNode verdict = get("/v1/verdict?symbol=BTC/USDT");
    assertThat(Reference.mistakes("/components/schemas/Verdict", verdict)).isEmpty();
    return verdict;
  }

  private List<String> codes() throws Exception {
    return verdict().get("reasons").findValuesAsText("code");
  }

  private String routed() throws Exception {
    return get("/v1/routes").at("/streams/0/gateway").asText();
  }

  private List<JsonNode> events() throws Exception {
    long epoch = get("/v1/snapshot?symbol=BTC/USDT").get("epoch").asLong();
    String stream = URLEncoder.encode("event|verdict_changed", StandardCharsets.UTF_8);
    List<JsonNode> events = new ArrayList<>();
    get("/v1/replay?stream=%s&epoch=%d&from_seq=1".formatted(stream, epoch))
        .get("messages")
        .forEach(message -> events.add(AsyncReference.check(message.toString())));
    return events;
  }

  private JsonNode get(String path) throws Exception {
    return JSON.readTree(text(path));
  }

  private String text(String path) throws Exception {
    if (hub == null) {
      throw new IllegalStateException("not started");
    }
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:%d%s".formatted(hub.port(), path)))
        .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static void eventually(Callable<Boolean> condition) throws Exception {
    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not so after 30 s");
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}
