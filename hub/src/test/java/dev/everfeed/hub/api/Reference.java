package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// `docs/api/openapi.yaml`, as what every answer in these tests is held against.
public final class Reference {
  static final Path FILE = Path.of(System.getProperty("everfeed.project"), "docs/api/openapi.yaml");
  static final JsonNode DOCUMENT = read();
  private static final String BASE = "https://everfeed.dev/openapi";
  private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(
      SpecVersion.VersionFlag.V202012,
      builder ->
          builder.schemaLoaders(loaders -> loaders.schemas(Map.of(BASE, DOCUMENT.toString()))));
  private static final Map<String, JsonSchema> SCHEMAS = new ConcurrentHashMap<>();

  private Reference() {}

  private static JsonNode read() {
    try {
      return new ObjectMapper(new YAMLFactory()).readTree(FILE.toFile());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// Status, content type, headers and body as the document says.
  static void check(String method, String pathAndQuery, RunningServer.Got got) {
    String path = documented(pathAndQuery.replaceFirst("\\?.*", ""));
    String name = method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT);
    String operation = "/paths/" + path.replace("~", "~0").replace("/", "~1") + "/" + name;
    if (DOCUMENT.at(operation).isMissingNode()) {
      assertProblem(got);
      return;
    }
    String pointer = operation + "/responses/" + got.status();
    if (DOCUMENT.at(pointer).isMissingNode()) {
      // `default` stands for problems; an unknown success is a mistake of the document.
      assertThat(got.status()).as("undocumented status of %s", pathAndQuery).isGreaterThan(399);
      pointer = operation + "/responses/default";
    }
    JsonNode response = DOCUMENT.at(pointer);
    if (response.has("$ref")) {
      pointer = response.get("$ref").asText().substring(1);
      response = DOCUMENT.at(pointer);
    }
    if (got.status() == 304) {
      assertThat(got.body()).as("body of a 304 of %s", pathAndQuery).isEmpty();
      return;
    }
    assertHeaders(response, pathAndQuery, got);
    String contentType = got.header("content-type");
    Set<String> types = new TreeSet<>();
    for (Iterator<String> names = response.path("content").fieldNames(); names.hasNext(); ) {
      types.add(names.next());
    }
    assertThat(types)
        .as("content types of %s", pathAndQuery)
        .contains(contentType.replaceFirst(";.*", ""));
    if (contentType.contains("json") && !method.equals("HEAD")) {
      validate(pointer + "/content/" + contentType.replace("/", "~1") + "/schema", got);
    }
  }

  /// What a reader may act on is in the document; what every answer has (`Cache-Control`) is
  /// not.
  private static void assertHeaders(JsonNode response, String pathAndQuery, RunningServer.Got got) {
    Set<String> documented = new TreeSet<>();
    for (Iterator<String> names = response.path("headers").fieldNames(); names.hasNext(); ) {
      documented.add(names.next().toLowerCase(Locale.ROOT));
    }
    for (String name : got.response().headers().map().keySet()) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (lower.startsWith("everfeed-") || lower.equals("link") || lower.equals("retry-after")) {
        assertThat(documented).as("headers of %s", pathAndQuery).contains(lower);
      }
    }
  }

  /// The path of the document that stands for one that was asked.
  private static String documented(String asked) {
    for (Iterator<String> paths = DOCUMENT.get("paths").fieldNames(); paths.hasNext(); ) {
      String path = paths.next();
      if (asked.matches(path.replaceAll("\\{\\w+}", "[^/]+").replace(".", "\\."))) {
        return path;
      }
    }
    return asked;
  }

  static void assertProblem(RunningServer.Got got) {
    if (!got.body().isEmpty()) {
      assertThat(got.header("content-type")).isEqualTo("application/problem+json");
      validate("/components/schemas/Problem", got);
    }
  }

  public static Set<ValidationMessage> mistakes(String pointer, JsonNode value) {
    return SCHEMAS
        .computeIfAbsent(pointer, p -> FACTORY.getSchema(SchemaLocation.of(BASE + "#" + p)))
        .validate(value);
  }

  private static void validate(String pointer, RunningServer.Got got) {
    assertThat(mistakes(pointer, got.json()))
        .as("%s of %s", pointer, got.body())
        .isEmpty();
  }
}
