package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.publish.Publications.Message;
import dev.everfeed.hub.publish.Publications.Replay;
import dev.everfeed.hub.publish.Publisher;
import dev.everfeed.hub.record.Recorded;
import dev.everfeed.hub.record.RecordingHeader;
import dev.everfeed.hub.record.RecordingReader;
import dev.everfeed.hub.record.RecordingWriter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// A recording and the loop that it is played on, without a hub around them.
@Timeout(60)
@SuppressWarnings("NullAway.Init") // by rig(), in each test
class PlaybackTest {
  private static final SourceId BINANCE = new SourceId("binance");
  private static final Stream TRADES = Stream.trades(Symbol.of("BTC/USDT"));
  private static final long MS = 1_000_000L;
  private static final long SECOND = 1_000 * MS;

  /// Of the trades; what is a minute ahead of it would be left out.
  private static final Instant BEGAN = Instant.ofEpochMilli(1_770_123_456_788L);

  private static final RecordingHeader HEADER =
      new RecordingHeader("binance-x", 1, BINANCE, "binance", "ws://x/ws", List.of(TRADES), BEGAN);

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final HubClock clock = new HubClock();
  private final CountDownLatch ended = new CountDownLatch(1);
  private Playback playback;
  private StreamLoop loop;
  private Publisher publisher;

  @TempDir
  Path folder;

  @AfterEach
  void stop() throws Exception {
    playback.close();
    loop.stop().await(10, TimeUnit.SECONDS);
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  private RecordingReader recording(List<Recorded> lines) throws Exception {
    Path file = folder.resolve("x" + RecordingWriter.SUFFIX);
    try (RecordingWriter writer = new RecordingWriter(
        file, HEADER, new RecordingWriter.Limits(1 << 28, 1 << 16, SECOND, 0))) {
      for (Recorded line : lines) {
        writer.write(line, 0);
      }
    }
    return RecordingReader.open(List.of(file));
  }

  /// The loop runs; nothing is played yet.
  private void rig(Playback of) throws Exception {
    playback = of;
    playback.onEnded(ended::countDown);
    StreamPlan plan = playback.plan();
    publisher = new Publisher(
        plan.streams(),
        plan.gateways().all().stream().map(StreamPlan.Line::gateway).toList(),
        1,
        1 << 20);
    loop = new StreamLoop(
        vertx,
        context,
        clock,
        plan,
        publisher,
        new Random(1),
        StreamLoop.Refills.NONE,
        StreamTap.NONE,
        StandingBook.none(plan, clock),
        playback);
    loop.start();
    onLoop(() -> {});
  }

  private void onLoop(Runnable task) throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    loop.onLoop(() -> {
      try {
        task.run();
      } finally {
        done.countDown();
      }
    });
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
  }

  private Playback.Progress played(Recorded... lines) throws Exception {
    rig(new Playback(recording(List.of(lines)), Playback.MAX_SPEED, Duration.ZERO));
    playback.begin(loop, clock);
    return progressAtItsEnd();
  }

  private Playback.Progress progressAtItsEnd() throws InterruptedException {
    assertThat(ended.await(30, TimeUnit.SECONDS)).as("it has ended").isTrue();
    return playback.progress();
  }

  private List<String> published(int stream) {
    Replay replay = publisher.publications().replay(stream, 1, 1, 10_000);
    return replay instanceof Replay.Messages all
        ? all.messages().stream().map(Message::text).toList()
        : List.of();
  }

  private List<String> ids() {
    return published(0).stream()
        .map(text -> text.replaceAll(".*\"trade_id\":\"(\\d+)\".*", "$1"))
        .toList();
  }

  private static Recorded.Frame trade(long nanos, int connection, long id) {
    return new Recorded.Frame(
        0, nanos, connection, """
        {"e":"trade","E":1770123456789,"s":"BTCUSDT","t":%d,"p":"60000.10","q":"0.5","T":1770123456788,"m":false,"M":true}""".formatted(id).getBytes(StandardCharsets.UTF_8));
  }

  private static Recorded opened(long nanos, int connection) {
    return new Recorded.Opened(0, nanos, connection);
  }

  private static Recorded closed(long nanos, int connection) {
    return new Recorded.Closed(0, nanos, connection, "over");
  }

