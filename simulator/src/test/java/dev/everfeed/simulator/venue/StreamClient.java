package dev.everfeed.simulator.venue;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A WebSocket connection that keeps what it received in order. Waits give up after 10 s.
final class StreamClient implements AutoCloseable {
  private static final long WAIT_SECONDS = 10;

  // Kept in fields: Vert.x closes a client that nobody refers to, and its sockets with it.
  private final Vertx vertx = Vertx.vertx();
  private final WebSocketClient client = vertx.createWebSocketClient(new WebSocketClientOptions()
      .setMaxFrameSize(16 << 20)
      .setMaxMessageSize(16 << 20)
      // A dead venue does not say goodbye.
      .setClosingTimeout(1));
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> pongs = new LinkedBlockingQueue<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final WebSocket socket;
  private volatile @Nullable Throwable failure;

  StreamClient(URI venue, String target) throws IOException {
    socket = await(client
        .connect(new WebSocketConnectOptions()
            .setHost(venue.getHost())
            .setPort(venue.getPort())
            .setURI(target))
        .map(opened -> {
          opened.textMessageHandler(received::add);
          opened.pongHandler(payload -> pongs.add(payload.toString()));
          opened.exceptionHandler(thrown -> failure = failure == null ? thrown : failure);
          opened.closeHandler(_ -> closed.countDown());
          return opened;
        }));
  }

  void send(String text) throws IOException {
    await(socket.writeTextMessage(text));
  }

  void ping(String payload) throws IOException {
    await(socket.writePing(Buffer.buffer(payload)));
  }

  /// The next frame's text.
  String next() throws IOException {
    try {
      String text = received.poll(WAIT_SECONDS, TimeUnit.SECONDS);
      if (text == null) {
        throw new IOException("no frame within %d s; closed: %s, failure: %s"
            .formatted(WAIT_SECONDS, closed.getCount() == 0, failure));
      }
      return text;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  JsonNode json() throws IOException {
    return Asking.JSON.readTree(next());
  }

  /// The next frame of which it holds; others are passed over.
  JsonNode json(Predicate<JsonNode> wanted) throws IOException {
    while (true) {
      JsonNode frame = json();
      if (wanted.test(frame)) {
        return frame;
      }
    }
  }

  int waiting() {
    return received.size();
  }

  /// The payload of the next pong, or null when none comes within the time.
  @Nullable
  String pong(long millis) throws InterruptedException {
    return pongs.poll(millis, TimeUnit.MILLISECONDS);
  }

  /// Waits for the end; its close code, or -1 without a close frame.
  int closeCode() throws IOException {
    try {
      if (!closed.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("still open after %d s".formatted(WAIT_SECONDS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    Short code = socket.closeStatusCode();
    return code == null ? -1 : code;
  }

  boolean isClosed() {
    return closed.getCount() == 0;
  }

  @Nullable
  Throwable failure() {
    return failure;
  }

  private static <T> T await(io.vertx.core.Future<T> future) throws IOException {
    try {
      return future.toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (TimeoutException e) {
      throw new IOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    await(client.close());
    await(vertx.close());
  }
}
