package dev.everfeed.hub.publish;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Memory of what was published: one writer that never waits, any number of readers that notice
/// when they were overrun, bounded in bytes.
///
/// One circular array of bytes. A *position* counts bytes from the start of the log and never
/// steps back; it lies in the array at its remainder by the capacity. Records begin at
/// multiples of 8 and are never cut in two: what is left at the end of the array is padding.
///
/// ```
/// length 4 | stream 4 | seq 8 | previous 8 | anchor 8 | message, filled up to a multiple of 8
/// ```
///
/// `previous` is the position of the record before it of the same stream, `anchor` that of the
/// newest one before it whose `seq` is a multiple of 256: a stream is walked back in long
/// steps.
///
/// **Order.** The writer first moves `head`, the oldest position that is whole, past what it
/// will overwrite, then a store-store fence, then writes, then publishes `tail` with a release.
/// A reader copies, then a load-load fence, then looks at `head`: what lay at or after it was
/// whole when it was copied. (The idea is that of the broadcast buffer in Agrona.) The tables
/// by stream are written between the record and `tail`, so who sees a `tail` sees them at least
/// as new.
public final class PublicationLog {
  /// The position of what is not there.
  public static final long NOWHERE = -1;

  /// Bytes of the smallest log.
  public static final long MIN_BYTES = 1 << 16;

  /// Bytes of the largest log: one array.
  public static final long MAX_BYTES = 1 << 30;

  static final int HEADER = 32;
  private static final int STREAM = 4;
  private static final int SEQ = 8;
  private static final int PREVIOUS = 16;
  private static final int ANCHOR = 24;
  private static final int ANCHOR_EVERY = 256;
  private static final int PADDING = -1;

  /// One stretch of the log has one mark: the first record that begins in it.
  private static final int MARKS = 64;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle HEAD;
  private static final VarHandle TAIL;

