package dev.everfeed.hub.ledger;

import dev.everfeed.hub.journal.LogReader;
import dev.everfeed.hub.journal.Read;
import dev.everfeed.hub.journal.SegmentLog;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The changes of an [Account] on disk. When so many have come that they are more than what they
/// amount to, everything is written anew, and what was before is deleted.
///
/// For one thread.
final class LedgerFile implements Closeable {
  static final SegmentLog.Limits LIMITS =
      new SegmentLog.Limits(512 << 10, 16 << 20, Duration.ZERO, 1 << 20, 0);

  private static final String READER = "account";

  /// So many bytes of changes, at least, before everything is written anew.
  private static final long CHANGES_LEAST = 2 << 20;

  private final SegmentLog log;
  private final LogReader reader;
  private final ChangeCodec codec = new ChangeCodec();
  private long snapshotBytes;
  private long snapshotEnd;

  /// Null for a ledger that was written well.
  private @Nullable String remark;

  private LedgerFile(SegmentLog log, LogReader reader) {
    this.log = log;
    this.reader = reader;
  }

  /// Opens the ledger of a folder, or begins one.
  static LedgerFile open(Path folder, InstantSource wall) throws IOException {
    SegmentLog log = SegmentLog.open(folder, LIMITS, wall);
    try {
      LedgerFile file = new LedgerFile(log, log.reader(READER));
      String opened = log.opened().remark();
      file.remark = opened.isEmpty() ? null : opened;
      return file;
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
  }

  /// What was found damaged, or null.
  @Nullable
  String remark() {
    return remark;
  }

  /// Everything that was written, and can be read. Once, after [#open].
  Account read(InstantSource wall) throws IOException {
    Reading reading = new Reading();
    while (true) {
      switch (reader.next()) {
        case Read.Record record -> {
          Change change = ChangeCodec.decode(record.payload());
          if (change == null) {
            remark = "ledger: the record at %d cannot be understood".formatted(record.position());
            reading.lost();
          } else {
            reading.read(change);
          }
        }
        case Read.Lost lost -> {
          remark = "ledger: %d to %d cannot be read: %s"
              .formatted(lost.from(), lost.to(), lost.reason());
          reading.lost();
        }
        case Read.UpToDate _ -> {
          Account account = reading.end();
          account.settle(wall.instant());
          return account;
        }
      }
    }
  }

  /// A snapshot counts once it is there as a whole.
  private static final class Reading {
    private @Nullable Account account;
    private @Nullable Account snapshot;
    private final Map<Long, Integer> expected = new HashMap<>();
    private long records;
    private boolean damaged;

    void read(Change change) {
      switch (change) {
        case Change.SnapshotBegan _ -> {
          endSnapshot(false);
          snapshot = new Account();
          expected.clear();
          records = 0;
          damaged = false;
        }
        case Change.SnapshotPassage passage -> {
          expected.put(passage.passage(), passage.gaps());
          ofSnapshot(change);
        }
        case Change.SnapshotGap _ -> ofSnapshot(change);
        case Change.SnapshotEnded ended -> {
          Account whole = snapshot;
          if (whole != null) {
            whole.apply(ended);
            endSnapshot(!damaged && records == ended.records());
          }
        }
        case Change.Began _, Change.Reached _, Change.Noted _ -> {
          endSnapshot(false);
          account().apply(change);
        }
      }
    }

    private void ofSnapshot(Change change) {
      Account into = snapshot;
      if (into != null) {
        into.apply(change);
        records++;
      } else if (account == null) { // its begin is damaged: what follows still says something
        Account begun = new Account();
        snapshot = begun;
        begun.apply(change);
        damaged = true;
      }
    }

    private void endSnapshot(boolean whole) {
      Account ends = snapshot;
      snapshot = null;
      if (ends == null) {
        return;
      }
      if (whole) {
        account = ends;
        return;
      }
      if (account == null) {
        ends.verify(expected);
        account = ends;
      }
      account.doubtAll();
    }

    void lost() {
      if (snapshot != null) {
        damaged = true;
      } else if (account != null) {
        account.doubtAll();
      }
    }

    private Account account() {
      Account known = account;
      if (known == null) {
        known = new Account();
        account = known;
      }
      return known;
    }

    Account end() {
      endSnapshot(false);
      return account();
    }
  }

  /// Not durable before [#force].
  void append(Change change) throws IOException {
    log.append(codec.encode(change));
  }

  /// What was appended is on the disk.
  void force() throws IOException {
    log.force();
  }

  /// Whether there are more changes than it takes to write everything anew.
  boolean isLong() {
    return log.endPosition() - snapshotEnd > Math.max(CHANGES_LEAST, 2 * snapshotBytes);
  }

  /// Writes everything anew; what is before is deleted.
  void rewrite(Account account) throws IOException {
    log.force();
    IOException[] failed = new IOException[1];
    long[] first = {-1};
    account.snapshot(change -> {
      try {
        if (failed[0] == null) {
          long position = log.append(codec.encode(change));
          first[0] = first[0] < 0 ? position : first[0];
        }
      } catch (IOException e) {
        failed[0] = e;
      }
    });
    if (failed[0] != null) {
      throw failed[0];
    }
    log.force();
    reader.commit(first[0]);
    snapshotEnd = log.endPosition();
    snapshotBytes = snapshotEnd - first[0];
    log.release();
  }

  /// Of all files.
  long bytes() {
    return log.bytes();
  }

  @Override
  public void close() throws IOException {
    try {
      reader.close();
    } finally {
      log.close();
    }
  }
}
