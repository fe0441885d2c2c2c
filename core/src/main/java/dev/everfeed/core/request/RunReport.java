package dev.everfeed.core.request;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.SourceId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One run of the refresh schedule: what it set out to do, what it reached, and every error on
/// the way, also those that another provider made good.
///
/// @param number         1 for the first run since the start
/// @param startedAtNanos monotonic
/// @param endedAtNanos   monotonic, or -1 while it runs
/// @param asked          questions in the run (a symbol's price, a series of bars, the
///     sentiment)
/// @param refreshed      of these, answered by a provider
/// @param errors         in order, at most [#MAX_ERRORS]; the rest is counted in
///     `errorsDropped`
/// @param periodic       what was asked in it that is not asked in every run
public record RunReport(
    long number,
    long startedAtNanos,
    long endedAtNanos,
    int asked,
    int refreshed,
    List<Error> errors,
    int errorsDropped,
    List<Asked> periodic) {

  public static final int MAX_ERRORS = 1_000;

  /// A question with a period of its own, and when it was asked.
  ///
  /// @param what    `BTC/USDT 1m`, `market`, `listings of binance`: the same words after a
  ///     restart
  /// @param atNanos monotonic
  public record Asked(String what, long atNanos) {}

  /// One failure of one provider.
  ///
  /// @param subject the symbol, or `market` for market-wide sentiment
  /// @param atNanos monotonic
  public record Error(
      @Nullable SourceId source, String subject, Failure.Kind kind, String message, long atNanos) {}

  public RunReport {
    errors = List.copyOf(errors);
    periodic = List.copyOf(periodic);
  }
}
