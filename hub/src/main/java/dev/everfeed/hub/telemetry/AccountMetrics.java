package dev.everfeed.hub.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// The meters of the accounts. Safe for every thread.
public final class AccountMetrics {
  private final MeterRegistry registry;
  private final Map<String, AtomicInteger> byState = new ConcurrentHashMap<>();
  private final Counter rekeyed;

  public AccountMetrics(Metrics metrics) {
    registry = metrics.registry();
    rekeyed = Counter.builder("everfeed.accounts.rekeyed")
        .description("Secrets of accounts that were encrypted anew with another key")
        .register(registry);
  }

  /// @param state as `/v1/accounts` writes it
  public void counted(String state, int accounts) {
    byState
        .computeIfAbsent(state, name -> {
          AtomicInteger count = new AtomicInteger();
          Gauge.builder("everfeed.accounts", count, AtomicInteger::get)
              .description("Accounts, those of the configuration included")
              .tag("state", name)
              .register(registry);
          return count;
        })
        .set(accounts);
  }

  public void rekeyed(int secrets) {
    rekeyed.increment(secrets);
  }
}
