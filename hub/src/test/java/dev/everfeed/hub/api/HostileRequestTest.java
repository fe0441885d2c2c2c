package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.hub.config.HttpSettings;
import dev.everfeed.hub.config.Settings;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What readers get wrong, or do on purpose. Bytes are written to a socket by hand, because no
/// HTTP library would send them; after each of them the server still answers others.
@Timeout(60)
class HostileRequestTest {

  private static String request(String line, String... headers) {
    StringBuilder text = new StringBuilder(line).append(" HTTP/1.1\r\nHost: localhost\r\n");
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    return text.append("\r\n").toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static int statusOf(String response) {
    assertThat(response).startsWith("HTTP/1.");
    return Integer.parseInt(response.substring(9, 12));
  }

  /// The problem of the first response in the bytes, held against the reference.
  private static JsonNode problemOf(String response) throws IOException {
    assertThat(response.toLowerCase(java.util.Locale.ROOT))
        .contains("content-type: application/problem+json");
    JsonNode problem =
        RunningServer.JSON.readTree(response.substring(response.indexOf("\r\n\r\n") + 4));
    assertThat(Reference.mistakes("/components/schemas/Problem", problem)).isEmpty();
    return problem;
  }

  private static void assertStillAnswers(RunningServer hub) {
    assertThat(hub.get("/health/live").status()).isEqualTo(200);
  }

  /// The whole 10 MB are read and dropped, so that the reader sees the answer and an orderly end
  /// rather than a reset connection.
  @Test
  void aTenMegabyteQueryIsAnswered414AndTheConnectionEndsInOrder() throws Exception {
    try (RunningServer hub = new RunningServer()) {
      String answer =
          hub.raw(bytes(request("GET /v1/price?symbol=" + "A".repeat(10 * 1024 * 1024))));

      assertThat(statusOf(answer)).isEqualTo(414);
      assertThat(problemOf(answer).get("detail").asText()).contains("8,192 bytes");
      assertStillAnswers(hub);
    }
  }

  @Test
  void headersBeyondTheLimitAreAnswered431() throws Exception {
    try (RunningServer hub = new RunningServer()) {
      String answer = hub.raw(bytes(request("GET /health", "X: " + "a".repeat(200_000))));

      assertThat(statusOf(answer)).isEqualTo(431);
      assertThat(problemOf(answer).get("detail").asText()).contains("16,384 bytes");
      assertStillAnswers(hub);
    }
  }

  @Test
  void whatIsNotHttpIsAnswered400() throws Exception {
    try (RunningServer hub = new RunningServer()) {
      for (String junk : List.of(
          "\u0016\u0003\u0001\u0002\u0000\u0001 hello\r\n\r\n",
          "GET /health HTTP/1.1\r\nbad header\r\n\r\n",
          "GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
          "GET /health HTTP/9.9.9\r\n\r\n")) {
        String answer = hub.raw(bytes(junk));

        assertThat(statusOf(answer)).as(junk).isEqualTo(400);
        problemOf(answer);
      }
      assertStillAnswers(hub);
    }
  }

  @Test
  void brokenEncodingInTheQueryIsAnswered400() throws Exception {
    try (RunningServer hub = new RunningServer()) {
      for (String query : List.of(
          "symbol=%",
          "symbol=%4",
          "symbol=%zz",
          "symbol=%FF",
          "symbol=%C3%28",
          "%E2%82=1",
          "symbol=%ED%A0%80")) {
        String answer = hub.raw(bytes(request("GET /v1/price?" + query, "Connection: close")));

        assertThat(statusOf(answer)).as(query).isEqualTo(400);
        assertThat(problemOf(answer).get("type").asText())
            .isEqualTo("urn:everfeed:problem:bad-encoding");
      }
      for (byte raw : new byte[] {(byte) 0xff, (byte) 0xc3, (byte) 0x80}) {
        byte[] request = bytes(request("GET /v1/price?symbol=#", "Connection: close"));
        request[new String(request, StandardCharsets.ISO_8859_1).indexOf('#')] = raw;

        assertThat(statusOf(hub.raw(request))).isEqualTo(400);
      }
      assertStillAnswers(hub);
    }
  }

  @Test
  void brokenEncodingInThePathIsAClientsError() throws Exception {
    try (RunningServer hub = new RunningServer()) {
      for (String path :
          List.of("/v1/%", "/%zz", "/%FF", "/../../etc/passwd", "/v1//price", "*", "x")) {
        String answer = hub.raw(bytes(request("GET " + path, "Connection: close")));

        assertThat(statusOf(answer)).as(path).isBetween(400, 404);
        problemOf(answer);
      }
      assertStillAnswers(hub);
    }
  }

  @Test
  void anUnknownPathListsTheKnown() throws Exception {
    try (RunningServer hub = new RunningServer()) {
      RunningServer.Got got = hub.get("/v2/price");

      assertThat(got.status()).isEqualTo(404);
      assertThat(got.json().get("type").asText()).isEqualTo("urn:everfeed:problem:unknown-path");
      assertThat(got.json().get("valid").toString()).contains("\"/v1/price\"", "\"/metrics\"");
    }
  }

  @Test
  void anotherMethodIsAnswered405WithAllow() throws Exception {
    try (RunningServer hub = new RunningServer()) {
      for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "BREW")) {
        RunningServer.Got got = hub.send(method, "/v1/price?symbol=BTC/USDT");

        assertThat(got.status()).as(method).isEqualTo(405);
        assertThat(got.header("allow")).isEqualTo("GET, HEAD");
      }
    }
  }

  @Test
  void headAnswersLikeGetWithoutABody() throws Exception {
    try (RunningServer hub = new RunningServer()) {
      RunningServer.Got get = hub.get("/health/ready");
      RunningServer.Got head = hub.send("HEAD", "/health/ready");

      assertThat(head.status()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      assertThat(head.header("content-length")).isEqualTo("" + get.body().length());
      assertThat(hub.send("HEAD", "/v1/price").status()).isEqualTo(400);
    }
  }

  @Test
  void everyAnswerForbidsGuessingItsType() throws Exception {
    try (RunningServer hub = new RunningServer()) {
      for (String path : List.of("/", "/health", "/nothing", "/v1/price", "/metrics")) {
        assertThat(hub.get(path).header("x-content-type-options")).as(path).isEqualTo("nosniff");
        assertThat(hub.get(path).header("access-control-allow-origin")).isEmpty();
      }
      assertThat(hub.get("/").header("content-security-policy")).contains("default-src 'none'");
    }
  }

  @Test
  void aSmallBodyIsDroppedAndTheConnectionStaysGood() throws Exception {
    try (RunningServer hub = new RunningServer();
        Socket socket = hub.socket()) {
      String first = request("GET /health/live", "Content-Length: 5") + "hello";
      // of one in chunks the end may be seen elsewhere by others, so it is a connection's last
      String second =
          request("GET /health/live", "Transfer-Encoding: chunked") + "3\r\nabc\r\n0\r\n\r\n";
      socket
          .getOutputStream()
          .write(bytes(first + second + request("GET /health/live", "Connection: close")));

      String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(3);
    }
  }

  @Test
  void aLargeBodyIsAnswered413() throws Exception {
    try (RunningServer hub = new RunningServer()) {
      String answer = hub.raw(bytes(request("GET /health", "Content-Length: 99999999999") + "x"));

      assertThat(statusOf(answer)).isEqualTo(413);
      problemOf(answer);
      assertStillAnswers(hub);
    }
  }

  @Test
  void aBodyWithoutEndIsCutOff() throws Exception {
    try (RunningServer hub = new RunningServer();
        Socket socket = hub.socket()) {
      OutputStream out = socket.getOutputStream();
      out.write(bytes(request("GET /health/live", "Transfer-Encoding: chunked")));
      byte[] chunk = bytes("1000\r\n" + "x".repeat(4_096) + "\r\n");

      assertThatThrownBy(() -> {
            for (int i = 0; i < 20_000; i++) {
              out.write(chunk);
            }
          })
          .isInstanceOf(SocketException.class);
      assertStillAnswers(hub);
    }
  }

  /// One byte at a time, often enough never to be idle: the clock of the test says that the
  /// time is over, and the connection is closed.
  @Test
  void aRequestThatNeverGetsCompleteIsClosed() throws Exception {
    try (RunningServer hub = new RunningServer();
        Socket socket = hub.socket()) {
      socket.getOutputStream().write(bytes("GET /health HTTP/1.1\r\nHost: "));
      assertStillAnswers(hub);

      hub.nanos.addAndGet(31 * CannedDesk.SECOND);

      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aConnectionThatSaysNothingIsClosed() throws Exception {
    try (RunningServer hub = new RunningServer("idle_timeout: 200ms");
        Socket socket = hub.socket()) {
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void connectionsBeyondTheLimitAreClosedAndCounted() throws Exception {
    try (RunningServer hub = new RunningServer("max_connections: 2");
        Socket first = hub.socket()) {
      assertThat(hub.get("/health/live").status()).isEqualTo(200);

      try (Socket third = hub.socket()) {
        assertThat(third.getInputStream().read()).isEqualTo(-1);
      }

      assertThat(hub.server.openConnections()).isEqualTo(2);
      assertThat(hub.metrics.page()).contains("everfeed_http_connections_refused_total 1");
      assertThat(first.isClosed()).isFalse();
    }
  }

  /// A reader that goes away before its answer must cost nothing later.
  @Test
  void aReaderThatLeavesBeforeTheAnswerHarmsNobody() throws Exception {
    try (RunningServer hub = new RunningServer()) {
      io.vertx.core.Promise<dev.everfeed.core.request.Reply> later =
          io.vertx.core.Promise.promise();
      hub.desk.answer = _ -> later.future();
      try (Socket socket = hub.socket()) {
        socket.getOutputStream().write(bytes(request("GET /v1/price?symbol=BTC/USDT")));
        while (hub.desk.asked.isEmpty()) {
          Thread.onSpinWait();
        }
      }
      while (hub.server.openConnections() > 0) {
        Thread.onSpinWait();
      }

      later.complete(CannedDesk.value(
          hub.desk.asked.getFirst(),
          CannedDesk.BINANCE,
          List.of(CannedDesk.price(CannedDesk.BTC, CannedDesk.BINANCE, "1")),
          ValueStatus.LIVE,
          0));

      assertStillAnswers(hub);
    }
  }

  /// The answers to requests that were sent together come in their order.
  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    try (RunningServer hub = new RunningServer()) {
      hub.desk.answer = query -> Future.succeededFuture(CannedDesk.value(
          query,
          CannedDesk.BINANCE,
          List.of(CannedDesk.price(CannedDesk.BTC, CannedDesk.BINANCE, "1")),
          ValueStatus.LIVE,
          0));
      try (Socket socket = hub.socket()) {
        socket
            .getOutputStream()
            .write(bytes(request("GET /health/ready")
                + request("GET /v1/price?symbol=BTC/USDT")
                + request("GET /health/live", "Connection: close")));
        InputStream in = socket.getInputStream();
        String answers = new String(in.readAllBytes(), StandardCharsets.UTF_8);

        assertThat(answers.indexOf("\"ready\"")).isBetween(0, answers.indexOf("\"price\""));
        assertThat(answers.indexOf("\"price\"")).isLessThan(answers.indexOf("\"live\":"));
      }
    }
  }

  @Test
  void aPortInUseIsSaidWithTheSettingToChange() throws Exception {
    try (RunningServer hub = new RunningServer();
        ServerSocket other = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      HttpSettings http = Settings.parse(
              "http: {port: %d}".formatted(other.getLocalPort()), Map.of())
          .http();

      assertThatThrownBy(() -> hub.start(http))
          .isInstanceOf(ListenException.class)
          .hasMessageStartingWith(
              "http.port: %d is in use at 127.0.0.1; ".formatted(other.getLocalPort()));
    }
  }

  @Test
  void anAddressOfAnotherMachineIsSaid() throws Exception {
    try (RunningServer hub = new RunningServer()) {
      HttpSettings http =
          Settings.parse("http: {port: 0, host: 192.0.2.1}", Map.of()).http();

      assertThatThrownBy(() -> hub.start(http))
          .isInstanceOf(ListenException.class)
          .hasMessageStartingWith("http.host: 192.0.2.1 is no address of this machine");
    }
  }
}
