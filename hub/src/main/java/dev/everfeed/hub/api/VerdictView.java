package dev.everfeed.hub.api;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.verdict.Evidence;
import dev.everfeed.core.verdict.Reason;
import dev.everfeed.core.verdict.Verdict;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The verdict of one symbol, and what it is of. Immutable.
///
/// @param atNanos  when it was judged
/// @param since    since when its limit is that; null where it is judged anew for each question
/// @param streamed whether it is of what is published, and not of a price that was asked for
/// @param gateway  that the values came through; null for none
/// @param ageNanos of the newest value, or [Evidence#NEVER]
/// @param sources  healthy ones that have the symbol
public record VerdictView(
    String symbol,
    Verdict verdict,
    long atNanos,
    @Nullable Instant since,
    boolean streamed,
    @Nullable String gateway,
    ValueStatus status,
    long ageNanos,
    int sources) {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /// The same, judged otherwise.
  VerdictView with(Verdict other) {
    return new VerdictView(
        symbol, other, atNanos, since, streamed, gateway, status, ageNanos, sources);
  }

  /// @param at         when it was judged, by the wall clock
  /// @param validUntil how long it is good
  /// @param leftNanos  the same, from now on
  void write(JsonText json, Instant at, Instant validUntil, long leftNanos) {
    json.open()
        .field("symbol", symbol)
        .field("verdict", verdict.action().text())
        .field("factor", factor(verdict.percent()))
        .field("at", at)
        .field("valid_until", validUntil)
        .field("valid_for_ms", Math.max(0, leftNanos / NANOS_PER_MILLI))
        .field("since", since)
        .field("basis", streamed ? "stream" : "poll")
        .field("gateway", gateway);
    json.field("status", ageNanos == Evidence.NEVER ? null : status.text());
    if (ageNanos == Evidence.NEVER) {
      json.fieldNull("age_ms");
    } else {
      json.field("age_ms", ageNanos / NANOS_PER_MILLI);
    }
    json.field("sources", sources);
    reasons(json, verdict);
    json.close();
  }

  /// With the event, too.
  public static void reasons(JsonText json, Verdict verdict) {
    json.key("reasons").openList();
    for (Reason reason : verdict.reasons()) {
      json.open()
          .field("code", reason.code().text())
          .field("factor", factor(reason.percent()))
          .field("message", reason.message())
          .close();
    }
    json.closeList();
  }

  /// 0 to 1.
  public static Decimal factor(int percent) {
    return percent % 100 == 0
        ? Decimal.of(percent / 100)
        : percent % 10 == 0 ? Decimal.of(percent / 10, 1) : Decimal.of(percent, 2);
  }
}
