package dev.everfeed.hub.publish;

import dev.everfeed.hub.access.CurveKeys;
import dev.everfeed.hub.config.StreamSettings;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/// Gives everything that is published to a ZeroMQ PUB socket, two frames a message: the topic
/// `trade|BTC/USDT|`, closed by a bar so that `BTC/USD` is not the beginning of `BTC/USDT`, and
/// the JSON object.
///
/// Made by who starts the hub, then run by one thread until [#close]. It reads the log like
/// every other reader and stops nobody: a subscriber that is too slow loses messages at the
/// high-water mark, and this thread itself is overrun by the log when it is; both show as a
/// step in `seq`.
///
/// `published + lost` is the number of messages that the log had from the start on.
public final class ZeroMqPublisher implements Runnable, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ZeroMqPublisher.class);

  /// How long it sleeps at most: only a safety net, the writer wakes it.
  private static final long NAP_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// How long a reader that is slow is waited for when the publisher ends.
  private static final int LAST_WORDS_MILLIS = 1_000;

  private final Publications publications;
  private final ZContext context;
  private final @Nullable CurveDoor door;
  private final ZMQ.Socket socket;
  private final int port;
  private final byte[] @Nullable [] topics;
  private final LogReader reader;
  private final Wake wake;
  private final AtomicLong published = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong overruns = new AtomicLong();
  private volatile @Nullable Thread thread;
  private volatile boolean closed;
  private volatile @Nullable Throwable failure;

  /// Listens from now on; what is published is sent once it runs.
  ///
  /// @param port 0 for a free one
  /// @param keys its own pair, for readers that `stream.zeromq.curve` lists; null for everybody
  /// @throws IllegalStateException when the address cannot be taken, in words for who configures
  public ZeroMqPublisher(
      Publications publications,
      StreamSettings.ZeroMq settings,
      int port,
      @Nullable CurveKeys keys) {
    this(publications, settings, port, keys, Set.copyOf(settings.curve().readers()));
  }

  ZeroMqPublisher(
      Publications publications,
      StreamSettings.ZeroMq settings,
      int port,
      @Nullable CurveKeys keys,
      Set<String> readers) {
    this.publications = publications;
    topics = new byte[publications.size()][];
    context = new ZContext(1);
    socket = context.createSocket(SocketType.PUB);
    socket.setSndHWM(settings.highWaterMark());
    socket.setLinger(0);
    door = keys == null ? null : new CurveDoor(context, readers);
    if (keys != null) {
      socket.setCurveServer(true);
      socket.setCurvePublicKey(ZMQ.Curve.z85Decode(keys.publicKey()));
      socket.setCurveSecretKey(ZMQ.Curve.z85Decode(keys.secretKey().reveal()));
      socket.setZAPDomain("everfeed");
    }
    String address = "tcp://%s:%s".formatted(bracketed(settings.host()), port == 0 ? "*" : port);
    try {
      socket.bind(address);
    } catch (ZMQException | IllegalArgumentException e) {
      closeDoor();
      context.close();
      throw new IllegalStateException(
          "stream.zeromq: cannot listen on %s: %s; another port, or enabled: false, is what helps"
              .formatted(address, e.getMessage()),
          e);
    }
    String bound = socket.getLastEndpoint();
    this.port = Integer.parseInt(bound.substring(bound.lastIndexOf(':') + 1).replaceAll("\\D", ""));
    reader = publications.log().reader();
    wake = publications.log().onAppended(() -> LockSupport.unpark(thread));
  }

  private static String bracketed(String host) {
    return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
  }

  /// Sends until it is closed. One thread, once.
  @Override
  public void run() {
    thread = Thread.currentThread();
    try {
      while (!closed) {
        switch (reader.poll()) {
          case RECORD -> send();
          case LOST -> lost.addAndGet(reader.lostTo() - reader.lostFrom() + 1);
          case NOTHING -> sleep();
        }
        overruns.setOpaque(reader.overruns());
      }
      sendTheRest();
    } catch (RuntimeException | Error e) { // a ZMQException when it was closed
      if (!closed) {
        failure = e;
        LOG.error("zeromq: the publisher on port {} stops, readers get nothing more", port, e);
      }
    } finally {
      wake.close();
      socket.close(); // before who says whom it lets in
      closeDoor();
      context.close();
    }
  }

  /// What was published before the end, to who takes it within [#LAST_WORDS_MILLIS].
  private void sendTheRest() {
    long end = publications.log().end();
    while (reader.position() < end) {
      switch (reader.poll()) {
        case RECORD -> send();
        case LOST -> lost.addAndGet(reader.lostTo() - reader.lostFrom() + 1);
        case NOTHING -> end = reader.position();
      }
    }
    socket.setLinger(LAST_WORDS_MILLIS);
    socket.close();
  }

  private void send() {
    int stream = reader.stream();
    byte[] topic = topics[stream];
    if (topic == null) {
      topic = (publications.name(stream) + "|").getBytes(StandardCharsets.UTF_8);
      topics[stream] = topic;
    }
    socket.send(topic, 0, topic.length, ZMQ.SNDMORE);
    socket.send(reader.bytes(), 0, reader.length(), 0);
    published.setOpaque(published.getPlain() + 1);
  }

  private void sleep() {
    wake.arm();
    if (publications.log().end() <= reader.position() && !closed) {
      LockSupport.parkNanos(this, NAP_NANOS);
    }
    wake.disarm();
  }

  /// Who lets readers in, for a thread of its own; null where everybody may come.
  public @Nullable Runnable door() {
    return door;
  }

  /// Readers that were not let in.
  public long refused() {
    return door == null ? 0 : door.refused();
  }

  private void closeDoor() {
    if (door != null) {
      door.close();
    }
  }

  /// What is wrong with it, in words for people; null when nothing is. For any thread.
  public @Nullable String trouble() {
    Throwable own = failure;
    if (own != null) {
      return "stream.zeromq: readers on port %d get nothing more until the hub is restarted: %s"
          .formatted(port, own);
    }
    Throwable doors = door == null ? null : door.failure();
    return doors == null
        ? null
        : "stream.zeromq: no new reader is let in on port %d until the hub is restarted: %s"
            .formatted(port, doors);
  }

  /// The port, also when 0 was configured.
  public int port() {
    return port;
  }

  /// Messages given to the socket.
  public long published() {
    return published.getOpaque();
  }

  /// Messages that the log had overwritten before this thread came to them.
  public long lost() {
    return lost.get();
  }

  /// How often that happened.
  public long overruns() {
    return overruns.getOpaque();
  }

  /// Ends the thread soon, once it has sent what was published before. When it never ran, closes
  /// the socket here. May be called more than
  /// once.
  @Override
  public void close() {
    closed = true;
    Thread runs = thread;
    if (runs == null) {
      wake.close();
      closeDoor();
      context.close();
    } else {
      LockSupport.unpark(runs);
    }
  }
}