  private static Recorded delivers(long nanos, int connection) {
    return new Recorded.Delivers(0, nanos, connection);
  }

  private static Recorded ended(long nanos, long frames) {
    return new Recorded.Ended(0, nanos, frames, 0);
  }

  // ---- connections

  @Test
  void aSuccessorIsHeldUntilTheRecordingSaysThatItDelivers() throws Exception {
    Playback.Progress progress = played(
        delivers(0, 1),
        opened(1, 1),
        trade(2, 1, 1),
        opened(3, 2),
        trade(4, 2, 3),
        trade(5, 1, 2),
        closed(6, 1),
        delivers(7, 2),
        trade(8, 2, 4),
        ended(9, 4));
    assertThat(ids()).containsExactly("1", "2", "3", "4");
    assertThat(progress.gaps()).isZero();
    assertThat(published(0).get(2)).contains("\"received_at\":\"2026-02-03T12:57:36.788000004Z\"");
  }

  @Test
  void withoutAWordASuccessorDeliversWhenItsPredecessorCloses() throws Exception {
    Playback.Progress progress = played(
        opened(1, 1),
        trade(2, 1, 1),
        opened(3, 2),
        closed(4, 2), // never subscribed
        opened(5, 3),
        trade(6, 3, 3),
        trade(7, 1, 2),
        closed(8, 1),
        trade(9, 3, 4),
        ended(10, 4));
    assertThat(ids()).containsExactly("1", "2", "3", "4");
    assertThat(progress.gaps()).isZero();
  }

  @Test
  void aRecordingWhoseBeginningWasDeletedBeginsAtOnce() throws Exception {
    played(
        trade(1, 7, 1), // neither opened nor said to deliver in what is left
        opened(2, 8),
        trade(3, 8, 3),
        trade(4, 7, 2),
        closed(5, 7),
        delivers(5, 8),
        ended(6, 3));
    assertThat(ids()).containsExactly("1", "2", "3");
  }

  @Test
  void aSuccessorOfWhichADamagedPartSaidThatItDeliversIsNotHeldForEver() throws Exception {
    long later = 2 + PlayedConnections.HELD_NANOS;
    played(
        delivers(0, 1),
        opened(0, 1),
        trade(1, 1, 1),
        opened(2, 2), // and the lines that follow are lost
        trade(3, 2, 2),
        trade(later, 2, 3),
        trade(later + 1, 2, 4),
        ended(later + 2, 4));
    assertThat(ids()).containsExactly("1", "2", "3", "4");
  }

  @Test
  void connectionsAreForgottenWhenTheyAreTooMany() throws Exception {
    rig(new Playback(recording(List.of()), Playback.MAX_SPEED, Duration.ZERO));
    onLoop(() -> {
      Delivered delivered = new Delivered(
          0, loop, () -> playback.plan().gateways().get(0).source().decoder(loop.streams()));
      PlayedConnections connections = new PlayedConnections(delivered, 1);
      for (int i = 1; i <= 1_000; i++) {
        connections.opened(new Recorded.Opened(0, i, i));
      }
      assertThat(connections.size()).isEqualTo(PlayedConnections.MOST);
      for (int i = 1; i <= 1_000; i++) {
        connections.closed(new Recorded.Closed(0, i, i, "over"));
      }
      assertThat(connections.size()).isZero();
    });
  }

  // ---- what goes wrong

  @Test
  void aLongReasonIsCutAndCostsNothingElse() throws Exception {
    List<Recorded> lines = new ArrayList<>();
    lines.add(opened(1, 1));
    lines.add(new Recorded.Became(0, 2, "CONNECTING", "HEALTHY", "r".repeat(300_000)));
    for (int i = 1; i <= 200; i++) {
      lines.add(trade(3, 1, i));
    }
    lines.add(ended(4, 200));
    Playback.Progress progress = played(lines.toArray(Recorded[]::new));
    assertThat(ids()).hasSize(200);
    assertThat(progress.damaged()).isFalse();
    String change = published(publisher.publications().numberOf("event|gateway_status_change"))
        .getFirst();
    assertThat(change).contains("rrr…\"").hasSizeBetween(1_000, 1_300);
  }

