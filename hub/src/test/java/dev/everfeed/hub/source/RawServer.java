package dev.everfeed.hub.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A loopback server that speaks bytes, so that it can say what no HTTP library would.
///
/// Each connection runs the script once for every request head that arrives, until the script
/// or the client ends it; `open` counts those that are not closed by the client yet.
final class RawServer implements AutoCloseable {

  interface Script {
    /// @param head request line and headers
    /// @param in   what else the client sends; ends when it hangs up
    void answer(String head, OutputStream out, InputStream in) throws IOException;
  }

  private final ServerSocket socket;
  private final Script script;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicInteger open = new AtomicInteger();
  final AtomicInteger accepted = new AtomicInteger();
  final List<String> heads = new CopyOnWriteArrayList<>();

  RawServer(Script script) throws IOException {
    this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.script = script;
    Thread.ofVirtual().start(this::accept);
  }

  /// Answers every request with these bytes.
  static RawServer always(String answer) throws IOException {
    byte[] bytes = answer.getBytes(StandardCharsets.ISO_8859_1);
    return new RawServer((_, out, _) -> out.write(bytes));
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort());
  }

  int open() {
    return open.get();
  }

  /// Says nothing until the client hangs up.
  static void silence(InputStream in) throws IOException {
    in.transferTo(OutputStream.nullOutputStream());
  }

  private void accept() {
    while (true) {
      try {
        Socket client = socket.accept();
        accepted.incrementAndGet();
        open.incrementAndGet();
        sockets.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = client.getInputStream();
      for (String head = head(in); head != null; head = head(in)) {
        heads.add(head);
        script.answer(head, client.getOutputStream(), in);
        client.getOutputStream().flush();
      }
    } catch (IOException e) {
      // the client hung up, which many of these tests are about
    } finally {
      open.decrementAndGet();
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("end of stream");
      }
      head.append((char) b);
    }
    return head.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket client : sockets) {
      client.close();
    }
  }
}
