package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// `docs/api/openapi.yaml` is right, complete, and what the server serves. That each answer
/// fits it is checked wherever [RunningServer] is used.
class ReferenceTest {
  private static RunningServer hub;

  @BeforeAll
  static void start() {
    hub = new RunningServer();
  }

  @AfterAll
  static void stop() {
    hub.close();
  }

  @Test
  void theDocumentIsValidOpenApi() throws Exception {
    ParseOptions options = new ParseOptions();
    options.setResolve(true);
    SwaggerParseResult parsed =
        new OpenAPIV3Parser().readContents(Files.readString(Reference.FILE), null, options);

    assertThat(parsed.getMessages()).isEmpty();
    assertThat(parsed.getOpenAPI().getPaths()).isNotEmpty();
  }

  @Test
  void theServerServesThisVeryDocument() throws Exception {
    assertThat(hub.get("/openapi.yaml").body()).isEqualTo(Files.readString(Reference.FILE));
  }

  @Test
  void everyRouteIsInTheDocumentAndEveryPathOfItIsServed() {
    List<String> documented = new ArrayList<>();
    Reference.DOCUMENT.get("paths").fieldNames().forEachRemaining(documented::add);

    assertThat(hub.server.endpoints())
        .extracting(Endpoint::path)
        .containsExactlyInAnyOrderElementsOf(documented);
  }

  @Test
  void everyMethodIsInTheDocumentAndTheOtherWayRound() {
    for (Endpoint endpoint : hub.server.endpoints()) {
      List<String> documented = new ArrayList<>();
      Reference.DOCUMENT.get("paths").get(endpoint.path()).fieldNames().forEachRemaining(name -> {
        if (!name.equals("parameters")) {
          documented.add(name.toUpperCase(java.util.Locale.ROOT));
        }
      });
      List<String> served = new ArrayList<>(List.of(endpoint.allowed().split(", ")));
      served.remove("HEAD");
      assertThat(served).as(endpoint.path()).containsExactlyInAnyOrderElementsOf(documented);
    }
  }

  @Test
  void everyParameterIsInTheDocumentAndTheOtherWayRound() {
    for (Endpoint endpoint : hub.server.endpoints()) {
      List<String> documented = new ArrayList<>();
      for (JsonNode parameter :
          Reference.DOCUMENT.get("paths").get(endpoint.path()).path("get").path("parameters")) {
        JsonNode resolved = parameter.has("$ref")
            ? Reference.DOCUMENT.at(parameter.get("$ref").asText().substring(1))
            : parameter;
        documented.add(resolved.get("name").asText());
      }
      assertThat(endpoint.parameters())
          .as(endpoint.path())
          .containsExactlyInAnyOrderElementsOf(documented);
    }
  }

  @Test
  void everyParameterOfAnOrderIsInTheDocumentAndTheOtherWayRound() {
    for (Endpoint endpoint : hub.server.endpoints()) {
      endpoint.actions().forEach((method, action) -> {
        List<String> documented = new ArrayList<>();
        for (JsonNode parameter : Reference.DOCUMENT
            .get("paths")
            .get(endpoint.path())
            .path(method.name().toLowerCase(java.util.Locale.ROOT))
            .path("parameters")) {
          JsonNode resolved = parameter.has("$ref")
              ? Reference.DOCUMENT.at(parameter.get("$ref").asText().substring(1))
              : parameter;
          if (resolved.get("in").asText().equals("query")) {
            documented.add(resolved.get("name").asText());
          }
        }
        assertThat(action.parameters())
            .as("%s %s", method, endpoint.path())
            .containsExactlyInAnyOrderElementsOf(documented);
      });
    }
  }

  @Test
  void everyExampleFitsItsSchema() {
    List<String> checked = new ArrayList<>();
    walk("", Reference.DOCUMENT, checked);

    assertThat(checked).hasSizeGreaterThanOrEqualTo(8);
  }

