package dev.everfeed.hub.runtime;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.http.WebSocketFrame;
import java.net.URI;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One WebSocket to a venue: its frames, put together where they come in parts, and what is sent
/// over it. Owned by the tick loop.
final class VenueSocket {
  /// Bytes of a whole message. The longest recorded one, an order book, has 300 KiB.
  static final int MESSAGE_MAX = 4 << 20;

  private static final int USUAL = 8 << 10;
  private static final short NORMAL = 1000;
  private static final short TOO_BIG = 1009;

  /// Hears of the socket. Nothing comes after [#closed].
  interface Listener {
    void opened();

    /// A whole message; the bytes are reused afterwards.
    void message(byte[] bytes, int length);

    /// A sign of life that is no message.
    void pong();

    void closed(String reason);
  }

  private final Listener listener;
  private final URI url;

  // Held because Vert.x closes the sockets of a client that nobody refers to any more.
  private final ClientWebSocket socket;

  private byte[] bytes = new byte[USUAL];
  private int length;
  private boolean open;
  private boolean ended;

  /// @param withinMillis from now to the end of the handshake: a venue that takes the
  ///     connection and never answers would keep it, and the client has a bounded number of
  ///     them
  VenueSocket(WebSocketClient client, URI url, String path, long withinMillis, Listener listener) {
    this.url = url;
    this.listener = listener;
    this.socket = client.webSocket();
    socket.frameHandler(this::frame);
    socket.pongHandler(_ -> {
      if (!ended) {
        listener.pong();
      }
    });
    socket.exceptionHandler(e -> end("%s: %s".formatted(where(), said(e))));
    socket.closeHandler(_ -> end(closeReason()));
    boolean ssl = "wss".equals(url.getScheme());
    String root = url.getPath() == null ? "" : url.getPath();
    WebSocketConnectOptions options = new WebSocketConnectOptions();
    options
        .setHost(url.getHost())
        .setPort(port())
        .setSsl(ssl)
        .setURI((root.endsWith("/") ? root.substring(0, root.length() - 1) : root) + path)
        .setTimeout(withinMillis);
    socket.connect(options).onComplete(done -> {
      if (done.failed()) {
        end("%s: %s".formatted(where(), said(done.cause())));
      } else if (ended) {
        socket.close();
      } else {
        open = true;
        listener.opened();
      }
    });
  }

  private int port() {
    return url.getPort() >= 0 ? url.getPort() : "wss".equals(url.getScheme()) ? 443 : 80;
  }

  private String where() {
    return url.getHost() + ":" + port();
  }

  private static String said(Throwable e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  private String closeReason() {
    Short code = socket.closeStatusCode();
    if (code == null) {
      return where() + ": the connection ended without a word";
    }
    String reason = socket.closeReason();
    return "%s: closed with %d%s"
        .formatted(where(), code, reason == null || reason.isEmpty() ? "" : " " + reason);
  }

  private void frame(WebSocketFrame frame) {
    if (ended || !(frame.isText() || frame.isBinary() || frame.isContinuation())) {
      return;
    }
    Buffer part = frame.binaryData();
    int size = part.length();
    int begin = frame.isContinuation() ? length : 0;
    if (begin + size > MESSAGE_MAX) {
      end("%s: a message of more than %,d bytes".formatted(where(), MESSAGE_MAX));
      socket.close(TOO_BIG, "message too big");
      return;
    }
    if (begin + size > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(begin + size, 2 * bytes.length));
    }
    part.getBytes(0, size, bytes, begin);
    length = begin + size;
    if (frame.isFinal()) {
      int whole = length;
      length = 0;
      listener.message(bytes, whole);
    }
  }

  boolean isOpen() {
    return open && !ended;
  }

  void send(String text) {
    if (open && !ended) {
      socket.writeTextMessage(text);
    }
  }

  void ping() {
    if (open && !ended) {
      socket.writePing(Buffer.buffer());
    }
  }

  /// Closes it; the listener hears nothing more.
  void close(@Nullable String reason) {
    ended = true;
    if (open) {
      socket.close(NORMAL, reason);
    }
  }

  private void end(String reason) {
    if (!ended) {
      ended = true;
      listener.closed(reason);
    }
  }
}
