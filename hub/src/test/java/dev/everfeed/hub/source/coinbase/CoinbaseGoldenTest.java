package dev.everfeed.hub.source.coinbase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.publish.CanonicalJson;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.Shared;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.WireDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The HTTP answers of both interfaces against lines that were written independently
/// (wire/golden), compared as wire/CANONICAL.md says.
class CoinbaseGoldenTest {
  private static final Map<String, WireDecoder> DECODERS = Map.of(
      "coinbase_exchange", new CoinbaseExchangeDecoder(),
      "coinbase_advanced", new CoinbaseAdvancedDecoder());

  private static final ObjectMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
      .build();

  static Stream<Arguments> cases() throws IOException {
    JsonNode all = JSON.readTree(Files.readAllBytes(Shared.wire("golden/cases.json")));
    return StreamSupport.stream(all.spliterator(), false)
        .filter(item -> DECODERS.containsKey(item.get("source").textValue())
            && kindOf(item).startsWith("rest_"))
        .map(item -> Arguments.of(item.get("file").textValue(), item));
  }

  /// Fewer would mean that payloads were lost: 8 good ones, and 23 hostile ones each.
  @Test
  void noneIsMissing() throws IOException {
    assertThat(cases().count()).isGreaterThanOrEqualTo(8 + 2 * 23);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void decodesAsExpected(String file, JsonNode item) throws IOException, Undecodable {
    boolean hostile = isHostile(item);
    byte[] payload = Files.readAllBytes(Shared.wire((hostile ? "golden/" : "cases/") + file));
    WireDecoder decoder = DECODERS.get(item.get("source").textValue());
    assertThat(decoder).isNotNull();
    if (item.get("exit").intValue() != 0) {
      assertRefused(decoder, kindOf(item), payload, contextOf(item));
      return;
    }
    List<Event> events = decoder.decode(kindOf(item), payload, contextOf(item));
    Path expected = Shared.wire("golden/" + file.replaceFirst("\\.[a-z]+$", "") + ".ndjson");
    List<String> wanted =
        Files.readAllLines(expected).stream().filter(line -> !line.isBlank()).toList();
    assertThat(events).hasSize(item.get("lines").intValue()).hasSameSizeAs(wanted);
    for (int i = 0; i < wanted.size(); i++) {
      String line = CanonicalJson.line(events.get(i));
      assertThat(JSON.readTree(line)
              .equals(CoinbaseGoldenTest::difference, JSON.readTree(wanted.get(i))))
          .as("expected %s, was %s", wanted.get(i), line)
          .isTrue();
    }
  }

  private static void assertRefused(
      WireDecoder decoder, String kind, byte[] payload, DecodeContext context) {
    try {
      List<Event> events = decoder.decode(kind, payload, context);
      fail("must be undecodable, was %s", events);
    } catch (Undecodable e) {
      assertThat(e.offset()).isBetween(0L, (long) payload.length);
      assertThat(e.reason()).isNotBlank();
    }
  }

  /// Equal decimals are equal numbers.
  private static int difference(JsonNode one, JsonNode other) {
    if (one.isNumber() && other.isNumber()) {
      return one.decimalValue().compareTo(other.decimalValue());
    }
    return one.equals(other) ? 0 : 1;
  }

  private static boolean isHostile(JsonNode item) {
    return item.get("kind").textValue().equals("hostile");
  }

  private static String kindOf(JsonNode item) {
    return item.get(isHostile(item) ? "as" : "kind").textValue();
  }

  private static DecodeContext contextOf(JsonNode item) {
    Symbol symbol = null;
    Interval interval = null;
    JsonNode args = item.get("args");
    for (int i = 0; i < args.size(); i += 2) {
      String value = args.get(i + 1).textValue();
      switch (args.get(i).textValue()) {
        case "--symbol" -> symbol = Symbol.of(value);
        case "--interval" -> interval = Interval.parse(value).orElseThrow();
        default -> fail("an unknown option %s", args.get(i));
      }
    }
    return new DecodeContext(symbol, interval, List.of());
  }
}
