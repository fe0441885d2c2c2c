package dev.everfeed.app;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StatusSourceTest {

  /// Whoever answers there, what it says is for a terminal.
  @Test
  void aRefusalIsToldInTheWordsOfWhoRefusesWithoutWhatMovesATerminal() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    byte[] body = ("{\"detail\": \"revoke K1\\u001b[2J" + "x".repeat(2_000) + "\"}")
        .getBytes(StandardCharsets.UTF_8);
    server.createContext("/", exchange -> {
      exchange.sendResponseHeaders(403, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    try (StatusSource source = new StatusSource(url, Duration.ofSeconds(20))) {
      assertThatThrownBy(() -> source.get("/health"))
          .isInstanceOf(IOException.class)
          .hasMessageMatching("/health: HTTP 403: revoke K1·\\[2Jx{487}; .*names the key");
    } finally {
      server.stop(0);
    }
  }
}
