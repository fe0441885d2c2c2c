package dev.everfeed.core.verdict;

import dev.everfeed.core.verdict.Reason.Code;
import java.util.ArrayList;
import java.util.List;

/// The verdict of one symbol over time. It is worse at once; it is better when it was better
/// for a while without a break, and then as good as the worst of that while: what flaps is
/// bad. Begins as a halt. Pure; owned by one thread.
///
/// | what is found    | is told                                            |
/// |------------------|----------------------------------------------------|
/// | worse, or equal  | at once                                            |
/// | better           | `betterAfterNanos` later, `recovering` until then  |
public final class VerdictKeeper {
  private static final long NOT = Long.MIN_VALUE;
  private static final long MILLI = 1_000_000;

  private final VerdictRule rule;
  private Verdict told;
  private int percent;

  /// Since when it is better than what is told, and how good at the worst.
  private long betterSince = NOT;

  private int betterPercent;

  public VerdictKeeper(VerdictRule rule) {
    this.rule = rule;
    this.told = rule.nothing(null);
  }

  /// Takes what was found now.
  ///
  /// @return whether the limit is another one
  public boolean found(Verdict now, long nowNanos) {
    int before = percent;
    if (now.percent() <= percent) {
      betterSince = NOT;
      percent = now.percent();
    } else {
      if (betterSince == NOT) {
        betterSince = nowNanos;
        betterPercent = now.percent();
      }
      betterPercent = Math.min(betterPercent, now.percent());
      if (nowNanos - betterSince >= rule.policy().betterAfterNanos()) {
        percent = betterPercent;
        betterSince = now.percent() > percent ? nowNanos : NOT;
        betterPercent = now.percent();
      }
    }
    told = betterSince == NOT ? now : recovering(now, nowNanos);
    return percent != before;
  }

  private Verdict recovering(Verdict now, long nowNanos) {
    List<Reason> reasons = new ArrayList<>(now.reasons());
    reasons.add(new Reason(
        Code.RECOVERING,
        percent,
        (nowNanos - betterSince) / MILLI,
        rule.policy().betterAfterNanos() / MILLI,
        null));
    return VerdictRule.of(reasons);
  }

  public Verdict told() {
    return told;
  }
}
