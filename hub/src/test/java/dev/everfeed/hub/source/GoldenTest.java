package dev.everfeed.hub.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// `decode` against lines that were written independently of it (wire/golden), compared as
/// wire/CANONICAL.md says: same keys, equal strings, equal decimals.
class GoldenTest {
  /// Cases of the sources known here that were there when this was written. Fewer means that
  /// payloads were lost, not that there is less to prove.
  private static final int CASES = 385;

  private static final ObjectMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  @Test
  void everyCaseOfTheKnownSourcesDecodesAsExpected() throws IOException {
    List<String> failures = new ArrayList<>();
    int ran = 0;
    for (JsonNode item : JSON.readTree(Files.readAllBytes(Shared.wire("golden/cases.json")))) {
      if (isKnown(item)) {
        ran++;
        String failure = run(item);
        if (failure != null) {
          failures.add(item.get("file").textValue() + ": " + failure);
        }
      }
    }
    assertThat(failures).isEmpty();
    assertThat(ran).isGreaterThanOrEqualTo(CASES);
  }

  /// Of some sources only one of several formats is read.
  private static boolean isKnown(JsonNode item) {
    boolean hostile = item.get("kind").textValue().equals("hostile");
    String kind = item.get(hostile ? "as" : "kind").textValue();
    return KnownSources.decoder(item.get("source").textValue())
        .filter(decoder -> decoder.kinds().contains(kind))
        .isPresent();
  }

  private static @Nullable String run(JsonNode item) throws IOException {
    String file = item.get("file").textValue();
    boolean hostile = item.get("kind").textValue().equals("hostile");
    Path payload = Shared.wire(hostile ? "golden/" + file : "cases/" + file);
    Map<String, String> options = new TreeMap<>();
    ArrayNode args = (ArrayNode) item.get("args");
    for (int i = 0; i < args.size(); i += 2) {
      options.put(args.get(i).textValue(), args.get(i + 1).textValue());
    }
    StringBuilder out = new StringBuilder();
    StringBuilder err = new StringBuilder();
    int status = DecodeFiles.run(
        item.get("source").textValue(),
        item.get(hostile ? "as" : "kind").textValue(),
        List.of(payload.toString()),
        options.get("--symbol"),
        options.get("--interval"),
        options.get("--batch"),
        out,
        err);
    List<String> lines = out.toString().lines().toList();
    if (status != item.get("exit").intValue()) {
      return "exit status " + status + " " + err + out;
    }
    if (lines.size() != item.get("lines").intValue()) {
      return lines.size() + " lines, expected " + item.get("lines");
    }
    if (status == DecodeFiles.DATA) {
      JsonNode error = JSON.readTree(lines.getFirst());
      boolean good = error.get("type").textValue().equals("error")
          && error.get("file").textValue().equals(payload.toString())
          && error.get("offset").longValue() <= Files.size(payload)
          && !error.get("reason").textValue().isEmpty()
          && error.size() == 4;
      return good ? null : "wrong error line " + error;
    }
    Path expected = Shared.wire("golden/" + file.replaceFirst("\\.[a-z]+$", "") + ".ndjson");
    List<String> wanted =
        Files.readAllLines(expected).stream().filter(l -> !l.isBlank()).toList();
    for (int i = 0; i < lines.size(); i++) {
      if (!sameValue(JSON.readTree(wanted.get(i)), JSON.readTree(lines.get(i)))) {
        return "line %d%n  expected %s%n  was      %s"
            .formatted(i + 1, wanted.get(i), lines.get(i));
      }
    }
    return null;
  }

  private static boolean sameValue(JsonNode expected, JsonNode actual) {
    if (expected.isNumber() && actual.isNumber()) {
      return expected.decimalValue().compareTo(actual.decimalValue()) == 0;
    }
    if (!expected.isObject() || !actual.isObject()) {
      return expected.equals(actual);
    }
    if (expected.size() != actual.size()) {
      return false;
    }
    for (Map.Entry<String, JsonNode> field : expected.properties()) {
      JsonNode other = actual.get(field.getKey());
      if (other == null || !sameValue(field.getValue(), other)) {
        return false;
      }
    }
    return true;
  }
}
