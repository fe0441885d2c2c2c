package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VenueSocketTest {
  /// More than the sockets of both sides hold together.
  private static final long SENT_MOST = 64 << 20;

  /// The client has places for 50 connections of a venue; each try of a hung one would keep one.
  @Test
  void aVenueThatTakesTheConnectionAndNeverAnswersGivesItsPlaceBack() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      WebSocketClient client =
          vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(1));
      for (int i = 0; i < 3; i++) {
        CompletableFuture<String> ended = connect(vertx, client, silent, 200);
        try (Socket taken = silent.accept()) {
          assertThat(ended.get(20, TimeUnit.SECONDS))
              .startsWith("127.0.0.1:" + silent.getLocalPort());
          // the venue's side sees the end as well
          taken.setSoTimeout(20_000);
          while (taken.getInputStream().read() >= 0) {
            // the request
          }
        }
      }
    } finally {
      vertx.close().await(20, TimeUnit.SECONDS);
    }
  }

  /// A page without an end took all memory: half an hour of faults found it.
  @Test
  void anAnswerWithoutAnEndIsCutOff() throws Exception {
    Vertx vertx =
        Vertx.builder().withTransport(BoundedTransport.of(10, () -> {})).build();
    try (ServerSocket endless = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      WebSocketClient client = vertx.createWebSocketClient();
      CompletableFuture<String> ended = connect(vertx, client, endless, 50_000);
      long sent = 0;
      try (Socket taken = endless.accept()) {
        OutputStream out = taken.getOutputStream();
        out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII));
        byte[] chunk =
            ("1000\r\n" + " ".repeat(0x1000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        while (sent < SENT_MOST) {
          out.write(chunk);
          sent += chunk.length;
        }
      } catch (SocketException e) {
        // it has closed it
      }
      assertThat(sent).isLessThan(SENT_MOST);
      assertThat(ended.get(20, TimeUnit.SECONDS)).startsWith("127.0.0.1:" + endless.getLocalPort());
    } finally {
      vertx.close().await(20, TimeUnit.SECONDS);
    }
  }

  /// The messages of a venue are not its answer.
  @Test
  void aWebSocketMayCarryAnyAmount() throws Exception {
    Vertx vertx =
        Vertx.builder().withTransport(BoundedTransport.of(10, () -> {})).build();
    try {
      String message = "x".repeat(1 << 20);
      HttpServer server = vertx
          .createHttpServer(new HttpServerOptions().setMaxWebSocketFrameSize(2 << 20))
          .webSocketHandler(socket -> {
            for (int i = 0; i < 3; i++) {
              socket.writeTextMessage(message);
            }
            socket.close((short) 4_000, "all told");
          })
          .listen(0, "127.0.0.1")
          .await(20, TimeUnit.SECONDS);
      WebSocketClient client = vertx.createWebSocketClient(
          new WebSocketClientOptions().setMaxFrameSize(2 << 20).setMaxMessageSize(2 << 20));
      AtomicLong heard = new AtomicLong();
      CompletableFuture<String> ended =
          connect(vertx, client, server.actualPort(), 20_000, heard::addAndGet);
      assertThat(ended.get(20, TimeUnit.SECONDS)).contains("closed with 4000 all told");
      assertThat(heard).hasValue(3L << 20);
    } finally {
      vertx.close().await(20, TimeUnit.SECONDS);
    }
  }

  private static CompletableFuture<String> connect(
      Vertx vertx, WebSocketClient client, ServerSocket venue, long withinMillis) {
    return connect(vertx, client, venue.getLocalPort(), withinMillis, _ -> {});
  }

  /// @return why it has ended
  private static CompletableFuture<String> connect(
      Vertx vertx, WebSocketClient client, int port, long withinMillis, IntConsumer heard) {
    CompletableFuture<String> ended = new CompletableFuture<>();
    vertx.runOnContext(_ -> new VenueSocket(
        client,
        URI.create("ws://127.0.0.1:" + port),
        "/ws",
        withinMillis,
        new VenueSocket.Listener() {
          @Override
          public void opened() {}

          @Override
          public void message(byte[] bytes, int length) {
            heard.accept(length);
          }

          @Override
          public void pong() {}

          @Override
          public void closed(String reason) {
            ended.complete(reason);
          }
        }));
    return ended;
  }
}
