package dev.everfeed.core.verdict;

import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.verdict.Reason.Code;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What follows from the quality of data. The limit is the least that one of the reasons allows,
/// not their product: one dead connection makes an old value, a missing source and a move, and
/// would be counted three times.
public final class VerdictRule {
  private static final long MILLI = 1_000_000;

  private final VerdictPolicy policy;

  public VerdictRule(VerdictPolicy policy) {
    this.policy = policy;
  }

  public VerdictPolicy policy() {
    return policy;
  }

  public Verdict of(Evidence seen) {
    List<Reason> reasons = new ArrayList<>(0);
    if (seen.recording()) {
      reasons.add(Reason.of(Code.RECORDING, 0));
    }
    if (seen.standIn() != null) {
      reasons.add(new Reason(Code.STAND_IN, 0, 0, 0, seen.standIn()));
    }
    if (seen.ageNanos() == Evidence.NEVER) {
      reasons.add(Reason.of(Code.NO_DATA, 0));
    } else {
      add(reasons, age(seen.ageNanos()));
    }
    add(reasons, status(seen));
    if (seen.doubt() != null) {
      add(reasons, new Reason(Code.DISAGREE, policy.disagree(), 0, 0, seen.doubt()));
    }
    if (seen.sources() < policy.sourcesMin()) {
      add(
          reasons,
          new Reason(
              Code.FEW_SOURCES, policy.fewSources(), seen.sources(), policy.sourcesMin(), null));
    }
    if (seen.lost() > 0) {
      add(
          reasons,
          new Reason(Code.LOST, policy.lost(), seen.lost(), policy.lossNanos() / MILLI, null));
    }
    if (seen.moving()) {
      add(reasons, Reason.of(Code.MOVING, policy.moving()));
    }
    return of(reasons);
  }

  private static void add(List<Reason> reasons, @Nullable Reason reason) {
    if (reason != null && reason.percent() < 100) {
      reasons.add(reason);
    }
  }

  private @Nullable Reason age(long ageNanos) {
    boolean halts = ageNanos > policy.haltAfterNanos();
    return ageNanos <= policy.reduceAfterNanos()
        ? null
        : new Reason(
            Code.OLD,
            halts ? 0 : policy.old(),
            ageNanos / MILLI,
            (halts ? policy.haltAfterNanos() : policy.reduceAfterNanos()) / MILLI,
            null);
  }

  private @Nullable Reason status(Evidence seen) {
    return switch (seen.status()) {
      case LIVE -> null;
      case STALE -> Reason.of(Code.STALE, 0);
      case MAYBE_STALE, DELAYED, BACKFILLED, CACHED ->
        seen.doubt() != null && seen.status() == ValueStatus.MAYBE_STALE
            ? null // said with the disagreement
            : new Reason(
                Code.MAYBE_STALE,
                policy.maybeStale(),
                0,
                0,
                "it is " + seen.status().text());
    };
  }

  /// Nothing is known.
  ///
  /// @param why in the words of whoever was asked
  public Verdict nothing(@Nullable String why) {
    return of(List.of(new Reason(Code.NO_DATA, 0, 0, 0, why)));
  }

  /// Nobody has judged it for longer than a verdict is good.
  public Verdict late(long sinceNanos) {
    return of(List.of(
        new Reason(Code.LATE, 0, sinceNanos / MILLI, policy.validForNanos() / MILLI, null)));
  }

  static Verdict of(List<Reason> reasons) {
    List<Reason> sorted = new ArrayList<>(reasons);
    sorted.sort(Comparator.comparingInt(Reason::percent));
    return new Verdict(sorted.isEmpty() ? 100 : sorted.getFirst().percent(), sorted);
  }
}