  private static void walk(String pointer, JsonNode node, List<String> checked) {
    if (node.has("schema") && (node.has("example") || node.has("examples"))) {
      List<JsonNode> examples = new ArrayList<>();
      if (node.has("example")) {
        examples.add(node.get("example"));
      }
      node.path("examples").forEach(example -> examples.add(example.get("value")));
      for (JsonNode example : examples) {
        assertThat(Reference.mistakes(pointer + "/schema", example)).as(pointer).isEmpty();
        checked.add(pointer);
      }
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      walk(
          pointer + "/" + field.getKey().replace("~", "~0").replace("/", "~1"),
          field.getValue(),
          checked);
    }
  }

  /// The lists of words in the document are those of the code.
  @Test
  void theEnumsOfTheDocumentAreThoseOfTheCode() {
    assertThat(words("/components/schemas/Status/enum"))
        .containsExactlyInAnyOrderElementsOf(
            texts(dev.everfeed.core.model.ValueStatus.values(), v -> v.text()));
    assertThat(words("/components/schemas/FailureKind/enum"))
        .containsExactlyInAnyOrderElementsOf(
            texts(dev.everfeed.core.model.Failure.Kind.values(), v -> v.text()));
    assertThat(words("/components/schemas/Interval/enum"))
        .containsExactlyInAnyOrderElementsOf(
            texts(dev.everfeed.core.model.Interval.values(), v -> v.text()));
    assertThat(words("/components/schemas/GapState/enum"))
        .containsExactlyInAnyOrderElementsOf(
            texts(dev.everfeed.hub.ledger.Gap.State.values(), v -> v.text()));
    assertThat(words("/components/schemas/GapKind/enum"))
        .containsExactlyInAnyOrderElementsOf(
            texts(dev.everfeed.hub.ledger.Gap.Kind.values(), v -> v.text()));
    assertThat(words("/components/schemas/AccountState/enum"))
        .containsExactlyInAnyOrderElementsOf(
            texts(dev.everfeed.hub.account.AccountView.State.values(), v -> v.text()));
    assertThat(words("/components/schemas/VerdictCode/enum"))
        .containsExactlyInAnyOrderElementsOf(
            texts(dev.everfeed.core.verdict.Reason.Code.values(), v -> v.text()));
    assertThat(words("/components/schemas/Verdict/properties/verdict/enum"))
        .containsExactlyInAnyOrderElementsOf(
            texts(dev.everfeed.core.verdict.Verdict.Action.values(), v -> v.text()));
    assertThat(words("/components/schemas/GatewayState/enum"))
        .containsExactlyInAnyOrderElementsOf(
            texts(dev.everfeed.core.model.GatewayState.values(), Enum::name));
  }

  private static <E> List<String> texts(E[] values, java.util.function.Function<E, String> text) {
    return java.util.Arrays.stream(values).map(text).toList();
  }

  private static Set<String> words(String pointer) {
    Set<String> words = new TreeSet<>();
    Reference.DOCUMENT.at(pointer).forEach(word -> words.add(word.asText()));
    return words;
  }

  /// A person's first page opens without anything from elsewhere, and every link on it works.
  @Test
  void everyLinkOfTheLandingPageIsServed() {
    hub.desk.answer = query -> io.vertx.core.Future.succeededFuture(
        new dev.everfeed.core.request.Reply.Unavailable(query, List.of()));
    String page = hub.get("/").body();
    var links = java.util.regex.Pattern.compile("href=\"([^\"]+)\"").matcher(page);
    int count = 0;
    while (links.find()) {
      assertThat(hub.get(links.group(1).replace("&amp;", "&")).status())
          .as(links.group(1))
          .isIn(200, 503);
      count++;
    }
    assertThat(count).isGreaterThanOrEqualTo(12);
    assertThat(page).doesNotContain("http://").doesNotContain("https://").doesNotContain("<script");
  }
}
