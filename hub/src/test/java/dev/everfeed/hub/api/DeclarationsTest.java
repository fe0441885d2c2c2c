package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `docs/api/everfeed.d.ts` is what the schemas say, and TypeScript takes it; the document
/// itself is whole.
class DeclarationsTest {
  private static final String TYPESCRIPT = "typescript@5.9.3";

  @TempDir
  private Path folder;

  /// Writes the expected file, to be copied when the schemas have changed.
  @Test
  void theDeclarationsAreThoseOfTheSchemas() throws IOException {
    Path drawn = Path.of("target/everfeed.d.ts");
    Files.createDirectories(drawn.getParent());
    Files.writeString(drawn, Declarations.draw(AsyncReference.DOCUMENT));

    assertThat(Files.readString(declarations()))
        .as("docs/api/everfeed.d.ts is not what the schemas say; the right one is in hub/" + drawn)
        .isEqualTo(Files.readString(drawn));
  }

  private static Path declarations() {
    return Path.of(System.getProperty("everfeed.project"), "docs/api/everfeed.d.ts");
  }

  @Test
  void everyReferenceOfTheDocumentLeadsSomewhere() {
    List<String> missing = new ArrayList<>();
    int[] count = new int[1];
    walk(AsyncReference.DOCUMENT, missing, count);
    assertThat(missing).isEmpty();
    assertThat(count[0]).isGreaterThanOrEqualTo(100);
  }

  private static void walk(JsonNode node, List<String> missing, int[] count) {
    if (node.isObject() && node.path("$ref").isTextual()) {
      count[0]++;
      String ref = node.get("$ref").textValue();
      if (AsyncReference.DOCUMENT.at(ref.substring(1)).isMissingNode()) {
        missing.add(ref);
      }
    }
    node.forEach(child -> walk(child, missing, count));
  }

  @Test
  void theEnumsOfTheDocumentAreThoseOfTheCode() {
    assertThat(words("Interval"))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(dev.everfeed.core.model.Interval.values())
                .map(v -> v.text())
                .toList());
    assertThat(words("Status"))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(dev.everfeed.core.model.ValueStatus.values())
                .map(v -> v.text())
                .toList());
  }

  @Test
  void everyEventHasAnExampleThatFitsItsSchema() {
    Set<String> shown = new TreeSet<>();
    for (JsonNode example : AsyncReference.DOCUMENT.at("/components/messages/HubEvent/examples")) {
      AsyncReference.check("HubEvent", example.get("payload"));
      assertThat(example.get("name")).isEqualTo(example.at("/payload/event_type"));
      shown.add(example.get("name").asText());
    }
    assertThat(shown).isEqualTo(AsyncReference.eventTypes());
  }

  private static Set<String> words(String schema) {
    Set<String> words = new TreeSet<>();
    AsyncReference.DOCUMENT
        .at("/components/schemas/" + schema + "/enum")
        .forEach(word -> words.add(word.asText()));
    return words;
  }

  /// The compiler of the machine, or one from npm; where neither can be had this is skipped, but
  /// never in CI.
  @Test
  void typeScriptTakesTheDeclarationsAndAReaderWrittenWithThem() throws Exception {
    List<String> compiler = compiler();
    if (compiler.isEmpty()) {
      assertThat(System.getenv("CI")).as("no tsc, and npm did not bring one").isNull();
      Assumptions.abort("there is no TypeScript on this machine, and npm cannot bring it");
    }
    Files.copy(declarations(), folder.resolve("everfeed.d.ts"));
    Files.writeString(folder.resolve("reader.ts"), """
        import type { FromHub, HubEvent, ToHub, Trade, ErrorMessage } from "./everfeed";

        const wish: ToHub = {
          op: "subscribe", id: 1, channels: ["trade", "bar"], symbols: ["*"], intervals: ["1m"],
          numbers: "string",
        };
        const seen = new Map<string, number>();
        function take(message: FromHub): Trade | ErrorMessage | null {
          switch (message.type) {
            case "trade": {
              const before = seen.get(message.symbol) ?? message.seq - 1;
              if (message.seq !== before + 1 + (message.skipped ?? 0)) throw new Error("a gap");
              seen.set(message.symbol, message.seq);
              return message;
            }
            case "snapshot":
              return message.streams.length > 0 && message.streams[0].message?.type === "trade"
                ? message.streams[0].message : null;
            case "error": return message;
            case "lagged": case "quote": case "bar": case "event": case "ack": case "pong":
            case "welcome":
              return null;
            default: { const never: never = message; return never; }
          }
        }
        function tell(event: HubEvent): string {
          switch (event.event_type) {
            case "gateway_status_change":
              return `${event.gateway_id}: ${event.current_status} (${event.metadata.reason})`;
            case "failover_executed": case "failover_failed": case "failover_pending":
            case "failover_shadow":
              return `${event.failover_id}: ${event.symbols.join()} to ${event.backup_gateway_id ?? "nobody"}`;
            case "price_judged": return `${event.symbol}: ${event.verdict}, ${event.evidence}`;
            case "verdict_changed":
              return `${event.symbol}: ${event.verdict} ${event.reasons.map((each) => each.code).join()}`;
            case "source_changed": return `${event.symbol}: ${event.exchange}`;
            case "no_healthy_backup": return event.symbols.join();
            case "gap_declared": return `${event.stream}: ${event.ticks_lost}`;
            default: { const never: never = event; return never; }
          }
        }
        export { wish, take, tell };
        """);
    List<String> command = new ArrayList<>(compiler);
    command.addAll(List.of("--strict", "--noEmit", "--target", "es2022", "reader.ts"));
    assertThat(run(command)).isEmpty();

    Files.writeString(folder.resolve("wrong.ts"), """
        import type { ToHub } from "./everfeed";
        export const wish: ToHub = { op: "subscribe", channels: ["books"] };
        """);
    command.set(command.size() - 1, "wrong.ts");
    assertThat(run(command)).contains("TS2322");
  }

  private List<String> compiler() throws Exception {
    if (has("tsc")) {
      return List.of("tsc");
    }
    if (!has("npm")) {
      return List.of();
    }
    Path tools = Path.of("target/typescript");
    Path tsc = tools.resolve("node_modules/typescript/bin/tsc").toAbsolutePath();
    if (!Files.exists(tsc)) {
      Files.createDirectories(tools);
      run(List.of(
          "npm",
          "install",
          "--prefix",
          tools.toAbsolutePath().toString(),
          "--no-audit",
          "--no-fund",
          "--prefer-offline",
          TYPESCRIPT));
    }
    return Files.exists(tsc) ? List.of("node", tsc.toString()) : List.of();
  }

  private static boolean has(String program) {
    for (String place : System.getenv("PATH").split(java.io.File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(place, program))) {
        return true;
      }
    }
    return false;
  }

  /// What it prints.
  private String run(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("out.txt").toFile())
        .start();
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(command + " did not end within 120 s");
    }
    return Files.readString(folder.resolve("out.txt"), StandardCharsets.UTF_8).strip();
  }
}
