package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VenueSocketTest {
  /// The client has places for 50 connections of a venue; each try of a hung one would keep one.
  @Test
  void aVenueThatTakesTheConnectionAndNeverAnswersGivesItsPlaceBack() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      WebSocketClient client =
          vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(1));
      for (int i = 0; i < 3; i++) {
        CompletableFuture<String> ended = new CompletableFuture<>();
        vertx.runOnContext(_ -> new VenueSocket(
            client,
            URI.create("ws://127.0.0.1:" + silent.getLocalPort()),
            "/ws",
            200,
            new VenueSocket.Listener() {
              @Override
              public void opened() {
                ended.complete("opened");
              }

              @Override
              public void message(byte[] bytes, int length) {}

              @Override
              public void pong() {}

              @Override
              public void closed(String reason) {
                ended.complete(reason);
              }
            }));
        try (Socket taken = silent.accept()) {
          assertThat(ended.get(20, TimeUnit.SECONDS))
              .startsWith("127.0.0.1:" + silent.getLocalPort())
              .doesNotContain("opened");
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
}
