package dev.everfeed.hub.telemetry;

import dev.everfeed.hub.ledger.Ledger;
import dev.everfeed.hub.ledger.LedgerView;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import java.util.function.ToDoubleFunction;

/// The meters of the continuity ledger, drawn from what it shows of itself.
public final class LedgerMetrics {
  private LedgerMetrics() {}

  public static void register(Metrics metrics, Ledger ledger) {
    gauge(metrics, ledger, "gaps.open", "Gaps that are asked for", LedgerView::open);
    gauge(metrics, ledger, "gaps.lost", "Gaps with something missing", LedgerView::lost);
    gauge(metrics, ledger, "gaps.filled", "Gaps with nothing missing", LedgerView::filled);
    gauge(
        metrics,
        ledger,
        "missing",
        "Trades that are missing, in the newest passage of each stream",
        view -> view.passages().stream().mapToLong(LedgerView.PassageView::lost).sum());
    Gauge.builder("everfeed.ledger.size", ledger, it -> it.view().bytes())
        .description("The ledger on the disk")
        .baseUnit("bytes")
        .register(metrics.registry());
    FunctionCounter.builder("everfeed.ledger.overflows", ledger, Ledger::overflows)
        .description("How often the ledger could not keep up, and its account of a stream ended")
        .register(metrics.registry());
  }

  private static void gauge(
      Metrics metrics,
      Ledger ledger,
      String name,
      String description,
      ToDoubleFunction<LedgerView> value) {
    Gauge.builder("everfeed.ledger." + name, ledger, it -> value.applyAsDouble(it.view()))
        .description(description)
        .register(metrics.registry());
  }
}
