package dev.everfeed.hub.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A reader of the WebSocket over a plain socket (RFC 6455), so that a test can read late, a
/// byte at a time, or never, and send what no library would. Every message is held against the
/// document ([AsyncReference]).
final class RawReader implements AutoCloseable {
  static final int TEXT = 1;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  private final Socket socket = new Socket();
  private final DataInputStream in;
  String answer;
  boolean answersPings = true;
  int pings;

  RawReader(int port) throws IOException {
    this(port, "/v1/stream", 65_536);
  }

  /// @param window bytes that the kernel takes for us
  RawReader(int port, String path, int window) throws IOException {
    this(port, path, window, "");
  }

  /// @param headers further ones, each with its end of line
  RawReader(int port, String path, int window, String headers) throws IOException {
    socket.setReceiveBufferSize(window);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 8_192));
    write(("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            + "Sec-WebSocket-Version: 13\r\n" + headers + "\r\n")
        .getBytes(StandardCharsets.US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int one = in.read();
      if (one < 0) {
        break;
      }
      head.append((char) one);
    }
    answer = head.toString();
  }

  boolean isOpen() {
    return answer.startsWith("HTTP/1.1 101");
  }

  private synchronized void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  void say(String json) throws IOException {
    frame(TEXT, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  /// A final frame, masked with zeros.
  void frame(int kind, byte[] payload) throws IOException {
    int header = payload.length < 126 ? 6 : payload.length < 65_536 ? 8 : 14;
    byte[] all = new byte[header + payload.length];
    all[0] = (byte) (0x80 | kind);
    if (header == 6) {
      all[1] = (byte) (0x80 | payload.length);
    } else if (header == 8) {
      all[1] = (byte) (0x80 | 126);
      all[2] = (byte) (payload.length >> 8);
      all[3] = (byte) payload.length;
    } else {
      all[1] = (byte) (0x80 | 127);
      for (int i = 0; i < 4; i++) {
        all[6 + i] = (byte) (payload.length >> 24 - 8 * i);
      }
    }
    System.arraycopy(payload, 0, all, header, payload.length);
    write(all);
  }

  /// A frame as it came.
  record Frame(int kind, byte[] payload) {
    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    int closeCode() {
      return (payload[0] & 0xff) << 8 | payload[1] & 0xff;
    }

    String closeReason() {
      return new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
    }
  }

  Frame frame() throws IOException {
    int first = in.readUnsignedByte();
    int second = in.readUnsignedByte();
    long length = second == 126 ? in.readUnsignedShort() : second == 127 ? in.readLong() : second;
    byte[] payload = new byte[Math.toIntExact(length)];
    in.readFully(payload);
    return new Frame(first & 0xf, payload);
  }

  /// The next message; pings are answered.
  JsonNode next() throws IOException {
    Frame frame = data();
    if (frame.kind() != TEXT) {
      throw new AssertionError("frame " + frame.kind() + ": " + frame.text());
    }
    return AsyncReference.check(frame.text());
  }

  /// The next frame that is no ping.
  Frame data() throws IOException {
    while (true) {
      Frame frame = frame();
      if (frame.kind() != PING) {
        return frame;
      }
      pings++;
      if (answersPings) {
        frame(PONG, frame.payload());
      }
    }
  }

  /// The next message of a type; others are passed over.
  JsonNode next(String type) throws IOException {
    while (true) {
      JsonNode message = next();
      if (message.get("type").textValue().equals(type)) {
        return message;
      }
    }
  }

  /// Reads until it is closed.
  Frame closed() throws IOException {
    while (true) {
      Frame frame = data();
      if (frame.kind() == CLOSE) {
        return frame;
      }
    }
  }

  /// Takes one byte, whatever it belongs to; no frame can be read any more. -1 at the end.
  int oneByte() throws IOException {
    return socket.getInputStream().read();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
