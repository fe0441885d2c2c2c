package dev.everfeed.benchmarks.load;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One connection to a [TradeFeed]. Trades are sent by whoever calls, one thread at a time; what
/// the other side says is heard, and answered, by a thread of the line.
public final class TradeLine {
  static final int ID_DIGITS = 13;
  private static final long FIRST_ID = 1_000_000_000_000L;
  private static final int VARIANTS = 64;
  private static final int BLOCK = 64 << 10;
  private static final int MOST_BETWEEN = 256 << 10;
  private static final String MILLIS = "2222222222222";
  private static final String TRADE = "{\"e\":\"trade\",\"E\":" + MILLIS
      + ",\"s\":\"BTCUSDT\",\"t\":%d,\"p\":\"671%02d.%02d000000\",\"q\":\"0.0%02d40000\",\"T\":"
      + MILLIS
      + ",\"m\":true,\"M\":true}";
  private static final Pattern KEY = Pattern.compile("(?im)^sec-websocket-key:\\s*(\\S+)");
  private static final Pattern ID = Pattern.compile("\"id\":\\s*(\"[^\"]*\"|[0-9]+)");

  private final SocketChannel channel;
  private final ReentrantLock writing = new ReentrantLock();
  private final byte[] block = new byte[BLOCK];
  private final Stamps stamps = new Stamps();
  private byte[][] frames = {};
  private int idAt;
  private int[] millisAt = {};
  private int filled;
  private long nextId = FIRST_ID;
  private final byte[] idDigits = Long.toString(FIRST_ID).getBytes(StandardCharsets.US_ASCII);
  private long millis;
  private byte[] millisDigits = MILLIS.getBytes(StandardCharsets.US_ASCII);

  TradeLine(SocketChannel channel) {
    this.channel = channel;
  }

  // ---- what the other side says

  /// Shakes hands and answers until the connection ends.
  void hear(Consumer<TradeLine> subscribed) {
    try (channel) {
      channel.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
      channel.setOption(java.net.StandardSocketOptions.SO_SNDBUF, MOST_BETWEEN);
      String head = head();
      boolean isCombined = head.startsWith("GET /stream");
      prepare(isCombined);
      Matcher key = KEY.matcher(head);
      if (!key.find()) {
        throw new IOException("no Sec-WebSocket-Key in: " + head);
      }
      write(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"
              .formatted(accepted(key.group(1)))
              .getBytes(StandardCharsets.US_ASCII));
      if (head.contains("@trade") || head.contains("%40trade")) {
        subscribed.accept(this); // named in the path, as combined streams may be
      }
      while (hearFrame(subscribed)) {}
    } catch (IOException e) {
      // it is gone; whoever sends to it will hear
    }
  }