  static {
    try {
      HEAD = MethodHandles.lookup().findVarHandle(PublicationLog.class, "head", long.class);
      TAIL = MethodHandles.lookup().findVarHandle(PublicationLog.class, "tail", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final byte[] buffer;
  private final int capacity;
  private final int markShift;
  private final long[] lastPositions;
  private final long[] lastSeqs;
  private final long[] firstSeqs;
  private final long[] anchors;
  private final long[] marks = new long[MARKS];

  @SuppressWarnings("UnusedVariable") // by its handle
  private long head;

  @SuppressWarnings("UnusedVariable") // by its handle
  private long tail;

  private volatile Wake[] wakes = new Wake[0];

  /// @param streams how many there are, numbered from 0
  /// @param bytes   a power of two at or above is taken, from [#MIN_BYTES] to [#MAX_BYTES]
  public PublicationLog(int streams, long bytes) {
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a log has at most %,d bytes, was %,d".formatted(MAX_BYTES, bytes));
    }
    long size = MIN_BYTES;
    while (size < bytes) {
      size *= 2;
    }
    capacity = (int) size;
    buffer = new byte[capacity];
    markShift = Long.numberOfTrailingZeros(size / MARKS);
    lastPositions = filled(streams);
    lastSeqs = filled(streams);
    firstSeqs = filled(streams);
    anchors = filled(streams);
    Arrays.fill(marks, NOWHERE);
  }

  private static long[] filled(int streams) {
    long[] all = new long[streams];
    Arrays.fill(all, NOWHERE);
    return all;
  }

  /// Bytes that it holds, headers included.
  public int capacity() {
    return capacity;
  }

  /// Bytes of the longest message.
  public int messageMax() {
    return capacity / 8;
  }

  public int streams() {
    return lastPositions.length;
  }

  /// Adds a record. The writer's thread only; never waits and allocates nothing.
  ///
  /// @param seq of the stream, larger than the one before; readers take a step of more than 1
  ///     for something lost
  /// @throws IllegalArgumentException for a message beyond [#messageMax]
  public void append(int stream, long seq, byte[] message, int from, int length) {
    if (length > messageMax()) {
      throw new IllegalArgumentException(
          "a message has at most %,d bytes (an eighth of the log), was %,d"
              .formatted(messageMax(), length));
    }
    long position = (long) TAIL.get(this);
    int at = (int) (position & (capacity - 1));
    int size = sizeOf(length);
    boolean wraps = size > capacity - at;
    long begin = wraps ? position + capacity - at : position;
    long end = begin + size;
    freeUpTo(end);
    if (wraps) {
      INT.set(buffer, at, PADDING);
      at = 0;
    }
    INT.set(buffer, at, length);
    INT.set(buffer, at + STREAM, stream);
    LONG.set(buffer, at + SEQ, seq);
    LONG.set(buffer, at + PREVIOUS, lastPositions[stream]);
    LONG.set(buffer, at + ANCHOR, anchors[stream]);
    System.arraycopy(message, from, buffer, at + HEADER, length);
    if (seq % ANCHOR_EVERY == 0) {
      anchors[stream] = begin;
    }
    if (firstSeqs[stream] == NOWHERE) {
      LONGS.setRelease(firstSeqs, stream, seq);
    }
    // in this order: who reads the seq first and then a position knows that they belong together
    LONGS.setRelease(lastPositions, stream, begin);
    LONGS.setRelease(lastSeqs, stream, seq);
    int segment = segmentOf(begin);
    if (marks[segment] >> markShift != begin >> markShift) {
      LONGS.setRelease(marks, segment, begin);
    }
    TAIL.setRelease(this, end);
    wake();
  }

  private int segmentOf(long position) {
    return (int) (position >> markShift) & (MARKS - 1);
  }

  private static int sizeOf(int length) {
    return HEADER + (length + 7 & ~7);
  }

  private void freeUpTo(long end) {
    long oldest = (long) HEAD.get(this);
    if (end - oldest <= capacity) {
      return;
    }
    while (end - oldest > capacity) {
      int length = (int) INT.get(buffer, (int) (oldest & (capacity - 1)));
      oldest = length == PADDING ? nextLap(oldest) : oldest + sizeOf(length);
    }
    HEAD.setOpaque(this, oldest);
    VarHandle.storeStoreFence();
  }

  private long nextLap(long position) {
    return (position & -(long) capacity) + capacity;
  }

  private void wake() {
    Wake[] all = wakes;
    if (all.length > 0) {
      // A reader arms and then looks for records; we wrote a record and now look who is armed.
      // Without the fence both could look first, and the reader would sleep on a record.
      VarHandle.fullFence();
      for (Wake wake : all) {
        wake.fire();
      }
    }
  }

  /// Has something run by the writer, on its thread, after a record was added while armed.
  ///
  /// @param wakeUp must be quick and must not throw
  public Wake onAppended(Runnable wakeUp) {
    Wake wake = new Wake(this, wakeUp);
    synchronized (this) {
      List<Wake> all = new ArrayList<>(List.of(wakes));
      all.add(wake);
      wakes = all.toArray(new Wake[0]);
    }
    return wake;
  }

  synchronized void forget(Wake wake) {
    List<Wake> all = new ArrayList<>(List.of(wakes));
    all.remove(wake);
    wakes = all.toArray(new Wake[0]);
  }

  /// The position behind the newest record. Any thread, as everything below.
  public long end() {
    return (long) TAIL.getAcquire(this);
  }

  /// The oldest position that is there.
  public long begin() {
    return (long) HEAD.getAcquire(this);
  }

  /// The `seq` of the newest record of a stream, or [#NOWHERE].
  public long lastSeq(int stream) {
    return (long) LONGS.getAcquire(lastSeqs, stream);
  }

  /// The position of the newest record of a stream, or [#NOWHERE]; it may have been overwritten.
  public long lastPosition(int stream) {
    return (long) LONGS.getAcquire(lastPositions, stream);
  }

  /// The `seq` with which a stream began, or [#NOWHERE] while it has not.
  public long firstSeq(int stream) {
    return (long) LONGS.getAcquire(firstSeqs, stream);
  }

  /// Reads what stands before the message at a position.
  ///
  /// @param position at which a record begins or ended, before [#end]
  /// @return false when it has been overwritten; `into` is of no use then
  public boolean header(long position, LogRecord into) {
    long where = position;
    int at = (int) (where & (capacity - 1));
    // Where no header fits there is padding, whatever the bytes are now: they may have been
    // overwritten by a message, and beyond them the array ends.
    int length = at > capacity - HEADER ? PADDING : (int) INT.get(buffer, at);
    if (length == PADDING) {
      // a record follows: both were published at once
      where = nextLap(where);
      at = 0;
      length = (int) INT.get(buffer, 0);
    }
    into.position = where;
    into.length = length;
    into.stream = (int) INT.get(buffer, at + STREAM);
    into.seq = (long) LONG.get(buffer, at + SEQ);
    into.previous = (long) LONG.get(buffer, at + PREVIOUS);
    into.anchor = (long) LONG.get(buffer, at + ANCHOR);
    into.next = where + sizeOf(length);
    return isThere(position);
  }

  private boolean isThere(long position) {
    VarHandle.loadLoadFence();
    return position >= (long) HEAD.getOpaque(this);
  }

  /// Copies the message of a record.
  ///
  /// @param record that [#header] has read
  /// @param into   of at least its length
  /// @return false when it has been overwritten meanwhile; what was copied is of no use then
  public boolean message(LogRecord record, byte[] into) {
    int at = (int) (record.position & (capacity - 1));
    System.arraycopy(buffer, at + HEADER, into, 0, record.length);
    return isThere(record.position);
  }

  /// Finds the newest record of a stream before a position.
  ///
  /// @return whether it is there; `into` is that record then
  public boolean newestBefore(int stream, long position, LogRecord into) {
    return newest(stream, Long.MAX_VALUE, position, into);
  }

  /// Finds the newest record of a stream up to a `seq`: where that one is missing, the one
  /// before.
  ///
  /// @return whether it is there; `into` is that record then
  public boolean newestUpTo(int stream, long seq, LogRecord into) {
    return newest(stream, seq, Long.MAX_VALUE, into);
  }

  /// Finds the oldest record of a stream that is still there.
  ///
  /// @return whether there is any; `into` is that record then
  public boolean oldest(int stream, LogRecord into) {
    LogRecord probe = new LogRecord();
    long at = lastPosition(stream);
    boolean found = false;
    while (at != NOWHERE && isThere(at) && header(at, probe)) {
      found = true;
      copy(probe, into);
      at = into.anchor != NOWHERE && isThere(into.anchor) ? into.anchor : into.previous;
    }
    return found;
  }

  private boolean newest(int stream, long seq, long position, LogRecord into) {
    long at = lastPosition(stream);
    if (at == NOWHERE || !isThere(at) || !header(at, into)) {
      return false;
    }
    LogRecord probe = new LogRecord();
    long tried = NOWHERE;
    while (into.seq > seq || into.position >= position) {
      long anchor = into.anchor;
      if (anchor != tried && anchor != NOWHERE && isThere(anchor)) {
        tried = anchor;
        if (header(anchor, probe) && (probe.seq > seq || probe.position >= position)) {
          copy(probe, into);
          continue;
        }
      }
      long previous = into.previous;
      if (previous == NOWHERE || !isThere(previous) || !header(previous, into)) {
        return false;
      }
    }
    return true;
  }

  private static void copy(LogRecord from, LogRecord into) {
    into.position = from.position;
    into.next = from.next;
    into.stream = from.stream;
    into.seq = from.seq;
    into.previous = from.previous;
    into.anchor = from.anchor;
    into.length = from.length;
  }

  /// Where a record begins that is about as far from being overwritten as half of the log: a
  /// reader that was overrun goes on there. [#end] when there is none.
  public long middle() {
    long end = end();
    long least = Math.max(0, end - capacity / 2);
    for (long at = least; at < end; at += capacity / MARKS) {
      long mark = (long) LONGS.getAcquire(marks, segmentOf(at));
      if (mark >= least && mark < end) {
        return mark;
      }
    }
    return end;
  }

  /// A reader that begins behind the newest record.
  public LogReader reader() {
    return new LogReader(this, end());
  }

  /// A reader that begins at a position at which a record begins or will begin.
  public LogReader readerAt(long position) {
    return new LogReader(this, position);
  }
}
