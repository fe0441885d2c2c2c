package dev.everfeed.hub.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.hub.access.CurveKeys;
import dev.everfeed.hub.config.StreamSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/// Real SUB sockets over loopback, before a publisher that wants to know who reads.
@Timeout(60)
class ZeroMqCurveTest {
  private static final long DEADLINE = 20_000_000_000L;

  private final CurveKeys own = CurveKeys.make();
  private final CurveKeys listed = CurveKeys.make();
  private final CurveKeys stranger = CurveKeys.make();
  private final Publisher publisher = new Publisher(
      new Streams(List.of(Stream.trades(Symbol.of("BTC/USDT")))),
      List.of(new Gateway("binance", new SourceId("binance"), "binance")),
      3,
      PublicationLog.MIN_BYTES);
  private final ZContext context = new ZContext(1);
  private final Tick tick = new Tick();
  private ZeroMqPublisher zeromq;
  private Thread thread;
  private Thread door;
  private long seq;

  @BeforeEach
  void start() {
    zeromq = new ZeroMqPublisher(publisher.publications(), settings(), 0, own);
    thread = Thread.ofPlatform().start(zeromq);
    door = Thread.ofPlatform().start(Objects.requireNonNull(zeromq.door()));
  }

  @AfterEach
  void stop() throws InterruptedException {
    context.close();
    zeromq.close();
    thread.join(10_000);
    door.join(10_000);
    assertThat(thread.isAlive() || door.isAlive()).isFalse();
  }

  private StreamSettings.ZeroMq settings() {
    return new StreamSettings.ZeroMq(
        true,
        "127.0.0.1",
        null,
        1_000,
        new StreamSettings.Curve("own.key", List.of(listed.publicKey())));
  }

  private ZMQ.Socket reader(
      int port, @Nullable CurveKeys keys, @Nullable String keyOfThePublisher) {
    ZMQ.Socket socket = context.createSocket(SocketType.SUB);
    socket.setReceiveTimeOut(50);
    socket.setLinger(0);
    socket.setHandshakeIvl(500);
    if (keys != null && keyOfThePublisher != null) {
      socket.setCurveServerKey(ZMQ.Curve.z85Decode(keyOfThePublisher));
      socket.setCurvePublicKey(ZMQ.Curve.z85Decode(keys.publicKey()));
      socket.setCurveSecretKey(ZMQ.Curve.z85Decode(keys.secretKey().reveal()));
    }
    socket.connect("tcp://127.0.0.1:" + port);
    socket.subscribe(new byte[0]);
    return socket;
  }

  private void publish() {
    seq++;
    tick.begin(0);
    tick.setNumber(Tick.PRICE, seq, 2);
    publisher.publish(tick, 0, ValueStatus.LIVE, seq, seq);
  }

  /// The first message that comes while it is published on and on.
  private String first(ZMQ.Socket reader) {
    long end = System.nanoTime() + DEADLINE;
    while (System.nanoTime() < end) {
      publish();
      byte[] topic = reader.recv();
      if (topic != null) {
        return new String(topic, StandardCharsets.UTF_8);
      }
    }
    throw new AssertionError("nothing came within 20 s");
  }

  @Test
  void aReaderWhoseKeyIsListedReads() {
    assertThat(first(reader(zeromq.port(), listed, own.publicKey()))).isEqualTo("trade|BTC/USDT|");
    assertThat(zeromq.refused()).isZero();
  }

  /// The right one reads meanwhile, so that it is not the publisher that is silent.
  @Test
  void nobodyElseDoes() {
    ZMQ.Socket unknown = reader(zeromq.port(), stranger, own.publicKey());
    ZMQ.Socket wrongPublisher = reader(zeromq.port(), listed, stranger.publicKey());
    ZMQ.Socket plain = reader(zeromq.port(), null, null);
    ZMQ.Socket right = reader(zeromq.port(), listed, own.publicKey());

    first(right);
    long end = System.nanoTime() + DEADLINE;
    while (zeromq.refused() == 0 && System.nanoTime() < end) {
      publish();
    }
    for (int i = 0; i < 20; i++) {
      publish();
      assertThat(unknown.recv()).isNull();
      assertThat(wrongPublisher.recv()).isNull();
      assertThat(plain.recv()).isNull();
    }
    assertThat(zeromq.refused()).isPositive();
    assertThat(first(right)).isNotEmpty();
  }

