package dev.everfeed.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/// A reader at a WebSocket with as little code as possible between the socket and the clock: a
/// blocking socket, frames looked at where they lie.
public final class TickReader implements AutoCloseable {
  private static final int BUFFER = 1 << 20;
  private static final int PONG = 10;
  private static final long ANSWER_WITHIN_NANOS = 10_000_000_000L;

  private final SocketChannel channel;
  private final byte[] bytes = new byte[BUFFER];
  private final Receipts receipts;
  private int begin;
  private int end;

  private TickReader(SocketChannel channel, Receipts receipts) {
    this.channel = channel;
    this.receipts = receipts;
  }

  /// A connection that is not read yet.
  public record Opened(SocketChannel channel) {
    /// Reads on a thread of its own.
    ///
    /// @param mark   what stands before the id of a trade
    /// @param stamps of the trades that it will be told
    public TickReader read(String mark, Stamps stamps) {
      TickReader reader = new TickReader(channel, new Receipts(mark, stamps));
      Thread.ofPlatform().daemon().name("reader").start(reader::read);
      return reader;
    }

    public Opened say(String text) throws IOException {
      TickReader.say(channel, 1, text);
      return this;
    }
  }

  public static Opened connect(int port, String path) throws IOException {
    return new Opened(open(port, path));
  }

  private static SocketChannel open(int port, String path) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.write(ByteBuffer.wrap(
        "GET %s HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            .formatted(path)
            .getBytes(StandardCharsets.US_ASCII)));
    StringBuilder head = new StringBuilder();
    ByteBuffer one = ByteBuffer.allocate(1);
    while (head.indexOf("\r\n\r\n") < 0) {
      if (channel.read(one.clear()) < 0) {
        throw new EOFException("closed instead of shaking hands, after: " + head);
      }
      head.append((char) one.get(0));
    }
    if (!head.toString().startsWith("HTTP/1.1 101")) {
      throw new IOException("no WebSocket: " + head);
    }
    return channel;
  }

  /// One masked frame, with a mask of zeros.
  static void say(SocketChannel channel, int opcode, String text) throws IOException {
    byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 8).put((byte) (0x80 | opcode));
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    }
    channel.write(frame.putInt(0).put(payload).flip());
  }

  /// Answers a ping without content.
  public static void pong(SocketChannel channel) throws IOException {
    say(channel, PONG, "");
  }

  private void read() {
    ByteBuffer into = ByteBuffer.wrap(bytes);
    try {
      while (true) {
        if (begin > 0 && BUFFER - end < BUFFER / 2) {
          System.arraycopy(bytes, begin, bytes, 0, end - begin);
          end -= begin;
          begin = 0;
        }
        if (channel.read(into.limit(BUFFER).position(end)) < 0) {
          return;
        }
        long now = System.nanoTime();
        end = into.position();
        while (frame(now)) {}
        if (begin == end) {
          begin = 0;
          end = 0;
        }
      }
    } catch (IOException e) {
      // closed, by this side or by the other: what has come is counted
    }
  }

  /// False when there is no whole one.
  private boolean frame(long now) throws IOException {
    int have = end - begin;
    if (have < 2) {
      return false;
    }
    int length = bytes[begin + 1] & 0x7f;
    int at = begin + 2;
    if (length == 126) {
      if (have < 4) {
        return false;
      }
      length = (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
      at += 2;
    } else if (length == 127) {
      if (have < 10) {
        return false;
      }
      length = (int) ByteBuffer.wrap(bytes).getLong(at);
      at += 8;
    }
    if (end - at < length) {
      return false;
    }
    int opcode = bytes[begin] & 0x0f;
    begin = at + length;
    if (opcode == 9) {
      say(channel, PONG, new String(bytes, at, length, StandardCharsets.US_ASCII));
    } else if (opcode <= 2) {
      receipts.message(bytes, at, length, now);
    }
    return true;
  }

  /// Waits for an answer to what it has said.
  public void awaitAnswer() throws IOException, InterruptedException {
    long until = System.nanoTime() + ANSWER_WITHIN_NANOS;
    while (receipts.others() == 0) {
      if (System.nanoTime() > until) {
        throw new IOException("the reader was not answered within 10 s");
      }
      Thread.sleep(5);
    }
  }

  public Receipts receipts() {
    return receipts;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
