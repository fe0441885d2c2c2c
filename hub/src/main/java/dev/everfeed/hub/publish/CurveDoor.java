package dev.everfeed.hub.publish;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/// Says which readers ZeroMQ lets in: those whose public key is listed, which they prove to have
/// (ZAP, ZeroMQ RFC 27). ZeroMQ asks at each handshake over a socket inside the process.
///
/// Made before the publisher binds, so that nobody is let in unasked; then run by one thread until
/// [#close].
final class CurveDoor implements Runnable, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CurveDoor.class);

  /// Where ZeroMQ asks (RFC 27, "The ZAP server").
  private static final String ADDRESS = "inproc://zeromq.zap.01";

  /// Frames of a question: version, number, domain, address, identity, mechanism, key.
  private static final int FRAMES = 7;

  private static final int LOOK_UP_MILLIS = 100;

  private final ZContext context;
  private final ZMQ.Socket socket;
  private final Set<String> readers;
  private final AtomicLong refused = new AtomicLong();
  private volatile boolean running;
  private volatile @Nullable Throwable failure;
  private volatile boolean closed;

  /// @param readers public keys in Z85
  CurveDoor(ZContext publishers, Set<String> readers) {
    this.readers = readers;
    context = publishers.shadow();
    socket = context.createSocket(SocketType.REP);
    socket.setLinger(0);
    socket.setReceiveTimeOut(LOOK_UP_MILLIS);
    socket.bind(ADDRESS);
  }

  @Override
  public void run() {
    running = true;
    try {
      while (!closed) {
        byte[] first = socket.recv();
        if (first != null) {
          answer(first);
        }
      }
    } catch (RuntimeException | Error e) {
      if (!closed) {
        failure = e;
        LOG.error("zeromq: nobody new is let in any more", e);
      }
    } finally {
      if (closed) {
        context.close();
      } else {
        // The socket stays: ZeroMQ lets everybody in when nobody is there whom it could ask, and
        // waits for an answer when somebody is.
        running = false;
      }
    }
  }

  private void answer(byte[] version) {
    byte @Nullable [][] frames = new byte[FRAMES][];
    frames[0] = version;
    int count = 1;
    while (socket.hasReceiveMore()) {
      byte[] next = socket.recv();
      if (count < FRAMES) {
        frames[count] = next;
      }
      count++;
    }
    boolean may = count == FRAMES && text(frames[5]).equals("CURVE") && isKnown(frames[6]);
    if (!may) {
      refused.incrementAndGet();
      LOG.info("zeromq: a reader from {} is refused: its key is not listed", text(frames[3]));
    }
    byte[] number = frames[1];
    socket.sendMore("1.0");
    socket.sendMore(number == null ? new byte[0] : number);
    socket.sendMore(may ? "200" : "400");
    socket.sendMore(may ? "OK" : "the key is not listed");
    socket.sendMore("");
    socket.send("");
  }

  private boolean isKnown(byte @Nullable [] key) {
    return key != null
        && key.length == ZMQ.Curve.KEY_SIZE
        && readers.contains(ZMQ.Curve.z85Encode(key));
  }

  private static String text(byte @Nullable [] frame) {
    return frame == null ? "" : new String(frame, StandardCharsets.US_ASCII);
  }

  /// Why nobody new is let in any more; null when who is listed is.
  @Nullable
  Throwable failure() {
    return failure;
  }

  long refused() {
    return refused.get();
  }

  /// Ends the thread soon; when it never ran, closes the socket here.
  @Override
  public void close() {
    closed = true;
    if (!running) {
      context.close();
    }
  }
}
