package dev.everfeed.hub.source.kraken;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KrakenSymbolsTest {

  @ParameterizedTest
  @CsvSource({
    "XXBTZUSD, BTC/USD",
    "XETHXXBT, ETH/BTC",
    "XXDGXXBT, DOGE/BTC",
    "XXBTZGBP, BTC/GBP",
    "USDTZUSD, USDT/USD",
    "XBTUSDT, BTC/USDT",
    "XBTUSD, BTC/USD",
    "XDGUSD, DOGE/USD",
    "BCHXBT, BCH/BTC",
    "XTZUSD, XTZ/USD",
    "XTZXBT, XTZ/BTC",
    "ADACAD, ADA/CAD",
    "USDTUSD, USDT/USD",
    "SOLUSDC, SOL/USDC",
    "XBT/USD, BTC/USD",
    "DOGE/USD, DOGE/USD",
    "NOTHING, NOTHING"
  })
  void aKeyNobodyAskedFor(String key, String symbol) throws Exception {
    assertThat(read(key, DecodeContext.NONE)).isEqualTo(Symbol.of(symbol));
  }

  /// What the list of quotes would misread is read as one of the batch that was asked for.
  @Test
  void aGluedKeyIsOneOfTheBatch() throws Exception {
    Symbol odd = Symbol.of("OD/DUSDT");
    assertThat(read("ODDUSDT", DecodeContext.NONE)).isEqualTo(Symbol.of("ODD/USDT"));
    for (String key : List.of("ODDUSDT", "OD/DUSDT")) {
      DecodeContext context = new DecodeContext(null, null, List.of(Symbol.of("ETH/USD"), odd));
      assertThat(read(key, context)).isEqualTo(odd);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BTC/USD, XBTUSD",
    "DOGE/BTC, XDGXBT",
    "DOGE/USD, XDGUSD",
    "ETH/USDT, ETHUSDT",
    "XTZ/EUR, XTZEUR",
    "ETH2.S/ETH, ETH2.SETH"
  })
  void theNameToAskBy(String symbol, String name) {
    assertThat(KrakenSymbols.altnameOf(Symbol.of(symbol))).contains(name);
    assertThat(KrakenSymbols.isNamed(Symbol.of(symbol), name)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"AAPL", "BTC/USD:USD", "btc/usd", "BTC/US&D"})
  void whatIsNotSpotHasNoName(String symbol) {
    assertThat(KrakenSymbols.altnameOf(Symbol.of(symbol))).isEmpty();
  }

  @Test
  void aKeyOfAnotherPairIsNotTaken() {
    assertThat(KrakenSymbols.isNamed(Symbol.of("BTC/USD"), "XETHZUSD")).isFalse();
    assertThat(KrakenSymbols.isNamed(Symbol.of("BTC/USD"), "XBTUSDT")).isFalse();
    assertThat(KrakenSymbols.isNamed(Symbol.of("BTC/USD:USD"), "XXBTZUSD")).isFalse();
  }

  /// Both ways for every pair of the recorded lists: the rule gives the venue's altname, and its
  /// key, altname and wsname all lead back.
  @Test
  void everyRecordedPairGoesBothWays() throws Exception {
    int pairs = 0;
    for (String file : List.of("0001.json", "0003.json")) {
      JsonNode result = recorded(file);
      for (Map.Entry<String, JsonNode> entry : result.properties()) {
        JsonNode pair = entry.getValue();
        if (pair.has("wsname")) {
          pairs++;
          String wsname = pair.get("wsname").textValue();
          Symbol symbol = read(wsname, DecodeContext.NONE);
          assertThat(KrakenSymbols.altnameOf(symbol))
              .contains(pair.get("altname").textValue());
          assertThat(read(entry.getKey(), DecodeContext.NONE)).isEqualTo(symbol);
          for (String name : List.of(entry.getKey(), pair.get("altname").textValue(), wsname)) {
            assertThat(KrakenSymbols.isNamed(symbol, name)).as(name).isTrue();
          }
        }
      }
    }
    assertThat(pairs).isEqualTo(76);
  }

  private static JsonNode recorded(String file) throws IOException {
    return JsonMapper.builder()
        .build()
        .readTree(
            Files.readAllBytes(Shared.wire("cases/kraken_rest/rest_instruments").resolve(file)))
        .get("result");
  }

  private static Symbol read(String key, DecodeContext context) throws Exception {
    return KrakenSymbols.symbolOf(new JsonValue.Nul(0), key, false, context, Map.of());
  }
}
