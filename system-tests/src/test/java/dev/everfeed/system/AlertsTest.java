package dev.everfeed.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What Prometheus cannot say of the alerts by itself: that a running hub has what they look at,
/// that each is tested both ways, and that each has a page for who is woken by it. Whether they
/// fire is `.ci/check-alerts`.
class AlertsTest {
  private static final Path RULES = Path.of("operations/alerts/everfeed.rules.yaml");
  private static final Path CASES = Path.of("operations/alerts/everfeed.test.yaml");
  private static final Path PAGES = Path.of("docs/runbooks");
  private static final Pattern ALERT = Pattern.compile("(?m)^ +- alert: (\\w+)$");
  private static final Pattern METRIC =
      Pattern.compile("\\b((?:everfeed|qt_provider)_[a-z0-9_]+)\\b");
  private static final Pattern FIRES = Pattern.compile("(?m)^  - name: (\\w+) fires$");
  private static final Pattern SILENT = Pattern.compile("(?m)^  - name: (\\w+) is silent$");
  private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)(?:#[^)]*)?\\)");
  private static final Pattern RUNBOOK = Pattern.compile("runbook_url: '[^']*/([a-z-]+\\.md)'");

  private static final Duration COMES_WITHIN = Duration.ofSeconds(30);
  private static final Duration ASK_EVERY = Duration.ofMillis(500);

  private static String text(Path file) throws IOException {
    return Files.readString(DemoProcess.project().resolve(file));
  }

  private static List<String> found(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(each -> each.group(1)).toList();
  }

  /// From `EverfeedHubDown` to `hub-down.md`.
  private static String page(String alert) {
    return Pattern.compile("(?<!^)([A-Z])")
            .matcher(alert.substring("Everfeed".length()))
            .replaceAll(each -> "-" + each.group(1))
            .toLowerCase(java.util.Locale.ROOT)
        + ".md";
  }

  /// Comments and annotations are words; what is left names metrics.
  private static Set<String> metrics() throws IOException {
    String expressions = text(RULES)
        .lines()
        .filter(line -> !line.strip().startsWith("#"))
        .filter(line -> !line.contains("summary: ") && !line.contains("runbook_url: "))
        .collect(Collectors.joining("\n"));
    return new TreeSet<>(found(METRIC, expressions));
  }

  @Test
  @Timeout(120)
  void everyMetricThatARuleNamesIsOneThatARunningHubHas() throws Exception {
    Set<String> named = metrics();
    assertThat(named)
        .hasSizeGreaterThan(30)
        .contains("everfeed_ready", "qt_provider_success_total");

    try (DemoProcess demo = new DemoProcess("alerts");
        HttpClient client = HttpClient.newHttpClient()) {
      URI metrics = demo.hub().resolve("/metrics");
      // some begin with the first reader, or the first transaction
      long until = System.nanoTime() + COMES_WITHIN.toNanos();
      Set<String> absent = absent(client, metrics, named);
      while (!absent.isEmpty() && System.nanoTime() < until) {
        LockSupport.parkNanos(ASK_EVERY.toNanos());
        absent = absent(client, metrics, named);
      }
      assertThat(absent).as("named by a rule, and on no page of the hub").isEmpty();
    }
  }

  private static Set<String> absent(HttpClient client, URI metrics, Set<String> named)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(metrics).timeout(Duration.ofSeconds(10)).build();
    Set<String> there = client
        .send(request, HttpResponse.BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("[ {]", 2)[0])
        .collect(Collectors.toSet());
    Set<String> absent = new TreeSet<>(named);
    absent.removeAll(there);
    return absent;
  }

  @Test
  void everyAlertHasACaseInWhichItFiresAndOneInWhichItIsSilent() throws IOException {
    List<String> alerts = found(ALERT, text(RULES));
    String cases = text(CASES);

    assertThat(alerts).hasSizeGreaterThan(25).doesNotHaveDuplicates();
    assertThat(found(FIRES, cases)).containsExactlyInAnyOrderElementsOf(alerts);
    assertThat(found(SILENT, cases)).containsExactlyInAnyOrderElementsOf(alerts);
    // a case that fires expects an alert, a silent one none
    for (String one : cases.split("(?m)^  - name: ")) {
      if (one.contains(" fires\n")) {
        assertThat(one).contains("exp_labels:").contains("runbook_url:");
      } else if (one.contains(" is silent\n")) {
        assertThat(one).contains("exp_alerts: []").contains("series:");
      }
    }
  }

  @Test
  void everyAlertHasAPageAndEveryPageAnAlert() throws IOException {
    List<String> alerts = found(ALERT, text(RULES));
    List<String> pages = alerts.stream().map(AlertsTest::page).toList();

    assertThat(found(RUNBOOK, text(RULES))).containsExactlyElementsOf(pages);
    Set<String> there = files(PAGES).stream()
        .map(file -> file.getFileName().toString())
        .filter(name -> !name.equals("README.md"))
        .collect(Collectors.toCollection(TreeSet::new));
    assertThat(there).containsExactlyInAnyOrderElementsOf(pages);
    String index = text(PAGES.resolve("README.md"));
    for (String alert : alerts) {
      assertThat(index).contains("[" + alert + "](" + page(alert) + ")");
      assertThat(text(PAGES.resolve(page(alert))))
          .startsWith("# " + alert + "\n")
          .contains("**Readers notice**")
          .contains("**First look**\n```bash\n")
          .contains("**Causes, the likely ones first**")
          .contains("**What to do**")
          .contains("**Escalate**")
          .contains("**It is over**");
    }
  }

  @Test
  void whatThePagesLinkToIsThere() throws IOException {
    List<String> dead = new ArrayList<>();
    for (Path file : files(PAGES)) {
      Function<MatchResult, Path> target = link -> file.resolveSibling(link.group(1));
      LINK.matcher(Files.readString(file))
          .results()
          .filter(link -> !link.group(1).contains("://"))
          .filter(link -> !Files.exists(target.apply(link)))
          .forEach(link -> dead.add(file.getFileName() + ": " + link.group(1)));
    }

    assertThat(dead).isEmpty();
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(DemoProcess.project().resolve(folder))) {
      return files.toList();
    }
  }
}
