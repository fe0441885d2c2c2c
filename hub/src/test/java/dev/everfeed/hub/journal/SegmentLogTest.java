package dev.everfeed.hub.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a log promises to its writer and its readers, one by one.
class SegmentLogTest {
  private static final Path DIRECTORY = Path.of("log");

  private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
  private Instant now = Instant.parse("2026-11-22T10:00:00Z");
  private final InstantSource wall = () -> now;

  @TempDir
  Path temporary = Path.of("unset");

  @Test
  void recordsAreReadInOrderOnceTheyAreForced() throws IOException {
    try (SegmentLog log = SegmentLog.open(temporary.resolve("a/b"), small(1 << 20), wall)) {
      append(log, "one");
      LogReader reader = log.reader("drain");
      assertThat(reader.next()).isInstanceOf(Read.UpToDate.class);

      log.force();

      assertThat(rest(reader)).containsExactly("one");
      assertThat(reader.next()).isInstanceOf(Read.UpToDate.class);
      append(log, "two");
      log.force();
      assertThat(rest(reader)).containsExactly("two");
      reader.close();
    }
  }

  @Test
  void aRealDirectoryIsReadAgainAfterAStart() throws IOException {
    List<String> all = new ArrayList<>();
    for (int start = 0; start < 5; start++) {
      try (SegmentLog log = SegmentLog.open(temporary, small(1 << 20), wall)) {
        assertThat(log.opened().remark()).isEmpty();
        for (int i = 0; i < 30; i++) {
          all.add("record " + start + "/" + i);
          append(log, all.getLast());
          if (i % 4 == 0) {
            log.force();
          }
        }
      }
    }
    try (SegmentLog log = SegmentLog.open(temporary, small(1 << 20), wall);
        LogReader reader = log.readFrom(0)) {
      assertThat(log.opened().segments()).isGreaterThan(5);
      assertThat(rest(reader)).isEqualTo(all);
    }
  }

  @Test
  void aCommittedOffsetIsThereAfterAPowerCut() throws IOException {
    SegmentLog log = open(small(1 << 20));
    append(log, "one");
    append(log, "two");
    log.force();
    LogReader reader = log.reader("drain");
    Read.Record first = (Read.Record) reader.next();
    reader.commit(first.nextPosition());
    disk.cutPower();

    assertThat(rest(open(small(1 << 20)).reader("drain"))).containsExactly("two");
  }

  @Test
  void aDamagedOffsetMakesItsReaderBeginAtTheOldestRecord() throws IOException {
    SegmentLog log = open(small(1 << 20));
    append(log, "one");
    log.force();
    LogReader reader = log.reader("drain");
    rest(reader);
    reader.commit(reader.position());
    byte[] bytes = disk.bytes("drain.offset");
    bytes[25] ^= 1;
    disk.put("drain.offset", bytes);

    SegmentLog again = open(small(1 << 20));

    assertThat(again.opened().damagedOffsets()).containsExactly("drain");
    assertThat(again.opened().remark()).contains("offset of reader drain is damaged");
    assertThat(rest(again.reader("drain"))).containsExactly("one");
  }

  /// Somebody who knows of positions that this log has lost must not miss what comes.
  @Test
  void aReaderBeyondTheEndMissesNothingOfWhatIsAppendedNext() throws IOException {
    SegmentLog log = open(small(1 << 20));
    append(log, "one");
    log.force();
    LogReader reader = log.reader("drain");
    reader.seek(5_000);
    assertThat(reader.next()).isInstanceOf(Read.UpToDate.class);

    long position = append(log, "two");
    log.force();

    assertThat(position).isGreaterThanOrEqualTo(5_000);
    assertThat(rest(reader)).containsExactly("two");
    assertThat(rest(log.readFrom(0))).containsExactly("one", "two");
  }

  @Test
  void aLogThatLostAllItsSegmentsGoesOnWhereItsReadersHaveBeen() throws IOException {
    SegmentLog log = open(small(1 << 20));
    append(log, "one");
    log.force();
    LogReader reader = log.reader("drain");
    rest(reader);
    reader.commit(reader.position());
    disk.segments().forEach(disk::remove);

    SegmentLog again = open(small(1 << 20));
    long position = append(again, "two");
    again.force();

    assertThat(position).isGreaterThan(reader.position());
    assertThat(rest(again.reader("drain"))).containsExactly("two");
  }

  @Test
  void aLogWithoutReadersIsARing() throws IOException {
    SegmentLog log = open(small(3_000));
    List<Long> positions = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      positions.add(append(log, "record " + i));
      log.force();
      assertThat(log.bytes()).isLessThanOrEqualTo(3_000);
    }

