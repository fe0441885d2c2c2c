package dev.everfeed.hub.runtime;

import static dev.everfeed.hub.runtime.Reading.numbered;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The stream sources of Kraken, OKX and Bybit with the venues that they are for, simulated from
/// the venues' contracts: real sockets, and a hub between them and the reader.
@Timeout(120)
class StreamingExchangesTest extends SimulatedHub {
  private Reading start(String source, String symbols) throws Exception {
    startVenues(trading(50));
    startHub("""
        store: {enabled: false}
        symbols: [%s]
        stream: {sources: [%s], intervals: [1m, 5m]}
        """.formatted(symbols, source));
    return Reading.of(client, hub().port());
  }

  @ParameterizedTest
  @ValueSource(strings = {"kraken", "okx", "bybit"})
  void tradesQuotesAndBarsComeAsTheVenueTellsThem(String source) throws Exception {
    Reading reader = start(source, "BTC/USDT");
    eventually(() -> reader.of("trade").size() >= 100
        && reader.of("quote").size() >= 50
        && intervals(reader).size() == 2);
    eventually(() -> gateway(source).get("state").asText().equals("HEALTHY"));

    assertThat(numbered(reader.of("trade"), "seq")).isEmpty();
    assertThat(numbered(reader.of("trade"), "trade_id")).as("the venue's ids").isEmpty();
    for (JsonNode trade : reader.of("trade")) {
      assertThat(trade.get("gateway").asText()).isEqualTo(source);
      assertThat(trade.get("exchange").asText()).isEqualTo(source);
      assertThat(trade.get("status").asText()).isEqualTo("live");
    }
    JsonNode quote = reader.of("quote").getLast();
    assertThat(quote.get("bid").decimalValue()).isLessThan(quote.get("ask").decimalValue());
    assertThat(reader.events("gap_declared")).isEmpty();
    JsonNode stream = gateway(source).get("stream");
    assertThat(stream.get("streams").asInt()).isEqualTo(4);
    assertThat(stream.get("last_error").isNull()).as("%s", stream).isTrue();
  }

  private static List<String> intervals(Reading reader) {
    return reader.of("bar").stream()
        .map(bar -> bar.get("interval").asText())
        .distinct()
        .toList();
  }

  /// Each venue has words of its own for a symbol that it does not list.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kraken | Currency pair not supported ABC/USDT",
        "okx    | 60018 Wrong URL or channel:",
        "bybit  | Invalid symbol :["
      })
  void whatTheVenueRefusesIsNamedAndTheOthersComeAllTheSame(String source, String why)
      throws Exception {
    Reading reader = start(source, "ABC/USDT, BTC/USDT");
    eventually(() -> reader.of("trade").size() >= 20 && intervals(reader).size() == 2);
    eventually(() -> gateway(source).get("state").asText().equals("HEALTHY"));
    assertThat(gateway(source).at("/stream/last_error").asText())
        .contains("ABC/USDT")
        .contains(" is refused: ")
        .contains(why);
    assertThat(gateway(source).at("/stream/reconnects").asLong()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"kraken", "okx", "bybit"})
  void aLostConnectionComesBackAndWhatWasPublishedIsNotPublishedAgain(String source)
      throws Exception {
    Reading reader = start(source, "BTC/USDT");
    eventually(() -> reader.of("trade").size() >= 20);
    venues().fault(source, FaultOrder.of(FaultKind.DISCONNECT));
    eventually(() -> reader.events("gateway_status_change").stream()
        .anyMatch(event -> event.get("current_status").asText().equals("DISCONNECTED")));
    eventually(() -> gateway(source).get("state").asText().equals("HEALTHY"));
    int then = reader.of("trade").size();
    eventually(() -> reader.of("trade").size() >= then + 50);
    assertThat(numbered(reader.of("trade"), "seq")).isEmpty();
    numbered(reader.of("trade"), "trade_id"); // they rise: none comes twice
  }

  /// Its ids have no holes, and it can be asked for those that did not come.
  @Test
  void whatOkxDropsIsAskedForAndPublishedInItsPlace() throws Exception {
    Reading reader = start("okx", "BTC/USDT");
    eventually(() -> reader.of("trade").size() >= 20);
    venues().fault("okx", FaultOrder.of(FaultKind.GAP).counting(3));
    eventually(() -> reader.of("trade").stream()
            .filter(trade -> trade.get("status").asText().equals("backfilled"))
            .count()
        == 3);
    int then = reader.of("trade").size();
    eventually(() -> reader.of("trade").size() >= then + 50);
    assertThat(numbered(reader.of("trade"), "trade_id")).isEmpty();
    assertThat(reader.events("gap_declared")).isEmpty();
  }

  /// The venue's words for an end that is near.
  @ParameterizedTest
  @ValueSource(strings = {"kraken", "okx"})
  void anAnnouncedEndIsMetByAConnectionThatIsReadyBefore(String source) throws Exception {
    Reading reader = start(source, "BTC/USDT");
    eventually(() ->
        reader.of("trade").size() >= 20 && gateway(source).get("state").asText().equals("HEALTHY"));
    venues().fault(source, FaultOrder.of(FaultKind.SHUTDOWN));
    eventually(() -> gateway(source).at("/stream/reconnects").asLong() > 0);
    int then = reader.of("trade").size();
    eventually(() -> reader.of("trade").size() >= then + 100);
    assertThat(numbered(reader.of("trade"), "trade_id")).isEmpty();
    assertThat(reader.events("gateway_status_change").stream()
            .map(event -> event.get("current_status").asText()))
        .doesNotContain("DISCONNECTED");
  }
}
