package dev.everfeed.core.verdict;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Why a limit is less than the usual one. Its sentence is made when somebody reads it.
///
/// @param percent of the usual limit that it allows
/// @param seen    what was seen, in the unit of the code
/// @param allowed what would have been right, likewise
/// @param detail  words of whoever found it; null where there are none
public record Reason(
    Code code,
    int percent,
    long seen,
    long allowed,
    @Nullable String detail) {

  /// What is wrong.
  public enum Code {
    /// What is published is a recording.
    RECORDING,
    /// Nothing is known of it.
    NO_DATA,
    /// Nobody delivers it.
    STALE,
    /// What judges it has not looked for a while (ms).
    LATE,
    /// The price is of another instrument, or an average.
    STAND_IN,
    /// The newest value is old (ms).
    OLD,
    /// Its newest value is in doubt.
    MAYBE_STALE,
    /// Gateways say different prices.
    DISAGREE,
    /// Too few sources are healthy (how many).
    FEW_SOURCES,
    /// Trades were lost (how many; ms for which it counts).
    LOST,
    /// It is on its way to another gateway.
    MOVING,
    /// It is better again, and not for long enough (ms).
    RECOVERING;

    /// As it is written everywhere.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Reason of(Code code, int percent) {
    return new Reason(code, percent, 0, 0, null);
  }

  /// A sentence with what was seen and what was allowed.
  public String message() {
    return switch (code) {
      case RECORDING -> "what is published is a recording, not the present";
      case NO_DATA -> "nothing is known of it" + because();
      case STALE -> "no source delivers it now" + because();
      case LATE ->
        "what judges it last looked %,d ms ago (allowed %,d ms)".formatted(seen, allowed);
      case STAND_IN -> "its price is not that of this instrument at an exchange" + because();
      case OLD ->
        "its newest quote or trade is %,d ms old (allowed %,d ms)".formatted(seen, allowed);
      case MAYBE_STALE -> "its newest value is in doubt" + because();
      case DISAGREE -> "gateways disagree" + because();
      case FEW_SOURCES ->
        "%,d healthy %s it with content of its own (wanted %,d)"
            .formatted(seen, seen == 1 ? "source has" : "sources have", allowed);
      case LOST ->
        "%,d trades were lost in the last %,d ms, or missed while the hub was down"
            .formatted(seen, allowed);
      case MOVING -> "it is being moved to another gateway";
      case RECOVERING ->
        "it was worse until %,d ms ago (wanted %,d ms without)".formatted(seen, allowed);
    };
  }

  private String because() {
    return detail == null ? "" : ": " + detail;
  }
}