  /// As long as the socket is there that ZeroMQ asks, it waits for an answer.
  @Test
  void aDoorThatBrokeLetsNobodyInAndSaysSo() throws Exception {
    Set<String> broken = new AbstractSet<>() {
      @Override
      public Iterator<String> iterator() {
        throw new IllegalStateException("planted");
      }

      @Override
      public int size() {
        return 1;
      }
    };
    assertThat(zeromq.trouble()).isNull();
    ZeroMqPublisher before =
        new ZeroMqPublisher(publisher.publications(), settings(), 0, own, broken);
    Thread sends = Thread.ofPlatform().start(before);
    Thread asks = Thread.ofPlatform().start(Objects.requireNonNull(before.door()));
    ZMQ.Socket right = reader(before.port(), listed, own.publicKey());
    asks.join(TimeUnit.NANOSECONDS.toMillis(DEADLINE));

    assertThat(before.trouble())
        .isEqualTo(
            "stream.zeromq: no new reader is let in on port %d until the hub is restarted: java.lang.IllegalStateException: planted",
            before.port());
    for (int i = 0; i < 20; i++) {
      publish();
      assertThat(right.recv()).isNull();
    }
    before.close();
    sends.join(10_000);
    assertThat(sends.isAlive()).isFalse();
  }

  @Test
  void aPublisherThatBrokeSaysSo() throws Exception {
    int nameless = publisher.publications().size() - 1;
    publisher.publications().log().append(nameless, 1, new byte[1], 0, 1);
    thread.join(10_000);

    assertThat(thread.isAlive()).isFalse();
    assertThat(zeromq.trouble())
        .startsWith(
            "stream.zeromq: readers on port %d get nothing more until the hub is restarted: "
                .formatted(zeromq.port()));
  }

  @Test
  void nothingOfItCanBeReadOnItsWay() throws Exception {
    ByteArrayOutputStream seen = new ByteArrayOutputStream();
    try (ServerSocket way = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread relay = Thread.ofVirtual().start(() -> relay(way, seen));
      ZMQ.Socket right = reader(way.getLocalPort(), listed, own.publicKey());
      assertThat(first(right)).isEqualTo("trade|BTC/USDT|");
      context.destroySocket(right);
      way.close();
      relay.join(10_000);
    }
    synchronized (seen) {
      String bytes = seen.toString(StandardCharsets.ISO_8859_1);
      assertThat(bytes).contains("CURVE").hasSizeGreaterThan(200);
      assertThat(bytes).doesNotContain("BTC").doesNotContain("trade").doesNotContain("price");
    }
  }

  /// One connection after the other, as long as there is a way: a reader whose handshake is not
  /// over within its bound, on a busy machine, comes again.
  private void relay(ServerSocket way, ByteArrayOutputStream seen) {
    while (!way.isClosed()) {
      try (Socket here = way.accept();
          Socket there = new Socket(InetAddress.getLoopbackAddress(), zeromq.port())) {
        Thread up = Thread.ofVirtual().start(() -> copy(here, there, seen));
        copy(there, here, seen);
        up.join();
      } catch (IOException e) {
        // one of them has closed
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void copy(Socket from, Socket to, ByteArrayOutputStream seen) {
    byte[] bytes = new byte[8_192];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        synchronized (seen) {
          seen.write(bytes, 0, count);
        }
        out.write(bytes, 0, count);
      }
      to.close();
    } catch (IOException e) {
      // one of them has closed
    }
  }
}
