package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class AlternativeMeVenueTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07.890Z");
  private final AlternativeMeVenue venue = new AlternativeMeVenue(1);

  @Test
  void theIndexHasTheRecordedShapeAndLineBreaks() throws IOException {
    String real = Files.readString(WireCases.file("alternative_me/sentiment/0001.json"));
    String ours = text("/fng/?limit=2");
    assertThat(Shape.of(JSON.readTree(ours))).isEqualTo(Shape.of(JSON.readTree(real)));
    assertThat(form(ours)).isEqualTo(form(real.strip()));
  }

  @Test
  void rowsAreDaysNewestFirst() throws IOException {
    JsonNode rows = JSON.readTree(text("/fng?limit=3")).get("data");
    long today = Instant.parse("2026-03-04T00:00:00Z").getEpochSecond();
    assertThat(rows)
        .extracting(row -> row.get("timestamp").asLong())
        .containsExactly(today, today - 86_400, today - 2 * 86_400);
    assertThat(rows.get(0).get("time_until_update").asText()).isEqualTo("68033");
    assertThat(rows.get(1).has("time_until_update")).isFalse();
  }

  @Test
  void oneRowIsTheDefaultAndZeroIsAll() throws IOException {
    assertThat(JSON.readTree(text("/fng/")).get("data")).hasSize(1);
    assertThat(JSON.readTree(text("/fng/?limit=x")).get("data")).hasSize(1);
    JsonNode all = JSON.readTree(text("/fng/?limit=0")).get("data");
    assertThat(all).hasSize(2_954);
    var names = new TreeSet<String>();
    all.forEach(row -> {
      assertThat(row.get("value").asInt()).isBetween(0, 100);
      names.add(row.get("value_classification").asText());
    });
    assertThat(names).containsExactly("Extreme Fear", "Extreme Greed", "Fear", "Greed", "Neutral");
  }

  @Test
  void datesCanBeWrittenOut() throws IOException {
    assertThat(text("/fng/?date_format=us")).contains("\"timestamp\":\"03-04-2026\"");
    assertThat(text("/fng/?date_format=cn")).contains("\"timestamp\":\"2026-03-04\"");
    assertThat(text("/fng/?date_format=world")).contains("\"timestamp\":\"04-03-2026\"");
  }

  @Test
  void otherPathsAndRefusals() {
    assertThat(venue.answer(BinanceVenueTest.parse("/x"), NOW, NOW).status()).isEqualTo(404);
    assertThat(venue.isProbe("/")).isTrue();
    assertThat(venue.answer(BinanceVenueTest.parse("/"), NOW, NOW).status()).isEqualTo(200);
    assertThat(venue.broken(502).status()).isEqualTo(502);
    assertThat(venue.tooOften(429, OptionalLong.of(7), NOW).headers())
        .containsEntry("Retry-After", "7");
    assertThat(venue.weightUsed(NOW)).isZero();
  }

  private String text(String target) {
    return venue.answer(BinanceVenueTest.parse(target), NOW, NOW).text();
  }

  /// The text without what differs from day to day.
  private static String form(String json) {
    return json.replaceAll("[0-9]+", "0").replaceAll("(Extreme )?(Greed|Fear)\"|Neutral\"", "X\"");
  }
}
