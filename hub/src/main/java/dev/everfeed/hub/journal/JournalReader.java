package dev.everfeed.hub.journal;

import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads accepted entries in order, for one who writes them elsewhere. For one thread, except
/// [#depth].
///
/// Where the reader is ([#next], [#seek]) and what is done with ([#drained]) are two things: who
/// could not write a batch goes back to its `from` and reads it again.
public final class JournalReader implements Closeable {
  /// How many damaged records [#depth] steps over to find a time.
  private static final int PEEK_MAX = 64;

  /// Entries that were accepted and cannot be read any more: `from` inclusive, `to` exclusive.
  /// After a power cut, see [Read.Lost], it can be some that were not accepted.
  public record Lost(long from, long to, String reason) {}

  /// What was found from `from` (inclusive) to `to` (exclusive), in order.
  public record Batch(long from, long to, List<Positioned> entries, List<Lost> losses) {
    public Batch {
      entries = List.copyOf(entries);
      losses = List.copyOf(losses);
    }

    public boolean isEmpty() {
      return entries.isEmpty() && losses.isEmpty();
    }
  }

  /// What is not drained yet.
  ///
  /// @param bytes  on the disk
  /// @param oldest when the oldest entry of it was made, null when there is none
  public record Depth(long bytes, @Nullable Instant oldest) {}

  private final SegmentLog log;
  private final LogReader reader;
  private final EntryCodec codec = new EntryCodec();

  private final Object peekLock = new Object();
  private final EntryCodec peekCodec = new EntryCodec();
  private long peekedAt = -1;
  private @Nullable Instant peeked;

  JournalReader(SegmentLog log, LogReader reader) {
    this.log = log;
    this.reader = reader;
  }

  /// Reads on, without waiting.
  ///
  /// @param maxEntries at least 1; losses count as well
  /// @param maxBytes   the batch ends with the entry that goes beyond it
  /// @throws IOException when the disk cannot be read now; nothing was read on
  public Batch next(int maxEntries, long maxBytes) throws IOException {
    long from = reader.position();
    List<Positioned> entries = new ArrayList<>();
    List<Lost> losses = new ArrayList<>();
    long bytes = 0;
    try {
      while (entries.size() + losses.size() < maxEntries && bytes < maxBytes) {
        Read read = reader.next();
        if (read instanceof Read.Record record) {
          bytes += record.payload().remaining();
          add(record, entries, losses);
        } else if (read instanceof Read.Lost lost) {
          losses.add(new Lost(lost.from(), lost.to(), lost.reason()));
        } else {
          break;
        }
      }
    } catch (IOException e) {
      reader.seek(from);
      throw e;
    }
    return new Batch(from, reader.position(), entries, losses);
  }

  private void add(Read.Record record, List<Positioned> entries, List<Lost> losses) {
    try {
      entries.add(new Positioned(record.position(), codec.read(record.payload())));
    } catch (EntryUndecodableException e) {
      losses.add(
          new Lost(record.position(), record.nextPosition(), String.valueOf(e.getMessage())));
    }
  }

  /// Where the next entry is looked for.
  public long position() {
    return reader.position();
  }

  /// Goes to a position that a batch gave as `from`, `to` or an entry's. One beyond the end
  /// makes the journal go on from there: what the database knows of was never given to anything
  /// else.
  public void seek(long position) {
    reader.seek(position);
  }

  /// Everything before `position` is safe elsewhere, and need not be kept. Returns when that is
  /// durable.
  public void drained(long position) throws IOException {
    reader.commit(position);
  }

  /// What was last [#drained].
  public long drainedPosition() {
    return reader.committed();
  }

  /// From any thread.
  ///
  /// @throws IOException when the disk cannot be read now
  public Depth depth() throws IOException {
    long drained = drainedPosition();
    long bytes = Math.max(0, log.durablePosition() - drained);
    if (bytes == 0) {
      return new Depth(0, null);
    }
    synchronized (peekLock) {
      if (peekedAt != drained || peeked == null) {
        peeked = oldestFrom(drained);
        peekedAt = drained;
      }
      // Only headers of segments can be between: then there is no entry and nothing waits.
      return peeked == null ? new Depth(0, null) : new Depth(bytes, peeked);
    }
  }

  private @Nullable Instant oldestFrom(long position) throws IOException {
    try (LogReader peek = log.readFrom(position)) {
      for (int i = 0; i < PEEK_MAX; i++) {
        Read read = peek.next();
        if (read instanceof Read.UpToDate) {
          return null;
        }
        if (read instanceof Read.Record record) {
          try {
            return peekCodec.read(record.payload()).at();
          } catch (EntryUndecodableException e) {
            continue; // the reader declares it; here only the time is wanted
          }
        }
      }
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
