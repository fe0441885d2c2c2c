package dev.everfeed.hub.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CanonicalJsonTest {
  private static final SourceId SOURCE = new SourceId("binance");

  @Test
  void keysStandInTheContractsOrder() {
    assertThat(CanonicalJson.line(new Event.Trade(
            Symbol.of("BTC/USDT"),
            "binance",
            SOURCE,
            Decimal.parse("1E-7"),
            Decimal.parse("2.50"),
            Side.SELL,
            "7",
            Instant.parse("2020-01-02T16:11:12.010Z"))))
        .isEqualTo(
            "{\"type\":\"trade\",\"symbol\":\"BTC/USDT\",\"exchange\":\"binance\",\"source\":\"binance\",\"price\":0.0000001,\"size\":2.50,\"side\":\"sell\",\"trade_id\":\"7\",\"time\":\"2020-01-02T16:11:12.01Z\"}");
  }

  /// A source's text is a stranger's: whatever it holds, the line is one line of valid JSON.
  @Test
  void textsAreEscaped() throws IOException {
    String message = "a\"b\\c\nd\u0001\u007f\t\u2028\ud83d\ude00\u00e9";
    String line = CanonicalJson.line(new Event.ProviderError(SOURCE, null, message));
    assertThat(line).doesNotContain("\n").contains("\"code\":null");
    assertThat(new ObjectMapper().readTree(line).get("message").textValue()).isEqualTo(message);
  }

  @Test
  void halfASurrogatePairBecomesAnEscapeThatUtf8CanCarry() {
    for (String half : new String[] {"\ud83d", "\ude00", "x\ud83dy", "\ude00\ud83d"}) {
      String line = CanonicalJson.line(new Event.Ack(SOURCE, true, half));
      byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
      assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(line);
      assertThat(line).contains("\\ud");
    }
  }
}
