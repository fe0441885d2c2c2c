package dev.everfeed.hub.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.everfeed.core.model.Decimal;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JsonReaderTest {

  @Test
  void numbersKeepTheirText() throws Undecodable {
    JsonValue.Obj object = read("{\"a\":1.500,\"b\":\"0.10\",\"c\":-12e-3}");
    assertThat(object.decimal("a")).hasToString("1.500");
    assertThat(object.decimal("b")).hasToString("0.10");
    assertThat(object.decimal("c")).isEqualTo(Decimal.parse("-0.012"));
    // more digits than a double has
    assertThat(read("{\"a\":0.1234567890123456789}").decimal("a"))
        .hasToString("0.1234567890123456789");
  }

  @Test
  void theOffsetPointsAtWhatIsWrong() {
    assertThat(refused("{\"a\":tru}").offset()).isBetween(5L, 9L);
    assertThat(refused("{} x").offset()).isEqualTo(3);
    Undecodable wrong =
        catchThrowableOfType(Undecodable.class, () -> read("{\"a\":[1,{}]}").decimal("a"));
    assertThat(wrong.offset()).isEqualTo(5);
    assertThat(wrong.reason()).isEqualTo("\"a\" must be a number, was an array of 2");
  }

  @Test
  void onlyUtf8IsRead() {
    for (Charset charset : new Charset[] {
      StandardCharsets.UTF_16BE,
      StandardCharsets.UTF_16LE,
      StandardCharsets.UTF_16,
      Charset.forName("UTF-32BE"),
      Charset.forName("UTF-32LE")
    }) {
      assertThat(catchThrowableOfType(
              Undecodable.class, () -> JsonReader.read("{\"a\":1}".getBytes(charset))))
          .as(charset.name())
          .isNotNull();
    }
    byte[] latin = "{\"a\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(catchThrowableOfType(Undecodable.class, () -> JsonReader.read(latin))
            .offset())
        .isEqualTo(6);
  }

  @Test
  void depthIsBounded() throws Undecodable {
    int depth = JsonReader.MAX_DEPTH;
    JsonReader.read(bytes("[".repeat(depth) + "]".repeat(depth)));
    refused("[".repeat(depth + 1) + "]".repeat(depth + 1));
    refused("{\"a\":".repeat(100_000));
  }

  @Test
  void theNumberOfValuesIsBounded() {
    String many = "0,".repeat(JsonReader.MAX_VALUES);
    assertThat(refused("[" + many + "0]").reason()).contains("more than 1,000,000 values");
  }

  @Test
  void fieldsThatAreNotKeptCostNothingButMustBeWellFormed() throws Undecodable {
    String skipped = "{\"b\":[" + "0,".repeat(JsonReader.MAX_VALUES) + "0],\"a\":1}";
    JsonValue.Obj object = JsonReader.read(bytes(skipped), Set.of("a")).asObject("it");
    assertThat(object.fields()).containsOnlyKeys("a");
    assertThat(catchThrowableOfType(
            Undecodable.class, () -> JsonReader.read(bytes("{\"b\":[tru],\"a\":1}"), Set.of("a"))))
        .isNotNull();
  }

  @Test
  void ofARepeatedFieldTheLastCounts() throws Undecodable {
    assertThat(read("{\"a\":1,\"a\":2}").decimal("a")).isEqualTo(Decimal.of(2));
  }

  @Test
  void timesAreReadInTheirUnit() throws Undecodable {
    JsonValue.Obj times = read(
        "{\"ms\":1672515782136,\"us\":\"1672515782136123\",\"s\":\"1785628800\",\"iso\":\"2026-05-18T14:49:21.599+02:00\"}");
    assertThat(times.epochOrNull("ms")).isEqualTo(Instant.parse("2022-12-31T19:43:02.136Z"));
    assertThat(times.epochOrNull("us")).isEqualTo(Instant.parse("2022-12-31T19:43:02.136123Z"));
    assertThat(times.get("s").asEpochSeconds("s")).isEqualTo(Instant.parse("2026-08-02T00:00:00Z"));
    assertThat(times.get("iso").asIso("iso")).isEqualTo(Instant.parse("2026-05-18T12:49:21.599Z"));
    for (String bad :
        new String[] {"-1", "1.5", "\"\"", "999999999999999999", "1e3", "true", "\"2026\"x"}) {
      assertThat(catchThrowableOfType(
              Undecodable.class, () -> read("{\"t\":" + bad + "}").epochOrNull("t")))
          .as(bad)
          .isNotNull();
    }
  }

  private static JsonValue.Obj read(String text) throws Undecodable {
    return JsonReader.read(bytes(text)).asObject("it");
  }

  private static Undecodable refused(String text) {
    return catchThrowableOfType(Undecodable.class, () -> JsonReader.read(bytes(text)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
