package dev.everfeed.hub.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.hub.config.StreamSettings;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/// A real SUB socket over loopback.
class ZeroMqPublisherTest {
  private static final Symbol USD = Symbol.of("BTC/USD");
  private static final Symbol USDT = Symbol.of("BTC/USDT");
  private static final long DEADLINE = 10_000_000_000L;

  private final Publisher publisher = new Publisher(
      new Streams(List.of(Stream.trades(USD), Stream.trades(USDT))),
      List.of(new Gateway("binance", new SourceId("binance"), "binance")),
      3,
      PublicationLog.MIN_BYTES);
  private final ZeroMqPublisher zeromq = listening(0);
  private final Thread thread = Thread.ofPlatform().start(zeromq);
  private final ZContext context = new ZContext(1);
  private final Tick tick = new Tick();
  private long seq;

  private ZeroMqPublisher listening(int port) {
    return new ZeroMqPublisher(
        publisher.publications(),
        new StreamSettings.ZeroMq(
            true, "127.0.0.1", null, 100_000, new StreamSettings.Curve(null, List.of())),
        port,
        null);
  }

  @AfterEach
  void stop() throws InterruptedException {
    context.close();
    zeromq.close();
    zeromq.close();
    thread.join(10_000);
    assertThat(thread.isAlive()).isFalse();
  }

  private ZMQ.Socket subscribed(String topic) {
    ZMQ.Socket socket = context.createSocket(SocketType.SUB);
    socket.setReceiveTimeOut(5_000);
    socket.setRcvHWM(1_000_000);
    // JeroMQ 0.6.0 hangs in 2 of 100 handshakes as a subscriber, whoever publishes: it tries again
    // after this, and by itself after 30 s.
    socket.setHandshakeIvl(500);
    socket.connect("tcp://127.0.0.1:" + zeromq.port());
    socket.subscribe(topic.getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  private void publish(int stream) {
    seq++;
    tick.begin(stream);
    tick.setNumber(Tick.PRICE, seq, 2);
    publisher.publish(tick, 0, ValueStatus.LIVE, seq, seq);
  }

  private static String topic(ZMQ.Socket socket) {
    return new String(Objects.requireNonNull(socket.recv()), StandardCharsets.UTF_8);
  }

  /// A subscription takes a moment to arrive: publishes until the first message does.
  private void arrived(ZMQ.Socket socket, int stream) {
    socket.setReceiveTimeOut(50);
    long end = System.nanoTime() + DEADLINE;
    while (System.nanoTime() < end) {
      publish(stream);
      if (socket.recv() != null) {
        while (socket.recv() != null) {}
        socket.setReceiveTimeOut(5_000);
        return;
      }
    }
    throw new AssertionError("nothing came within 10 s");
  }

  @Test
  void aMessageIsATopicAndAnObjectAndATopicIsNoBeginningOfAnother() {
    ZMQ.Socket dollars = subscribed("trade|BTC/USD|");
    arrived(dollars, 0);
    publish(1);
    publish(0);
    assertThat(topic(dollars)).isEqualTo("trade|BTC/USD|");
    String json = topic(dollars);
    assertThat(json)
        .startsWith("{\"type\":\"trade\",\"symbol\":\"BTC/USD\"")
        .endsWith("\"epoch\":3,\"seq\":" + seq + "}");
    assertThat(dollars.hasReceiveMore()).isFalse();
  }

  @Test
  void eventsOfTheHubHaveTopicsToo() {
    ZMQ.Socket events = subscribed("event|");
    ZMQ.Socket trades = subscribed("trade|");
    arrived(trades, 0);
    long end = System.nanoTime() + DEADLINE;
    events.setReceiveTimeOut(50);
    byte[] topic = null;
    while (topic == null && System.nanoTime() < end) {
      publisher.event("gap_declared", "");
      topic = events.recv();
    }
    assertThat(topic).asString(StandardCharsets.UTF_8).isEqualTo("event|gap_declared|");
  }

  /// One that comes late takes the snapshot and goes on from there: no number is missing.
  @Test
  void aLateReaderGoesOnFromTheSnapshot() {
    for (int i = 0; i < 100; i++) {
      publish(1);
    }
    ZMQ.Socket late = subscribed("trade|BTC/USDT|");
    arrived(late, 1);
    Publications.Message snapshot = publisher.publications().latest(1).orElseThrow();
    assertThat(snapshot.seq()).isEqualTo(seq);
    for (int i = 0; i < 1_000; i++) {
      publish(1);
      if (i % 50 == 0) {
        pauseUntilSent();
      }
    }
    for (long next = snapshot.seq() + 1; next <= snapshot.seq() + 1_000; next++) {
      topic(late);
      assertThat(topic(late)).endsWith("\"seq\":" + next + "}");
    }
  }

  private void pauseUntilSent() {
    long end = System.nanoTime() + DEADLINE;
    while (zeromq.published() + zeromq.lost() < seq && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  /// Flat out, faster than it can send: it is overrun, counts what it lost, and what it sends
  /// shows the step in `seq`.
  @Test
  void whatItCouldNotSendIsCounted() {
    byte[] message = new byte[1_000];
    for (int i = 1; i <= 300_000; i++) {
      publisher.log().append(1, i, message, 0, message.length);
    }
    seq = 300_000;
    pauseUntilSent();
    assertThat(zeromq.published() + zeromq.lost()).isEqualTo(300_000);
    assertThat(zeromq.overruns()).isPositive();
    assertThat(zeromq.lost()).isPositive();
  }

  @Test
  void aPortThatIsTakenIsSaidSo() {
    assertThatThrownBy(() -> listening(zeromq.port()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("stream.zeromq: cannot listen on tcp://127.0.0.1:" + zeromq.port());
  }
}
