package dev.everfeed.simulator.world;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.simulator.check.Checks;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Between our process and the providers: calls on their way there, answers on their way back.
final class Wire {
  private final Map<SourceId, SimulatedProvider> providers;
  private final EventQueue queue;

  /// Of the calls that have not arrived.
  private final Map<Long, Long> timeouts = new LinkedHashMap<>();

  Wire(Map<SourceId, SimulatedProvider> providers, EventQueue queue) {
    this.providers = providers;
    this.queue = queue;
  }

  /// @param query null for a probe
  void send(
      int life,
      long callId,
      SourceId source,
      @Nullable Query query,
      int weight,
      long timeoutNanos,
      long now) {
    timeouts.put(callId, timeoutNanos);
    queue.add(
        now + provider(source).transitNanos(),
        new Happening.Arrival(life, callId, source, query, weight, now));
  }

  /// @param life of our process now, or -1 while it is down: who has called may be gone
  void arrive(Happening.Arrival arrival, int life, long now, Checks checks) {
    SimulatedProvider provider = provider(arrival.source());
    if (arrival.life() != life) {
      provider.countForgotten(arrival.weight(), now);
      return;
    }
    int used = provider.count(arrival.weight(), now);
    checks.arrived(arrival.source(), used, provider.weightLimit(), now);
    Long timeout = timeouts.remove(arrival.callId());
    provider.answer(
        arrival,
        timeout == null ? 0 : timeout,
        now,
        (after, input) -> queue.add(now + after, new Happening.Delivery(life, input)));
  }

  /// Our process has ended.
  void cut(long now) {
    timeouts.clear();
    providers.values().forEach(provider -> provider.forgotten(now));
  }

  private SimulatedProvider provider(SourceId source) {
    SimulatedProvider provider = providers.get(source);
    if (provider == null) {
      throw new IllegalArgumentException("no provider " + source);
    }
    return provider;
  }
}
