package dev.everfeed.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.everfeed.app.doctor.Doctor;
import dev.everfeed.app.doctor.Finding;
import dev.everfeed.app.doctor.Finding.Outcome;
import dev.everfeed.hub.config.ConfigurationException;
import dev.everfeed.hub.config.Mistake;
import dev.everfeed.hub.config.Settings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `doctor`: whether a hub can run here, and what to do where it cannot; before a start and
/// while one runs.
@Command(
    name = "doctor",
    description =
        "Looks whether a hub can run here: configuration, ports, disk, database, clock, limits. Says what to do.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Exit status: 0 nothing failed, 1 something did, 78 the configuration has mistakes."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final String CONFIGURATION = "configuration";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The hub's configuration; without it, what a hub does without a file.")
  private @Nullable Path config;

  @Option(
      names = "--offline",
      description = "Asks nobody outside this machine: no source, no external database.")
  private boolean offline;

  @Option(names = "--json", description = "One JSON object, for programs.")
  private boolean json;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before call()
  private CommandSpec spec;

  @Override
  public Integer call() {
    long began = System.nanoTime();
    List<Finding> findings = new ArrayList<>();
    Settings settings = settings(findings);
    boolean misconfigured = settings == null;
    if (settings == null) {
      findings.addAll(Doctor.lookAtMachine());
      findings.add(Finding.skipped(
          "the rest",
          "ports, disk, database and sources are looked at once the configuration is right"));
    } else {
      findings.addAll(Doctor.look(settings, offline, HubKey::shownBy));
    }
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(asJson(findings, took));
    } else {
      print(out, findings, took);
    }
    out.flush();
    if (misconfigured) {
      return Everfeed.MISCONFIGURED;
    }
    return worst(findings) == Outcome.FAIL ? 1 : 0;
  }

  /// Null when there are mistakes, each of which is a finding then.
  private @Nullable Settings settings(List<Finding> findings) {
    String where = config == null ? "no file, the defaults" : config.toString();
    List<Mistake> ignored = new ArrayList<>();
    try {
      Settings settings = config == null
          ? Settings.parse("", System.getenv(), ignored::add)
          : Settings.load(config, System.getenv(), ignored::add);
      findings.add(Finding.ok(CONFIGURATION, where + ": no mistakes"));
      ignored.forEach(mistake -> findings.add(new Finding(
          CONFIGURATION, Outcome.WARN, "left out: " + mistake, "correct it, or take it out")));
      return settings;
    } catch (ConfigurationException e) {
      for (Mistake mistake : e.mistakes()) {
        findings.add(Finding.fail(
            CONFIGURATION,
            "%s: %s".formatted(where, mistake),
            "docs/configuration.md lists every setting"));
      }
      return null;
    }
  }

  private static Outcome worst(List<Finding> findings) {
    return findings.stream().map(Finding::outcome).max(Enum::compareTo).orElse(Outcome.OK);
  }

  private static long count(List<Finding> findings, Outcome outcome) {
    return findings.stream().filter(finding -> finding.outcome() == outcome).count();
  }

  private static String text(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }

  private static void print(PrintWriter out, List<Finding> findings, Duration took) {
    for (Finding finding : findings) {
      out.printf(
          "%-7s %-13s %s%n", text(finding.outcome()), finding.check(), printable(finding.what()));
      if (finding.remedy() != null) {
        out.printf("%-7s %-13s   -> %s%n", "", "", printable(finding.remedy()));
      }
    }
    out.println("%d ok, %d warn, %d fail, %d skipped, in %,d ms"
        .formatted(
            count(findings, Outcome.OK),
            count(findings, Outcome.WARN),
            count(findings, Outcome.FAIL),
            count(findings, Outcome.SKIPPED),
            took.toMillis()));
  }

  /// What comes from outside must not move the cursor or colour the terminal.
  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "·");
  }

  private static String asJson(List<Finding> findings, Duration took) {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    Outcome worst = worst(findings);
    root.put("status", text(worst == Outcome.SKIPPED ? Outcome.OK : worst));
    root.put("took_ms", took.toMillis());
    ArrayNode list = root.putArray("findings");
    for (Finding finding : findings) {
      list.addObject()
          .put("check", finding.check())
          .put("status", text(finding.outcome()))
          .put("message", finding.what())
          .put("remedy", finding.remedy());
    }
    try {
      return mapper.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the findings cannot be written as JSON", e);
    }
  }
}