  @Test
  void whatCannotBePlayedIsLeftOutCountedAndSaid() throws Exception {
    rig(new Playback(recording(List.of(ended(0, 0))), Playback.MAX_SPEED, Duration.ZERO));
    PlaybackFeed feed =
        new PlaybackFeed(0, playback.plan().gateways().get(0), loop, HEADER, () -> {});
    onLoop(() -> {
      feed.take(Arrays.asList(opened(1, 1), trade(2, 1, 1), null, trade(4, 1, 2), null));
      feed.ended(Duration.ZERO, false, List.of("one remark"));
    });
    assertThat(ids()).containsExactly("1", "2");
    assertThat(feed.progress().damaged()).isTrue();
    assertThat(feed.progress().remarks())
        .hasSize(2)
        .last()
        .asString()
        .contains("2 lines could not be played", "NullPointerException");
  }

  @Test
  void anErrorOfTheReadingThreadEndsThePlayingAndIsSaid() throws Exception {
    Iterator<Recorded> lines = List.of(opened(1, 1), trade(2, 1, 1)).iterator();
    rig(new Playback(
        recording(List.of(ended(0, 0))),
        () -> {
          if (lines.hasNext()) {
            return lines.next();
          }
          throw new StackOverflowError("as it was planned");
        },
        Playback.MAX_SPEED,
        Duration.ZERO));
    playback.begin(loop, clock);
    Playback.Progress progress = progressAtItsEnd();
    assertThat(progress.damaged()).isTrue();
    assertThat(progress.remarks()).anyMatch(remark -> remark.contains("as it was planned"));
    assertThat(ids()).as("what came before it").containsExactly("1");
  }

  @Test
  void whatIsReadAheadIsBoundedInBytes() throws Exception {
    AtomicInteger read = new AtomicInteger();
    byte[] large = Arrays.copyOf("{}".getBytes(StandardCharsets.UTF_8), Playback.BATCH_BYTES - 1);
    Arrays.fill(large, 2, large.length, (byte) ' ');
    rig(new Playback(
        recording(List.of(ended(0, 0))),
        () -> read.get() == 40 ? null : new Recorded.Frame(0, read.incrementAndGet(), 1, large),
        Playback.MAX_SPEED,
        Duration.ZERO));
    CountDownLatch busy = new CountDownLatch(1);
    loop.onLoop(() -> awaitQuietly(busy));
    playback.begin(loop, clock);
    eventually(() -> read.get() >= 4);
    LockSupport.parkNanos(200 * MS);
    assertThat(read.get()).as("two turns, a batch and the next").isEqualTo(4);
    busy.countDown();
    assertThat(progressAtItsEnd().frames()).isEqualTo(40);
  }

  // ---- stopped

  @Test
  void whoStopsItIsToldHowFarItCameAndThatNothingIsWrong() throws Exception {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger("everfeed.playback");
    log.start();
    logger.addAppender(log);
    try {
      rig(new Playback(
          recording(List.of(
              opened(1, 1),
              trade(2, 1, 1),
              trade(3, 1, 2),
              trade(3_600 * SECOND, 1, 3),
              ended(4, 3))),
          1,
          Duration.ZERO));
      playback.begin(loop, clock);
      eventually(() -> playback.progress().frames() == 2);
      playback.close();
      loop.stop().await(10, TimeUnit.SECONDS);
      eventually(() -> Thread.getAllStackTraces().keySet().stream()
          .noneMatch(thread -> thread.getName().equals("playback")));
    } finally {
      logger.detachAppender(log);
    }
    assertThat(playback.progress().frames()).isEqualTo(2);
    assertThat(playback.progress().damaged()).isFalse();
    assertThat(log.list).isEmpty();
  }

  @Test
  void whatIsDueIsPublishedBeforeWhatIsNeverDue() throws Exception {
    rig(new Playback(
        recording(List.of(
            opened(1, 1), trade(2, 1, 1), trade(Long.MAX_VALUE, 1, 2), ended(Long.MAX_VALUE, 2))),
        Playback.MIN_SPEED,
        Duration.ZERO));
    playback.begin(loop, clock);
    eventually(() -> playback.progress().frames() == 1);
    assertThat(ids()).containsExactly("1");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void eventually(Callable<Boolean> condition) throws Exception {
    long until = System.nanoTime() + 30 * SECOND;
    while (!condition.call()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not so after 30 s");
      }
      LockSupport.parkNanos(10 * MS);
    }
  }
}
