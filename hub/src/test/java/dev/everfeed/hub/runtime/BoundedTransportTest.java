package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.hub.access.Pem;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The bound of a venue's answer is tested with the venue's socket ([VenueSocketTest]).
@Timeout(60)
class BoundedTransportTest {
  private static final int MOST = 3;

  @TempDir
  Path folder;

  /// They never begin to agree on their encryption, and no handler hears of them.
  @Test
  void whoOnlyConnectsCountsUntilItIsGone() throws Exception {
    Instant now = Instant.now();
    Pem pem = Pem.write(folder, "hub", now.minusSeconds(60), now.plus(Duration.ofDays(1)));
    AtomicInteger refused = new AtomicInteger();
    Vertx vertx = Vertx.builder()
        .withTransport(BoundedTransport.of(MOST, refused::incrementAndGet))
        .build();
    Socket[] silent = new Socket[MOST];
    try {
      int port = vertx
          .createHttpServer(new HttpServerOptions()
              .setSsl(true)
              .setSslHandshakeTimeout(60)
              .setKeyCertOptions(new PemKeyCertOptions()
                  .setCertPath(pem.chain().toString())
                  .setKeyPath(pem.key().toString())))
          .requestHandler(request -> request.response().end("here"))
          .listen(0, "127.0.0.1")
          .await(20, TimeUnit.SECONDS)
          .actualPort();
      for (int i = 0; i < MOST; i++) {
        silent[i] = new Socket(InetAddress.getLoopbackAddress(), port);
      }
      try (Socket oneMore = new Socket(InetAddress.getLoopbackAddress(), port)) {
        oneMore.setSoTimeout(20_000);
        assertThat(isClosed(oneMore)).isTrue();
        assertThat(refused).hasValue(1);
      }
      silent[0].close();

      assertThat(answer(port, pem)).isEqualTo("here");
    } finally {
      for (Socket each : silent) {
        if (each != null) {
          each.close();
        }
      }
      vertx.close().await(20, TimeUnit.SECONDS);
    }
  }

  private static boolean isClosed(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (IOException e) {
      return String.valueOf(e.getMessage()).contains("reset");
    }
  }

  /// Tried again until the hub has heard that one is gone.
  private static String answer(int port, Pem pem) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {pem.bundle().toTrustManager()}, null);
    try (HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
      while (true) {
        try {
          return client
              .send(
                  HttpRequest.newBuilder(URI.create("https://localhost:" + port))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
        } catch (IOException e) {
          Thread.onSpinWait(); // the test has a timeout
        }
      }
    }
  }
}
