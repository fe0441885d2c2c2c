package dev.everfeed.hub.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Whatever happens to the bytes of a log: each record that was not touched is read, in order,
/// each that was is declared, and nothing is returned that was not appended.
///
/// Small logs of several segments are damaged at every byte, read, reopened, appended to and
/// read again.
class SegmentLogDamageTest {
  private static final Path DIRECTORY = Path.of("log");
  private static final SegmentLog.Limits LIMITS =
      new SegmentLog.Limits(150, 1 << 20, Duration.ZERO, 1_000, 0);
  private static final InstantSource WALL = InstantSource.fixed(Instant.EPOCH);

  /// A record as it was appended.
  private record Known(String segment, long base, long from, long to, byte[] payload) {}

  private record Seen(List<Read.Record> records, List<byte[]> payloads, List<Read.Lost> losses) {}

  private final Random random = new Random(20_261_122);
  private SimulatedDisk whole = new SimulatedDisk(random);
  private final List<Known> known = new ArrayList<>();

  @BeforeEach
  void appendSome() throws IOException {
    whole = new SimulatedDisk(random);
    known.clear();
    try (SegmentLog log = open(whole)) {
      for (int i = 0; i < 24; i++) {
        byte[] payload = new byte[1 + random.nextInt(40)];
        random.nextBytes(payload);
        long position = log.append(ByteBuffer.wrap(payload));
        log.force();
        String segment = whole.segments().getLast();
        known.add(new Known(
            segment,
            Long.parseLong(segment.substring(0, 20)),
            position,
            log.endPosition(),
            payload));
      }
    }
    assertThat(whole.segments()).hasSizeGreaterThan(4);
  }

  @Test
  void anUndamagedLogIsReadWithoutLoss() throws IOException {
    check(whole, List.of(), true, "nothing");
  }

  @Test
  void aTruncationAtAnyByteLosesOnlyWhatWasCutOff() throws IOException {
    for (String segment : whole.segments()) {
      byte[] bytes = whole.bytes(segment);
      for (int length = 0; length < bytes.length; length++) {
        SimulatedDisk disk = whole.copy();
        disk.put(segment, Arrays.copyOf(bytes, length));
        int left = length;
        List<Known> touched = known.stream()
            .filter(k -> k.segment().equals(segment) && k.to() - k.base() > left)
            .toList();
        check(
            disk,
            touched,
            !segment.equals(whole.segments().getLast()),
            segment + " truncated to " + length);
      }
    }
  }

  @Test
  void aFlippedBitLosesOnlyItsRecord() throws IOException {
    for (String segment : whole.segments()) {
      byte[] bytes = whole.bytes(segment);
      for (int at = 0; at < bytes.length; at++) {
        for (int bit : isHeader(segment, at) ? all() : new int[] {random.nextInt(8)}) {
          byte[] flipped = bytes.clone();
          flipped[at] ^= (byte) (1 << bit);
          SimulatedDisk disk = whole.copy();
          disk.put(segment, flipped);
          int offset = at;
          List<Known> touched = known.stream()
              .filter(k -> k.segment().equals(segment)
                  && offset >= k.from() - k.base()
                  && offset < k.to() - k.base())
              .toList();
          boolean tail = touched.contains(known.getLast());
          check(disk, touched, !tail, segment + " byte " + at + " bit " + bit + " flipped");
        }
      }
    }
  }

  @Test
  void aMissingSegmentIsDeclaredFromItsFirstToItsLastRecord() throws IOException {
    for (String segment : whole.segments().subList(0, whole.segments().size() - 1)) {
      SimulatedDisk disk = whole.copy();
      disk.remove(segment);
      check(
          disk,
          known.stream().filter(k -> k.segment().equals(segment)).toList(),
          true,
          segment + " missing");
    }
  }

  /// Many damages at once: what is returned is true and in order, what was not touched is
  /// returned.
  @Test
  void manyDamagesAtOnceNeverBringAnythingFalse() throws IOException {
    for (int seed = 0; seed < 1_000; seed++) {
      Random dice = new Random(seed);
      SimulatedDisk disk = whole.copy();
      for (int n = 1 + dice.nextInt(6); n > 0; n--) {
        List<String> segments = disk.segments();
        String segment = segments.get(dice.nextInt(segments.size()));
        byte[] bytes = disk.bytes(segment);
        switch (dice.nextInt(6)) {
          case 0 -> disk.put(segment, Arrays.copyOf(bytes, dice.nextInt(bytes.length + 1)));
          case 1 -> disk.put(segment, Arrays.copyOf(bytes, bytes.length + dice.nextInt(50)));
          case 2 -> {
            if (segments.size() > 1) {
              disk.remove(segment);
            }
          }
          case 3 -> {
            byte[] noise = new byte[dice.nextInt(100)];
            dice.nextBytes(noise);
            disk.put(dice.nextBoolean() ? "noise.log" : "%020d.lag".formatted(seed), noise);
          }
          default -> {
            if (bytes.length > 0) {
              bytes[dice.nextInt(bytes.length)] ^= (byte) (1 << dice.nextInt(8));
              disk.put(segment, bytes);
            }
          }
        }
      }
      check(disk, touchedOn(disk), false, "seed " + seed);
    }
  }

