package dev.everfeed.hub.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the journal tells those who offer, and what its reader finds. Where the disk matters it
/// is simulated and the test is the committing thread.
@Timeout(60)
class JournalTest {
  private static final Path DIRECTORY = Path.of("journal");

  private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
  private final AtomicLong nanos = new AtomicLong();
  private final List<String> told = new ArrayList<>();
  private final JournalListener listener = new JournalListener() {
    @Override
    public void synced(int entries, long bytes, long syncNanos) {
      told.add("synced " + entries);
    }

    @Override
    public void refused(int entries, String reason) {
      told.add("refused " + entries);
    }

    @Override
    public void changed(Journal.Condition to, String reason) {
      told.add(to.name());
    }
  };

  @TempDir
  Path temporary = Path.of("unset");

  @Test
  void whatIsOfferedIsAcceptedWithOneForceForTheWholeBatch() throws Exception {
    Journal journal = open();
    CompletableFuture<Long> first = journal.submit(numbers(0, 3));
    assertThat(journal.offer(numbers(3, 5))).isTrue();
    CompletableFuture<Long> last = journal.submit(numbers(5, 6));
    assertThat(journal.state().pending()).isEqualTo(6);
    assertThat(first).isNotDone();
    int forces = disk.forces;

    assertThat(journal.commitWhatIsOffered()).isTrue();

    assertThat(disk.forces - forces).isEqualTo(2); // the segment's header, and the batch
    JournalReader.Batch batch = journal.reader().next(100, 1 << 20);
    assertThat(read(batch)).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(first.get()).isEqualTo(batch.entries().get(3).position());
    assertThat(last.get()).isEqualTo(batch.to()).isEqualTo(journal.state().endPosition());
    assertThat(journal.state().accepted()).isEqualTo(6);
    assertThat(journal.state().pending()).isZero();
    assertThat(told).containsExactly("synced 6");
    assertThat(journal.commitWhatIsOffered()).isFalse();
  }

  @Test
  void nobodyReadsWhatIsNotAcceptedYet() throws IOException {
    Journal journal = open();
    journal.offer(numbers(0, 3));
    assertThat(journal.reader().next(10, 1_000).isEmpty()).isTrue();
  }

  @Test
  void whenTheBufferIsFullAnOfferIsRefusedAsAWhole() throws IOException {
    Journal journal = open();
    int taken = 0;
    while (journal.offer(numbers(taken, taken + 10))) {
      taken += 10;
    }
    Journal.State state = journal.state();
    assertThat(state.condition()).isEqualTo(Journal.Condition.ACCEPTING);
    assertThat(state.bufferedBytes()).isBetween(3_500L, 4_096L);
    assertThat(state.refused()).isEqualTo(10);
    assertThatThrownBy(() -> journal.submit(numbers(0, 10)).get())
        .cause()
        .isInstanceOf(NotAcceptedException.class)
        .hasMessageContaining("its buffer has room for");

    journal.commitWhatIsOffered();

    assertThat(read(journal.reader().next(1_000, 1 << 20))).hasSize(taken);
    assertThat(journal.offer(numbers(0, 10))).isTrue();
  }

  @Test
  void anEntryThatIsTooLongIsRefusedWithTheOthersOfItsOffer() throws IOException {
    Journal journal = open();
    journal.offer(numbers(0, 1));
    Entry tooLong = new Entry.Happened("x", null, "x".repeat(2_000), Instant.EPOCH);

    assertThat(journal.submit(List.of(Entries.numbered(1), tooLong))).isCompletedExceptionally();
    assertThat(journal.offer(List.of(tooLong))).isFalse();

    journal.commitWhatIsOffered();
    assertThat(read(journal.reader().next(10, 1_000))).containsExactly(0);
    assertThat(journal.state().refused()).isEqualTo(3);
  }

