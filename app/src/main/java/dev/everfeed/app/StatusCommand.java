package dev.everfeed.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.hub.config.Durations;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `status`: the sources of a running hub, its gateways, last failovers and last refresh, as
/// tables.
@Command(
    name = "status",
    description =
        "Shows the sources of a running hub, its gateways, last failovers and last refresh.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
  private static final String ROW = "%-16s %-9s %-13s %-10s %9s %9s %9s  %s%n";
  private static final String GATEWAY = "%-20s %-13s %-7s %8s %6s  %s%n";
  private static final int ERRORS_SHOWN = 5;
  private static final int FAILOVERS_SHOWN = 5;
  private static final Duration FASTEST = Duration.ofMillis(100);

  @Option(
      names = "--url",
      defaultValue = "http://127.0.0.1:8080",
      description = "The hub (default: ${DEFAULT-VALUE}).")
  private URI url = URI.create("http://127.0.0.1:8080");

  @Option(
      names = "--watch",
      description = "Goes on showing it, in place on a terminal, until Ctrl-C.")
  private boolean watch;

  @Option(
      names = "--every",
      paramLabel = "TIME",
      defaultValue = "1s",
      description = "With --watch: how often, as 1s or 500ms (default: ${DEFAULT-VALUE}).")
  private String every = "1s";

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before call()
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    if (watch) {
      boolean terminal = Terminal.isThere();
      boolean colour = terminal && System.getenv().getOrDefault("NO_COLOR", "").isEmpty();
      new StatusWatch(url, pace(), out).run(terminal, colour);
      return 0;
    }
    JsonNode health;
    JsonNode scheduler;
    JsonNode gateways;
    JsonNode failovers;
    try (StatusSource source = new StatusSource(url, Duration.ofSeconds(5))) {
      health = source.get("/health");
      scheduler = source.get("/health/scheduler");
      gateways = source.get("/health/gateways");
      failovers = source.get("/v1/failovers?limit=" + FAILOVERS_SHOWN);
    } catch (ConnectException e) {
      spec.commandLine()
          .getErr()
          .println(
              "everfeed: no hub answers at %s; is `./everfeed run` or `./everfeed demo` running?"
                  .formatted(url));
      return 1;
    } catch (IOException e) {
      spec.commandLine().getErr().println("everfeed: %s: %s".formatted(url, e.getMessage()));
      return 1;
    }
    if (!scheduler.path("providers").isObject()) {
      spec.commandLine()
          .getErr()
          .println(
              "everfeed: what answers at %s is no hub: it has no /health/scheduler".formatted(url));
      return 1;
    }
    out.println("hub %s: %s".formatted(url, health.path("status").asText("unknown")));
    health.path("reasons").forEach(reason -> out.println("  " + reason.asText()));
    out.println(store(health.path("store")));
    out.printf(
        ROW, "SOURCE", "STATUS", "STATE", "CIRCUIT", "ANSWERED", "FAILED", "SKIPPED", "LAST ERROR");
    for (Map.Entry<String, JsonNode> entry : scheduler.path("providers").properties()) {
      JsonNode source = entry.getValue();
      out.printf(
          ROW,
          entry.getKey(),
          source.path("status").asText(),
          source.path("state").asText(),
          source.path("circuit_state").asText(),
          source.path("success_count").asText(),
          source.path("failure_count").asText(),
          source.path("skipped_count").asText(),
          source.path("last_error").asText(""));
    }
    streaming(out, gateways.path("gateways"));
    failovers(out, failovers.path("failovers"));
    JsonNode run = scheduler.path("last_run");
    if (run.isObject()) {
      out.println("last refresh %s ended %s: %s of %s refreshed, %d errors"
          .formatted(
              run.path("number").asText(),
              run.path("ended_at").asText(),
              run.path("refreshed").asText(),
              run.path("asked").asText(),
              run.path("errors").size()));
      for (int i = 0; i < Math.min(ERRORS_SHOWN, run.path("errors").size()); i++) {
        JsonNode error = run.path("errors").get(i);
        out.println("  %s %s: %s: %s"
            .formatted(
                error.path("provider").asText(),
                error.path("symbol").asText(),
                error.path("kind").asText(),
                error.path("message").asText()));
      }
    }
    out.flush();
    return 0;
  }

  private static void streaming(PrintWriter out, JsonNode gateways) {
    boolean any = false;
    for (JsonNode gateway : gateways) {
      JsonNode stream = gateway.path("stream");
      if (!stream.isObject()) {
        continue;
      }
      if (!any) {
        out.printf(GATEWAY, "GATEWAY", "STATE", "STANDBY", "PRIORITY", "ACTIVE", "REASON");
      }
      any = true;
      out.printf(
          GATEWAY,
          gateway.path("id").asText(),
          gateway.path("state").asText(),
          stream.path("standby").asText(),
          gateway.path("priority").asText(),
          stream.path("active_contracts").asText(),
          gateway.path("reason").isNull() ? "" : gateway.path("reason").asText());
    }
  }

  private static void failovers(PrintWriter out, JsonNode failovers) {
    for (JsonNode failover : failovers) {
      JsonNode metadata = failover.path("metadata");
      out.println("failover %s %s: %s from %s to %s, %s of %d moved: %s"
          .formatted(
              failover.path("failover_id").asText(),
              failover.path("decided_at").asText(),
              failover.path("result").asText(),
              failover.path("failed_gateway_id").asText(),
              failover.path("backup_gateway_id").isNull()
                  ? "nobody"
                  : failover.path("backup_gateway_id").asText(),
              metadata.path("contracts_migrated").asText(),
              failover.path("symbols").size(),
              metadata.path("health_trigger").asText()));
    }
  }

  private static String store(JsonNode store) {
    JsonNode journal = store.path("journal");
    return "store %s: %s%s"
        .formatted(
            store.path("kind").asText("unknown"),
            store.path("state").asText("unknown"),
            journal.isObject()
                ? "; journal: %,d bytes wait, %,d entries accepted, %,d refused"
                    .formatted(
                        journal.path("waiting_bytes").asLong(),
                        journal.path("accepted").asLong(),
                        journal.path("refused").asLong())
                : "");
  }

  private Duration pace() {
    return Durations.parse(every)
        .filter(pace -> pace.compareTo(FASTEST) >= 0)
        .orElseThrow(() -> new ParameterException(
            spec.commandLine(),
            "--every must be a time of 100ms or more, such as 1s, was \"%s\"".formatted(every)));
  }
}
