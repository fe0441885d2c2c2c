package dev.everfeed.hub.ledger;

import java.time.Instant;

/// One record of the ledger's file.
sealed interface Change {

  /// Ids of a stream go on from `firstId`, and have nothing to do with those before.
  record Began(long passage, String stream, String source, long firstId, Instant at)
      implements Change {}

  /// Of these passages, everything up to these ids is published, or in a gap written before.
  record Reached(Instant at, long[] passages, long[] ids) implements Change {}

  /// A gap as it is now.
  record Noted(Gap gap) implements Change {}

  // ---- everything there is, from which reading begins

  record SnapshotBegan() implements Change {}

  /// @param gaps how many of its gaps follow
  record SnapshotPassage(
      long passage,
      String stream,
      String source,
      long sinceId,
      long upToId,
      Instant beganAt,
      Instant movedAt,
      int gaps)
      implements Change {}

  record SnapshotGap(Gap gap) implements Change {}

  /// @param records between the begin and this
  record SnapshotEnded(long records, long lastPassage, long lastGap) implements Change {}
}
