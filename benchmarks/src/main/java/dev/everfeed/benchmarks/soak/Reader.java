package dev.everfeed.benchmarks.soak;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A reader at the WebSocket whose messages go into a [Proof].
final class Reader implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Proof proof;
  private final WebSocket socket;
  private volatile @Nullable String ended;
  private volatile boolean closing;

  /// @param stops after so many frames it takes no more, and stays
  Reader(HttpClient client, int port, Proof proof, long stops) throws IOException {
    this.proof = proof;
    try {
      socket = client
          .newWebSocketBuilder()
          .buildAsync(URI.create("ws://127.0.0.1:" + port + "/v1/stream"), new Frames(stops))
          .join();
    } catch (CompletionException e) {
      throw new IOException("a reader was not let in: " + e.getCause(), e);
    }
  }

  void say(String text) throws IOException {
    try {
      socket.sendText(text, true).join();
    } catch (CompletionException e) {
      throw new IOException("a reader could not say %s: %s".formatted(text, e.getCause()), e);
    }
  }

  /// Why it was closed by the hub, or its connection failed; null while it goes on.
  @Nullable
  String ended() {
    return ended;
  }

  private final class Frames implements WebSocket.Listener {
    private final StringBuilder parts = new StringBuilder();
    private long left;

    Frames(long stops) {
      left = stops;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
      parts.append(text);
      if (last) {
        String message = parts.toString();
        parts.setLength(0);
        try {
          proof.heard(JSON.readTree(message));
        } catch (IOException | RuntimeException e) {
          ended = "not understood: " + e + ": " + message;
        }
      }
      if (--left > 0) {
        from.request(1);
      }
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      if (!closing) {
        ended = "closed by the hub: " + code + " " + reason;
      }
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      if (!closing) {
        ended = "the connection failed: " + error;
      }
    }
  }

  /// With a close frame.
  void leave() {
    closing = true;
    var unused =
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").whenComplete((_, _) -> socket.abort());
  }

  /// Without a word.
  @Override
  public void close() {
    closing = true;
    socket.abort();
  }
}
