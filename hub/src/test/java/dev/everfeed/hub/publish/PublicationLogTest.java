package dev.everfeed.hub.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PublicationLogTest {
  private static final int STREAMS = 7;

  private record Kept(int stream, long seq, byte[] message) {}

  /// Every operation against a list that keeps all, for several seeds: what the log still has is
  /// what the list has at its end, stream by stream, and readers are told each number once.
  @Test
  void itIsTheEndOfTheListOfAllThatWasAppended() {
    for (int seed = 1; seed <= 30; seed++) {
      Random random = new Random(seed);
      PublicationLog log = new PublicationLog(STREAMS, PublicationLog.MIN_BYTES);
      List<Kept> all = new ArrayList<>();
      long[] seqs = new long[STREAMS];
      LogReader often = log.reader();
      LogReader seldom = log.reader();
      Heard heardOften = new Heard();
      Heard heardSeldom = new Heard();
      for (int step = 0; step < 4_000; step++) {
        // stream 6 nearly never, so that its newest is gone most of the time
        int stream = random.nextInt(500) == 0 ? 6 : random.nextInt(6);
        byte[] message =
            new byte[random.nextInt(20) == 0 ? random.nextInt(8_192) : random.nextInt(200)];
        random.nextBytes(message);
        long seq = ++seqs[stream];
        log.append(stream, seq, message, 0, message.length);
        all.add(new Kept(stream, seq, message));
        if (random.nextInt(3) == 0) {
          heardOften.drain(often, all);
        }
        if (random.nextInt(1_500) == 0) {
          heardSeldom.drain(seldom, all);
        }
        if (step % 97 == 0) {
          compare(log, all, random);
        }
      }
      heardOften.drain(often, all);
      heardSeldom.drain(seldom, all);
      assertThat(heardOften.next).isEqualTo(plusOne(seqs));
      assertThat(heardSeldom.next).isEqualTo(plusOne(seqs));
      assertThat(heardOften.lost).as("seed %d", seed).isZero();
      assertThat(heardSeldom.lost).as("seed %d", seed).isPositive();
    }
  }

  private static long[] plusOne(long[] seqs) {
    long[] next = seqs.clone();
    for (int i = 0; i < next.length; i++) {
      next[i]++;
    }
    return next;
  }

  /// What a reader was told: each number of each stream once and in order.
  private static final class Heard {
    final long[] next = new long[STREAMS];
    long lost;

    Heard() {
      java.util.Arrays.fill(next, 1);
    }

    void drain(LogReader reader, List<Kept> all) {
      while (true) {
        switch (reader.poll()) {
          case NOTHING -> {
            return;
          }
          case LOST -> {
            assertThat(reader.lostFrom()).isEqualTo(next[reader.stream()]);
            assertThat(reader.lostTo()).isGreaterThanOrEqualTo(reader.lostFrom());
            lost += reader.lostTo() - reader.lostFrom() + 1;
            next[reader.stream()] = reader.lostTo() + 1;
          }
          case RECORD -> {
            assertThat(reader.seq()).isEqualTo(next[reader.stream()]++);
            byte[] message = java.util.Arrays.copyOf(reader.bytes(), reader.length());
            assertThat(find(all, reader.stream(), reader.seq()).message()).isEqualTo(message);
          }
        }
      }
    }

    private static Kept find(List<Kept> all, int stream, long seq) {
      for (int i = all.size() - 1; i >= 0; i--) {
        if (all.get(i).stream() == stream && all.get(i).seq() == seq) {
          return all.get(i);
        }
      }
      throw new AssertionError("never appended: " + seq + " of " + stream);
    }
  }

  private static void compare(PublicationLog log, List<Kept> all, Random random) {
    LogRecord record = new LogRecord();
    // the records of the log, read forward, are the last ones of the list
    List<Long> positions = new ArrayList<>();
    long position = log.begin();
    while (position < log.end()) {
      assertThat(log.header(position, record)).isTrue();
      positions.add(record.position());
      position = record.next();
    }
    int size = positions.size();
    assertThat(log.end() - log.begin()).isLessThanOrEqualTo(log.capacity());
    List<Kept> kept = all.subList(all.size() - size, all.size());
    long[] oldest = new long[STREAMS];
    for (int i = 0; i < size; i++) {
      assertThat(log.header(positions.get(i), record)).isTrue();
      assertThat(record.stream()).isEqualTo(kept.get(i).stream());
      assertThat(record.seq()).isEqualTo(kept.get(i).seq());
      byte[] message = new byte[record.length()];
      assertThat(log.message(record, message)).isTrue();
      assertThat(message).isEqualTo(kept.get(i).message());
      if (oldest[record.stream()] == 0) {
        oldest[record.stream()] = record.seq();
      }
    }
    for (int stream = 0; stream < STREAMS; stream++) {
      assertThat(log.oldest(stream, record)).isEqualTo(oldest[stream] > 0);
      if (oldest[stream] == 0) {
        continue;
      }
      assertThat(record.seq()).isEqualTo(oldest[stream]);
      long last = log.lastSeq(stream);
      long wanted = oldest[stream] + random.nextLong(last - oldest[stream] + 1);
      assertThat(log.newestUpTo(stream, wanted, record)).isTrue();
      assertThat(record.seq()).isEqualTo(wanted);
      assertThat(record.stream()).isEqualTo(stream);
      long at = record.position();
      assertThat(log.newestUpTo(stream, oldest[stream] - 1, record)).isFalse();
      assertThat(log.newestBefore(stream, at, record)).isEqualTo(wanted > oldest[stream]);
      if (wanted > oldest[stream]) {
        assertThat(record.seq()).isEqualTo(wanted - 1);
      }
      assertThat(log.newestBefore(stream, at + 1, record)).isTrue();
      assertThat(record.seq()).isEqualTo(wanted);
    }
    long middle = log.middle();
    assertThat(middle == log.end() || positions.contains(middle)).isTrue();
  }

  private static final int THREADED_STREAMS = 50;

  /// One writer flat out and three readers, one of which dawdles: every record that comes is
  /// whole and right, and what does not come is told, number by number.
  @Test
  void readersUnderAWriterFlatOutGetWholeRecordsAndAreToldWhatTheyMissed() throws Exception {
    int records = 3_000_000;
    PublicationLog log = new PublicationLog(THREADED_STREAMS, 1 << 18);
    List<Told> readers = List.of(new Told(log, 0), new Told(log, 0), new Told(log, 2_000));
    List<Thread> threads = new ArrayList<>();
    AtomicBoolean done = new AtomicBoolean();
    for (Told reader : readers) {
      threads.add(Thread.ofPlatform().start(() -> reader.run(done)));
    }
    byte[] message = new byte[256];
    long[] seqs = new long[THREADED_STREAMS];
    long random = 42;
    for (int i = 0; i < records; i++) {
      random = random * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
      int stream = (int) (random >>> 33) % THREADED_STREAMS;
      long seq = ++seqs[stream];
      int length = lengthOf(stream, seq);
      for (int b = 0; b < length; b++) {
        message[b] = byteOf(stream, seq, b);
      }
      log.append(stream, seq, message, 0, length);
    }
    done.set(true);
    for (Thread thread : threads) {
      thread.join(60_000);
      assertThat(thread.isAlive()).isFalse();
    }
    for (Told reader : readers) {
      assertThat(reader.wrong).isEmpty();
      assertThat(reader.next).isEqualTo(plusOne(seqs));
      assertThat(reader.read + reader.lost).isEqualTo(records);
    }
    assertThat(readers.get(2).lost).isPositive();
    assertThat(readers.get(2).read).isPositive();
  }

  private static int lengthOf(int stream, long seq) {
    return (int) ((seq * 31 + stream) % 250);
  }

  private static byte byteOf(int stream, long seq, int index) {
    return (byte) (seq * 7 + stream + index);
  }

  private static final class Told {
    final LogReader reader;
    final int dawdle;
    final long[] next = new long[THREADED_STREAMS];
    final List<String> wrong = new ArrayList<>();
    long read;
    long lost;

    Told(PublicationLog log, int dawdle) {
      reader = log.reader();
      this.dawdle = dawdle;
      java.util.Arrays.fill(next, 1);
    }

    void run(AtomicBoolean done) {
      while (wrong.isEmpty()) {
        boolean last = done.get();
        LogReader.Found found = reader.poll();
        if (found == LogReader.Found.NOTHING && last) {
          return;
        }
        if (found == LogReader.Found.LOST) {
          check(reader.lostFrom() == next[reader.stream()], "lost from " + reader.lostFrom());
          check(reader.lostTo() >= reader.lostFrom(), "lost to " + reader.lostTo());
          lost += reader.lostTo() - reader.lostFrom() + 1;
          next[reader.stream()] = reader.lostTo() + 1;
        } else if (found == LogReader.Found.RECORD) {
          int stream = reader.stream();
          check(reader.seq() == next[stream]++, "seq " + reader.seq() + " of " + stream);
          check(reader.length() == lengthOf(stream, reader.seq()), "length " + reader.length());
          for (int b = 0; b < reader.length(); b++) {
            check(reader.bytes()[b] == byteOf(stream, reader.seq(), b), "byte " + b);
          }
          read++;
          for (int spin = 0; spin < dawdle; spin++) {
            Thread.onSpinWait();
          }
        }
      }
    }

    private void check(boolean right, String what) {
      if (!right && wrong.size() < 10) {
        wrong.add(what);
      }
    }
  }

  /// It stood where less than a header was left of the array, which was padding once.
  @Test
  void aReaderThatWasOverrunAtTheEndOfTheArrayGoesOn() {
    PublicationLog log = new PublicationLog(1, 1 << 16);
    byte[] text = new byte[5_000];
    Arrays.fill(text, (byte) 'x');
    LogReader reader = log.reader();
    long seq = 0;
    while (log.capacity() - log.end() > 64) {
      log.append(0, ++seq, text, 0, 8);
    }
    log.append(0, ++seq, text, 0, 16);
    while (reader.poll() == LogReader.Found.RECORD) {
      // up to the newest one
    }
    assertThat(log.capacity() - reader.position()).isBetween(1L, 31L);
    for (int i = 0; i < 20; i++) {
      log.append(0, ++seq, text, 0, 4_064);
    }
    assertThat(reader.poll()).isEqualTo(LogReader.Found.LOST);
    LogReader.Found found = reader.poll();
    while (found == LogReader.Found.RECORD && reader.seq() < seq) {
      found = reader.poll();
    }
    assertThat(reader.seq()).isEqualTo(seq);
  }

  @Test
  void aReaderOfTheMiddleOfALogIsNotToldOfWhatWasBeforeIt() {
    PublicationLog log = new PublicationLog(2, PublicationLog.MIN_BYTES);
    byte[] message = new byte[1_000];
    for (int seq = 1; seq <= 500; seq++) {
      log.append(0, seq, message, 0, message.length);
    }
    LogReader reader = log.readerAt(log.middle());

    assertThat(reader.poll()).isEqualTo(LogReader.Found.RECORD);
    assertThat(reader.seq()).isBetween(440L, 480L);
    assertThat(reader.overruns()).isZero();
  }

  /// The first record of a stream may already be gone when a slow reader comes to it.
  @Test
  void aStreamThatBeganWhileTheReaderSleptIsToldFromItsFirstNumberOn() {
    PublicationLog log = new PublicationLog(2, PublicationLog.MIN_BYTES);
    LogReader reader = log.reader();
    byte[] message = new byte[1_000];
    log.append(1, 5, message, 0, 10);
    for (int seq = 1; seq <= 500; seq++) {
      log.append(0, seq, message, 0, message.length);
    }

    assertThat(reader.poll()).isEqualTo(LogReader.Found.LOST);
    assertThat(reader.stream()).isEqualTo(1);
    assertThat(reader.lostFrom()).isEqualTo(5);
    assertThat(reader.lostTo()).isEqualTo(5);
    assertThat(reader.poll()).isEqualTo(LogReader.Found.LOST);
    assertThat(reader.stream()).isZero();
    assertThat(reader.lostFrom()).isEqualTo(1);
    assertThat(reader.overruns()).isEqualTo(1);
  }

  @Test
  void anArmedReaderIsWokenOnceAndOneThatIsNotNever() {
    PublicationLog log = new PublicationLog(1, PublicationLog.MIN_BYTES);
    AtomicInteger woken = new AtomicInteger();
    Wake wake = log.onAppended(woken::incrementAndGet);
    log.append(0, 1, new byte[8], 0, 8);
    assertThat(woken).hasValue(0);
    wake.arm();
    log.append(0, 2, new byte[8], 0, 8);
    log.append(0, 3, new byte[8], 0, 8);
    assertThat(woken).hasValue(1);
    wake.arm();
    wake.disarm();
    log.append(0, 4, new byte[8], 0, 8);
    assertThat(woken).hasValue(1);
    wake.arm();
    wake.close();
    log.append(0, 5, new byte[8], 0, 8);
    assertThat(woken).hasValue(1);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    PublicationLog log = new PublicationLog(1, 100_000);
    assertThat(log.capacity()).isEqualTo(131_072);
    assertThat(log.messageMax()).isEqualTo(16_384);
    assertThatThrownBy(() -> log.append(0, 1, new byte[16_385], 0, 16_385))
        .hasMessageContaining("at most 16,384 bytes")
        .hasMessageContaining("was 16,385");
    assertThatThrownBy(() -> new PublicationLog(1, PublicationLog.MAX_BYTES + 1))
        .hasMessageContaining("at most 1,073,741,824");
  }
}
