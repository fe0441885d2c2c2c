package dev.everfeed.hub.publish;

import java.util.Arrays;

/// Reads a [PublicationLog] from one place to the next and tells what it missed. It stops
/// nobody: who reads too slowly is overrun and goes on in the middle of the log.
///
/// Each `seq` of each stream from where it began is told exactly once and in order, either as a
/// record or within something lost. Owned by one thread.
public final class LogReader {
  /// What [#poll] found.
  public enum Found {
    /// Nothing new.
    NOTHING,
    /// A message: [#stream], [#seq], [#bytes], [#length].
    RECORD,
    /// Messages that will not come any more: [#stream], [#lostFrom], [#lostTo].
    LOST
  }

  private static final long UNKNOWN = Long.MIN_VALUE;

  private final PublicationLog log;
  private final LogRecord record = new LogRecord();
  private final long[] expected;
  private byte[] bytes = new byte[1_024];
  private long position;
  private long end;
  private int unchecked;
  private boolean held;
  private int stream;
  private long lostFrom;
  private long lostTo;
  private long overruns;

  LogReader(PublicationLog log, long position) {
    this.log = log;
    this.position = position;
    expected = new long[log.streams()];
    unchecked = expected.length;
    Arrays.fill(expected, UNKNOWN);
    for (int stream = 0; stream < expected.length; stream++) {
      if (log.newestBefore(stream, position, record)) {
        expected[stream] = record.seq() + 1;
      } else {
        // none before, or only overwritten ones: then the last one, if it is not still to come
        long seq = log.lastSeq(stream);
        if (seq != PublicationLog.NOWHERE && log.lastPosition(stream) < position) {
          expected[stream] = seq + 1;
        } else if (log.oldest(stream, record) && record.seq() > log.firstSeq(stream)) {
          expected[stream] = record.seq();
        }
      }
    }
  }

  /// The next thing, in the order of publishing but for what was lost.
  public Found poll() {
    if (held) {
      held = false;
      return record();
    }
    while (true) {
      if (unchecked < expected.length) {
        if (findLost()) {
          return Found.LOST;
        }
      }
      if (position >= end) {
        end = log.end();
        if (position >= end) {
          return Found.NOTHING;
        }
      }
      if (read()) {
        position = record.next();
        long wanted = expected[record.stream()];
        if (wanted == UNKNOWN) {
          wanted = log.firstSeq(record.stream());
        }
        if (record.seq() > wanted) {
          held = true;
          lost(record.stream(), wanted, record.seq() - 1);
          return Found.LOST;
        }
        return record();
      }
      overruns++;
      position = log.middle();
      unchecked = 0;
    }
  }

  private Found record() {
    stream = record.stream();
    expected[stream] = record.seq() + 1;
    return Found.RECORD;
  }

  private void lost(int ofStream, long from, long to) {
    stream = ofStream;
    lostFrom = from;
    lostTo = to;
  }

  /// After an overrun: streams of which everything that was missed lies before the new place, so
  /// that no later record would tell. All others are told by their next record.
  private boolean findLost() {
    while (unchecked < expected.length) {
      int candidate = unchecked++;
      long seq = log.lastSeq(candidate);
      if (seq == PublicationLog.NOWHERE || log.lastPosition(candidate) >= position) {
        continue;
      }
      long wanted = expected[candidate] == UNKNOWN ? log.firstSeq(candidate) : expected[candidate];
      if (seq >= wanted) {
        lost(candidate, wanted, seq);
        expected[candidate] = seq + 1;
        return true;
      }
    }
    return false;
  }

  private boolean read() {
    if (!log.header(position, record)) {
      return false;
    }
    if (record.length() > bytes.length) {
      bytes = new byte[Integer.highestOneBit(record.length()) * 2];
    }
    return log.message(record, bytes);
  }

  /// Of the record, or of what was lost.
  public int stream() {
    return stream;
  }

  public long seq() {
    return record.seq();
  }

  /// The message is `bytes()[0, length())`; valid until the next [#poll].
  public byte[] bytes() {
    return bytes;
  }

  public int length() {
    return record.length();
  }

  /// The first `seq` that was lost.
  public long lostFrom() {
    return lostFrom;
  }

  /// The last `seq` that was lost.
  public long lostTo() {
    return lostTo;
  }

  /// The position behind what was read.
  public long position() {
    return position;
  }

  /// Where the record begins.
  public long recordPosition() {
    return record.position();
  }

  /// How often it was overrun.
  public long overruns() {
    return overruns;
  }
}
