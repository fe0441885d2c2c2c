package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.Link;
import dev.everfeed.hub.record.Recorded;
import dev.everfeed.hub.record.RecordingWriter;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes what goes over the sockets on the tick loop, and writes it on a thread of its own. The
/// loop never waits: what the disk is too slow for is lost, counted, and noted in the recording
/// in the place where it is missing.
///
/// `received = written + lost`, of frames, once it has ended.
final class RecordingTap implements StreamTap, Runnable {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.record");

  /// What waits for the disk: a second of the fastest venue that was measured.
  static final long QUEUE_BYTES = 64L << 20;

  /// Of memory for one frame beside its bytes.
  private static final int OVERHEAD = 120;

  /// The writer looks by itself, so that the loop need not wake it for each frame.
  private static final long LOOK_EVERY_NANOS = 5_000_000L;

  private final HubClock clock;
  private final RecordingWriter writer;
  private final Runnable onEnd;
  private final long queueBytes;
  private final ConcurrentLinkedQueue<Recorded> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong waiting = new AtomicLong();

  // of the loop
  private long lostFrames;
  private long lostBytes;

  private volatile long received;
  private volatile long receivedBytes;
  private volatile long lost;
  private volatile long opened;
  private volatile String state = "nothing was heard of it";
  private volatile boolean closing;
  private volatile boolean ended;
  private volatile @Nullable String failure;

  /// @param onEnd called once when it ends by itself, on its thread
  RecordingTap(HubClock clock, RecordingWriter writer, Runnable onEnd) {
    this(clock, writer, onEnd, QUEUE_BYTES);
  }

  RecordingTap(HubClock clock, RecordingWriter writer, Runnable onEnd, long queueBytes) {
    this.clock = clock;
    this.writer = writer;
    this.onEnd = onEnd;
    this.queueBytes = queueBytes;
  }

  // ---- on the tick loop

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // the loop alone writes
  public void frame(int connection, byte[] bytes, int length) {
    received++;
    receivedBytes += length;
    if (failure != null || waiting.get() + length + OVERHEAD > queueBytes) {
      lostFrames++;
      lostBytes += length;
      lost++;
      return;
    }
    byte[] kept = new byte[length];
    System.arraycopy(bytes, 0, kept, 0, length);
    add(new Recorded.Frame(wallNanos(), clock.nanos(), connection, kept));
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // the loop alone writes
  public void opened(int connection) {
    opened++;
    add(new Recorded.Opened(wallNanos(), clock.nanos(), connection));
  }

  @Override
  public void sent(int connection, String text) {
    add(new Recorded.Sent(wallNanos(), clock.nanos(), connection, text));
  }

  @Override
  public void delivers(int connection) {
    add(new Recorded.Delivers(wallNanos(), clock.nanos(), connection));
  }

  @Override
  public void closed(int connection, String reason) {
    add(new Recorded.Closed(wallNanos(), clock.nanos(), connection, reason));
  }

  @Override
  public void became(Link.State from, Link.State to, String reason) {
    state = to + ": " + reason;
    add(new Recorded.Became(wallNanos(), clock.nanos(), from.name(), to.name(), reason));
  }

  private static long wallNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private void add(Recorded recorded) {
    if (failure != null) {
      return;
    }
    if (lostFrames > 0) {
      put(new Recorded.Lost(recorded.wallNanos(), recorded.nanos(), lostFrames, lostBytes));
      lostFrames = 0;
      lostBytes = 0;
    }
    put(recorded);
  }

  private void put(Recorded recorded) {
    waiting.addAndGet(costOf(recorded));
    queue.add(recorded);
  }

  private static long costOf(Recorded recorded) {
    return OVERHEAD + (recorded instanceof Recorded.Frame frame ? frame.bytes().length : 0);
  }

  // ---- on its own thread

  @Override
  public void run() {
    try {
      while (step()) {
        // until it is closed and has written everything, or the disk does not take more
      }
      long now = clock.nanos();
      if (failure == null) {
        if (lostFrames > 0) { // the loop has ended
          writer.write(new Recorded.Lost(wallNanos(), now, lostFrames, lostBytes), now);
        }
        writer.write(new Recorded.Ended(wallNanos(), now, received - lost, lost), now);
      }
      writer.close();
    } catch (IOException e) {
      failed("record: the disk failed: " + e);
      closeAfter(e);
    } catch (RuntimeException | Error e) {
      failed("record: an error of our own, the recording ends: " + e);
      closeAfter(e);
    }
    ended = true;
    if (failure != null) {
      onEnd.run();
    }
  }

  private void closeAfter(Throwable failure) {
    try {
      writer.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    LOG.error("record: {}", failure.getMessage(), failure);
  }

  private boolean step() throws IOException {
    boolean last = closing; // before looking: what was added until then is there
    Recorded recorded = queue.poll();
    if (recorded != null) {
      writer.write(recorded, clock.nanos());
      waiting.addAndGet(-costOf(recorded));
    } else if (last) {
      return false;
    } else {
      writer.timePassed(clock.nanos());
      LockSupport.parkNanos(this, LOOK_EVERY_NANOS);
    }
    String full = writer.full();
    if (full != null) {
      failed(full);
      return false;
    }
    return true;
  }

  private void failed(String why) {
    failure = why;
    queue.clear();
  }

  /// No more frames come: it ends once it has written those it has.
  void finish() {
    closing = true;
  }

  // ---- for any thread

  /// Why it ended by itself; null when it did not.
  @Nullable
  String failure() {
    return failure;
  }

  long received() {
    return received;
  }

  long receivedBytes() {
    return receivedBytes;
  }

  /// Frames that are not in the recording, or will not be.
  long lost() {
    return ended ? received - writer.written().frames() : lost;
  }

  long opened() {
    return opened;
  }

  String state() {
    return state;
  }
}
