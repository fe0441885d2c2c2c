package dev.everfeed.benchmarks.overload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Readers at the WebSocket who all come at the same moment, and prove by `seq` that nothing is
/// missing between what they had before and what they have now. One thread for all.
final class Herd implements AutoCloseable {
  private static final String STREAM = "trade|BTC/USDT";
  private static final byte[] HANDSHAKE =
      ("GET /v1/stream HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
              + "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TRADE = "\"type\":\"trade\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SEQ = "\"seq\":".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] EPOCH = "\"epoch\":".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LAGGED = "\"type\":\"lagged\"".getBytes(StandardCharsets.US_ASCII);
  private static final int PING = 9;

  private final int port;
  private final Selector selector = Selector.open();
  private final List<Member> members = new ArrayList<>();
  private final ByteBuffer in = ByteBuffer.allocate(256 << 10);

  /// One reader, over its connections.
  private static final class Member {
    SocketChannel channel;
    byte[] rest = {};
    boolean shaken;
    long epoch;
    long lastSeq;
    long firstTradeNanos;
    int refused;

    Member(SocketChannel channel) {
      this.channel = channel;
    }
  }

  /// What came of a moment at which all connected.
  ///
  /// @param servedNanos of each, from that moment to its first trade, ascending
  /// @param refused     connections that ended before they brought a trade; each was tried again
  /// @param holes       readers for whom `seq` did not go on from what they had
  /// @param lagged      readers who were told that they missed something
  record Storm(long[] servedNanos, int refused, int holes, int lagged) {
    double millis(double share) {
      int at =
          Math.clamp((int) Math.ceil(share * servedNanos.length) - 1, 0, servedNanos.length - 1);
      return servedNanos[at] / 1e6;
    }
  }

  private int holes;
  private int lagged;

  Herd(int port, int readers) throws IOException {
    this.port = port;
    for (int i = 0; i < readers; i++) {
      members.add(new Member(SocketChannel.open()));
    }
  }

  /// All connections are cut at once, without a word.
  void scatter() throws IOException {
    for (Member member : members) {
      member.channel.setOption(StandardSocketOptions.SO_LINGER, 0); // RST
      member.channel.close();
      member.shaken = false;
      member.rest = new byte[0];
    }
    selector.selectNow();
  }

  /// All connect at once; who had something before resumes from it. Returns when each has had a
  /// trade.
  Storm rush(long withinNanos) throws IOException {
    holes = 0;
    lagged = 0;
    long began = System.nanoTime();
    for (Member member : members) {
      member.firstTradeNanos = 0;
      member.refused = 0;
      connect(member);
    }
    int served = 0;
    while (served < members.size()) {
      if (System.nanoTime() - began > withinNanos) {
        throw new IOException("%d of %d readers were not served within %d s"
            .formatted(members.size() - served, members.size(), withinNanos / 1_000_000_000L));
      }
      look(10);
      served = (int) members.stream().filter(it -> it.firstTradeNanos > 0).count();
    }
    return new Storm(
        members.stream().mapToLong(it -> it.firstTradeNanos - began).sorted().toArray(),
        members.stream().mapToInt(it -> it.refused).sum(),
        holes,
        lagged);
  }

  /// Reads on for a while.
  void graze(long nanos) throws IOException {
    long until = System.nanoTime() + nanos;
    while (System.nanoTime() < until) {
      look(20);
    }
  }

  int holes() {
    return holes;
  }

