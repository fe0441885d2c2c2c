package dev.everfeed.core.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.verdict.Verdict.Action;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VerdictTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final VerdictPolicy POLICY = new VerdictPolicy(
      2 * SECOND, 5 * SECOND, 30 * SECOND, 2, 60 * SECOND, 5 * SECOND, 50, 50, 25, 50, 75, 50);

  private final VerdictRule rule = new VerdictRule(POLICY);
  private final VerdictKeeper keeper = new VerdictKeeper(rule);

  private static Evidence seen(
      ValueStatus status,
      long ageMillis,
      int sources,
      boolean moving,
      long lost,
      @Nullable String doubt) {
    return new Evidence(false, status, ageMillis * MILLI, sources, moving, lost, doubt, null);
  }

  private static final Evidence WELL = seen(ValueStatus.LIVE, 100, 2, false, 0, null);

  private static List<String> messages(Verdict verdict) {
    return verdict.reasons().stream()
        .map(reason -> reason.code().text() + " " + reason.percent() + ": " + reason.message())
        .toList();
  }

  @Test
  void withNothingWrongTheWholeLimitMayBeUsed() {
    assertThat(rule.of(WELL)).isEqualTo(new Verdict(100, List.of()));
    assertThat(rule.of(WELL).action()).isEqualTo(Action.TRADE);
  }

  @Test
  void everyReasonSaysWhatWasSeenAndTheGravestRules() {
    Verdict verdict =
        rule.of(seen(ValueStatus.MAYBE_STALE, 7_200, 1, true, 3, "67,123 and 67,999"));
    assertThat(verdict.percent()).isEqualTo(25);
    assertThat(verdict.action()).isEqualTo(Action.REDUCE);
    assertThat(messages(verdict))
        .containsExactly(
            "disagree 25: gateways disagree: 67,123 and 67,999",
            "old 50: its newest quote or trade is 7,200 ms old (allowed 5,000 ms)",
            "few_sources 50: 1 healthy source has it with content of its own (wanted 2)",
            "moving 50: it is being moved to another gateway",
            "lost 75: 3 trades were lost in the last 60,000 ms, or missed while the hub was down");
    assertThat(messages(rule.of(seen(ValueStatus.MAYBE_STALE, 100, 2, false, 0, null))))
        .containsExactly("maybe_stale 50: its newest value is in doubt: it is maybe_stale");
  }

  @Test
  void whatIsStaleOldUnknownRecordedOrAnotherInstrumentsIsAHalt() {
    assertThat(messages(rule.of(seen(ValueStatus.STALE, 100, 2, false, 0, null))))
        .containsExactly("stale 0: no source delivers it now");
    assertThat(messages(rule.of(seen(ValueStatus.LIVE, 30_001, 2, false, 0, null))))
        .containsExactly("old 0: its newest quote or trade is 30,001 ms old (allowed 30,000 ms)");
    Evidence never = new Evidence(
        true, ValueStatus.LIVE, Evidence.NEVER, 2, false, 0, null, "it is that of BTC/USD");
    assertThat(messages(rule.of(never)))
        .containsExactly(
            "recording 0: what is published is a recording, not the present",
            "stand_in 0: its price is not that of this instrument at an exchange: it is that of"
                + " BTC/USD",
            "no_data 0: nothing is known of it");
    assertThat(messages(rule.late(3 * SECOND)))
        .containsExactly("late 0: what judges it last looked 3,000 ms ago (allowed 2,000 ms)");
  }

  @Test
  void aReasonWithTheWholeLimitIsNone() {
    VerdictPolicy lenient = new VerdictPolicy(
        2 * SECOND, 5 * SECOND, 30 * SECOND, 2, 0, 0, 100, 100, 100, 100, 100, 100);
    assertThat(new VerdictRule(lenient)
            .of(seen(ValueStatus.MAYBE_STALE, 7_000, 0, true, 9, "so"))
            .reasons())
        .isEmpty();
  }

  @Test
  void itIsWorseAtOnceAndBetterAfterAWhile() {
    assertThat(keeper.told().action()).isEqualTo(Action.HALT);
    assertThat(keeper.found(rule.of(WELL), 0)).isFalse();
    assertThat(keeper.found(rule.of(WELL), 4_999 * MILLI)).isFalse();
    assertThat(messages(keeper.told()))
        .containsExactly("recovering 0: it was worse until 4,999 ms ago (wanted 5,000 ms without)");
    assertThat(keeper.found(rule.of(WELL), 5_000 * MILLI)).isTrue();
    assertThat(keeper.told()).isEqualTo(new Verdict(100, List.of()));
    assertThat(keeper.found(rule.of(seen(ValueStatus.LIVE, 1, 1, false, 0, null)), 5_001 * MILLI))
        .isTrue();
    assertThat(keeper.told().percent()).isEqualTo(50);
  }

  @Test
  void whatFlapsStaysAsBadAsItGets() {
    keeper.found(rule.of(WELL), 0);
    int changes = 0;
    for (long at = 0; at < 60_000; at += 100) {
      boolean worse = at % 4_000 < 100;
      Verdict now =
          rule.of(seen(worse ? ValueStatus.STALE : ValueStatus.LIVE, 1, 2, false, 0, null));
      changes += keeper.found(now, at * MILLI) ? 1 : 0;
    }
    assertThat(changes).isZero();
    assertThat(keeper.told().action()).isEqualTo(Action.HALT);
  }

  @Test
  void itReturnsAsFarAsItWasWellAllTheTime() {
    keeper.found(rule.of(WELL), 0);
    keeper.found(rule.of(seen(ValueStatus.LIVE, 1, 1, false, 0, null)), 2_000 * MILLI);
    keeper.found(rule.of(WELL), 3_000 * MILLI);
    assertThat(keeper.found(rule.of(WELL), 5_000 * MILLI)).isTrue();
    assertThat(keeper.told().percent()).isEqualTo(50);
    assertThat(keeper.found(rule.of(WELL), 10_000 * MILLI)).isTrue();
    assertThat(keeper.told().percent()).isEqualTo(100);
  }

  /// Whatever is found: never better than what is found now, and never better than at any
  /// moment of the time before.
  @Test
  void itIsNeverBetterThanTheWorstOfTheTimeBefore() {
    Random random = new Random(7);
    int[] found = new int[3_000];
    for (int i = 0; i < found.length; i++) {
      found[i] = random.nextInt(20) == 0 ? random.nextInt(101) : i == 0 ? 50 : found[i - 1];
      Verdict now = new Verdict(found[i], List.of());
      int before = keeper.told().percent();
      boolean changed = keeper.found(now, i * 500 * MILLI);
      int worst = 100;
      for (int j = Math.max(0, i - 9); j <= i; j++) {
        worst = Math.min(worst, found[j]);
      }
      int told = keeper.told().percent();
      assertThat(told).isLessThanOrEqualTo(found[i]);
      assertThat(changed).isEqualTo(told != before);
      if (told > before) {
        assertThat(told).isLessThanOrEqualTo(worst);
      }
    }
  }
}
