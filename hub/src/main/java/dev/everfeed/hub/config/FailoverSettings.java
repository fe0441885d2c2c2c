package dev.everfeed.hub.config;

import dev.everfeed.core.model.Symbol;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// When instruments leave a gateway that ails, and return to it (REQUIREMENTS C2, C3, C5, C13).
public record FailoverSettings(
    @Knob(
        value = "immediate",
        means =
            "`immediate` moves at once, `delayed` when the gateway still ails after `delay`, `manual` when an operator says so, `shadow` never: it tells what it would have done.",
        touch = "`shadow` to watch before you trust it")
    Policy policy,

    @Knob(
        means = "The policy of single symbols, as `SYMBOL: policy` or `\"*/USDT\": policy`.",
        touch = "for instruments that need another care than the rest")
    Map<SymbolPattern, Policy> policies,

    @Knob(
        value = "5s",
        min = "0s",
        max = "1h",
        means = "How long a gateway must ail before `delayed` moves.",
        touch = "with what your programs can bear")
    Duration delay,

    @Knob(
        value = "5s",
        min = "100ms",
        max = "5m",
        means =
            "A migration that is not done after this is taken back: the instrument stays where it was, and another gateway is tried.",
        touch = "longer for slow venues")
    Duration deadline,

    @Knob(
        value = "1s",
        min = "10ms",
        max = "1m",
        means =
            "A subscription that is acknowledged and brings nothing for so long counts as moved: the instrument trades rarely.",
        touch = "rarely")
    Duration firstTickWithin,

    @Knob(
        value = "30s",
        min = "0s",
        max = "1h",
        means =
            "Least time between two moves of an instrument, unless the gateway that it is at is down.",
        touch = "longer against flapping")
    Duration cooldown,

    @Knob(
        value = "5s",
        min = "0s",
        max = "10m",
        means = "So long the gateway before stays subscribed after a move, for a way back.",
        touch = "rarely")
    Duration probation,

    @Knob(
        value = "60s",
        min = "0s",
        max = "1d",
        means =
            "So long a better gateway must be healthy before instruments return to it; twice as long for each trouble that it had in the last hour.",
        touch = "longer when returning costs more than staying")
    Duration failBackAfter,

    @Knob(
        means =
            "Symbols by whose events whole gateways are judged; the first of `symbols` when not set.",
        touch = "list what always trades")
    List<Symbol> canaries,

    @Knob(
        value = "60s",
        min = "1s",
        max = "1h",
        means =
            "A gateway whose canaries are silent for so long is unhealthy, while those of another one are not.",
        touch = "shorter for canaries that trade every second")
    Duration canaryAfter)
    implements Checked {

  /// Who decides.
  public enum Policy {
    IMMEDIATE,
    DELAYED,
    MANUAL,
    SHADOW
  }

  /// What is set for a symbol; an entry for the very symbol goes before a pattern.
  public Optional<Policy> policyOf(Symbol symbol) {
    @Nullable Policy byPattern = null;
    for (Map.Entry<SymbolPattern, Policy> entry : policies.entrySet()) {
      if (!entry.getKey().matches(symbol)) {
        continue;
      }
      if (!entry.getKey().hasWildcard()) {
        return Optional.of(entry.getValue());
      }
      byPattern = byPattern == null ? entry.getValue() : byPattern;
    }
    return Optional.ofNullable(byPattern);
  }

  @Override
  public void check(Complaints complaints) {
    if (firstTickWithin.compareTo(deadline) >= 0) {
      complaints.add(
          "first_tick_within",
          "must be shorter than deadline (%s), was %s"
              .formatted(Durations.format(deadline), Durations.format(firstTickWithin)));
    }
  }
}