  private void connect(Member member) throws IOException {
    member.channel.close();
    member.channel = SocketChannel.open();
    member.channel.configureBlocking(false);
    member.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    member.channel.register(selector, SelectionKey.OP_CONNECT, member);
    member.channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  private void look(long millis) throws IOException {
    List<Member> again = new ArrayList<>();
    selector.select(
        key -> {
          Member member = (Member) key.attachment();
          try {
            if (key.isConnectable() && member.channel.finishConnect()) {
              key.interestOps(SelectionKey.OP_READ);
              member.channel.write(ByteBuffer.wrap(HANDSHAKE));
            } else if (key.isReadable()) {
              read(member);
            }
          } catch (IOException e) {
            key.cancel();
            again.add(member);
          }
        },
        millis);
    for (Member member : again) {
      member.channel.close();
      member.refused++;
      member.shaken = false;
      member.rest = new byte[0];
      connect(member);
    }
  }

  private void read(Member member) throws IOException {
    int length = member.channel.read(in.clear());
    if (length < 0) {
      throw new IOException("closed by the hub");
    }
    byte[] bytes = Arrays.copyOf(member.rest, member.rest.length + length);
    System.arraycopy(in.array(), 0, bytes, member.rest.length, length);
    int at = 0;
    if (!member.shaken) {
      String head = new String(bytes, StandardCharsets.ISO_8859_1);
      int end = head.indexOf("\r\n\r\n");
      if (end < 0) {
        member.rest = bytes;
        return;
      }
      if (!head.startsWith("HTTP/1.1 101")) {
        throw new IOException("refused: " + head.substring(0, head.indexOf('\r')));
      }
      member.shaken = true;
      at = end + 4;
      greet(member);
    }
    while (true) {
      int next = frame(member, bytes, at);
      if (next < 0) {
        break;
      }
      at = next;
    }
    member.rest = Arrays.copyOfRange(bytes, at, bytes.length);
  }

  private static void greet(Member member) throws IOException {
    say(
        member.channel,
        1,
        member.epoch == 0
            ? "{\"op\":\"subscribe\",\"id\":1,\"streams\":[\"" + STREAM + "\"]}"
            : "{\"op\":\"resume\",\"id\":1,\"streams\":[{\"stream\":\"%s\",\"epoch\":%d,\"seq\":%d}]}"
                .formatted(STREAM, member.epoch, member.lastSeq));
  }

  /// One masked frame, with a mask of zeros; it is short, and the socket is new or idle.
  private static void say(SocketChannel channel, int opcode, String text) throws IOException {
    byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 8).put((byte) (0x80 | opcode));
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    }
    frame.putInt(0).put(payload).flip();
    channel.write(frame);
    if (frame.hasRemaining()) {
      throw new IOException("a new connection took only a part of " + text);
    }
  }

  /// Where the next one begins; -1 when this one is not whole.
  private int frame(Member member, byte[] bytes, int begin) throws IOException {
    int have = bytes.length - begin;
    if (have < 2) {
      return -1;
    }
    long length = bytes[begin + 1] & 0x7f;
    int at = begin + 2;
    if (length == 126 && have >= 4) {
      length = (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
      at += 2;
    } else if (length == 127 && have >= 10) {
      length = ByteBuffer.wrap(bytes).getLong(at);
      at += 8;
    } else if (length >= 126) {
      return -1;
    }
    if (bytes.length - at < length) {
      return -1;
    }
    int end = at + (int) length;
    int opcode = bytes[begin] & 0x0f;
    if (opcode == PING) {
      say(member.channel, 10, "");
    } else if (opcode == 8) {
      throw new IOException("closed by the hub with a close frame");
    } else if (find(bytes, at, Math.min(end, at + 40), TRADE) >= 0) {
      trade(member, bytes, at, end);
    } else if (find(bytes, at, Math.min(end, at + 40), LAGGED) >= 0) {
      lagged++;
    }
    return end;
  }

  private void trade(Member member, byte[] bytes, int at, int end) throws IOException {
    long seq = number(bytes, at, end, SEQ);
    if (member.lastSeq != 0 && seq != member.lastSeq + 1) {
      holes++;
    }
    member.lastSeq = seq;
    member.epoch = number(bytes, at, end, EPOCH);
    if (member.firstTradeNanos == 0) {
      member.firstTradeNanos = System.nanoTime();
    }
  }

  private static long number(byte[] bytes, int from, int to, byte[] name) throws IOException {
    int at = find(bytes, from, to, name);
    if (at < 0) {
      throw new IOException("a trade without a number: "
          + new String(bytes, from, to - from, StandardCharsets.UTF_8));
    }
    long value = 0;
    for (int i = at + name.length; i < to && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
      value = value * 10 + bytes[i] - '0';
    }
    return value;
  }

  private static int find(byte[] bytes, int from, int to, byte[] wanted) {
    for (int at = from; at + wanted.length <= to; at++) {
      if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    return -1;
  }

  @Override
  public void close() throws IOException {
    for (Member member : members) {
      member.channel.close();
    }
    selector.close();
  }
}
