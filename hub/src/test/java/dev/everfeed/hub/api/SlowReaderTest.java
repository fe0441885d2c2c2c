package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Readers that take too little: nothing is kept for them beyond the bound, and every number of
/// every stream is accounted for all the same.
class SlowReaderTest {
  private static final String ALL = "{'op':'subscribe','channels':['trade','quote','bar'],"
      + "'symbols':['BTC/USDT'],'intervals':['1m']}";

  private LiveFixture hub = new LiveFixture("", "buffer_kib: 16", 1 << 25, LiveStreams.Pace.USUAL);

  @AfterEach
  void stop() throws IOException {
    hub.close();
  }

  /// What a reader was told of each stream: every number once, as a message, as skipped, or as
  /// lagged.
  private static final class Account {
    final Map<String, Long> last = new LinkedHashMap<>();
    final Map<String, Long> skipped = new LinkedHashMap<>();
    final Map<String, Long> lagged = new LinkedHashMap<>();

    void take(JsonNode message) {
      String type = message.get("type").textValue();
      if (type.equals("lagged")) {
        String stream = message.get("stream").textValue();
        assertThat(message.get("from_seq").longValue())
            .as(message.toString())
            .isEqualTo(last.getOrDefault(stream, 0L) + 1);
        last.put(stream, message.get("to_seq").longValue());
        lagged.merge(
            stream,
            message.get("to_seq").longValue() - message.get("from_seq").longValue() + 1,
            Long::sum);
        return;
      }
      String stream = type + "|" + message.get("symbol").textValue()
          + (type.equals("bar") ? "|" + message.get("interval").textValue() : "");
      long before = message.path("skipped").asLong(0);
      assertThat(message.get("seq").longValue())
          .as(message.toString())
          .isEqualTo(last.getOrDefault(stream, 0L) + 1 + before);
      last.put(stream, message.get("seq").longValue());
      skipped.merge(stream, before, Long::sum);
      if (type.equals("trade")) {
        assertThat(before).isZero();
      }
    }

    void until(RawReader reader, String stream, long seq) throws IOException {
      while (last.getOrDefault(stream, 0L) < seq) {
        take(reader.next());
      }
    }
  }

  @Test
  void quotesAndRunningBarsAreConflatedAndTradesComeLater() throws IOException {
    RawReader reader = hub.narrowReader();
    reader.say(ALL);
    reader.next("snapshot");
    Account account = new Account();
    int rounds = 15_000;
    for (int i = 0; i < rounds; i++) {
      hub.publish(LiveFixture.BTC_TRADES);
      hub.publish(LiveFixture.BTC_QUOTES);
      if (i % 10 == 0) {
        hub.publish(LiveFixture.BTC_BARS, i % 1_000 == 0);
      }
    }
    RawReader quick = hub.reader();
    quick.say("{'op':'subscribe','streams':['trade|BTC/USDT']}");
    quick.next("snapshot");

    account.until(reader, "trade|BTC/USDT", rounds);
    account.until(reader, "quote|BTC/USDT", rounds);
    assertThat(account.lagged).isEmpty();
    assertThat(account.skipped.get("quote|BTC/USDT")).isPositive();
    assertThat(account.skipped.get("bar|BTC/USDT|1m")).isPositive().isLessThan(1_490);
    hub.publish(LiveFixture.BTC_QUOTES);
    hub.publish(LiveFixture.BTC_TRADES);
    account.until(reader, "trade|BTC/USDT", rounds + 1);
    account.until(reader, "quote|BTC/USDT", rounds + 1);
    account.until(reader, "bar|BTC/USDT|1m", hub.seq(LiveFixture.BTC_BARS));
    assertThat(quick.next().get("seq").longValue()).isEqualTo(rounds + 1);
  }

  /// More than the log remembers: what is lost is told exactly.
  @Test
  void whoIsTooFarBehindIsToldWhatItWillNotGet() throws IOException {
    hub.close();
    hub = new LiveFixture("", "buffer_kib: 16", 1 << 20, LiveStreams.Pace.USUAL);
    RawReader reader = hub.narrowReader();
    reader.say(ALL);
    reader.next("snapshot");
    RawReader quick = hub.reader();
    quick.say("{'op':'subscribe','streams':['trade|BTC/USDT']}");
    quick.next("snapshot");
    Account account = new Account();
    Account quicks = new Account();
    int rounds = 60_000;
    for (int i = 1; i <= rounds; i++) {
      hub.publish(LiveFixture.BTC_TRADES);
      hub.publish(LiveFixture.BTC_QUOTES);
      hub.publish(LiveFixture.BTC_BARS, i % 100 == 0);
      if (i % 200 == 0) {
        // the server keeps up with the writer, this reader with the server
        quicks.until(quick, "trade|BTC/USDT", i);
      }
    }
    assertThat(quicks.lagged).isEmpty();
    account.until(reader, "trade|BTC/USDT", rounds);
    account.until(reader, "quote|BTC/USDT", rounds);
    assertThat(account.lagged.get("trade|BTC/USDT")).isPositive();
    hub.publish(LiveFixture.BTC_BARS, true);
    account.until(reader, "bar|BTC/USDT|1m", rounds + 1);
  }

