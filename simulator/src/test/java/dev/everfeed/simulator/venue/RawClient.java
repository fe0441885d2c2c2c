package dev.everfeed.simulator.venue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/// One TCP connection that sees what a socket sees. Reads give up after 5 s, loudly.
final class RawClient implements AutoCloseable {
  private final Socket socket = new Socket();
  private final InputStream in;

  RawClient(URI url) throws IOException {
    socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), 5_000);
    socket.setSoTimeout(5_000);
    in = socket.getInputStream();
  }

  /// Status line, headers and body of one GET on a connection of its own.
  static String get(URI url, String target) throws IOException {
    try (var client = new RawClient(url)) {
      client.ask(target, true);
      return client.untilEnd();
    }
  }

  /// The body alone.
  static String body(URI url, String target) throws IOException {
    String all = get(url, target);
    return all.substring(all.indexOf("\r\n\r\n") + 4);
  }

  static String request(String target, boolean last) {
    return "GET %s HTTP/1.1\r\nhost: x\r\n%s\r\n"
        .formatted(target, last ? "connection: close\r\n" : "");
  }

  void ask(String target, boolean last) throws IOException {
    send(request(target, last));
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  void readTimeout(int millis) throws IOException {
    socket.setSoTimeout(millis);
  }

  /// -1 at the end of the stream.
  int read() throws IOException {
    return in.read();
  }

  byte[] read(int bytes) throws IOException {
    return in.readNBytes(bytes);
  }

  /// One response with a content-length, on a connection that stays open.
  String response() throws IOException {
    String text = head();
    return text + new String(in.readNBytes(contentLength(text)), StandardCharsets.UTF_8);
  }

  /// Status line and headers of a response, and the empty line after them.
  String head() throws IOException {
    var head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("the connection ended after: " + head);
      }
      head.write(b);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  static int contentLength(String head) {
    int at = head.indexOf("content-length: ");
    return Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at)));
  }

  String untilEnd() throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
