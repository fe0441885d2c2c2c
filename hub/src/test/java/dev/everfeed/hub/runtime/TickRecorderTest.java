package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Journal;
import dev.everfeed.hub.journal.JournalListener;
import dev.everfeed.hub.journal.JournalReader;
import dev.everfeed.hub.journal.Positioned;
import dev.everfeed.hub.journal.SegmentLog;
import dev.everfeed.hub.publish.Gateway;
import dev.everfeed.hub.publish.Publisher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TickRecorderTest {
  private static final int TRADES = 3_000;
  private static final Pattern TOLD = Pattern.compile("\"messages\":(\\d+)");

  private final Publisher publisher = new Publisher(
      new Streams(List.of(Stream.trades(Symbol.of("BTC/USDT")))),
      List.of(new Gateway("binance", new SourceId("binance"), "binance")),
      7,
      8 << 20);
  private long received;
  private long told;

  /// The journal has room for a few hundred, and says of the others later that they are not
  /// there.
  @Test
  void whatAFullJournalRefusesIsDeclaredOnceThereIsRoomAgain(@TempDir Path folder)
      throws Exception {
    SegmentLog.Limits limits =
        new SegmentLog.Limits(16 << 10, 64 << 10, Duration.ofDays(1), 4 << 10, 0);
    try (Journal journal = Journal.open(
            folder,
            new Journal.Settings(limits),
            System::nanoTime,
            InstantSource.system(),
            JournalListener.NONE);
        TickRecorder recorder = new TickRecorder(
            publisher.publications(), journal, InstantSource.system(), Duration.ofMillis(5))) {
      Thread.ofPlatform().daemon().start(journal);
      Thread.ofPlatform().daemon().start(recorder);
      for (int id = 1; id <= TRADES; id++) {
        publish(id);
        if (id % 100 == 0) {
          int sofar = id;
          until(() -> recorder.stored() + recorder.notStored() >= sofar);
        }
      }
      assertThat(recorder.stored()).isBetween(100L, TRADES - 500L);
      assertThat(recorder.stored() + recorder.notStored()).isEqualTo(TRADES);

      // in one or more events, as there was room now and then
      until(() -> {
        drain(journal);
        return told == recorder.notStored() && received == recorder.stored();
      });
      publish(TRADES + 1);
      until(() -> {
        drain(journal);
        return received + told == TRADES + 1;
      });
    }
  }

  private void publish(int id) {
    byte[] text = Integer.toString(id).getBytes(StandardCharsets.US_ASCII);
    Tick tick = new Tick();
    tick.begin(0);
    tick.setNumber(Tick.PRICE, 5_804_073, 2);
    tick.setNumber(Tick.SIZE, 1, 0);
    tick.setTimeNanos(1_700_000_000_000_000_000L + id);
    tick.setId(text, 0, text.length);
    publisher.publish(tick, 0, ValueStatus.LIVE, id, 1_700_000_000_000_000_000L + id);
  }

  private void drain(Journal journal) {
    try {
      JournalReader.Batch batch = journal.reader().next(10_000, 4 << 20);
      for (Positioned one : batch.entries()) {
        if (one.entry() instanceof Entry.Happened happened) {
          Matcher matcher = TOLD.matcher(happened.detail());
          assertThat(matcher.find()).isTrue();
          told += Long.parseLong(matcher.group(1));
        } else {
          received++;
        }
      }
      journal.reader().drained(batch.to());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void until(BooleanSupplier done) throws InterruptedException {
    Instant end = Instant.now().plusSeconds(20);
    while (!done.getAsBoolean()) {
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(5);
    }
  }
}
