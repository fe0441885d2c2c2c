package dev.everfeed.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// One kept-alive HTTP/1.1 connection to a port on loopback: GET in, status and body out.
///
/// As little code as possible stands between the socket and the clock, so that what is measured
/// is the hub. For one thread at a time.
public final class Exchange implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final String LENGTH = "content-length:";

  private final Socket socket = new Socket();
  private byte[] buffer = new byte[8 << 10];

  /// @param code HTTP status
  public record Answer(int code, String body) {}

  public Exchange(int port) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
  }

  public Answer get(String path) throws IOException {
    send(path);
    return receive();
  }

  void send(String path) throws IOException {
    socket
        .getOutputStream()
        .write(("GET " + path + " HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
  }

  Answer receive() throws IOException {
    InputStream in = socket.getInputStream();
    int filled = 0;
    int bodyAt = -1;
    int end = Integer.MAX_VALUE;
    String head = "";
    while (filled < end) {
      if (filled == buffer.length) {
        buffer = Arrays.copyOf(buffer, 2 * filled);
      }
      int read = in.read(buffer, filled, buffer.length - filled);
      if (read < 0) {
        throw new EOFException("the hub closed after " + filled + " bytes of an answer");
      }
      filled += read;
      if (bodyAt < 0) {
        head = new String(buffer, 0, filled, StandardCharsets.ISO_8859_1);
        int blank = head.indexOf("\r\n\r\n");
        if (blank >= 0) {
          bodyAt = blank + 4;
          head = head.substring(0, bodyAt);
          end = bodyAt + length(head);
        }
      }
    }
    return new Answer(
        Integer.parseInt(head, 9, 12, 10),
        new String(buffer, bodyAt, filled - bodyAt, StandardCharsets.UTF_8));
  }

  private static int length(String head) throws IOException {
    int at = head.toLowerCase(java.util.Locale.ROOT).indexOf(LENGTH);
    if (at < 0) {
      throw new IOException("an answer without content-length: " + head);
    }
    return Integer.parseInt(
        head.substring(at + LENGTH.length(), head.indexOf("\r\n", at)).strip());
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
