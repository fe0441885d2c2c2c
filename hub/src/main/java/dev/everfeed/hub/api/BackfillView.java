package dev.everfeed.hub.api;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A backfill at one moment. Immutable.
///
/// @param reason    what it waits for, or why it has failed; null when there is nothing to say
/// @param from      the open of the first bar that is wanted
/// @param to        the end of the last one: of what was over when it began
/// @param startedAt when it was ordered
/// @param endedAt   null while it is under way
/// @param exchanges empty until it is known who is asked
public record BackfillView(
    String id,
    BackfillOrder order,
    State state,
    @Nullable String reason,
    Instant from,
    Instant to,
    Instant startedAt,
    @Nullable Instant endedAt,
    List<Exchange> exchanges) {

  /// Of the whole.
  public enum State {
    /// For the database, without which nobody knows what is there.
    WAITING,
    RUNNING,
    /// Everything is asked; what came is being stored and looked through.
    VERIFYING,
    DONE,
    CANCELLED,
    /// By a fault of the hub's own, or because it stopped.
    FAILED;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    public boolean isOver() {
      return this == DONE || this == CANCELLED || this == FAILED;
    }
  }

  /// How far it is at one exchange. All but `calls` are intervals: `covered` is at most `total`,
  /// and rises.
  ///
  /// @param reason   what it waits for or why it was refused; null when there is nothing to say
  /// @param before   covered when it began
  /// @param covered  known to be with all their bars, those from before included
  /// @param asked    answered by the exchange
  /// @param bars     received and on disk
  /// @param calls    questions that were put to the exchange, those that failed included
  /// @param report   null until it was looked through
  public record Exchange(
      String name,
      ExchangeState state,
      @Nullable String reason,
      long total,
      long before,
      long covered,
      long asked,
      long bars,
      long calls,
      @Nullable Report report) {}

  /// Of one exchange's part.
  public enum ExchangeState {
    RUNNING,
    /// For its budget, a pause, its circuit, or the hub's own disk or database.
    WAITING,
    /// Nothing is left to ask.
    ASKED,
    DONE,
    /// It does not have this at all.
    REFUSED,
    /// There is no exchange of this name.
    UNKNOWN,
    CANCELLED;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// What is in the store in the end, in intervals. All five together are `total`.
  ///
  /// @param bars         with a bar
  /// @param noTrades     in which nobody traded
  /// @param venueHasNone for which the exchange should have a bar, and has none
  /// @param unavailable  missing, and the exchange does not know them any more
  /// @param missing      missing for any other reason
  /// @param gaps         the first ones, rising
  /// @param gapCount     of all
  public record Report(
      long bars,
      long noTrades,
      long venueHasNone,
      long unavailable,
      long missing,
      List<Gap> gaps,
      long gapCount) {}

  /// A stretch without bars.
  ///
  /// @param kind   `no_trades`, `venue_has_none`, `unavailable` or `missing`
  /// @param reason why it is missing, or null
  public record Gap(
      Instant from,
      Instant to,
      long intervals,
      String kind,
      @Nullable String reason) {}

  /// One JSON object, as the interface serves it.
  public String json() {
    JsonText json = new JsonText();
    write(json);
    return json.toString();
  }

  void write(JsonText json) {
    json.open()
        .field("id", id)
        .field("symbol", order.symbol().text())
        .field("interval", order.interval().text())
        .field("from", from)
        .field("to", to)
        .field("exchange", order.exchanges().isEmpty() ? null : String.join(",", order.exchanges()))
        .field("again", order.again())
        .field("state", state.text())
        .field("reason", reason)
        .field("started_at", startedAt)
        .field("ended_at", endedAt)
        .key("exchanges")
        .openList();
    for (Exchange exchange : exchanges) {
      json.open()
          .field("exchange", exchange.name())
          .field("state", exchange.state().text())
          .field("reason", exchange.reason())
          .field("total", exchange.total())
          .field("before", exchange.before())
          .field("covered", exchange.covered())
          .field("asked", exchange.asked())
          .field("bars", exchange.bars())
          .field("calls", exchange.calls())
          .key("report");
      Report report = exchange.report();
      if (report == null) {
        json.nothing();
      } else {
        write(report, json);
      }
      json.close();
    }
    json.closeList().close();
  }

  private static void write(Report report, JsonText json) {
    json.open()
        .field("bars", report.bars())
        .field("no_trades", report.noTrades())
        .field("venue_has_none", report.venueHasNone())
        .field("unavailable", report.unavailable())
        .field("missing", report.missing())
        .field("gap_count", report.gapCount())
        .key("gaps")
        .openList();
    for (Gap gap : report.gaps()) {
      json.open()
          .field("from", gap.from())
          .field("to", gap.to())
          .field("intervals", gap.intervals())
          .field("kind", gap.kind())
          .field("reason", gap.reason())
          .close();
    }
    json.closeList().close();
  }
}
