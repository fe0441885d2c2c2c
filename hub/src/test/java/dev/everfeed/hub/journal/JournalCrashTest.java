package dev.everfeed.hub.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// Power cuts, kills and failing disks at random moments of a journal's life, drained or not:
/// what was told accepted is drained exactly once, in order; what was told refused never,
/// unless the disk failed and could not be cut back.
///
/// The drain here keeps its offset with what it drained, as the database does, and commits it
/// to the journal afterwards or not at all.
class JournalCrashTest {
  private static final Path DIRECTORY = Path.of("journal");
  private static final Journal.Settings SETTINGS = new Journal.Settings(
      new SegmentLog.Limits(500, 4_000, Duration.ZERO, 1_000, 0), 2_000, Duration.ofSeconds(5));

  private final TreeSet<Integer> accepted = new TreeSet<>();
  private final TreeSet<Integer> refused = new TreeSet<>();
  private final TreeSet<Integer> givenUp = new TreeSet<>();
  private final List<Integer> drained = new ArrayList<>();
  private final List<Asking> asking = new ArrayList<>();
  private long drainedTo;
  private long nanos;
  private int next;

  private record Asking(int from, int to, CompletableFuture<Long> outcome) {}

  @Test
  void whatWasToldAcceptedIsDrainedExactlyOnceInOrder() throws IOException {
    long all = 0;
    for (int seed = 0; seed < 2_000; seed++) {
      try {
        all += live(new Random(seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertThat(all).isGreaterThan(2_000 * 20); // the lives are no empty ones
  }

  private int live(Random dice) throws IOException {
    accepted.clear();
    refused.clear();
    givenUp.clear();
    drained.clear();
    asking.clear();
    drainedTo = 0;
    next = 0;
    SimulatedDisk disk = new SimulatedDisk(dice);
    for (int life = 0; life < 5; life++) {
      Journal journal;
      try {
        journal = open(disk);
      } catch (IOException e) {
        heal(disk);
        continue;
      }
      seekAsTheDatabaseSays(journal);
      boolean power = dice.nextBoolean();
      // In half of the lives the end comes in the middle of a batch.
      int forcesLeft = dice.nextBoolean() ? Integer.MAX_VALUE : dice.nextInt(8);
      endAfter(disk, forcesLeft, power);
      for (int step = dice.nextInt(60); step > 0 && !disk.dead; step--) {
        step(journal, disk, dice);
        settle(false);
      }
      disk.beforeForce = () -> {};
      settle(true);
      if (!disk.dead) {
        die(disk, power);
      }
      heal(disk);
    }
    Journal last = open(disk);
    seekAsTheDatabaseSays(last);
    for (JournalReader.Batch b = last.reader().next(50, 1_000); !b.isEmpty(); ) {
      drain(b);
      b = last.reader().next(50, 1_000);
    }
    assertThat(drained).isSorted().doesNotHaveDuplicates();
    assertThat(drained).containsAll(accepted);
    assertThat(drained).noneMatch(refused::contains);
    return accepted.size();
  }

  private static void endAfter(SimulatedDisk disk, int forces, boolean power) {
    int[] left = {forces};
    disk.beforeForce = () -> {
      if (left[0]-- == 0) {
        die(disk, power);
      }
    };
  }

  private static void die(SimulatedDisk disk, boolean power) {
    if (power) {
      disk.cutPower();
    } else {
      disk.kill();
    }
    disk.dead = true;
  }

  private static void heal(SimulatedDisk disk) {
    disk.dead = false;
    disk.beforeForce = () -> {};
    disk.capacity = Long.MAX_VALUE;
    disk.writesToFail = 0;
    disk.forcesToFail = 0;
    disk.truncatesToFail = 0;
  }

  private void step(Journal journal, SimulatedDisk disk, Random dice) throws IOException {
    nanos += dice.nextInt(600) * 1_000_000L;
    switch (dice.nextInt(16)) {
      case 0 -> disk.writesToFail = dice.nextInt(3);
      case 1 -> disk.forcesToFail = dice.nextInt(3);
      case 2 -> disk.truncatesToFail = dice.nextInt(2);
      case 3 -> disk.capacity = dice.nextBoolean() ? Long.MAX_VALUE : dice.nextInt(6_000);
      case 4, 5, 6, 7 -> journal.commitWhatIsOffered();
      case 8, 9 -> {
        JournalReader.Batch batch = journal.reader().next(1 + dice.nextInt(10), 1_000);
        drain(batch);
        if (dice.nextBoolean()) {
          try {
            journal.reader().drained(batch.to());
          } catch (IOException e) {
            assertThat(e).hasMessageNotContaining("null"); // the database has it all the same
          }
        }
      }
      default -> {
        int from = next;
        next += 1 + dice.nextInt(5);
        asking.add(new Asking(from, next, journal.submit(JournalTest.numbers(from, next))));
      }
    }
  }

  /// Sorts what was asked by what was told. What was told nothing before the end may be there or
  /// not. So may what was given up, until something after it is accepted: from then on it is cut
  /// off for ever.
  private void settle(boolean end) {
    for (Asking each : asking) {
      boolean done = each.outcome().isDone();
      TreeSet<Integer> to;
      if (done && !each.outcome().isCompletedExceptionally()) {
        refused.addAll(givenUp);
        givenUp.clear();
        to = accepted;
      } else if (done && wasNeverWritten(each.outcome().exceptionNow())) {
        to = refused;
      } else if (done || end) {
        to = givenUp;
      } else {
        continue;
      }
      for (int number = each.from(); number < each.to(); number++) {
        to.add(number);
      }
    }
    asking.removeIf(each -> each.outcome().isDone() || end);
    if (end) {
      givenUp.clear();
    }
  }

  private static boolean wasNeverWritten(Throwable refusal) {
    String reason = String.valueOf(refusal.getMessage());
    return reason.endsWith("tried again once a second") || !reason.contains("given up");
  }

  private void seekAsTheDatabaseSays(Journal journal) {
    if (drainedTo > 0) {
      journal.reader().seek(drainedTo);
    }
  }

  /// One transaction of the database.
  private void drain(JournalReader.Batch batch) {
    for (Positioned each : batch.entries()) {
      assertThat(each.position()).isGreaterThanOrEqualTo(drainedTo);
      drained.add(Entries.numberOf(each.entry()));
    }
    drainedTo = batch.to();
  }

  private Journal open(SimulatedDisk disk) throws IOException {
    return Journal.open(
        disk, DIRECTORY, SETTINGS, () -> nanos, () -> Instant.EPOCH, JournalListener.NONE);
  }
}
