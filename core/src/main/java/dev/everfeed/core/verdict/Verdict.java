package dev.everfeed.core.verdict;

import java.util.List;
import java.util.Locale;

/// Whether a program may trade a symbol, judged by the quality of its data alone.
///
/// @param percent of the usual position limit: the least that a reason allows, 100 without any
/// @param reasons why it is not 100, the gravest first
public record Verdict(int percent, List<Reason> reasons) {

  /// What to do; follows from the percentage, so that the two never contradict each other.
  public enum Action {
    /// 100 percent.
    TRADE,
    /// 1 to 99 percent.
    REDUCE,
    /// 0 percent: no new position, and open orders are withdrawn.
    HALT;

    /// As it is written everywhere.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Verdict {
    if (percent < 0 || percent > 100) {
      throw new IllegalArgumentException("a limit has 0 to 100 percent, was " + percent);
    }
    reasons = List.copyOf(reasons);
  }

  public Action action() {
    return percent == 0 ? Action.HALT : percent == 100 ? Action.TRADE : Action.REDUCE;
  }
}
