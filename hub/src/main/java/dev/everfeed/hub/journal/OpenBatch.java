package dev.everfeed.hub.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Entries that are offered and not yet synced, as bytes: 4 bytes length and the entry, one
/// after the other. Filled under the journal's lock, then the committing thread's alone.
final class OpenBatch {
  private static final int CAPACITY = 4 << 10;

  /// Who waits for the entries that end at `endOffset`.
  private static final class Waiting {
    final CompletableFuture<Long> outcome;
    final int endOffset;
    long nextPosition;

    Waiting(CompletableFuture<Long> outcome, int endOffset) {
      this.outcome = outcome;
      this.endOffset = endOffset;
    }
  }

  private final Encoder encoder = new Encoder(CAPACITY);
  private final List<Waiting> waiting = new ArrayList<>();
  private int entries;

  int entries() {
    return entries;
  }

  int bytes() {
    return encoder.length();
  }

  boolean isEmpty() {
    return entries == 0;
  }

  /// Adds all or nothing.
  ///
  /// @param room the most bytes it may then have
  /// @return why nothing was added, or null
  @Nullable
  String add(
      List<? extends Entry> offered,
      int maxRecordBytes,
      int room,
      @Nullable CompletableFuture<Long> outcome) {
    int before = encoder.length();
    String refusal = null;
    boolean added = false;
    try {
      for (int i = 0; i < offered.size() && refusal == null; i++) {
        int frame = encoder.reserveInt();
        EntryCodec.write(offered.get(i), encoder);
        int length = encoder.length() - frame - Integer.BYTES;
        encoder.setInt(frame, length);
        if (length > maxRecordBytes) {
          refusal = "entry %d of %d has %,d bytes, allowed are %,d"
              .formatted(i + 1, offered.size(), length, maxRecordBytes);
        } else if (encoder.length() > room) {
          refusal = "its buffer has room for %,d bytes and the disk is not faster"
              .formatted(Math.max(0, room - before));
        }
      }
      added = refusal == null;
    } finally {
      if (!added) {
        encoder.cutTo(before);
      }
    }
    if (added) {
      entries += offered.size();
      if (outcome != null) {
        waiting.add(new Waiting(outcome, encoder.length()));
      }
    }
    return refusal;
  }

  /// What the log needs room for, records' and a segment's headers included.
  long bytesInLog() {
    return bytes()
        + (long) entries * (Format.RECORD_HEADER - Integer.BYTES)
        + Format.SEGMENT_HEADER;
  }

  void appendTo(SegmentLog log) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(encoder.bytes(), 0, encoder.length());
    int told = 0;
    int offset = 0;
    while (offset < encoder.length()) {
      int length = all.getInt(offset);
      all.limit(offset + Integer.BYTES + length).position(offset + Integer.BYTES);
      log.append(all);
      offset = all.position();
      all.limit(encoder.length());
      while (told < waiting.size() && waiting.get(told).endOffset <= offset) {
        waiting.get(told++).nextPosition = log.endPosition();
      }
    }
  }

  void tellAccepted() {
    for (Waiting each : waiting) {
      each.outcome.complete(each.nextPosition);
    }
  }

  void tellRefused(String reason) {
    for (Waiting each : waiting) {
      each.outcome.completeExceptionally(new NotAcceptedException(reason));
    }
  }

  void clear() {
    encoder.cutTo(0);
    waiting.clear();
    entries = 0;
  }
}
