package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.access.IssuedKey;
import dev.everfeed.hub.access.KeyFile;
import dev.everfeed.hub.access.Pem;
import dev.everfeed.hub.access.Role;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.store.TestDatabase;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// What somebody with time would try on a hub that others can reach: a real one, listening on every
/// address, with TLS, keys, accounts and a database. Everything that it says is kept, and searched
/// for the secrets that it was given.
@Timeout(180)
class SecurityScanTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ACCOUNT_SECRET = "PLANTED-account-secret";
  private static final String ENCRYPTION_KEY = "UExBTlRFRC1lbmNyeXB0aW9uLWtleS1vZi0zMi1ieXQ=";
  private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir
  Path folder;

  private final Map<Role, IssuedKey> keys = new EnumMap<>(Role.class);
  private final List<String> said = new ArrayList<>();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private Level levelBefore;
  private Venues venues;
  private TestDatabase database;
  private Pem pem;
  private Hub hub;
  private HttpClient client;
  private SSLContext tls;

  @BeforeEach
  void start() throws Exception {
    levelBefore = root.getLevel();
    root.setLevel(Level.DEBUG);
    log.start();
    root.addAppender(log);
    venues = Venues.start(VenuesConfig.onFreePorts(InstantSource.system())
        .withTradesPerSecond(Symbol.of("BTC/USDT"), 20)
        .withLines("binance"));
    database = TestDatabase.create();
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    pem = Pem.write(folder, "hub", now.minusSeconds(60), now.plus(Duration.ofDays(30)));
    KeyFile file = new KeyFile(KeyFile.under(data()));
    for (Role role : Role.values()) {
      keys.put(role, file.create(role.text(), role, MADE, null));
    }
    tls = trusting(pem);
    client = HttpClient.newBuilder().sslContext(tls).build();
    Settings settings = Settings.parse(
        """
        http: {port: 0, host: 0.0.0.0, tls: {certificate_file: '%s', key_file: '%s'}}
        data_dir: "%s"
        store: {url: '%s'}
        accounts: {keys: 'k1:%s'}
        symbols: [BTC/USDT]
        sources: {binance: {base_url: "%s"}}
        routes: {prices: {providers: [binance]}, bars: {providers: [binance]}, trades: {providers: [binance]}}
        stream:
          sources: [binance]
          zeromq: {enabled: false}
          gateways: {first: {source: binance, stream_url: "%s"}}
        refresh: {every: 1m, intervals: []}
        """.formatted(
                pem.chain(),
                pem.key(),
                data(),
                database.url(),
                ENCRYPTION_KEY,
                venues.baseUrl("binance"),
                line()),
        Map.of());
    said.add(settings.toString());
    hub = Hub.start(settings, "everfeed.yaml");
  }

  @AfterEach
  void stop() throws IOException {
    hub.close();
    client.close();
    database.close();
    venues.close();
    root.detachAppender(log);
    root.setLevel(levelBefore);
  }

  private Path data() {
    return folder.resolve("data");
  }

  private String line() {
    return venues.baseUrl("binance").toString().replaceFirst("^http", "ws");
  }

  private static SSLContext trusting(Pem pem) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {pem.bundle().toTrustManager()}, null);
    return context;
  }

  private HttpResponse<String> ask(String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(
            URI.create("https://localhost:%d%s".formatted(hub.port(), path)))
        .timeout(Duration.ofSeconds(30))
        .method(
            method,
            body.isEmpty()
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<String> got = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    synchronized (said) {
      said.add(got.headers().map() + got.body());
    }
    return got;
  }

  private HttpResponse<String> as(Role role, String method, String path, String body)
      throws Exception {
    return ask(
        method,
        path,
        body,
        "authorization",
        "Bearer " + shown(role),
        "content-type",
        "application/json",
        "if-match",
        "*");
  }

  private String shown(Role role) {
    return Objects.requireNonNull(keys.get(role)).text().reveal();
  }

  // ---- secrets

  /// Every operation of the document, as everybody, with right and wrong values; then everything
  /// that was said, logged and written.
  @Test
  void noSecretIsInAnythingThatTheHubSaysLogsOrWrites() throws Exception {
    eventually(() -> as(Role.ADMIN, "GET", "/v1/accounts", "").body().contains("\"database\""));
    HttpResponse<String> made =
        as(Role.ADMIN, "POST", "/v1/accounts", """
        {"id":"second","gateway_type":"binance","settings":{"stream_url":"%s"},"secrets":{"api_key":"%s"}}""".formatted(line(), ACCOUNT_SECRET));
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    for (String slip : List.of(
        "{\"api_secret\":\"%s\"}",
        "{\"settings\":{\"api_key\":\"%s\"}}",
        "{\"secrets\":\"%s\"}",
        "{\"secrets\":{\"no_such_name\":\"%s\"}}",
        "{\"description\": 7, \"secrets\":{\"api_key\":[\"%s\"]}}",
        "{\"secrets\":{\"api_key\":\"%s\"")) {
      as(Role.ADMIN, "PATCH", "/v1/accounts/second", slip.formatted(ACCOUNT_SECRET));
      ask(
          "PUT",
          "/v1/accounts/second",
          slip.formatted(ACCOUNT_SECRET),
          "authorization",
          "Bearer " + shown(Role.ADMIN),
          "content-type",
          "application/json"); // without If-Match: refused before it is read, and written down
    }
    JsonNode paths = new ObjectMapper(new YAMLFactory())
        .readTree(Path.of(System.getProperty("everfeed.project"), "docs/api/openapi.yaml")
            .toFile())
        .get("paths");
    int asked = 0;
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        String method = operation.getKey().toUpperCase(Locale.ROOT);
        if (method.equals("PARAMETERS") || path.getKey().equals("/v1/accounts/{id}")) {
          continue;
        }
        String filled = path.getKey().replaceAll("\\{\\w+}", "second");
        String body = method.equals("GET") ? "" : "{\"reason\":\"x\",\"symbols\":[\"BTC/USDT\"]}";
        for (Role role : Role.values()) {
          as(role, method, filled, body);
          asked++;
        }
        ask(method, filled + "?symbol=BTC/USDT&from=x&id=" + shown(Role.ADMIN), body);
      }
    }
    assertThat(asked).isGreaterThan(100);
    as(Role.READER, "GET", "/v1/price?symbol=" + shown(Role.ADMIN), "");
    hub.close();

    List<String> secrets = new ArrayList<>(List.of(
        ACCOUNT_SECRET,
        ENCRYPTION_KEY,
        Files.readString(pem.key()).lines().skip(1).findFirst().orElseThrow()));
    String password = URI.create(database.url()).getUserInfo().split(":", 2)[1];
    if (password.length() >= 8) {
      secrets.add(password);
    }
    for (Role role : List.of(Role.READER, Role.OPERATOR)) {
      secrets.add(shown(role).substring(18)); // the admin's was asked for by name, above
    }
    List<String> everything = new ArrayList<>(said);
    List.copyOf(log.list).forEach(event -> {
      everything.add(event.getFormattedMessage());
      for (var cause = event.getThrowableProxy(); cause != null; cause = cause.getCause()) {
        everything.add(cause.getClassName() + ": " + cause.getMessage());
      }
    });
    try (Stream<Path> files = Files.walk(data())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        everything.add(
            file + ": " + new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    for (String secret : secrets) {
      for (String text : everything) {
        assertThat(text.contains(secret))
            .as(() -> "%s… in %s"
                .formatted(secret.substring(0, 6), text.substring(0, Math.min(400, text.length()))))
            .isFalse();
      }
    }
    assertThat(log.list).anyMatch(event -> event.getFormattedMessage().contains("accounts"));
    assertThat(said).anyMatch(text -> text.contains("unauthorised"));
  }

  // ---- the way

  @Test
  void whoDoesNotSpeakTlsOrOnlyAnOldOneGetsNothing() throws Exception {
    try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), hub.port())) {
      plain.setSoTimeout(10_000);
      plain
          .getOutputStream()
          .write("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(plain.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
          .doesNotContain("HTTP/");
    }
    for (int minor : List.of(1, 2)) { // TLS 1.0 and 1.1, which no Java would send any more
      try (Socket old = new Socket(InetAddress.getLoopbackAddress(), hub.port())) {
        old.setSoTimeout(10_000);
        old.getOutputStream().write(hello(minor));
        byte[] alert = old.getInputStream().readNBytes(7);
        assertThat(alert).as("a fatal alert: %d", minor).hasSize(7).startsWith(21);
        assertThat(alert[5]).isEqualTo((byte) 2);
        assertThat(alert[6]).as("protocol_version (RFC 5246, 7.2)").isEqualTo((byte) 70);
      }
    }
    assertThat(as(Role.READER, "GET", "/health/live", "")
            .headers()
            .firstValue("strict-transport-security"))
        .contains("max-age=31536000");
  }

  /// The first message of a client that knows no later version (RFC 5246, section 7.4.1.2).
  private static byte[] hello(int minor) {
    byte[] body = new byte[2 + 32 + 1 + 2 + 4 + 2];
    body[0] = 3;
    body[1] = (byte) minor;
    body[36] = 4; // bytes of cipher suites
    body[37] = (byte) 0xc0;
    body[38] = 0x13; // ECDHE_RSA_WITH_AES_128_CBC_SHA
    body[39] = (byte) 0xc0;
    body[40] = 0x09; // ECDHE_ECDSA_WITH_AES_128_CBC_SHA
    body[41] = 1; // one way of compression: none
    byte[] all = new byte[9 + body.length];
    all[0] = 22;
    all[1] = 3;
    all[2] = 1;
    all[4] = (byte) (4 + body.length);
    all[5] = 1;
    all[8] = (byte) body.length;
    System.arraycopy(body, 0, all, 9, body.length);
    return all;
  }

  @Test
  void aNewCertificateIsShownWithoutARestartAndABrokenOneIsNot() throws Exception {
    assertThat(subject(tls)).isEqualTo("CN=hub");
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    Pem next = Pem.write(folder, "next", now.minusSeconds(60), now.plus(Duration.ofDays(60)));
    Files.writeString(pem.chain(), Files.readString(next.chain())); // without its key, yet
    eventually(() -> as(Role.READER, "GET", "/health", "").body().contains("stays in use"));
    assertThat(subject(tls)).isEqualTo("CN=hub");

    Files.writeString(pem.key(), Files.readString(next.key()));
    SSLContext other = trusting(next);
    eventually(() -> {
      try {
        return subject(other).equals("CN=next");
      } catch (SSLException e) {
        return false;
      }
    });
    assertThat(as(Role.READER, "GET", "/metrics", "").body())
        .contains("everfeed_tls_certificate_expires_seconds");
  }

  private String subject(SSLContext context) throws IOException {
    try (SSLSocket socket = (SSLSocket)
        context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), hub.port())) {
      socket.startHandshake();
      X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return shown.getSubjectX500Principal().getName();
    }
  }

  // ---- what is tried on every server

  @Test
  void noPathLeadsToAFile() throws Exception {
    for (String path : List.of(
        "/..%2f..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/v1/../../etc/passwd",
        "/openapi.yaml/../../keys/api-keys.json",
        "/openapi.yaml%00.html",
        "/keys/api-keys.json",
        "/.git/config",
        "/..;/health",
        "/%5c..%5cetc",
        "/dev/everfeed/hub/api/landing.html",
        "//evil.example/")) {
      String answer = raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
          + shown(Role.ADMIN) + "\r\nConnection: close\r\n\r\n");
      assertThat(answer).as(path).matches("(?s)HTTP/1.1 4\\d\\d .*");
      assertThat(answer).doesNotContain("root:").doesNotContain("sha256:");
    }
  }

  @Test
  void headersThatShouldChangeWhoOneIsDoNot() throws Exception {
    for (String header : List.of(
        "X-Forwarded-For: 127.0.0.1",
        "X-Real-IP: 127.0.0.1",
        "X-Original-URL: /v1/price?symbol=BTC/USDT",
        "X-HTTP-Method-Override: GET",
        "Forwarded: for=127.0.0.1;proto=https",
        "Host: 127.0.0.1",
        "Everfeed-Operator: admin",
        "Cookie: key=" + shown(Role.ADMIN),
        "Authorization: Basic YWRtaW46YWRtaW4=")) {
      String host = header.startsWith("Host") ? "" : "Host: localhost\r\n";
      String answer = raw(
          "POST /v1/control/freeze HTTP/1.1\r\n" + host + header
              + "\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
      assertThat(answer).as(header).startsWith("HTTP/1.1 401");
    }
    assertThat(as(Role.OPERATOR, "GET", "/v1/control", "").body()).contains("\"frozen\":null");
  }

  @Test
  void aFrameWithoutEndIsNotReadToItsEnd() throws Exception {
    try (SSLSocket socket = webSocket()) {
      OutputStream out = socket.getOutputStream();
      out.write(
          new byte[] {(byte) 0x81, (byte) 0xff, 0x3f, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0});
      out.flush();
      assertThat(closeCode(socket.getInputStream())).isEqualTo(1009);
    }
    try (SSLSocket socket = webSocket()) {
      OutputStream out = socket.getOutputStream();
      boolean first = true;
      int code = 0;
      try {
        for (int i = 0; i < 10_000 && socket.getInputStream().available() == 0; i++) {
          out.write(new byte[] {(byte) (first ? 1 : 0), (byte) 0x82, 0, 0, 0, 0, ' ', ' '});
          first = false;
        }
        code = closeCode(socket.getInputStream());
      } catch (IOException e) {
        code = -1; // cut off while it wrote on
      }
      assertThat(code).isIn(1008, -1);
    }
    assertThat(as(Role.READER, "GET", "/health/live", "").statusCode()).isEqualTo(200);
  }

  private SSLSocket webSocket() throws IOException {
    SSLSocket socket = (SSLSocket)
        tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), hub.port());
    socket.setSoTimeout(10_000);
    socket
        .getOutputStream()
        .write(("GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                + "Sec-WebSocket-Version: 13\r\nAuthorization: Bearer " + shown(Role.READER)
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) socket.getInputStream().read());
    }
    assertThat(head.toString()).startsWith("HTTP/1.1 101");
    return socket;
  }

  private static int closeCode(InputStream in) throws IOException {
    while (true) {
      int kind = in.read();
      if (kind < 0) {
        throw new IOException("ended without a closing frame");
      }
      byte[] payload = in.readNBytes(in.read());
      if ((kind & 0xf) == 8) {
        return (payload[0] & 0xff) << 8 | payload[1] & 0xff;
      }
    }
  }

  /// Over a minute that would be tens of thousands; each costs one hash.
  @Test
  void whileWrongKeysPourInARightOneIsServed() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> wrong = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        String key = "everfeed_%08d_%s".formatted(i, "A".repeat(43));
        wrong.add(threads.submit(() ->
            ask("GET", "/v1/control", "", "authorization", "Bearer " + key).statusCode()));
      }
      for (int i = 0; i < 20; i++) {
        assertThat(as(Role.READER, "GET", "/health/scheduler", "").statusCode()).isEqualTo(200);
      }
      for (Future<Integer> each : wrong) {
        assertThat(each.get()).isEqualTo(401);
      }
    }
    assertThat(List.copyOf(log.list).stream()
            .filter(event -> event.getFormattedMessage().contains("since this was last told")))
        .hasSizeLessThan(10);
  }

  private String raw(String request) throws IOException {
    try (SSLSocket socket = (SSLSocket)
        tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), hub.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void eventually(Callable<Boolean> condition) throws Exception {
    long until = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not so after 40 s");
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}
