package dev.everfeed.hub.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.guard.GuardSnapshot;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.RunReport;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
  private static final SourceId BINANCE = new SourceId("binance");
  private static final SourceId COINGECKO = new SourceId("coingecko");

  private final Metrics metrics = new Metrics();
  private final ProviderMetrics providers =
      new ProviderMetrics(metrics, List.of(BINANCE, COINGECKO));

  @AfterEach
  void close() {
    metrics.close();
  }

  private List<String> lines(String beginning) {
    return metrics.page().lines().filter(line -> line.startsWith(beginning)).toList();
  }

  private static GuardSnapshot guard(CircuitBreaker.State state, long closedAtNanos) {
    return new GuardSnapshot(
        BINANCE, state, 1, 1, 1, 1, -1, closedAtNanos, 0, -1, -1, 12, 6_000, 0, null, -1);
  }

  /// Requirement A7: exactly these names, for every source, from the start.
  @Test
  void theNamesThatAlertsDependOnAreThereFromTheStart() {
    assertThat(lines("qt_"))
        .contains(
            "qt_provider_success_total{provider=\"binance\"} 0.0",
            "qt_provider_failures_total{provider=\"binance\"} 0.0",
            "qt_provider_circuit_open{provider=\"binance\"} 0.0",
            "qt_provider_latency_seconds_count{provider=\"binance\"} 0",
            "qt_provider_failures_total{provider=\"coingecko\"} 0.0");
    assertThat(lines("# TYPE qt_provider_latency_seconds "))
        .containsExactly("# TYPE qt_provider_latency_seconds histogram");
    assertThat(lines("qt_provider_latency_seconds_bucket{provider=\"binance\",le=\"0.05\"}"))
        .hasSize(1);
  }

  @Test
  void everyOtherNameIsOurs() {
    providers.observed(List.of(guard(CircuitBreaker.State.CLOSED, 1)), nanos -> 1.0);

    assertThat(metrics.page().lines().filter(line -> !line.startsWith("#")))
        .isNotEmpty()
        .allMatch(line -> line.startsWith("everfeed_") || line.startsWith("qt_provider_"))
        .anyMatch(line -> line.startsWith("everfeed_jvm_memory_used_bytes"));
  }

  @Test
  void callsAreCountedByWhatBecameOfThem() {
    providers.succeeded(BINANCE, 30_000_000);
    providers.failed(BINANCE, Failure.Kind.TIMEOUT, 3_000_000_000L);
    providers.failed(BINANCE, Failure.Kind.RATE_LIMITED, 20_000_000);
    providers.skipped(BINANCE);
    providers.hedged(BINANCE);
    providers.retried(BINANCE);

    assertThat(lines(
            "everfeed_provider_failed_calls_total{kind=\"rate_limited\",provider=\"binance\"}"))
        .first()
        .asString()
        .endsWith(" 1.0");
    assertThat(lines("everfeed_provider_skipped_total{provider=\"binance\"}"))
        .first()
        .asString()
        .endsWith(" 1.0");
    assertThat(lines("everfeed_provider_hedges_total{provider=\"binance\"}"))
        .first()
        .asString()
        .endsWith(" 1.0");
    assertThat(lines("everfeed_provider_retries_total{provider=\"binance\"}"))
        .first()
        .asString()
        .endsWith(" 1.0");
    assertThat(lines("qt_provider_latency_seconds_count{provider=\"binance\"}"))
        .first()
        .asString()
        .endsWith(" 3");
    assertThat(lines("qt_provider_latency_seconds_bucket{provider=\"binance\",le=\"0.025\"}"))
        .first()
        .asString()
        .endsWith(" 1");
  }

  /// Requirement A8: the alert is on the time since it was last closed, because an open circuit
  /// cycles through half open.
  @Test
  void theCircuitAndWhenItWasLastClosedFollowTheGuard() {
    providers.observed(
        List.of(guard(CircuitBreaker.State.HALF_OPEN, 2_000_000_000L)),
        nanos -> 1_714_564_800.0 + nanos / 1e9);

    assertThat(lines("qt_provider_circuit_open{provider=\"binance\"} 1.0")).hasSize(1);
    assertThat(
            lines("everfeed_provider_circuit_last_closed_timestamp_seconds{provider=\"binance\"}"))
        .containsExactly(
            "everfeed_provider_circuit_last_closed_timestamp_seconds{provider=\"binance\"} 1.714564802E9");
    assertThat(lines("everfeed_provider_weight_used{provider=\"binance\"} 12.0"))
        .hasSize(1);
    GuardSnapshot shown = guard(CircuitBreaker.State.HALF_OPEN, 2_000_000_000L);
    assertThat(lines("qt_provider_success_total{provider=\"binance\"}"))
        .containsExactly(
            "qt_provider_success_total{provider=\"binance\"} " + (double) shown.successCount());
    assertThat(lines("qt_provider_failures_total{provider=\"binance\"}"))
        .containsExactly(
            "qt_provider_failures_total{provider=\"binance\"} " + (double) shown.failureCount());

    providers.observed(List.of(guard(CircuitBreaker.State.CLOSED, 3)), nanos -> 1.0);
    assertThat(lines("qt_provider_circuit_open{provider=\"binance\"} 0.0")).hasSize(1);
  }

  @Test
  void runsAreCounted() {
    RunMetrics runs = new RunMetrics(metrics);
    runs.finished(new RunReport(1, 0, 1_500_000_000L, 6, 5, List.of(), 3, List.of()));
    runs.overlapPrevented();
    runs.remembered(7);

    assertThat(metrics.page())
        .contains("everfeed_scheduler_asked_total 6.0")
        .contains("everfeed_scheduler_refreshed_total 5.0")
        .contains("everfeed_scheduler_errors_total 3.0")
        .contains("everfeed_scheduler_overlaps_prevented_total 1.0")
        .contains("everfeed_scheduler_runs_seconds_sum 1.5")
        .contains("everfeed_cache_values 7.0");
  }

  @Test
  void theDiskOfTheJournalAndItsBoundsAreTold(@TempDir Path folder) {
    new StoreMetrics(metrics).disk(folder, 5, 7);

    assertThat(metrics.page())
        .containsPattern("\neverfeed_disk_free_bytes [1-9]")
        .contains("everfeed_journal_min_free_bytes 5.0")
        .contains("everfeed_journal_limit_bytes 7.0");
  }

  @Test
  void aDiskThatCannotBeAskedHasNoFigureRatherThanAWrongOne(@TempDir Path folder) {
    new StoreMetrics(metrics).disk(folder.resolve("gone"), 5, 7);

    assertThat(metrics.page()).contains("everfeed_disk_free_bytes NaN");
  }

  @Test
  void aSourceWithoutMetersIsAMistakeOfTheProgram() {
    assertThatThrownBy(() -> providers.skipped(new SourceId("kraken")))
        .hasMessage("no meters for source kraken; known: [binance, coingecko]");
  }
}