  /// The server's own timer checks four times a second.
  private static void pause() {
    java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
  }

  @Test
  void whoNeverReadsIsClosedAfterAWhileAndCostsTheOthersNothing() throws IOException {
    RawReader stuck = hub.narrowReader();
    stuck.say(ALL);
    stuck.next("snapshot");
    RawReader quick = hub.reader();
    quick.say(ALL);
    quick.next("snapshot");
    Account account = new Account();
    for (int i = 1; i <= 20_000; i++) {
      hub.publish(LiveFixture.BTC_TRADES);
      if (i % 500 == 0) {
        account.until(quick, "trade|BTC/USDT", i);
      }
    }
    assertThat(account.lagged).isEmpty();
    long end = System.nanoTime() + 10 * CannedDesk.SECOND;
    while (!hub.server.metrics.page().contains("reason=\"stuck\"") && System.nanoTime() < end) {
      hub.server.nanos.addAndGet(CannedDesk.SECOND / 2);
      pause();
    }
    while (hub.server.server.openConnections() > 1 && System.nanoTime() < end) {
      pause();
    }
    assertThat(hub.server.server.openConnections()).isEqualTo(1);
    assertThat(java.util.Objects.requireNonNull(hub.server.server.live()).readersBehind())
        .isZero();
    hub.publish(LiveFixture.BTC_TRADES);
    account.until(quick, "trade|BTC/USDT", 20_001);
  }

  /// It takes something, again and again, and still far too little.
  @Test
  void whoReadsAByteASecondIsClosedAfterAWhile() throws IOException {
    RawReader drip = hub.narrowReader();
    drip.say(ALL);
    drip.next("snapshot");
    RawReader quick = hub.reader();
    quick.say(ALL);
    quick.next("snapshot");
    Account account = new Account();
    for (int i = 1; i <= 20_000; i++) {
      hub.publish(LiveFixture.BTC_TRADES);
      if (i % 500 == 0) {
        account.until(quick, "trade|BTC/USDT", i);
      }
    }
    int bytes = 0;
    long end = System.nanoTime() + 30 * CannedDesk.SECOND;
    while (!hub.server.metrics.page().contains("reason=\"stuck\"") && System.nanoTime() < end) {
      hub.server.nanos.addAndGet(CannedDesk.SECOND);
      bytes += drip.oneByte() < 0 ? 0 : 1;
      pause();
    }
    assertThat(hub.server.metrics.page()).contains("reason=\"stuck\"");
    assertThat(bytes).isPositive();
    hub.publish(LiveFixture.BTC_TRADES);
    account.until(quick, "trade|BTC/USDT", 20_001);
    assertThat(account.lagged).isEmpty();
  }

  /// A crowd that subscribes to everything and never reads: who reads gets all of it.
  @Test
  void aCrowdThatNeverReadsDoesNotHurtWhoDoes() throws IOException {
    int crowd = 2_000;
    hub.close();
    hub = new LiveFixture(
        ", max_connections: 5000", "max: 4000, buffer_kib: 16", 1 << 23, LiveStreams.Pace.USUAL);
    for (int i = 0; i < crowd; i++) {
      RawReader one = hub.narrowReader();
      assertThat(one.isOpen()).isTrue();
      one.say(ALL);
    }
    RawReader quick = hub.reader();
    quick.say("{'op':'subscribe','channels':['trade','quote'],'symbols':['*']}");
    quick.next("snapshot");
    Account account = new Account();
    for (int i = 1; i <= 2_000; i++) {
      hub.publish(LiveFixture.BTC_TRADES);
      hub.publish(LiveFixture.BTC_QUOTES);
      if (i % 10 == 0) { // a part of its 16 KiB: beyond them quotes may be skipped
        account.until(quick, "trade|BTC/USDT", i);
        account.until(quick, "quote|BTC/USDT", i);
      }
    }
    assertThat(account.lagged).isEmpty();
    assertThat(account.skipped.get("quote|BTC/USDT")).isZero();
    assertThat(hub.server.get("/health/live").status()).isEqualTo(200);
    assertThat(hub.server.server.openConnections()).isGreaterThanOrEqualTo(crowd);
    assertThat(java.util.Objects.requireNonNull(hub.server.server.live()).readersBehind())
        .isEqualTo(crowd);
  }

  /// Its requests wait until it has taken the answers to earlier ones, and only so many do.
  @Test
  void whoAsksWithoutReadingIsClosed() throws IOException {
    hub.close();
    hub = new LiveFixture(
        "", "buffer_kib: 16, messages_per_second: 10000", 1 << 22, LiveStreams.Pace.USUAL);
    RawReader reader = hub.narrowReader();
    reader.say(ALL);
    for (int i = 0; i < 60_000; i++) {
      hub.publish(LiveFixture.BTC_TRADES);
    }
    try {
      for (int i = 0; i < 2_000; i++) {
        reader.say("{'op':'ping','id':%d}".formatted(i));
      }
      assertThat(reader.closed().closeCode()).isEqualTo(1008);
    } catch (IOException e) {
      assertThat(e).isNotNull();
    }
    assertThat(hub.server.metrics.page()).contains("reason=\"too_many_messages\"");
  }
}