  /// By the naive way: a record is untouched when its bytes are where they were.
  private List<Known> touchedOn(SimulatedDisk disk) {
    List<Known> touched = new ArrayList<>();
    for (Known k : known) {
      int from = (int) (k.from() - k.base());
      int to = (int) (k.to() - k.base());
      if (!disk.segments().contains(k.segment())
          || disk.bytes(k.segment()).length < to
          || !Arrays.equals(
              Arrays.copyOfRange(disk.bytes(k.segment()), from, to),
              Arrays.copyOfRange(whole.bytes(k.segment()), from, to))) {
        touched.add(k);
      }
    }
    return touched;
  }

  /// @param exact whether each touched record must be declared, and nothing else: not so for the
  ///     tail of the log, which [SegmentLog.Opened] tells of where it can be seen at all
  private void check(SimulatedDisk disk, List<Known> touched, boolean exact, String damage)
      throws IOException {
    List<Known> untouched = known.stream().filter(k -> !touched.contains(k)).toList();
    long filesEnd = disk.segments().stream()
        .filter(name -> name.matches("[0-9]{20}\\.log"))
        .mapToLong(name -> Long.parseLong(name.substring(0, 20)) + disk.bytes(name).length)
        .max()
        .orElseThrow();
    byte[] more = {1, 2, 3};
    long appendedAt;
    try (SegmentLog log = open(disk)) {
      Seen seen = readAll(log);
      checkRecords(seen, untouched, damage);
      checkLosses(seen, touched, untouched, exact, damage);
      if (touched.contains(known.getLast()) && exact) {
        assertThat(log.opened().cutBytes()).as(damage).isPositive();
      }
      appendedAt = log.append(ByteBuffer.wrap(more));
      log.force();
      assertThat(appendedAt).as(damage).isGreaterThanOrEqualTo(filesEnd);
      List<Read.Lost> before = seen.losses();
      seen = readAll(log);
      assertThat(seen.payloads().getLast()).as(damage).isEqualTo(more);
      assertThat(seen.losses()).as(damage).startsWith(before.toArray(Read.Lost[]::new));
    }
    try (SegmentLog again = open(disk)) {
      Seen seen = readAll(again);
      assertThat(again.opened().cutBytes()).as(damage).isZero();
      assertThat(seen.records().getLast().position()).as(damage).isEqualTo(appendedAt);
      assertThat(seen.records()).as(damage).hasSize(untouched.size() + 1);
    }
  }

  private static void checkRecords(Seen seen, List<Known> untouched, String damage) {
    assertThat(seen.records().stream().map(Read.Record::position).toList())
        .as(damage)
        .isEqualTo(untouched.stream().map(Known::from).toList());
    for (int i = 0; i < untouched.size(); i++) {
      assertThat(seen.payloads().get(i)).as(damage).isEqualTo(untouched.get(i).payload());
    }
  }

  private static void checkLosses(
      Seen seen, List<Known> touched, List<Known> untouched, boolean exact, String damage) {
    for (Known k : untouched) {
      assertThat(seen.losses()).as(damage).noneMatch(l -> l.from() < k.to() && k.from() < l.to());
    }
    if (exact) {
      for (Known k : touched) {
        assertThat(seen.losses())
            .as(damage)
            .anyMatch(l -> l.from() <= k.from() && k.to() <= l.to());
      }
      if (touched.isEmpty()) {
        assertThat(seen.losses()).as(damage).isEmpty();
      }
    }
  }

  private static Seen readAll(SegmentLog log) throws IOException {
    Seen seen = new Seen(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    long before = -1;
    try (LogReader reader = log.readFrom(0)) {
      while (true) {
        Read read = reader.next();
        switch (read) {
          case Read.Record record -> {
            assertThat(record.position()).isGreaterThan(before);
            before = record.position();
            byte[] payload = new byte[record.payload().remaining()];
            record.payload().get(payload);
            seen.records().add(record);
            seen.payloads().add(payload);
          }
          case Read.Lost lost -> {
            assertThat(lost.to()).isGreaterThan(lost.from());
            seen.losses().add(lost);
          }
          case Read.UpToDate _ -> {
            return seen;
          }
        }
      }
    }
  }

  private boolean isHeader(String segment, int offset) {
    return offset < Format.SEGMENT_HEADER
        || known.stream()
            .anyMatch(k -> k.segment().equals(segment)
                && offset >= k.from() - k.base()
                && offset < k.from() - k.base() + Format.RECORD_HEADER);
  }

  private static int[] all() {
    return new int[] {0, 1, 2, 3, 4, 5, 6, 7};
  }

  private static SegmentLog open(SimulatedDisk disk) throws IOException {
    return SegmentLog.open(disk, DIRECTORY, LIMITS, WALL);
  }
}
