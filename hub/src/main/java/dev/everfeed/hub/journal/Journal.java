package dev.everfeed.hub.journal;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything that is stored goes through here first: it is *accepted* when it is synced to the
/// local disk, and only then.
///
/// Any thread offers: entries are encoded into the open batch under a lock, nobody waits for
/// the disk. One thread, the caller's, is in [#run]: it takes the open batch, appends it to the
/// [SegmentLog], forces once, and tells who waits. Meanwhile the next batch fills up, so that
/// batches are as large as the disk is slow.
///
/// | condition | until | an offer |
/// |---|---|---|
/// | ACCEPTING | the log is full, or the disk fails | is taken if the buffer has room |
/// | FULL, FAILED | a batch is synced | is refused, but one a second is tried |
/// | CLOSED | for ever | is refused |
///
/// When a batch cannot be synced, it and the one behind it are refused. What was told accepted
/// is not lost by that. What was told refused does not appear, with the exception that
/// [SegmentLog] tells of: the disk failed, what was written could not be cut off, and the
/// process ended.
public final class Journal implements Runnable, Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final long RELEASE_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final String READER = "drain";

  /// The bounds of a journal.
  ///
  /// @param bufferBytes what may be offered and not yet synced, encoded
  /// @param closeWithin how long [Journal#close] waits for the last batch
  public record Settings(SegmentLog.Limits log, int bufferBytes, Duration closeWithin) {
    /// A buffer of 8 MiB, 5 s to close.
    public Settings(SegmentLog.Limits log) {
      this(log, 8 << 20, Duration.ofSeconds(5));
    }

    public Settings {
      if (bufferBytes < log.maxRecordBytes() + Integer.BYTES) {
        throw new IllegalArgumentException("bufferBytes must hold a record (%,d), was %,d"
            .formatted(log.maxRecordBytes() + Integer.BYTES, bufferBytes));
      }
    }
  }

  /// Whether the journal accepts.
  public enum Condition {
    ACCEPTING,
    /// The log is at its bound, or the disk nearly full.
    FULL,
    /// The last batch met a failure of the disk.
    FAILED,
    CLOSED
  }

  /// What the journal is like now. `accepted + refused + pending` is what was offered.
  ///
  /// @param reason        why it does not accept, empty when it does
  /// @param since         it is in this condition
  /// @param accepted      entries since the start, as are the next two
  /// @param pending       offered and neither accepted nor refused yet
  /// @param lastSyncNanos how long the last fsync took, 0 before the first
  /// @param firstPosition of the oldest record on the disk
  /// @param endPosition   of everything accepted
  /// @param bufferedBytes offered and not yet synced
  /// @param logBytes      of the files on the disk, at most `logMaxBytes`
  public record State(
      Condition condition,
      String reason,
      Instant since,
      long accepted,
      long refused,
      long pending,
      long lastSyncNanos,
      long firstPosition,
      long endPosition,
      long bufferedBytes,
      long logBytes,
      long logMaxBytes) {}

  private final Path directory;
  private final Settings settings;
  private final SegmentLog log;
  private final UUID id;
  private final LongSupplier nanos;
  private final JournalListener listener;
  private final JournalReader reader;

  private final Intake intake;

  // The committing thread's.
  private long releasedAtNanos;

  private Journal(
      Disk disk,
      Path directory,
      Settings settings,
      LongSupplier nanos,
      InstantSource wall,
      JournalListener listener)
      throws IOException {
    this.directory = directory;
    this.settings = settings;
    this.nanos = nanos;
    this.listener = listener;
    this.log = SegmentLog.open(disk, directory, settings.log(), wall);
    this.id = JournalId.of(disk, directory);
    this.reader = new JournalReader(log, log.reader(READER));
    this.intake = new Intake(settings, nanos, wall);
    this.releasedAtNanos = nanos.getAsLong();
  }

  /// Opens the journal of a directory, or begins one. Nothing is accepted before somebody runs
  /// it.
  ///
  /// @param nanos    monotonic, 0 at the start of the process
  /// @param wall     for the age of segments and the times in [State]
  /// @throws IOException when the directory cannot be read, or a new one not be written
  public static Journal open(
      Path directory,
      Settings settings,
      LongSupplier nanos,
      InstantSource wall,
      JournalListener listener)
      throws IOException {
    return open(new FileDisk(), directory, settings, nanos, wall, listener);
  }

  static Journal open(
      Disk disk,
      Path directory,
      Settings settings,
      LongSupplier nanos,
      InstantSource wall,
      JournalListener listener)
      throws IOException {
    return new Journal(disk, directory, settings, nanos, wall, listener);
  }

  /// The identity of this journal in the database, made with its directory.
  public UUID id() {
    return id;
  }

  /// What was found in the directory.
  public SegmentLog.Opened opened() {
    return log.opened();
  }

  /// The one reader, who keeps what it has not drained from being released.
  public JournalReader reader() {
    return reader;
  }

  /// Takes all entries or none of them, without waiting. From any thread.
  ///
  /// @return false when they are refused. True does not mean accepted yet: when the disk then
  ///     fails, only [State#refused] and the listener tell
  public boolean offer(List<? extends Entry> entries) {
    return take(entries, null) == null;
  }

  /// As [#offer], and tells the outcome.
  ///
  /// @return completed with the position after the last of the entries when they are accepted,
  ///     or with a [NotAcceptedException]; on the journal's thread, which must not be held up
  public CompletableFuture<Long> submit(List<? extends Entry> entries) {
    CompletableFuture<Long> outcome = new CompletableFuture<>();
    if (entries.isEmpty()) {
      outcome.complete(log.durablePosition());
      return outcome;
    }
    String refusal = take(entries, outcome);
    if (refusal != null) {
      outcome.completeExceptionally(new NotAcceptedException(refusal));
    }
    return outcome;
  }

  /// @return why they are refused, or null
  private @Nullable String take(
      List<? extends Entry> entries, @Nullable CompletableFuture<Long> outcome) {
    if (entries.isEmpty()) {
      return null;
    }
    String refusal = intake.take(entries, outcome);
    if (refusal == null) {
      return null;
    }
    String told =
        "journal %s: %d entries are refused: %s".formatted(directory, entries.size(), refusal);
    tell(to -> to.refused(entries.size(), told));
    return told;
  }

  /// Commits batches until the journal is closed and everything offered is told of. The thread
  /// is the caller's; an interrupt closes the journal.
  @Override
  public void run() {
    if (intake.begin()) {
      commitUntilClosed();
    } else if (!intake.hasEnded()) {
      throw new IllegalStateException("journal " + directory + ": another thread runs it");
    }
  }

  private void commitUntilClosed() {
    try {
      for (OpenBatch batch = intake.next(RELEASE_EVERY_NANOS);
          batch != null;
          batch = intake.next(RELEASE_EVERY_NANOS)) {
        commit(batch);
        releaseNowAndThen();
      }
    } finally {
      end();
    }
  }

  /// One step of [#run], for tests that are the thread themselves.
  boolean commitWhatIsOffered() {
    OpenBatch batch = intake.offered();
    boolean any = !batch.isEmpty();
    commit(batch);
    return any;
  }

  private void commit(OpenBatch batch) {
    if (batch.isEmpty()) {
      return;
    }
    try {
      log.ensureRoom(batch.bytesInLog());
      batch.appendTo(log);
      long began = nanos.getAsLong();
      log.force();
      accepted(batch, nanos.getAsLong() - began);
    } catch (LogFullException e) {
      log.giveUp();
      refuse(Condition.FULL, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      log.giveUp();
      refuse(Condition.FAILED, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.error("journal {}: a batch of {} entries is refused", directory, batch.entries(), e);
      log.giveUp();
      refuse(Condition.FAILED, e.toString());
    }
  }

  private void accepted(OpenBatch batch, long syncNanos) {
    int entries = batch.entries();
    int bytes = batch.bytes();
    boolean healed = intake.accepted(batch, syncNanos);
    batch.tellAccepted();
    batch.clear();
    tell(to -> to.synced(entries, bytes, syncNanos));
    if (healed) {
      tell(to -> to.changed(Condition.ACCEPTING, ""));
    }
  }

  /// Refuses the batch that could not be committed, and the one that was filled behind it.
  private void refuse(Condition to, String why) {
    Intake.GivenUp given = intake.giveUp(to, why);
    for (OpenBatch batch : given.batches()) {
      int entries = batch.entries();
      if (entries > 0) {
        String told = "journal %s: %d entries are refused: %s".formatted(directory, entries, why);
        batch.tellRefused(told);
        tell(listening -> listening.refused(entries, told));
      }
    }
    if (given.turned()) {
      tell(listening -> listening.changed(to, why));
    }
  }

  private void releaseNowAndThen() {
    long now = nanos.getAsLong();
    if (now - releasedAtNanos < RELEASE_EVERY_NANOS) {
      return;
    }
    releasedAtNanos = now;
    try {
      log.release();
    } catch (IOException e) {
      LOG.warn("journal {}: an old segment is kept, it cannot be deleted ({})", directory, e);
    }
  }

  private void end() {
    String why = "it is closed";
    log.giveUp(); // what an error left half done
    try {
      log.close();
    } catch (IOException e) {
      why = String.valueOf(e.getMessage());
      LOG.error("journal {}: {}", directory, why);
    }
    intake.ended();
    // Nothing is left here, unless the thread was ended by an error.
    refuse(Condition.CLOSED, why);
  }

  private void tell(Consumer<JournalListener> what) {
    try {
      what.accept(listener);
    } catch (RuntimeException e) {
      LOG.error("journal {}: a listener failed; the journal goes on", directory, e);
    }
  }

  /// From any thread.
  public State state() {
    return intake.state(log);
  }

  /// Accepts no more, and returns when everything offered is told of. The reader stays usable.
  ///
  /// @throws IOException when the disk takes longer than [Settings#closeWithin]: the last batch
  ///     may be lost
  @Override
  public void close() throws IOException {
    intake.close();
    if (intake.begin()) {
      commitUntilClosed(); // nobody ran it
      return;
    }
    try {
      if (!intake.awaitEnd(settings.closeWithin().toNanos())) {
        throw new IOException("journal %s: %,d entries are not synced after %s; left to themselves"
            .formatted(directory, state().pending(), settings.closeWithin()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(
          "journal %s: an interrupt cut its closing short".formatted(directory));
    }
  }
}
