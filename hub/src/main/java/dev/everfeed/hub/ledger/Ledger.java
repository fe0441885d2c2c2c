package dev.everfeed.hub.ledger;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The continuity ledger: of every stream with dense ids, what was delivered, filled in later
/// and declared lost (RESILIENCE section 2, P1, P2 and P6).
///
/// It hears of what happens through a [LedgerTap], whose bounded queue is read by one thread
/// that may wait for the disk. What is said here is at most [#NAP] behind, and after a crash at
/// most a second more: it claims less then than was delivered, never more.
///
/// Where the disk refuses, the account is kept in memory and written anew as soon as it can be.
public final class Ledger implements Runnable, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.ledger");

  static final int NOTES_MAX = 8_192;

  private static final Duration NAP = Duration.ofMillis(200);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);
  private static final long TRY_DISK_MILLIS = 1_000;

  static final String NOT_THERE = "the hub was not there";
  static final String NOT_BROUGHT = "did not come, and cannot be asked for in time";
  static final String NOT_ANSWERED = "asked for, and not brought in time";
  static final String ELSEWHERE = "the stream came from somewhere else meanwhile";

  private final LedgerStreams streams;
  private final boolean repairs;
  private final InstantSource wall;
  private final @Nullable LedgerFile file;
  private final Account account;
  private final BlockingQueue<Note> notes = new ArrayBlockingQueue<>(NOTES_MAX);

  /// What was done about gaps; as many as there are repairs.
  private final Queue<Runnable> done = new ConcurrentLinkedQueue<>();

  /// Who waits to see in the view what was done.
  private final List<CompletableFuture<Void>> awaited = new ArrayList<>();

  private final AtomicLong overflows = new AtomicLong();
  private final List<Note> drained = new ArrayList<>();

  /// By stream: its passage of this life.
  private final @Nullable Passage[] now;

  private boolean fileFailed;
  private long failedMillis;
  private boolean appended;
  private boolean gapsChanged = true;
  private boolean changed = true;
  private List<LedgerView.OfStream> shownGaps = List.of();
  private volatile LedgerView view;
  private volatile boolean closed;
  private volatile @Nullable Thread thread;

  private Ledger(
      LedgerStreams streams,
      boolean repairs,
      InstantSource wall,
      @Nullable LedgerFile file,
      Account account) {
    this.streams = streams;
    this.repairs = repairs;
    this.wall = wall;
    this.file = file;
    this.account = account;
    this.now = new @Nullable Passage[streams.streams().size()];
    for (int i = 0; i < now.length; i++) {
      now[i] = account.current(streams.streams().get(i));
    }
    this.view = look();
  }

  /// The ledger of a folder. Reads what there is of it, and writes it anew in short.
  ///
  /// @param repairs whether what is missing is asked for afterwards, see [GapRepair]
  /// @throws IOException when the folder cannot be used; damage is not that
  public static Ledger open(Path folder, LedgerStreams streams, boolean repairs, InstantSource wall)
      throws IOException {
    LedgerFile file = LedgerFile.open(folder, wall);
    try {
      Account account = file.read(wall);
      if (file.remark() != null) {
        LOG.warn("{}; what cannot be read is counted as lost", file.remark());
      }
      file.rewrite(account);
      return new Ledger(streams, repairs, wall, file, account);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /// One that is forgotten when the hub ends.
  public static Ledger inMemory(LedgerStreams streams, InstantSource wall) {
    return new Ledger(streams, false, wall, null, new Account());
  }

  /// Where the tick loop tells what it does. Once, before anything is published.
  public LedgerTap tap(LedgerTap.Found found) {
    long[] begun = new long[now.length];
    String[] sources = new String[now.length];
    for (int i = 0; i < now.length; i++) {
      Passage passage = now[i];
      begun[i] = passage == null ? LedgerTap.NONE : passage.upToId;
      sources[i] = passage == null ? "" : passage.source;
    }
    return new LedgerTap(streams, notes, overflows, wall::millis, found, begun, sources);
  }

  public LedgerStreams streams() {
    return streams;
  }

  /// For any thread.
  public LedgerView view() {
    return view;
  }

  // ---- for repairs, from any thread; seen in the view soon

  void asked(long gap) {
    done.add(() -> {
      Gap known = account.gap(gap);
      if (known != null) {
        emit(new Change.Noted(known.asked()));
      }
    });
  }

  void filled(long gap, IdRanges found) {
    done.add(() -> {
      Gap known = account.gap(gap);
      if (known != null) {
        Gap filled = known.filled(found);
        emit(new Change.Noted(
            filled.missing().isEmpty() ? filled.closed(null, wall.instant()) : filled));
      }
    });
  }

  /// @param reason why some are missing, if so
  /// @return completed when the view tells of it
  CompletableFuture<Void> ended(long gap, String reason) {
    CompletableFuture<Void> seen = new CompletableFuture<>();
    done.add(() -> {
      awaited.add(seen);
      Gap known = account.gap(gap);
      if (known != null) {
        emit(new Change.Noted(known.closed(reason, wall.instant())));
      }
    });
    return seen;
  }

  // ---- its own thread

  @Override
  public void run() {
    thread = Thread.currentThread();
    while (!closed) {
      step();
      LockSupport.parkNanos(this, NAP.toNanos());
    }
    step();
    LedgerFile kept = file;
    if (kept != null) {
      try {
        kept.close();
      } catch (IOException e) {
        LOG.error("ledger: {}", e.getMessage());
      }
    }
  }

  /// Takes in what was told, and brings it to the disk.
  void step() {
    notes.drainTo(drained);
    drained.forEach(this::take);
    drained.clear();
    for (Runnable each = done.poll(); each != null; each = done.poll()) {
      each.run();
    }
    if (account.gapCount() > Account.GAPS_MAX) {
      account.bound();
      gapsChanged = true;
    }
    write();
    if (changed) {
      changed = false;
      view = look();
    }
    awaited.forEach(seen -> seen.complete(null));
    awaited.clear();
  }

  private void take(Note note) {
    switch (note) {
      case Note.Began began -> {
        Passage before = now[began.stream()];
        Instant at = Instant.ofEpochMilli(began.at());
        if (before != null) {
          giveUp(began, before);
        }
        long number = account.newPassage();
        emit(new Change.Began(
            number,
            streams.streams().get(began.stream()),
            streams.gateways().source(began.gateway()),
            began.firstId(),
            at));
        now[began.stream()] = account.passage(number);
      }
      case Note.Reached reached ->
        reached(reached.streams(), reached.ids(), Instant.ofEpochMilli(reached.at()));
      case Note.Asked asked -> asked(asked);
      case Note.Missing missing -> missing(missing);
    }
  }

  private void reached(int[] moved, long[] ids, Instant at) {
    long[] passages = new long[moved.length];
    for (int i = 0; i < moved.length; i++) {
      Passage passage = now[moved[i]];
      passages[i] = passage == null ? 0 : passage.number;
      if (passage != null) {
        endRecovering(passage, ids[i], at);
      }
    }
    for (int from = 0; from < ids.length; from += ChangeCodec.REACHED_MAX) {
      int to = Math.min(ids.length, from + ChangeCodec.REACHED_MAX);
      emit(new Change.Reached(
          at,
          java.util.Arrays.copyOfRange(passages, from, to),
          java.util.Arrays.copyOfRange(ids, from, to)));
    }
  }

  /// What was asked for and is passed has come, but for what was told to be missing.
  private void endRecovering(Passage passage, long id, Instant at) {
    for (int i = passage.gaps.size() - 1; i >= 0; i--) {
      Gap gap = passage.gaps.get(i);
      if (gap.lastId() <= passage.upToId) {
        return; // and so are all before it
      }
      if (gap.lastId() <= id) {
        emit(new Change.Noted(gap.closed(NOT_ANSWERED, at)));
      }
    }
  }

  /// What a passage that is over still waits for will not come.
  private void giveUp(Note.Began began, Passage passage) {
    if (!passage.gaps.isEmpty() && passage.gaps.getLast().lastId() > passage.upToId) {
      missing(new Note.Missing(
          began.stream(),
          began.gateway(),
          passage.upToId + 1,
          passage.gaps.getLast().lastId(),
          Gap.Kind.AWAY,
          began.at()));
    }
  }

  private void asked(Note.Asked asked) {
    Passage passage = now[asked.stream()];
    if (passage == null || passage.overlaps(asked.firstId(), asked.lastId())) {
      return;
    }
    emit(new Change.Noted(new Gap(
        account.newGap(),
        passage.number,
        gateway(asked.gateway()),
        asked.firstId(),
        asked.lastId(),
        asked.kind(),
        Gap.State.RECOVERING,
        IdRanges.NONE,
        IdRanges.NONE,
        null,
        Instant.ofEpochMilli(asked.at()),
        null,
        null,
        0)));
  }

  private @Nullable String gateway(int number) {
    return number < 0 ? null : streams.gateways().id(number);
  }

  private void missing(Note.Missing missing) {
    Passage passage = now[missing.stream()];
    if (passage == null) {
      return;
    }
    Instant at = Instant.ofEpochMilli(missing.at());
    IdRanges rest = IdRanges.of(missing.firstId(), missing.lastId());
    for (Gap gap : passage.overlapping(missing.firstId(), missing.lastId())) {
      Gap kept = gap.withLost(missing.firstId(), missing.lastId(), NOT_ANSWERED);
      emit(new Change.Noted(
          gap.lastId() <= missing.lastId() ? kept.closed(NOT_ANSWERED, at) : kept));
      rest = rest.minus(gap.firstId(), gap.lastId());
    }
    for (int i = 0; i < rest.count(); i++) {
      emit(new Change.Noted(gap(missing, passage, rest.first(i), rest.last(i), at)));
    }
    emit(new Change.Reached(at, new long[] {passage.number}, new long[] {missing.lastId()}));
  }

  private Gap gap(Note.Missing missing, Passage passage, long firstId, long lastId, Instant at) {
    boolean open = missing.kind() == Gap.Kind.HUB_DOWN
        && repairs
        && streams.refills().is(missing.gateway(), missing.stream());
    IdRanges ids = IdRanges.of(firstId, lastId);
    return new Gap(
        account.newGap(),
        passage.number,
        gateway(missing.gateway()),
        firstId,
        lastId,
        missing.kind(),
        open ? Gap.State.DETECTED : Gap.State.DECLARED_LOST,
        ids,
        ids,
        switch (missing.kind()) {
          case HUB_DOWN -> NOT_THERE;
          case AWAY -> ELSEWHERE;
          default -> NOT_BROUGHT;
        },
        at,
        open ? null : at,
        null,
        0);
  }

  private void emit(Change change) {
    account.apply(change);
    changed = true;
    gapsChanged |= !(change instanceof Change.Reached);
    LedgerFile kept = file;
    if (kept != null && !fileFailed) {
      try {
        kept.append(change);
        appended = true;
      } catch (IOException e) {
        failed(e);
      }
    }
  }

  private void failed(IOException e) {
    if (!fileFailed) {
      LOG.error("ledger: {}; it is kept in memory, and tried again once a second", e.getMessage());
    }
    fileFailed = true;
    failedMillis = wall.millis();
  }

  private void write() {
    LedgerFile kept = file;
    if (kept == null) {
      return;
    }
    try {
      if (fileFailed) {
        if (wall.millis() - failedMillis < TRY_DISK_MILLIS) {
          return;
        }
        kept.rewrite(account);
        fileFailed = false;
        LOG.info("ledger: is written again");
      } else if (appended) {
        kept.force();
        appended = false;
        if (kept.isLong()) {
          kept.rewrite(account);
        }
      }
    } catch (IOException e) {
      failed(e);
    }
  }

  private LedgerView look() {
    if (gapsChanged) {
      gapsChanged = false;
      List<LedgerView.OfStream> gaps = new ArrayList<>();
      for (Gap gap : account.newestGaps()) {
        Passage passage = account.passage(gap.passage());
        if (passage != null) {
          gaps.add(new LedgerView.OfStream(passage.stream, passage.source, gap));
        }
      }
      shownGaps = List.copyOf(gaps);
    }
    return new LedgerView(
        file != null,
        file == null ? null : file.remark(),
        shownGaps,
        account.currents().stream().map(LedgerView.PassageView::of).toList(),
        overflows.get(),
        file == null ? 0 : file.bytes());
  }

  /// Times that the queue was full.
  public long overflows() {
    return overflows.get();
  }

  Account account() {
    return account;
  }

  /// Writes what was told, and ends. Within [#CLOSE_WITHIN].
  @Override
  public void close() {
    closed = true;
    Thread runs = thread;
    if (runs == null) {
      run(); // was never started
      return;
    }
    LockSupport.unpark(runs);
    try {
      if (!runs.join(CLOSE_WITHIN)) {
        LOG.warn("ledger: did not end within {}, left alone", CLOSE_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
