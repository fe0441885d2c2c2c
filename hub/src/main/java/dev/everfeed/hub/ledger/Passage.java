package dev.everfeed.hub.ledger;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The part of a stream's life in which it came from one source whose ids went on from each
/// other: what the ids from the first to the last became. Owned by its [Account].
final class Passage {
  final long number;
  final String stream;
  final String source;
  final Instant beganAt;
  long sinceId;
  long upToId;
  Instant movedAt;

  /// Something that was written of it cannot be read.
  boolean doubtful;

  /// By their ids, disjoint.
  final List<Gap> gaps = new ArrayList<>();

  Passage(long number, String stream, String source, long sinceId, Instant beganAt) {
    this.number = number;
    this.stream = stream;
    this.source = source;
    this.sinceId = sinceId;
    this.upToId = sinceId - 1;
    this.beganAt = beganAt;
    this.movedAt = beganAt;
  }

  /// Published in their place.
  IdRanges delivered() {
    IdRanges delivered = IdRanges.of(sinceId, upToId);
    for (Gap gap : gaps) {
      delivered = delivered.minus(gap.undelivered());
    }
    return delivered;
  }

  int indexOf(long gapNumber) {
    for (int i = gaps.size() - 1; i >= 0; i--) {
      if (gaps.get(i).number() == gapNumber) {
        return i;
      }
    }
    return -1;
  }

  /// Puts it in the order of the ids.
  void insert(Gap gap) {
    int at = gaps.size();
    while (at > 0 && gaps.get(at - 1).firstId() > gap.firstId()) {
      at--;
    }
    gaps.add(at, gap);
  }

  /// Whether some of the ids are spoken for by a gap.
  boolean overlaps(long firstId, long lastId) {
    return !overlapping(firstId, lastId).isEmpty();
  }

  /// The gaps that some of the ids lie in, the last one first.
  List<Gap> overlapping(long firstId, long lastId) {
    List<Gap> found = List.of();
    for (int i = gaps.size() - 1; i >= 0 && gaps.get(i).lastId() >= firstId; i--) {
      if (gaps.get(i).firstId() <= lastId) {
        found = found.isEmpty() ? new ArrayList<>() : found;
        found.add(gaps.get(i));
      }
    }
    return found;
  }
}
