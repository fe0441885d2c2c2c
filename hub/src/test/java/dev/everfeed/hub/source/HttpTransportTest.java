package dev.everfeed.hub.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Failure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The transport against a server on loopback that does everything wrong that a server can.
@Timeout(60)
class HttpTransportTest {
  private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(300);
  private static final long LONG = TimeUnit.SECONDS.toNanos(20);

  private static Vertx vertx;
  private HttpTransport transport;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @BeforeEach
  void open() {
    transport = new HttpTransport(vertx);
  }

  @AfterEach
  void close() throws Exception {
    transport.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void aWholeAnswerComesWithItsStatusHeadersAndBody() throws Exception {
    try (RawServer server = RawServer.always(
        "HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\nX-Two: a\r\nX-Two: b\r\ncontent-length: 4\r\n\r\n{\"\"}")) {
      HttpResult result = get(server.uri(), request(1_000), LONG);
      assertThat(result.status()).isEqualTo(429);
      assertThat(result.header("retry-after")).contains("7");
      assertThat(result.header("x-two")).contains("a");
      assertThat(new String(result.body(), StandardCharsets.UTF_8)).isEqualTo("{\"\"}");
    }
  }

  @Test
  void aBasePathIsPutBeforeTheRequestsAndItsHeadersAreSent() throws Exception {
    try (RawServer server = RawServer.always("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")) {
      SourceRequest request =
          new SourceRequest("/klines?a=%5B%22", Map.of("x-cg-demo-api-key", "secret"), 1);
      get(server.uri().resolve("/root/api/"), request, LONG);
      assertThat(server.heads.getFirst())
          .startsWith("GET /root/api/klines?a=%5B%22 HTTP/1.1\r\n")
          .contains("x-cg-demo-api-key: secret\r\n", "accept-encoding: gzip\r\n");
      assertThat(request.toString()).doesNotContain("secret");
    }
  }

  @Test
  void callsInARowShareOneConnection() throws Exception {
    try (RawServer server = RawServer.always("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")) {
      for (int i = 0; i < 20; i++) {
        get(server.uri(), request(1_000), LONG);
      }
      assertThat(server.accepted).hasValue(1);
      transport.close();
      await(() -> server.open() == 0);
    }
  }

  /// Not the server's failure, so it must not look like one; but only once, and only on a
  /// connection that has served before.
  @Test
  void aRequestThatMeetsAClosingIdleConnectionIsSentOnceMore() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    try (RawServer server = new RawServer((_, out, _) -> {
      int n = requests.incrementAndGet();
      if (n == 2 || n >= 4) {
        out.close();
        return;
      }
      write(out, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    })) {
      assertThat(get(server.uri(), request(1_000), LONG).status()).isEqualTo(200);
      assertThat(get(server.uri(), request(1_000), LONG).status()).isEqualTo(200);
      assertThat(server.accepted).hasValue(2);
      assertThat(failure(server.uri(), request(1_000), LONG).kind())
          .isEqualTo(Failure.Kind.CONNECTION);
      assertThat(requests).hasValue(5);
      assertThat(failure(server.uri(), request(1_000), LONG).kind())
          .isEqualTo(Failure.Kind.CONNECTION);
      assertThat(requests).hasValue(6);
    }
  }

  @Test
  void aRedirectIsAnAnswerAndIsNotFollowed() throws Exception {
    try (RawServer elsewhere = RawServer.always("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        RawServer server = RawServer.always("HTTP/1.1 302 Found\r\nlocation: " + elsewhere.uri()
            + "/x\r\ncontent-length: 0\r\n\r\n")) {
      assertThat(get(server.uri(), request(1_000), LONG).status()).isEqualTo(302);
      assertThat(elsewhere.accepted).hasValue(0);
    }
  }

  @Test
  void aRefusedConnectionFailsAtOnce() throws Exception {
    URI nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
    assertThat(failure(nobody, request(1_000), LONG).kind()).isEqualTo(Failure.Kind.CONNECTION);
  }

  @Test
  void aResetIsAConnectionFailure() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> {
        try {
          while (true) {
            Socket client = socket.accept();
            client.getInputStream().read();
            client.setSoLinger(true, 0);
            client.close();
          }
        } catch (IOException e) {
          // the test is over
        }
      });
      URI uri = URI.create("http://127.0.0.1:" + socket.getLocalPort());
      assertThat(failure(uri, request(1_000), LONG).kind()).isEqualTo(Failure.Kind.CONNECTION);
    }
  }

  @Test
  void aServerThatAcceptsAndSaysNothingTimesOutAndIsHungUpOn() throws Exception {
    times(
        Failure.Kind.TIMEOUT, "no whole answer within 300 ms", (_, _, in) -> RawServer.silence(in));
  }

  /// Nothing even accepts: the backlog of one is full, so the connection itself hangs.
  @Test
  void aBlackHoleTimesOutWithinTheCallsTime() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<Socket> fillers = new ArrayList<>();
      try {
        for (int i = 0; i < 4; i++) {
          Socket filler = new Socket();
          fillers.add(filler);
          try {
            filler.connect(socket.getLocalSocketAddress(), 50);
          } catch (IOException e) {
            break; // full
          }
        }
        URI uri = URI.create("http://127.0.0.1:" + socket.getLocalPort());
        long begin = System.nanoTime();
        Failure failure = failure(uri, request(1_000), SHORT);
        assertThat(failure.kind()).isEqualTo(Failure.Kind.TIMEOUT);
        assertThat(failure.message()).contains("300 ms");
        assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(2));
      } finally {
        for (Socket filler : fillers) {
          filler.close();
        }
      }
    }
  }

  @Test
  void aSlowDripTimesOutHoweverManyBytesItBrings() throws Exception {
    times(Failure.Kind.TIMEOUT, "of the body", (_, out, _) -> {
      write(out, "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
      while (true) {
        write(out, " ");
        LockSupport.parkNanos(10_000_000);
      }
    });
  }

  @Test
  void aHeadThatDripsTimesOut() throws Exception {
    times(Failure.Kind.TIMEOUT, "300 ms", (_, out, _) -> {
      write(out, "HTTP/1.1 200 OK\r\n");
      for (int i = 0; ; i++) {
        write(out, "x-" + i + ": 1\r\n");
        LockSupport.parkNanos(20_000_000);
      }
    });
  }

  @Test
  void aBodyThatNeverEndsIsCutAtItsBound() throws Exception {
    byte[] chunk = "400\r\n%s\r\n".formatted(" ".repeat(1_024)).getBytes(StandardCharsets.US_ASCII);
    ends(request(100_000), Failure.Kind.UNDECODABLE, "larger than 100,000 bytes", (_, out, _) -> {
      write(out, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      while (true) {
        out.write(chunk);
      }
    });
  }

  @Test
  void tenMegabytesOfSpacesAreRefusedByTheirAnnouncement() throws Exception {
    ends(
        new SourceRequest("/x", Map.of(), 1),
        Failure.Kind.UNDECODABLE,
        "announced 10485760 bytes",
        (_, out, _) -> {
          write(out, "HTTP/1.1 200 OK\r\ncontent-length: 10485760\r\n\r\n");
          out.write(" ".repeat(10 << 20).getBytes(StandardCharsets.US_ASCII));
        });
  }

  @Test
  void aBodyAsLargeAsAllowedArrives() throws Exception {
    String body = " ".repeat(50_000);
    try (RawServer server =
        RawServer.always("HTTP/1.1 200 OK\r\ncontent-length: 50000\r\n\r\n" + body)) {
      assertThat(get(server.uri(), request(50_000), LONG).body()).hasSize(50_000);
      assertThat(failure(server.uri(), request(49_999), LONG).kind())
          .isEqualTo(Failure.Kind.UNDECODABLE);
    }
  }

  @Test
  void aBodyShorterThanAnnouncedIsAConnectionFailure() throws Exception {
    ends(request(1_000), Failure.Kind.CONNECTION, "after 2 bytes of the body", (_, out, _) -> {
      write(out, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}");
      out.close();
    });
  }

  @Test
  void gzipIsReadAndBoundInBothForms() throws Exception {
    byte[] plain = "[1,2,3]".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
    try (RawServer server = gzip(gzipped(plain))) {
      assertThat(get(server.uri(), request(70_000), LONG).body()).isEqualTo(plain);
      assertThat(failure(server.uri(), request(69_999), LONG))
          .satisfies(f -> assertThat(f.kind()).isEqualTo(Failure.Kind.UNDECODABLE))
          .satisfies(f -> assertThat(f.message()).contains("larger than 69,999 bytes"));
    }
  }

  @Test
  void aCompressionBombIsRefused() throws Exception {
    // 100 MB of zeros in 100 kB
    try (RawServer server = gzip(gzipped(new byte[100 << 20]))) {
      assertThat(
              failure(server.uri(), new SourceRequest("/x", Map.of(), 1), LONG).message())
          .contains("larger than 8,388,608 bytes");
    }
  }

  @Test
  void brokenGzipAndOtherEncodingsAreUndecodable() throws Exception {
    byte[] whole = gzipped("{\"a\":1}".repeat(100).getBytes(StandardCharsets.US_ASCII));
    try (RawServer truncated = gzip(java.util.Arrays.copyOf(whole, whole.length - 9));
        RawServer liar = gzip("{\"a\":1}".getBytes(StandardCharsets.US_ASCII));
        RawServer brotli = RawServer.always(
            "HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 1\r\n\r\nx")) {
      for (RawServer server : List.of(truncated, liar, brotli)) {
        assertThat(failure(server.uri(), request(10_000), LONG).kind())
            .isEqualTo(Failure.Kind.UNDECODABLE);
      }
    }
  }

  @Test
  void whatIsNotHttpIsAConnectionFailureAndIsHungUpOn() throws Exception {
    for (String garbage : List.of(
        "\u0000\u0001\u0002\u0003 nonsense\r\n\r\n",
        "SSH-2.0-OpenSSH_9.6\r\n",
        "HTTP/9.9 banana\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: minus one\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        "HTTP/1.1 200 OK\r\nx: " + "y".repeat(100_000) + "\r\n\r\n")) {
      try (RawServer server = new RawServer((_, out, _) -> {
        write(out, garbage);
        out.close();
      })) {
        Failure failure = failure(server.uri(), request(1_000), LONG);
        assertThat(failure.kind()).as("%s", garbage).isEqualTo(Failure.Kind.CONNECTION);
        await(() -> server.open() == 0);
      }
    }
  }

  /// What a server says after its answer must not become the next call's answer.
  @Test
  void anAnswerThatNobodyAskedForIsNotTakenForTheNext() throws Exception {
    String one = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";
    try (RawServer server = new RawServer((head, out, _) ->
        write(out, head.contains("/first") ? one + "{}" + one + "!!" : one + "ok"))) {
      get(server.uri(), new SourceRequest("/first", Map.of(), 1), LONG);
      for (int i = 0; i < 3; i++) {
        try {
          byte[] body =
              get(server.uri(), new SourceRequest("/then", Map.of(), 1), LONG).body();
          assertThat(new String(body, StandardCharsets.US_ASCII)).isEqualTo("ok");
        } catch (TransportException e) {
          assertThat(e.failure().kind()).isEqualTo(Failure.Kind.CONNECTION);
        }
      }
    }
  }

  @Test
  void moreCallsThanConnectionsWaitAndNoneOutlivesItsDeadline() throws Exception {
    try (RawServer server = new RawServer((_, _, in) -> RawServer.silence(in))) {
      List<Future<HttpResult>> calls = new ArrayList<>();
      long begin = System.nanoTime();
      for (int i = 0; i < 200; i++) {
        calls.add(transport.fetch(server.uri(), request(1_000), SHORT));
      }
      for (Future<HttpResult> call : calls) {
        assertThat(failureOf(call).kind()).isIn(Failure.Kind.TIMEOUT, Failure.Kind.CONNECTION);
      }
      assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(5));
      await(() -> server.open() == 0);
    }
  }

  /// The same pool serves on after each kind of trouble: nothing is left taken.
  @Test
  void aHostThatComesBackIsServedAgain() throws Exception {
    AtomicBoolean healed = new AtomicBoolean();
    try (RawServer server = new RawServer((_, out, in) -> {
      if (!healed.get()) {
        RawServer.silence(in);
      }
      write(out, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    })) {
      for (int i = 0; i < 3 * HttpTransport.POOL_MAX; i++) {
        transport.fetch(server.uri(), request(1_000), TimeUnit.MILLISECONDS.toNanos(50));
      }
      await(() -> server.accepted.get() >= HttpTransport.POOL_MAX && server.open() == 0);
      healed.set(true);
      for (int i = 0; i < 50; i++) {
        assertThat(get(server.uri(), request(1_000), LONG).status()).isEqualTo(200);
      }
    }
  }

  @Test
  void noTimeAtAllIsATimeoutWithoutACall() throws Exception {
    try (RawServer server = RawServer.always("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")) {
      assertThat(failure(server.uri(), request(1_000), 0).kind()).isEqualTo(Failure.Kind.TIMEOUT);
      assertThat(get(server.uri(), request(1_000), Long.MAX_VALUE).status()).isEqualTo(200);
      assertThat(failure(server.uri(), request(1_000), -5).kind()).isEqualTo(Failure.Kind.TIMEOUT);
      assertThat(server.accepted).hasValue(1);
    }
  }

  /// Seeded garbage in place of an answer: every call ends, and no connection is left.
  @Test
  void mutatedAnswersAlwaysEndTheCall() throws Exception {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
    byte[] good =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 13\r\n\r\n{\"price\":\"1\"}"
            .getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = good.clone();
      for (int m = random.nextInt(4); m >= 0; m--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try (RawServer server = new RawServer((_, out, _) -> {
        out.write(bytes);
        out.close();
      })) {
        Future<HttpResult> call = transport.fetch(server.uri(), request(1_000), SHORT);
        try {
          await(call);
        } catch (TransportException e) {
          assertThat(e.failure().message()).startsWith("127.0.0.1:");
        }
        await(() -> server.open() == 0);
      }
    }
  }

  private void times(Failure.Kind kind, String message, RawServer.Script script) throws Exception {
    check(request(1 << 20), SHORT, kind, message, script);
  }

  private void ends(
      SourceRequest request, Failure.Kind kind, String message, RawServer.Script script)
      throws Exception {
    check(request, LONG, kind, message, script);
  }

  /// The call fails as it should, and the connection is closed.
  private void check(
      SourceRequest request,
      long timeout,
      Failure.Kind kind,
      String message,
      RawServer.Script script)
      throws Exception {
    try (RawServer server = new RawServer(script)) {
      Failure failure = failure(server.uri(), request, timeout);
      assertThat(failure.kind()).isEqualTo(kind);
      assertThat(failure.message()).contains(message).startsWith("127.0.0.1:");
      await(() -> server.open() == 0);
    }
  }

  private static RawServer gzip(byte[] body) throws IOException {
    return new RawServer((_, out, _) -> {
      write(
          out,
          "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: " + body.length
              + "\r\n\r\n");
      out.write(body);
    });
  }

  private static byte[] gzipped(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }

  private static SourceRequest request(int bodyMaxBytes) {
    return new SourceRequest("/x", Map.of(), 1, bodyMaxBytes);
  }

  private HttpResult get(URI base, SourceRequest request, long timeout) throws Exception {
    return await(transport.fetch(base, request, timeout));
  }

  private Failure failure(URI base, SourceRequest request, long timeout) throws Exception {
    return failureOf(transport.fetch(base, request, timeout));
  }

  private static Failure failureOf(Future<HttpResult> call) throws Exception {
    try {
      throw new AssertionError("expected a failure, was " + await(call).status());
    } catch (TransportException e) {
      return e.failure();
    }
  }

  private static HttpResult await(Future<HttpResult> call) throws Exception {
    try {
      return call.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TransportException expected) {
        throw expected;
      }
      throw e;
    } catch (TimeoutException e) {
      throw new AssertionError("the call never ended", e);
    } catch (CompletionException e) {
      throw new AssertionError("unexpected failure", e);
    }
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("did not become true within 10 s");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }
}