  @Test
  void afterAFailureAllWhoWaitAreToldAndOneOfferASecondIsTried() throws Exception {
    Journal journal = open();
    journal.offer(numbers(0, 1));
    journal.commitWhatIsOffered();
    CompletableFuture<Long> inBatch = journal.submit(numbers(1, 2));
    List<CompletableFuture<Long>> behind = new ArrayList<>();
    disk.forcesToFail = 1;
    disk.beforeForce = () -> {
      if (behind.isEmpty()) {
        behind.add(journal.submit(numbers(2, 3)));
      }
    };

    journal.commitWhatIsOffered();

    assertThat(inBatch).isCompletedExceptionally();
    assertThat(behind.getFirst()).isCompletedExceptionally();
    assertThat(journal.state().condition()).isEqualTo(Journal.Condition.FAILED);
    assertThat(journal.state().reason()).contains("are given up");
    assertThat(journal.state().refused()).isEqualTo(2);
    assertThat(journal.offer(numbers(3, 4))).isFalse();
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1_001));
    disk.forcesToFail = 9;
    assertThat(journal.offer(numbers(4, 5))).isTrue();
    assertThat(journal.offer(numbers(5, 6))).isFalse();
    journal.commitWhatIsOffered();
    assertThat(journal.offer(numbers(6, 7))).isFalse();
    disk.forcesToFail = 0;
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1_001));
    assertThat(journal.offer(numbers(7, 8))).isTrue();
    journal.commitWhatIsOffered();

    assertThat(journal.state().condition()).isEqualTo(Journal.Condition.ACCEPTING);
    assertThat(read(journal.reader().next(100, 1 << 20))).containsExactly(0, 7);
    assertThat(told.stream().filter(line -> !line.contains(" ")))
        .containsExactly("FAILED", "ACCEPTING");
    assertThat(journal.state().accepted() + journal.state().refused()).isEqualTo(8);
  }

  @Test
  void aFullJournalRefusesUntilItIsDrained() throws IOException {
    Journal journal = open();
    int offered = 0;
    while (journal.state().condition() == Journal.Condition.ACCEPTING) {
      journal.offer(numbers(offered, offered + 20));
      journal.commitWhatIsOffered();
      offered += 20;
    }
    assertThat(journal.state().condition()).isEqualTo(Journal.Condition.FULL);
    assertThat(journal.state().reason()).contains("reader drain is at");
    assertThat(journal.state().logBytes()).isLessThanOrEqualTo(journal.state().logMaxBytes());
    assertThat(journal.offer(numbers(0, 1))).isFalse();

    JournalReader reader = journal.reader();
    JournalReader.Batch all = reader.next(10_000, 1 << 20);
    assertThat(read(all)).hasSize(offered - 20);
    reader.drained(all.to());
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
    assertThat(journal.offer(numbers(9_999, 10_000))).isTrue();
    journal.commitWhatIsOffered();

    assertThat(journal.state().condition()).isEqualTo(Journal.Condition.ACCEPTING);
    assertThat(read(reader.next(10, 1_000))).containsExactly(9_999);
  }

  @Test
  void anEntryOfAnotherVersionIsDeclaredAndTheReaderGoesOn() throws IOException {
    Journal journal = open();
    journal.offer(numbers(0, 1));
    journal.commitWhatIsOffered();
    journal.close();
    SegmentLog log = SegmentLog.open(disk, DIRECTORY, settings().log(), () -> Instant.EPOCH);
    log.append(ByteBuffer.wrap(new byte[] {9, 9, 9}));
    log.close();
    Journal again = open();
    again.offer(numbers(1, 2));
    again.commitWhatIsOffered();

    JournalReader.Batch batch = again.reader().next(10, 1_000);

    assertThat(read(batch)).containsExactly(0, 1);
    assertThat(batch.losses()).singleElement().satisfies(lost -> {
      assertThat(lost.from()).isGreaterThan(batch.entries().getFirst().position());
      assertThat(lost.to()).isEqualTo(lost.from() + 15);
      assertThat(lost.reason()).isEqualTo("the entry has version 9, this hub reads version 1");
    });
  }

  @Test
  void aBatchThatWasNotDrainedIsReadAgainAfterSeekAndAfterAStart() throws IOException {
    Journal journal = open();
    journal.offer(numbers(0, 10));
    journal.commitWhatIsOffered();
    JournalReader reader = journal.reader();
    JournalReader.Batch first = reader.next(4, 1_000);
    reader.drained(first.to());
    JournalReader.Batch second = reader.next(4, 1_000);
    assertThat(read(second)).containsExactly(4, 5, 6, 7);
    reader.seek(second.from());
    assertThat(reader.next(4, 1_000)).isEqualTo(second);
    assertThat(reader.next(4, 1).entries()).hasSize(1);
    disk.cutPower();

    assertThat(read(open().reader().next(100, 1_000))).containsExactly(4, 5, 6, 7, 8, 9);
  }

  @Test
  void theDepthIsThatOfWhatIsNotDrained() throws IOException {
    Journal journal = open();
    assertThat(journal.reader().depth()).isEqualTo(new JournalReader.Depth(0, null));
    for (int second = 1; second <= 3; second++) {
      journal.offer(List.of(new Entry.Happened("x", null, "{}", Instant.ofEpochSecond(second))));
    }
    journal.commitWhatIsOffered();
    JournalReader reader = journal.reader();
    assertThat(reader.depth().oldest()).isEqualTo(Instant.ofEpochSecond(1));
    long bytes = reader.depth().bytes();

    reader.drained(reader.next(2, 1_000).to());

    assertThat(reader.depth().oldest()).isEqualTo(Instant.ofEpochSecond(3));
    assertThat(reader.depth().bytes()).isBetween(1L, bytes / 2);
    reader.drained(reader.next(2, 1_000).to());
    assertThat(reader.depth()).isEqualTo(new JournalReader.Depth(0, null));
  }

  @Test
  void theIdIsMadeOnce() throws IOException {
    Journal journal = open();
    assertThat(open().id()).isEqualTo(journal.id());
    disk.cutPower();
    assertThat(open().id()).isEqualTo(journal.id());
    disk.put("id", new byte[] {1, 2, 3});
    assertThat(open().id()).isNotEqualTo(journal.id()).isEqualTo(open().id());
  }

  @Test
  void aListenerThatFailsHoldsNothingUp() throws Exception {
    JournalListener failing = new JournalListener() {
      @Override
      public void synced(int entries, long bytes, long syncNanos) {
        throw new IllegalStateException("planted");
      }
    };
    Journal journal =
        Journal.open(disk, DIRECTORY, settings(), nanos::get, () -> Instant.EPOCH, failing);
    CompletableFuture<Long> outcome = journal.submit(numbers(0, 1));
    journal.commitWhatIsOffered();
    assertThat(outcome).isCompleted();
    assertThat(journal.offer(numbers(1, 2))).isTrue();
  }

  @Test
  void closingCommitsWhatWasOfferedAlsoWhenNobodyRan() throws Exception {
    Journal journal = open();
    CompletableFuture<Long> outcome = journal.submit(numbers(0, 3));
    journal.close();
    journal.close();
    assertThat(outcome).isCompleted();
    assertThat(journal.offer(numbers(3, 4))).isFalse();
    assertThat(journal.state().condition()).isEqualTo(Journal.Condition.CLOSED);
    assertThat(read(open().reader().next(10, 1_000))).containsExactly(0, 1, 2);
  }

  /// Real threads, a real disk: what was told accepted is read once, each producer's in order.
  @Test
  void manyThreadsOfferWhileOneCommits() throws Exception {
    SegmentLog.Limits limits = new SegmentLog.Limits(64 << 10, 64 << 20, Duration.ZERO, 1_000, 0);
    Journal journal = Journal.open(
        temporary,
        new Journal.Settings(limits, 64 << 10, Duration.ofSeconds(30)),
        System::nanoTime,
        Instant::now,
        JournalListener.NONE);
    Thread committing = Thread.ofPlatform().start(journal);
    int threads = 4;
    int each = 5_000;
    CountDownLatch done = new CountDownLatch(threads);
    List<List<Integer>> accepted = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      List<Integer> mine = new ArrayList<>();
      accepted.add(mine);
      int first = t * each;
      Thread.ofVirtual().start(() -> {
        List<CompletableFuture<Long>> outcomes = new ArrayList<>();
        for (int i = first; i < first + each; i++) {
          outcomes.add(journal.submit(numbers(i, i + 1)));
        }
        for (int i = 0; i < each; i++) {
          if (outcomes.get(i).handle((position, e) -> e == null).join()) {
            mine.add(first + i);
          }
        }
        done.countDown();
      });
    }
    assertThat(done.await(50, TimeUnit.SECONDS)).isTrue();
    journal.close();
    committing.join();

    List<Integer> seen = new ArrayList<>();
    JournalReader reader = journal.reader();
    for (JournalReader.Batch b = reader.next(700, 1 << 20);
        !b.isEmpty();
        b = reader.next(700, 1 << 20)) {
      assertThat(b.losses()).isEmpty();
      seen.addAll(read(b));
    }
    for (int t = 0; t < threads; t++) {
      int thread = t;
      assertThat(seen.stream().filter(number -> number / each == thread).toList())
          .isEqualTo(accepted.get(t));
    }
    Journal.State state = journal.state();
    assertThat(state.accepted()).isEqualTo(seen.size()).isPositive();
    assertThat(state.accepted() + state.refused()).isEqualTo((long) threads * each);
    reader.close();
  }

  private static List<Integer> read(JournalReader.Batch batch) {
    return batch.entries().stream()
        .map(positioned -> Entries.numberOf(positioned.entry()))
        .toList();
  }

  static List<Entry> numbers(int from, int to) {
    List<Entry> entries = new ArrayList<>();
    for (int i = from; i < to; i++) {
      entries.add(Entries.numbered(i));
    }
    return entries;
  }

  static Journal.Settings settings() {
    return new Journal.Settings(
        new SegmentLog.Limits(1_000, 10_000, Duration.ZERO, 1_000, 0),
        4_096,
        Duration.ofSeconds(5));
  }

  private Journal open() throws IOException {
    return Journal.open(disk, DIRECTORY, settings(), nanos::get, () -> Instant.EPOCH, listener);
  }
}
