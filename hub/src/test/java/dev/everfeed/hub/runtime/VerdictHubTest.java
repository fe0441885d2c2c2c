package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.hub.api.Reference;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a real hub in front of two simulated venues tells a program to do while they fail.
@Timeout(120)
class VerdictHubTest extends SimulatedHub {
  private void start(String stream) throws Exception {
    startVenues(trading(60));
    startHub("""
        store: {enabled: false}
        symbols: [BTC/USDT]
        stream: %s
        verdict: {better_after: 1s}
        """.formatted(stream));
  }

  @Test
  void whenTheVenuesStopItHaltsAndWhenTheyAreBackItTradesAgain() throws Exception {
    start("{sources: [binance, coinbase_exchange]}");
    assertThat(verdict().get("verdict").asText()).isEqualTo("halt"); // it has just begun
    eventually(() -> verdict().get("verdict").asText().equals("trade"));
    JsonNode well = verdict();
    assertThat(well.get("factor").asText()).isEqualTo("1");
    assertThat(well.get("sources").asInt()).isEqualTo(2);
    assertThat(well.get("gateway").asText()).isEqualTo(routed());
    assertThat(well.get("reasons")).isEmpty();

    venues().fault("coinbase_exchange", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> verdict().get("verdict").asText().equals("reduce"));
    assertThat(codes()).contains("few_sources");
    venues().fault("binance", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> verdict().get("verdict").asText().equals("halt"));
    assertThat(codes()).contains("stale");
    assertThat(text("/metrics")).contains("everfeed_verdict_symbols{verdict=\"halt\"} 1");

    venues().heal("binance");
    venues().heal("coinbase_exchange");
    eventually(() -> verdict().get("verdict").asText().equals("trade")
        || codes().equals(List.of("lost"))); // what was lost meanwhile counts for a minute
    List<JsonNode> events = events("verdict_changed");
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
}
