package dev.everfeed.hub.ledger;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Ids of a dense stream that did not come when they were due, and what became of them.
///
/// | state           | means                                                    | next            |
/// |-----------------|----------------------------------------------------------|-----------------|
/// | `DETECTED`      | missed while the hub was down; will be asked for         | `RECOVERING`    |
/// | `RECOVERING`    | asked for                                                | one of the two  |
/// | `FILLED`        | in the stream in their place, or in the store afterwards | -               |
/// | `DECLARED_LOST` | some are missing, and the reason says why                | -, or `FILLED`  |
///
/// What was declared lost may turn up in the store later; there is no third end.
///
/// @param number      rises by each gap of this ledger
/// @param passage     the number of its [Passage]
/// @param gateway     that the stream was published from, or null
/// @param undelivered those of its ids that were not published in their place
/// @param missing     those of them that are in the store neither
/// @param reason      why some are missing, or null
/// @param closedAt    null while it is open
/// @param filledBy    the last way in which some of it was filled, or null
/// @param tries       how often it was asked for after it was declared
public record Gap(
    long number,
    long passage,
    @Nullable String gateway,
    long firstId,
    long lastId,
    Kind kind,
    State state,
    IdRanges undelivered,
    IdRanges missing,
    @Nullable String reason,
    Instant detectedAt,
    @Nullable Instant closedAt,
    @Nullable FilledBy filledBy,
    int tries) {

  /// Beyond so many, neighbours are taken together, with what lies between them.
  static final int RANGES_MAX = 32;

  static final int REASON_MAX = 200;

  /// What can be told of its cause.
  public enum Kind {
    /// The hub was not there.
    HUB_DOWN,
    /// The one line that there was did not bring it.
    LINE,
    /// None of several lines brought it.
    ALL_LINES,
    /// The stream was published from somewhere else meanwhile.
    AWAY,
    /// What this ledger said of it is damaged: it may have been delivered.
    LEDGER;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// See the table above.
  public enum State {
    DETECTED,
    RECOVERING,
    FILLED,
    DECLARED_LOST;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    public boolean isOpen() {
      return this == DETECTED || this == RECOVERING;
    }
  }

  /// Where the missing ids came to.
  public enum FilledBy {
    /// The stream, before anything was declared.
    REFILLED,
    /// The store, after it was.
    FILLED_LATER;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Gap {
    undelivered = undelivered.withAtMost(RANGES_MAX);
    missing = missing.withAtMost(RANGES_MAX).and(undelivered);
    if (reason != null && reason.length() > REASON_MAX) {
      reason = reason.substring(0, REASON_MAX - 1) + "…";
    }
  }

  public long ticks() {
    return lastId - firstId + 1;
  }

  /// How many of them are in the store, and were not published in their place.
  public long filledLater() {
    return undelivered.ids() - missing.ids();
  }

  Gap with(long number, long firstId, long lastId) {
    return new Gap(
        number,
        passage,
        gateway,
        firstId,
        lastId,
        kind,
        state,
        undelivered.and(firstId, lastId),
        missing.and(firstId, lastId),
        reason,
        detectedAt,
        closedAt,
        filledBy,
        tries);
  }

  /// So many of its ids were not published, and will not be.
  Gap withLost(long first, long last, @Nullable String why) {
    return new Gap(
        number,
        passage,
        gateway,
        firstId,
        lastId,
        kind,
        state,
        undelivered.plus(IdRanges.of(first, last).and(firstId, lastId)),
        missing.plus(IdRanges.of(first, last).and(firstId, lastId)),
        why,
        detectedAt,
        closedAt,
        filledBy,
        tries);
  }

  /// It is asked for afterwards.
  Gap asked() {
    return new Gap(
        number,
        passage,
        gateway,
        firstId,
        lastId,
        kind,
        state == State.DETECTED ? State.RECOVERING : state,
        undelivered,
        missing,
        reason,
        detectedAt,
        closedAt,
        filledBy,
        tries + 1);
  }

  Gap filled(IdRanges found) {
    IdRanges rest = missing.minus(found);
    return new Gap(
        number,
        passage,
        gateway,
        firstId,
        lastId,
        kind,
        state,
        undelivered,
        rest,
        reason,
        detectedAt,
        closedAt,
        rest.equals(missing) ? filledBy : FilledBy.FILLED_LATER,
        tries);
  }

  /// It comes to its end, or to a better one.
  Gap closed(@Nullable String why, Instant at) {
    boolean whole = missing.isEmpty();
    boolean refilled = undelivered.ids() < ticks();
    return new Gap(
        number,
        passage,
        gateway,
        firstId,
        lastId,
        kind,
        whole ? State.FILLED : State.DECLARED_LOST,
        undelivered,
        missing,
        whole ? null : why,
        detectedAt,
        closedAt == null || (whole && state == State.DECLARED_LOST) ? at : closedAt,
        filledBy == null && refilled ? FilledBy.REFILLED : filledBy,
        tries);
  }
}