    LogReader reader = log.readFrom(0);
    assertThat(reader.next()).isInstanceOfSatisfying(Read.Lost.class, lost -> {
      assertThat(lost.from()).isZero();
      assertThat(lost.to()).isBetween(positions.get(800), log.firstPosition());
      assertThat(lost.reason()).contains("released");
    });
    assertThat(rest(reader)).hasSizeGreaterThan(50).endsWith("record 999");
  }

  @Test
  void whatAReaderNeedsIsKeptUntilTheLogIsFullAndThenAppendsAreRefused() throws IOException {
    SegmentLog log = open(small(3_000));
    LogReader reader = log.reader("drain");
    int appended = 0;
    LogFullException refused = null;
    while (refused == null) {
      try {
        append(log, "record " + appended);
        log.force();
        appended++;
      } catch (LogFullException e) {
        refused = e;
      }
    }
    assertThat(refused)
        .hasMessageContaining("of 3,000 bytes are used")
        .hasMessageContaining("reader drain is at");

    List<String> read = rest(reader);
    assertThat(read).hasSize(appended);
    assertThatThrownBy(() -> append(log, "still full")).isInstanceOf(LogFullException.class);
    reader.commit(reader.position());
    append(log, "room again");
    log.force();
    assertThat(rest(reader)).containsExactly("room again");
  }

  @Test
  void whatNobodyNeedsIsKeptForAsLongAsWasAsked() throws IOException {
    SegmentLog log = SegmentLog.open(
        disk, DIRECTORY, new SegmentLog.Limits(300, 1 << 20, Duration.ofHours(1), 1_000, 0), wall);
    for (int i = 0; i < 100; i++) {
      append(log, "record " + i);
      log.force();
    }
    LogReader reader = log.reader("drain");
    rest(reader);
    int segments = disk.segments().size();
    now = now.plus(Duration.ofMinutes(59));
    log.release();
    reader.commit(reader.position());
    log.release();
    assertThat(disk.segments()).hasSize(segments);

    now = now.plus(Duration.ofMinutes(2));
    log.release();

    assertThat(disk.segments()).hasSize(1);
    assertThat(append(log, "more")).isGreaterThanOrEqualTo(reader.position());
  }

  @Test
  void nothingIsAppendedWhenTheDiskIsNearlyFull() throws IOException {
    SegmentLog log = SegmentLog.open(
        disk, DIRECTORY, new SegmentLog.Limits(300, 1 << 20, Duration.ZERO, 1_000, 5_000), wall);
    disk.capacity = 6_000;
    log.reader("drain");
    append(log, "fits");
    log.force();
    disk.capacity = 5_050;

    assertThatThrownBy(() -> append(log, "does not fit"))
        .isInstanceOf(LogFullException.class)
        .hasMessageContaining("5,000 must stay free");

    disk.capacity = 10_000;
    append(log, "fits again");
    log.force();
    assertThat(rest(log.readFrom(0))).containsExactly("fits", "fits again");
  }

  @Test
  void afterAFailedForceTheSameFileIsNotSyncedAgain() throws IOException {
    SegmentLog log = open(small(1 << 20));
    append(log, "one");
    log.force();
    long lostAt = append(log, "lost");
    disk.forcesToFail = 1;
    assertThatThrownBy(log::force)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("are given up")
        .hasMessageContaining("cut back to the last sync");

    long position = append(log, "two");
    log.force();
    disk.cutPower();

    assertThat(position).isGreaterThan(lostAt);
    assertThat(disk.segments()).hasSize(2);
    assertThat(rest(open(small(1 << 20)).readFrom(0))).containsExactly("one", "two");
  }

  @Test
  void aSegmentThatWasNeverFinishedIsRemovedAtTheNextStart() throws IOException {
    SegmentLog log = open(small(1 << 20));
    append(log, "one");
    log.force();
    disk.put(Format.nameOf(9_999) + Format.UNFINISHED, new byte[] {1, 2});
    disk.put(Format.nameOf(log.endPosition()), new byte[0]);

    SegmentLog again = open(small(1 << 20));
    long position = append(again, "two");
    again.force();

    assertThat(position).isGreaterThan(log.endPosition());
    assertThat(disk.names(DIRECTORY)).noneMatch(name -> name.endsWith(Format.UNFINISHED));
    assertThat(rest(again.readFrom(0))).containsExactly("one", "two");
  }

  @Test
  void filesWithOtherNamesAreLeftAlone() throws IOException {
    byte[] text = "mine".getBytes(StandardCharsets.UTF_8);
    List<String> others = List.of("notes.txt", "1.log", "0000000000000000000x.log", "id");
    others.forEach(name -> disk.put(name, text));
    SegmentLog log = open(small(3_000));
    for (int i = 0; i < 500; i++) {
      append(log, "record " + i);
      log.force();
    }
    assertThat(others).allSatisfy(name -> assertThat(disk.bytes(name)).isEqualTo(text));
  }

  @Test
  void aPageThatCannotBeReadLosesItsRecordsOnly() throws IOException {
    SegmentLog log = SegmentLog.open(
        disk, DIRECTORY, new SegmentLog.Limits(1 << 20, 2 << 20, Duration.ZERO, 1_000, 0), wall);
    List<Long> positions = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      positions.add(append(log, "a record of some length, number %04d".formatted(i)));
    }
    log.force();
    disk.unreadableOffset = 10_000;

    List<Long> seen = new ArrayList<>();
    LogReader reader = log.readFrom(0);
    long lost = 0;
    for (Read read = reader.next(); !(read instanceof Read.UpToDate); read = reader.next()) {
      switch (read) {
        case Read.Record record -> seen.add(record.position());
        case Read.Lost range -> lost += range.to() - range.from();
        case Read.UpToDate _ -> throw new AssertionError();
      }
    }
    assertThat(lost).isBetween(1L, 4_300L);
    assertThat(seen).isSubsetOf(positions).hasSizeBetween(900, 999);
  }

  @Test
  void aReadOnlyDiskIsReadAndRefusesAppends() throws IOException {
    SegmentLog log = open(small(1 << 20));
    append(log, "one");
    log.close();
    disk.readOnly = true;

    SegmentLog again = open(small(1 << 20));

    assertThat(again.opened().remark()).contains("cannot be appended to");
    assertThat(rest(again.readFrom(0))).containsExactly("one");
    assertThatThrownBy(() -> append(again, "two"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Read-only");
    disk.readOnly = false;
    append(again, "three");
    again.force();
    assertThat(rest(again.readFrom(0))).containsExactly("one", "three");
  }

  @Test
  void aReadOnlyDirectoryIsReadAndRefusesAppends() throws IOException {
    try (SegmentLog log = SegmentLog.open(temporary, small(1 << 20), wall)) {
      append(log, "one");
    }
    assertThat(temporary.toFile().setWritable(false)).isTrue();
    try {
      assumeTrue(!Files.isWritable(temporary), "skipped: this user may write everywhere (root)");
      try (SegmentLog log = SegmentLog.open(temporary, small(200), wall)) {
        assertThat(rest(log.readFrom(0))).containsExactly("one");
      }
    } finally {
      assertThat(temporary.toFile().setWritable(true)).isTrue();
    }
  }

  @Test
  void aRecordIsBounded() throws IOException {
    SegmentLog log = open(small(1 << 20));
    assertThatThrownBy(() -> log.append(ByteBuffer.allocate(1_001)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to 1,000 bytes, had 1,001");
    assertThatThrownBy(() -> log.append(ByteBuffer.allocate(0)))
        .isInstanceOf(IllegalArgumentException.class);
    log.append(ByteBuffer.allocate(1_000));
    log.force();
    assertThat(log.readFrom(0).next()).isInstanceOf(Read.Record.class);
  }

  @Test
  void aRecordLongerThanTheBuffersIsReadAsItWas() throws IOException {
    byte[] large = new byte[3 << 20];
    new Random(3).nextBytes(large);
    SegmentLog.Limits limits = new SegmentLog.Limits(1 << 20, 16 << 20, Duration.ZERO, 4 << 20, 0);
    try (SegmentLog log = SegmentLog.open(temporary, limits, wall)) {
      append(log, "before");
      log.append(ByteBuffer.wrap(large));
      append(log, "after");
      log.force();
      LogReader reader = log.readFrom(0);
      reader.next();
      assertThat(((Read.Record) reader.next()).payload()).isEqualTo(ByteBuffer.wrap(large));
      assertThat(rest(reader)).containsExactly("after");
      reader.close();
    }
  }

  private static SegmentLog.Limits small(long maxBytes) {
    return new SegmentLog.Limits(Math.min(300, maxBytes / 2), maxBytes, Duration.ZERO, 1_000, 0);
  }

  private SegmentLog open(SegmentLog.Limits limits) throws IOException {
    return SegmentLog.open(disk, DIRECTORY, limits, wall);
  }

  private static long append(SegmentLog log, String text) throws IOException {
    return log.append(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  /// The records that follow; fails on a loss.
  private static List<String> rest(LogReader reader) throws IOException {
    List<String> texts = new ArrayList<>();
    Read read = reader.next();
    while (read instanceof Read.Record record) {
      texts.add(StandardCharsets.UTF_8.decode(record.payload()).toString());
      read = reader.next();
    }
    assertThat(read).isInstanceOf(Read.UpToDate.class);
    return texts;
  }
}
