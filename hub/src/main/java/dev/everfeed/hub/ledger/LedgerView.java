package dev.everfeed.hub.ledger;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A ledger at one moment. Immutable.
///
/// @param durable   whether it is kept over restarts
/// @param remark    what was found damaged at the start, or null
/// @param gaps      the newest first
/// @param passages  the newest one of each stream, by the stream's name
/// @param overflows how often the ledger could not keep up with what happened
/// @param bytes     on the disk
public record LedgerView(
    boolean durable,
    @Nullable String remark,
    List<OfStream> gaps,
    List<PassageView> passages,
    long overflows,
    long bytes) {

  /// A gap, and where it is.
  public record OfStream(String stream, String source, Gap gap) {}

  /// What became of the ids of a stream, as far back as it is known. The numbers of all four
  /// kinds together are `upToId - sinceId + 1`.
  ///
  /// @param sinceId   the first one that something is known of
  /// @param since     when ids began to go on from each other
  /// @param delivered published in their place
  /// @param refilled  of these, asked for first; all of a gap that was closed without a loss
  /// @param filled    in the store, and not published in their place
  /// @param lost      missing
  /// @param open      of which neither is known yet
  /// @param gaps      that are kept of it
  public record PassageView(
      String stream,
      String source,
      long sinceId,
      long upToId,
      Instant since,
      Instant asOf,
      long delivered,
      long refilled,
      long filled,
      long lost,
      long open,
      int gaps) {

    static PassageView of(Passage passage) {
      long undelivered = 0;
      long refilled = 0;
      long filled = 0;
      long lost = 0;
      long open = 0;
      for (Gap gap : passage.gaps) {
        undelivered += gap.undelivered().ids();
        filled += gap.filledLater();
        if (gap.state().isOpen()) {
          open += gap.missing().ids();
        } else {
          lost += gap.missing().ids();
          refilled += gap.ticks() - gap.undelivered().ids();
        }
      }
      return new PassageView(
          passage.stream,
          passage.source,
          passage.sinceId,
          passage.upToId,
          passage.beganAt,
          passage.movedAt,
          passage.upToId - passage.sinceId + 1 - undelivered,
          refilled,
          filled,
          lost,
          open,
          passage.gaps.size());
    }
  }

  /// Gaps of which neither end is known yet.
  public long open() {
    return gaps.stream().filter(each -> each.gap().state().isOpen()).count();
  }

  public long lost() {
    return count(Gap.State.DECLARED_LOST);
  }

  public long filled() {
    return count(Gap.State.FILLED);
  }

  private long count(Gap.State state) {
    return gaps.stream().filter(each -> each.gap().state() == state).count();
  }
}
