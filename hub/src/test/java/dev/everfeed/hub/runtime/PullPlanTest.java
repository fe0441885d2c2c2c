package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.config.Settings;
import java.util.Map;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class PullPlanTest {
  private static final SourceId BINANCE = new SourceId("binance");
  private static final SourceId COINGECKO = new SourceId("coingecko");

  /// Binance's list of instruments says 6,000 once an hour; who shares the address with other
  /// programs and configured 1,000 must not get the other 5,000 by that.
  @Test
  void aReportedLimitLowersAConfiguredOneAndNeverRaisesIt() {
    PullPlan plan = plan("sources: {binance: {weight_limit: 1000}}");
    assertThat(plan.mayUse(BINANCE, OptionalInt.of(6_000))).hasValue(1_000);
    assertThat(plan.mayUse(BINANCE, OptionalInt.of(300))).hasValue(300);
    assertThat(plan.mayUse(BINANCE, OptionalInt.empty())).isEmpty();
  }

  @Test
  void withoutAConfiguredLimitTheSourceHasTheSay() {
    PullPlan plan = plan("sources: {binance: {weight_limit: 1000}}");
    assertThat(plan.mayUse(COINGECKO, OptionalInt.of(500))).hasValue(500);
    assertThat(plan.mayUse(COINGECKO, OptionalInt.empty())).isEmpty();
  }

  private static PullPlan plan(String yaml) {
    return PullPlan.of(Settings.parse(yaml, Map.of()), RandomGenerator.of("L64X128MixRandom"), 0);
  }
}
