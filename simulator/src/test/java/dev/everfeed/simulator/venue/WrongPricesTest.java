package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WrongPricesTest {
  private static final PriceMarks MARKS = PriceMarks.of("price", "usd", "current_price", "value");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"price\":\"0.03506000\"}            | {\"price\":\"0.35060000\"}",
        "{\"price\":\"-1.5\",\"qty\":\"2.0\"}  | {\"price\":\"-15.0\",\"qty\":\"2.0\"}",
        "{\"bitcoin\":{\"usd\":58286.26,\"last_updated_at\":1795313470}} | {\"bitcoin\":{\"usd\":582862.60,\"last_updated_at\":1795313470}}",
        "{\"current_price\":{\"jpy\":7}}       | {\"current_price\":{\"jpy\":70}}",
        "{\"current_price\":null,\"market_cap\":5} | {\"current_price\":null,\"market_cap\":5}",
        "[[1779199200000,1.5,2.5,0.5,2.0,9]]    | [[1779199200000,15.0,25.0,5.0,20.0,9]]",
        "[1,2,3]                                | [1,2,3]",
        "{\"data\":[{\"value\":\"27\",\"value_classification\":\"Fear\",\"timestamp\":\"1785628800\"}]} | {\"data\":[{\"value\":\"270\",\"value_classification\":\"Fear\",\"timestamp\":\"1785628800\"}]}",
      })
  void onlyPricesAreTimesTenAndTheFormStays(String right, String wrong) {
    byte[] bytes = WrongPrices.timesTen(right.getBytes(StandardCharsets.UTF_8), MARKS);
    assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(wrong);
  }
}