  private String head() throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      head.write(read(1)[0]);
    }
    return head.toString(StandardCharsets.US_ASCII);
  }

  private byte[] read(int bytes) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(bytes);
    while (into.hasRemaining()) {
      if (channel.read(into) < 0) {
        throw new EOFException("the other side closed");
      }
    }
    return into.array();
  }

  private static String accepted(String key) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-1")
          .digest(
              (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  /// False when it was the last one.
  private boolean hearFrame(Consumer<TradeLine> subscribed) throws IOException {
    byte[] head = read(2);
    int length = head[1] & 0x7f;
    if (length == 126) {
      byte[] more = read(2);
      length = (more[0] & 0xff) << 8 | more[1] & 0xff;
    }
    byte[] mask = read(4);
    byte[] payload = read(length);
    for (int i = 0; i < length; i++) {
      payload[i] ^= mask[i & 3];
    }
    switch (head[0] & 0x0f) {
      case 1 -> {
        String text = new String(payload, StandardCharsets.UTF_8);
        Matcher id = ID.matcher(text);
        write(frame(1, "{\"result\":null,\"id\":%s}".formatted(id.find() ? id.group(1) : "null")));
        if (text.contains("\"SUBSCRIBE\"")) {
          subscribed.accept(this);
        }
      }
      case 8 -> {
        return false;
      }
      case 9 -> write(frame(10, new String(payload, StandardCharsets.ISO_8859_1)));
      default -> {
        // a pong
      }
    }
    return true;
  }

  // ---- what it sends

  private static byte[] frame(int opcode, String text) {
    byte[] payload = text.getBytes(StandardCharsets.ISO_8859_1);
    int head = payload.length < 126 ? 2 : 4;
    ByteBuffer frame = ByteBuffer.allocate(head + payload.length).put((byte) (0x80 | opcode));
    if (head == 2) {
      frame.put((byte) payload.length);
    } else {
      frame.put((byte) 126).putShort((short) payload.length);
    }
    return frame.put(payload).array();
  }

  /// Frames of equal length with fixed places for id and time.
  private void prepare(boolean isCombined) {
    frames = new byte[VARIANTS][];
    for (int i = 0; i < VARIANTS; i++) {
      String trade = TRADE.formatted(FIRST_ID, i, i * 37 % 100, i + 10);
      frames[i] =
          frame(1, isCombined ? "{\"stream\":\"btcusdt@trade\",\"data\":" + trade + "}" : trade);
    }
    String first = new String(frames[0], StandardCharsets.ISO_8859_1);
    idAt = first.indexOf(Long.toString(FIRST_ID));
    millisAt = new int[] {first.indexOf(MILLIS), first.lastIndexOf(MILLIS)};
  }

  private void write(byte[] bytes) throws IOException {
    write(bytes, bytes.length);
  }

  private void write(byte[] bytes, int length) throws IOException {
    writing.lock();
    try {
      ByteBuffer out = ByteBuffer.wrap(bytes, 0, length);
      while (out.hasRemaining()) {
        channel.write(out);
      }
    } finally {
      writing.unlock();
    }
  }

  private boolean isFull() {
    return BLOCK - filled < frames[0].length;
  }

  private void append() {
    byte[] frame = frames[(int) (nextId % VARIANTS)];
    System.arraycopy(frame, 0, block, filled, frame.length);
    System.arraycopy(idDigits, 0, block, filled + idAt, ID_DIGITS);
    for (int at : millisAt) {
      System.arraycopy(millisDigits, 0, block, filled + at, ID_DIGITS);
    }
    filled += frame.length;
    nextId++;
    int digit = ID_DIGITS - 1;
    while (++idDigits[digit] > '9') {
      idDigits[digit--] = '0';
    }
  }

  private void flush() throws IOException {
    long now = System.currentTimeMillis();
    if (now != millis) {
      millis = now;
      millisDigits = Long.toString(now).getBytes(StandardCharsets.US_ASCII);
    }
    write(block, filled);
    filled = 0;
  }

  /// Of the trades that are sent next.
  public Stamps stamps() {
    return stamps;
  }

  /// Sends trades, each when it is due: what could not be sent in time is sent at once
  /// afterwards and keeps its moment.
  ///
  /// @return how many
  public long pace(int perSecond, Duration during) throws IOException {
    long count = perSecond * during.toMillis() / 1_000;
    long began = System.nanoTime();
    long sent = 0;
    while (sent < count) {
      long now = System.nanoTime();
      long due = Math.min(count, (now - began) * perSecond / 1_000_000_000L + 1);
      if (due == sent) {
        LockSupport.parkNanos(began + sent * 1_000_000_000L / perSecond - now);
        continue;
      }
      for (; sent < due && !isFull(); sent++) {
        stamps.due(nextId, began + sent * 1_000_000_000L / perSecond);
        stamps.written(nextId, now);
        append();
      }
      flush();
    }
    return count;
  }

  /// Sends as many as the other side takes.
  ///
  /// @return how many
  public long flood(Duration during) throws IOException {
    long before = nextId;
    long until = System.nanoTime() + during.toNanos();
    while (System.nanoTime() < until) {
      while (!isFull()) {
        append();
      }
      flush();
    }
    return nextId - before;
  }

  /// Sends so many at once.
  public void burst(int trades) throws IOException {
    for (int i = 0; i < trades; i++) {
      if (isFull()) {
        flush();
      }
      append();
    }
    flush();
  }
}
