package dev.everfeed.hub.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Random lives of a log on a simulated disk that fails, fills up and loses what was not synced:
/// what was forced is there afterwards, once, in order, and no loss of it is declared.
class SegmentLogCrashTest {
  private static final Path DIRECTORY = Path.of("log");
  private static final SegmentLog.Limits LIMITS =
      new SegmentLog.Limits(400, 1 << 20, Duration.ZERO, 1_000, 0);
  private static final InstantSource WALL = InstantSource.fixed(Instant.EPOCH);

  /// What a force covered, or may have: by position.
  private final Map<Long, Integer> durable = new LinkedHashMap<>();

  private final Map<Long, Integer> inDoubt = new LinkedHashMap<>();
  private final Map<Long, Integer> pending = new LinkedHashMap<>();
  private int next;

  @Test
  void whatWasForcedSurvivesPowerCutsAndFailures() throws IOException {
    for (int seed = 0; seed < 2_000; seed++) {
      durable.clear();
      inDoubt.clear();
      next = 0;
      try {
        live(new Random(seed));
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private void live(Random dice) throws IOException {
    SimulatedDisk disk = new SimulatedDisk(dice);
    SegmentLog.open(disk, DIRECTORY, LIMITS, WALL).reader("drain").close(); // needs everything
    for (int life = 0; life < 4; life++) {
      SegmentLog log;
      pending.clear();
      try {
        log = SegmentLog.open(disk, DIRECTORY, LIMITS, WALL);
      } catch (IOException e) {
        continue; // a failure that was still due: the next life tries again
      }
      check(log);
      int steps = dice.nextInt(40);
      for (int step = 0; step < steps; step++) {
        step(log, disk, dice);
      }
      inDoubt.putAll(pending);
      if (dice.nextInt(3) == 0) {
        disk.kill();
      } else {
        disk.cutPower();
      }
      disk.capacity = Long.MAX_VALUE;
      disk.writesToFail = 0;
      disk.forcesToFail = 0;
      disk.truncatesToFail = 0;
    }
    check(SegmentLog.open(disk, DIRECTORY, LIMITS, WALL));
  }

  private void step(SegmentLog log, SimulatedDisk disk, Random dice) {
    switch (dice.nextInt(12)) {
      case 0 -> disk.writesToFail = dice.nextInt(3);
      case 1 -> disk.forcesToFail = dice.nextInt(3);
      case 2 -> disk.truncatesToFail = dice.nextInt(2);
      case 3 -> disk.capacity = dice.nextBoolean() ? Long.MAX_VALUE : dice.nextInt(4_000);
      case 4, 5, 6 -> {
        try {
          log.force();
          durable.putAll(pending);
          pending.clear();
        } catch (IOException e) {
          giveUp();
        }
      }
      default -> {
        ByteBuffer payload = ByteBuffer.allocate(4 + dice.nextInt(200)).putInt(0, next);
        try {
          long position = log.append(payload);
          assertThat(durable.keySet()).allMatch(given -> given < position);
          pending.put(position, next++);
        } catch (LogFullException e) {
          // Nothing has changed.
        } catch (IOException e) {
          giveUp();
        }
      }
    }
  }

  private void giveUp() {
    inDoubt.putAll(pending);
    pending.clear();
  }

  private void check(SegmentLog log) throws IOException {
    List<Long> seen = new ArrayList<>();
    long before = -1;
    try (LogReader reader = log.readFrom(0)) {
      for (Read read = reader.next(); !(read instanceof Read.UpToDate); read = reader.next()) {
        switch (read) {
          case Read.Record record -> {
            long position = record.position();
            assertThat(position).isGreaterThan(before);
            before = position;
            // What was given up can be found again, and be gone the next time: when a force had
            // failed and the cut too, the page that this process reads may not be on the disk.
            Integer expected = durable.get(position);
            assertThat(record.payload().getInt())
                .isEqualTo(expected == null ? inDoubt.get(position) : expected);
            if (expected != null) {
              seen.add(position);
            }
          }
          // A power cut can keep the second of two records that nobody was told are safe.
          case Read.Lost lost ->
            assertThat(durable.keySet())
                .noneMatch(position -> position >= lost.from() && position < lost.to());
          case Read.UpToDate _ -> throw new AssertionError();
        }
      }
    }
    assertThat(seen).isEqualTo(durable.keySet().stream().sorted().toList());
  }
}
