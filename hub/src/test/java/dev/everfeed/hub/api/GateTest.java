package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.access.Access;
import dev.everfeed.hub.access.IssuedKey;
import dev.everfeed.hub.access.KeyFile;
import dev.everfeed.hub.access.Role;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.publish.Gateway;
import dev.everfeed.hub.publish.Publisher;
import io.vertx.core.http.HttpMethod;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who is let in with which key, over real sockets.
@Timeout(60)
class GateTest {
  private static final Instant EARLIER = Instant.EPOCH;

  @TempDir
  Path folder;

  @SuppressWarnings("NullAway.Init") // started by each test
  private RunningServer hub;

  @AfterEach
  void stop() {
    if (hub != null) {
      hub.close();
    }
  }

  private KeyFile file() {
    return new KeyFile(KeyFile.under(folder));
  }

  private IssuedKey issue(Role role) throws Exception {
    return file().create(role.text(), role, EARLIER, null);
  }

  private static String[] shows(IssuedKey key) {
    return new String[] {"authorization", "Bearer " + key.text().reveal()};
  }

  private Access start(String... http) {
    Settings settings = Settings.parse(
        "{data_dir: \"%s\", http: {port: 0, %s}}".formatted(folder, String.join(", ", http)),
        Map.of());
    Access access = Access.open(settings, "everfeed.yaml");
    hub = new RunningServer(access, settings);
    return access;
  }

  private void streams() {
    hub.desk.publications = new Publisher(
            LiveFixture.STREAMS,
            List.of(new Gateway("binance", new SourceId("binance"), "binance")),
            LiveFixture.EPOCH,
            1 << 20)
        .publications();
  }

  private static String type(RunningServer.Got got) {
    return got.json().get("type").asText().replace("urn:everfeed:problem:", "");
  }

  // ---- keys

  @Test
  void whatIsForEverybodyIsAnsweredWithoutAKeyAndNothingElse() throws Exception {
    issue(Role.READER);
    start();
    List<String> open = new ArrayList<>();
    for (Endpoint endpoint : hub.server.endpoints()) {
      RunningServer.Got got = hub.get(endpoint.path().replaceAll("\\{\\w+}", "x"));
      if (got.status() != 401) {
        open.add(endpoint.path());
      } else {
        assertThat(got.header("www-authenticate")).isEqualTo("Bearer realm=\"everfeed\"");
      }
    }
    assertThat(open)
        .containsExactlyInAnyOrder(
            "/", "/health/live", "/health/ready", "/openapi.yaml", "/asyncapi.yaml");
  }

  /// The document says who may what, and each role is tried on each operation.
  @Test
  void eachOperationIsDoneForWhoHasItsRoleAndForNobodyBelow() throws Exception {
    Map<Role, IssuedKey> keys = new TreeMap<>();
    for (Role role : Role.values()) {
      keys.put(role, issue(role));
    }
    start();
    int tried = 0;
    for (Endpoint endpoint : hub.server.endpoints()) {
      for (String method :
          endpoint.allowed().replace("HEAD, ", "").replace("HEAD", "").split(", ")) {
        JsonNode operation = Reference.DOCUMENT
            .get("paths")
            .get(endpoint.path())
            .get(method.toLowerCase(Locale.ROOT));
        String named = operation.path("x-role").asText("");
        assertThat(named.isEmpty()).isEqualTo(operation.has("security"));
        Role needed = Role.of(named).orElse(null);
        assertThat(
                method.equals("GET")
                    ? endpoint.reads()
                    : Objects.requireNonNull(endpoint.actions().get(HttpMethod.valueOf(method)))
                        .role())
            .as(method + " " + endpoint.path())
            .isEqualTo(needed);
        for (Map.Entry<Role, IssuedKey> key : keys.entrySet()) {
          String path = endpoint.path().replaceAll("\\{\\w+}", "x");
          RunningServer.Got got = method.equals("GET")
              ? hub.get(path, shows(key.getValue()))
              : hub.order(method, path, "{", shows(key.getValue()));
          boolean may = needed == null || key.getKey().covers(needed);
          String what = "%s %s as %s".formatted(method, path, key.getKey());
          if (may) {
            assertThat(got.status()).as(what).isNotIn(401, 403);
          } else {
            assertThat(got.status()).as(what).isEqualTo(403);
            assertThat(type(got)).as(what).isEqualTo("role-too-low");
          }
          tried++;
        }
      }
    }
    assertThat(tried).isGreaterThan(120);
  }

  @Test
  void aKeyThatIsUnknownWrongTwiceOrNoneIsNotLetIn() throws Exception {
    String right = issue(Role.READER).text().reveal();
    start();
    String other = file().create("x", Role.ADMIN, EARLIER, null).text().reveal(); // not read yet
    for (String wrong : List.of(
        "Bearer " + other,
        "Bearer " + right.substring(0, 60),
        "Bearer " + right + "x",
        "Bearer",
        "Bearer ",
        "Basic " + right,
        right,
        "Bearer " + right + " " + right,
        "Bearer " + "a".repeat(8_000))) {
      RunningServer.Got got = hub.get("/v1/price?symbol=BTC/USDT", "authorization", wrong);
      assertThat(got.status()).as(wrong).isEqualTo(401);
      assertThat(got.body())
          .doesNotContain(right.substring(20))
          .doesNotContain(other.substring(20));
    }
    RunningServer.Got twice =
        hub.get("/health", "authorization", "Bearer " + right, "authorization", "Bearer " + right);
    assertThat(twice.status()).isEqualTo(401);
    assertThat(hub.get("/health", "authorization", "bearer " + right).status()).isEqualTo(200);
  }

  @Test
  void aKeyInTheAddressIsNoKeyAndIsNotRepeated() throws Exception {
    String right = issue(Role.READER).text().reveal();
    start();

    RunningServer.Got got = hub.get("/health?key=" + right);

    assertThat(got.status()).isEqualTo(401);
    assertThat(got.body()).doesNotContain(right);
  }

  @Test
  void aRevokedAndAnExpiredKeyAreToldApartToTheirHolderOnly() throws Exception {
    IssuedKey revoked = issue(Role.READER);
    IssuedKey expired = file().create("e", Role.READER, EARLIER, Duration.ofDays(1));
    Access access = start();
    file().revoke(revoked.kept().id(), EARLIER);
    access.refresh();

    assertThat(hub.get("/health", shows(revoked)).json().get("title").asText())
        .isEqualTo("The key was revoked");
    assertThat(hub.get("/health", shows(expired)).json().get("title").asText())
        .isEqualTo("The key is over");
    String text = revoked.text().reveal();
    assertThat(hub.get("/health", "authorization", "Bearer " + text.substring(0, 60) + "_")
            .json()
            .get("title")
            .asText())
        .isEqualTo("The key is not known");
    assertThat(hub.metrics.page()).contains("reason=\"revoked\"", "reason=\"expired\"");
  }

  @Test
  void aThousandWrongKeysDoNotKeepARightOneOut() throws Exception {
    IssuedKey right = issue(Role.READER);
    start();
    String wrong = "Bearer everfeed_00000000_" + "0".repeat(43);

    for (int i = 0; i < 1_000; i++) {
      assertThat(hub.get("/health", "authorization", wrong).status()).isEqualTo(401);
    }

    assertThat(hub.get("/health", shows(right)).status()).isEqualTo(200);
    assertThat(hub.metrics.page())
        .contains("everfeed_http_refused_keys_total{reason=\"unknown\"} 1000.0");
  }

  @Test
  void aKeyThatAsksTooOftenIsToldToWaitAndOthersAreNot() throws Exception {
    IssuedKey eager = issue(Role.READER);
    IssuedKey other = issue(Role.READER);
    start("per_key: {requests_per_second: 2}");

    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      statuses.add(hub.get("/health", shows(eager)).status());
    }

    assertThat(statuses).containsExactly(200, 200, 200, 200, 429, 429);
    assertThat(hub.get("/health", shows(eager)).header("retry-after")).isEqualTo("1");
    assertThat(hub.get("/health", shows(other)).status()).isEqualTo(200);
    hub.nanos.addAndGet(CannedDesk.SECOND);
    assertThat(hub.get("/health", shows(eager)).status()).isEqualTo(200);
  }

  @Test
  void aKeyHasOnlySoManyConnectionsAndGetsThemBack() throws Exception {
    IssuedKey key = issue(Role.READER);
    start("per_key: {connections: 2}");
    byte[] request = ("GET /health HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
            + key.text().reveal() + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);

    try (var one = hub.socket();
        var two = hub.socket()) {
      for (var socket : List.of(one, two)) {
        socket.getOutputStream().write(request);
        assertThat(socket.getInputStream().read()).isEqualTo('H');
      }
      assertThat(hub.get("/health", shows(key)).status()).isEqualTo(429);
    }
    while (hub.get("/health", shows(key)).status() == 429) {
      Thread.onSpinWait(); // until the server has seen that they are gone; the test has a timeout
    }
  }

  // ---- where a request comes from

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "LOCALHOST"})
  void withoutKeysTheHubAnswersByItsOwnNames(String host) throws Exception {
    start();
    assertThat(hub.raw(plain("GET /health", "Host: " + host))).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8080",
        "192.0.2.1"
      })
  void withoutKeysAPageWhoseNameWasMadeToPointHereIsRefused(String host) throws Exception {
    start();
    assertThat(hub.raw(plain("GET /v1/price?symbol=BTC/USDT", "Host: " + host)))
        .startsWith("HTTP/1.1 421")
        .contains("wrong-host");
    assertThat(hub.raw(
            plain("GET /v1/stream", "Host: " + host, "Upgrade: websocket", "Connection: upgrade")))
        .startsWith("HTTP/1.1 421");
  }

  private static byte[] plain(String line, String... headers) {
    return (line + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\nConnection: close\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void ordersFromPagesOfOthersAreRefusedAlsoTheSimplestOnes() throws Exception {
    start("allowed_origins: [\"https://desk.example.com\"]");
    for (String origin : List.of("https://evil.example", "null", "http://desk.example.com")) {
      RunningServer.Got got = hub.send("POST", "/v1/gateways/binance/stop", "origin", origin);
      assertThat(got.status()).as(origin).isEqualTo(403);
      assertThat(type(got)).isEqualTo("foreign-origin");
    }
    RunningServer.Got allowed =
        hub.send("POST", "/v1/gateways/binance/stop", "origin", "https://desk.example.com");
    assertThat(allowed.status()).isNotEqualTo(403);
    assertThat(allowed.header("access-control-allow-origin")).isEqualTo("https://desk.example.com");
    RunningServer.Got own = hub.send(
        "POST", "/v1/gateways/binance/stop", "origin", "http://127.0.0.1:" + hub.server.port());
    assertThat(own.status()).isNotEqualTo(403);
  }

  @Test
  void aBrowserIsToldWhatAnAllowedPageMaySend() throws Exception {
    start("allowed_origins: [\"https://desk.example.com\"]");

    RunningServer.Got asked =
        hub.send("OPTIONS", "/v1/control/freeze", "origin", "https://desk.example.com");
    RunningServer.Got other =
        hub.send("OPTIONS", "/v1/control/freeze", "origin", "https://evil.example");

    assertThat(asked.status()).isEqualTo(204);
    assertThat(asked.header("access-control-allow-methods")).isEqualTo("POST");
    assertThat(asked.header("access-control-allow-headers")).contains("authorization");
    assertThat(other.status()).isEqualTo(405);
    assertThat(other.header("access-control-allow-origin")).isEmpty();
    assertThat(other.header("vary")).isEqualTo("origin");
  }

  // ---- the WebSocket

  private RawReader reader(String... headers) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    return new RawReader(hub.server.port(), "/v1/stream", 65_536, text.toString());
  }

  @Test
  void aReaderShowsItsKeyInTheHeaderOrInItsFirstMessage() throws Exception {
    String key = issue(Role.READER).text().reveal();
    start();
    streams();

    try (RawReader program = reader("Authorization: Bearer " + key);
        RawReader browser = reader()) {
      program.say("{'op':'ping','id':1}");
      assertThat(program.next().get("type").asText()).isEqualTo("pong");
      browser.say("{'op':'auth','id':'me','key':'" + key + "'}");
      JsonNode welcome = browser.next();
      assertThat(welcome.get("type").asText()).isEqualTo("welcome");
      assertThat(welcome.get("id").asText()).isEqualTo("me");
      browser.say("{'op':'subscribe','id':2,'channels':['trade'],'symbols':['BTC/USDT']}");
      assertThat(browser.next().get("op").asText()).isEqualTo("subscribe");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'op':'subscribe','id':1,'channels':['trade'],'symbols':['BTC/USDT']}",
        "{'op':'auth'}",
        "{'op':'auth','key':7}",
        "{'op':'auth','key':'everfeed_00000000_0000000000000000000000000000000000000000000'}",
        "{'op':'auth','key':'x','key':'y'}",
        "garbage",
        "[]"
      })
  void aReaderThatSaysAnythingElseFirstIsClosedWith4401(String message) throws Exception {
    issue(Role.READER);
    start();
    streams();
    try (RawReader reader = reader()) {
      reader.say(message);
      assertThat(reader.next().get("code").asText()).isEqualTo("unauthorised");
      assertThat(reader.closed().closeCode()).isEqualTo(4401);
    }
  }

  @Test
  void whoIsKnownMaySayItsKeyAgainAndNoOther() throws Exception {
    String own = issue(Role.READER).text().reveal();
    String other = issue(Role.READER).text().reveal();
    start();
    streams();
    for (String wrong : List.of("'key':'" + other + "'", "'key':'everfeed_x'", "'id':3")) {
      try (RawReader reader = reader("Authorization: Bearer " + own)) {
        reader.say("{'op':'auth','id':2,'key':'" + own + "'}");
        assertThat(reader.next().get("type").asText()).isEqualTo("welcome");
        reader.say("{'op':'auth'," + wrong + "}");
        JsonNode error = reader.next();
        assertThat(error.get("code").asText()).isEqualTo("unauthorised");
        assertThat(error.toString()).doesNotContain(other).doesNotContain(own);
        assertThat(reader.closed().closeCode()).isEqualTo(4401);
      }
    }
  }

  @Test
  void whereNobodyNeedsAKeyAnyIsWelcome() throws Exception {
    start();
    streams();
    try (RawReader reader = reader()) {
      reader.say("{'op':'auth','key':'everfeed_x'}");
      assertThat(reader.next().get("type").asText()).isEqualTo("welcome");
    }
  }

  @Test
  void aReaderThatSaysNothingIsClosedAfterFiveSeconds() throws Exception {
    issue(Role.READER);
    start();
    streams();
    try (RawReader reader = reader()) {
      while (!hub.metrics.page().contains("everfeed_stream_readers 1.0")) {
        Thread.onSpinWait(); // its end of the handshake is later than ours; the test has a timeout
      }
      hub.nanos.addAndGet(5 * CannedDesk.SECOND);
      RawReader.Frame closed = reader.closed();
      assertThat(closed.closeCode()).isEqualTo(4401);
      assertThat(closed.closeReason()).contains("no key came within 5,000 ms");
    }
  }

  @Test
  void aWrongKeyInTheHeaderIsRefusedBeforeThereIsAWebSocket() throws Exception {
    issue(Role.READER);
    start();
    streams();
    try (RawReader reader = reader("Authorization: Bearer everfeed_x")) {
      assertThat(reader.answer).startsWith("HTTP/1.1 401");
    }
  }

  @Test
  void pagesOfOthersGetNoWebSocket() throws Exception {
    String key = issue(Role.READER).text().reveal();
    start("allowed_origins: [\"https://desk.example.com\"]");
    streams();
    try (RawReader evil = reader("Origin: https://evil.example", "Authorization: Bearer " + key);
        RawReader own = reader("Origin: http://127.0.0.1", "Authorization: Bearer " + key);
        RawReader desk =
            reader("Origin: https://desk.example.com", "Authorization: Bearer " + key)) {
      assertThat(evil.answer).startsWith("HTTP/1.1 403");
      assertThat(own.isOpen()).isTrue();
      assertThat(desk.isOpen()).isTrue();
    }
  }

  @Test
  void aReaderWhoseKeyIsRevokedIsClosed() throws Exception {
    IssuedKey key = issue(Role.READER);
    Access access = start();
    streams();
    try (RawReader reader = reader("Authorization: Bearer " + key.text().reveal())) {
      reader.say("{'op':'subscribe','id':2,'channels':['trade'],'symbols':['BTC/USDT']}");
      assertThat(reader.next().get("op").asText()).isEqualTo("subscribe");

      file().revoke(key.kept().id(), EARLIER);
      access.refresh();

      RawReader.Frame closed = reader.closed();
      assertThat(closed.closeCode()).isEqualTo(4401);
      assertThat(closed.closeReason()).contains("not good any more");
    }
  }

  @Test
  void aReaderFromBeforeThereWereKeysIsClosedWhenThereAreSome() throws Exception {
    Access access = start();
    streams();
    try (RawReader reader = reader()) {
      reader.say("{'op':'ping','id':1}");
      assertThat(reader.next().get("type").asText()).isEqualTo("pong");

      issue(Role.READER);
      access.refresh();

      assertThat(reader.closed().closeCode()).isEqualTo(4401);
    }
  }

  @Test
  void aKeyHasOnlySoManyReadersAndStreams() throws Exception {
    String key = issue(Role.READER).text().reveal();
    start("per_key: {readers: 2, streams: 3}");
    streams();
    String header = "Authorization: Bearer " + key;
    try (RawReader one = reader(header)) {
      try (RawReader two = reader(header);
          RawReader three = reader(header)) {
        assertThat(two.isOpen()).isTrue();
        assertThat(three.answer).startsWith("HTTP/1.1 429");
        one.say("{'op':'subscribe','id':1,'channels':['trade'],'symbols':['BTC/USDT','ETH/USDT']}");
        assertThat(one.next("ack").get("id").asInt()).isEqualTo(1);
        two.say("{'op':'subscribe','id':2,'channels':['trade'],'symbols':['BTC/USDT','ETH/USDT']}");
        JsonNode refused = two.next("error");
        assertThat(refused.get("code").asText()).isEqualTo("too_many_streams");
        assertThat(refused.get("message").asText()).contains("3 streams");
        one.say("{'op':'unsubscribe','id':3}");
        assertThat(one.next("ack").get("id").asInt()).isEqualTo(3);
        two.say("{'op':'subscribe','id':4,'channels':['trade'],'symbols':['BTC/USDT','ETH/USDT']}");
        assertThat(two.next("ack").get("id").asInt()).isEqualTo(4);
      }
      while (true) { // until the server has seen that they are gone; the test has a timeout
        try (RawReader again = reader(header)) {
          if (again.isOpen()) {
            again.say(
                "{'op':'subscribe','id':5,'channels':['trade'],'symbols':['BTC/USDT','ETH/USDT']}");
            assertThat(again.next("ack").get("id").asInt()).isEqualTo(5);
            break;
          }
        }
      }
    }
  }

  @Test
  void readersWithoutAKeyTakeOnlySoManySockets() throws Exception {
    issue(Role.READER);
    start();
    streams();
    List<RawReader> strangers = new ArrayList<>();
    try {
      for (int i = 0; i < LiveStreams.STRANGERS_MAX; i++) {
        strangers.add(reader());
        assertThat(strangers.getLast().isOpen()).isTrue();
      }
      strangers.add(reader());
      assertThat(strangers.getLast().answer).startsWith("HTTP/1.1 503");
      hub.nanos.addAndGet(5 * CannedDesk.SECOND);
      assertThat(strangers.getFirst().closed().closeCode()).isEqualTo(4401);
    } finally {
      for (RawReader each : strangers) {
        each.close();
      }
    }
  }

  // ---- what is left of a request with two ends

  @ParameterizedTest
  @CsvSource({
    "200, Transfer-Encoding: chunked",
    "400, Content-Length: 4|Transfer-Encoding: chunked",
    "400, Content-Length: 5|Content-Length: 6",
    "400, 'Content-Length: 5, 6'",
    "400, Transfer-Encoding: chunked|Transfer-Encoding: identity",
    "501, 'Transfer-Encoding: gzip, chunked'",
    "400, Transfer-Encoding: xchunked",
    "400, Transfer-Encoding : chunked"
  })
  void whatFollowsARequestWithTwoEndsIsNotTakenForARequest(int status, String headers)
      throws Exception {
    start();
    String smuggled = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

    String answers = hub.raw(("GET /health/ready HTTP/1.1\r\nHost: localhost\r\n"
            + headers.replace("|", "\r\n") + "\r\n\r\n0\r\n\r\n" + smuggled)
        .getBytes(StandardCharsets.US_ASCII));

    assertThat(answers).startsWith("HTTP/1.1 " + status);
    assertThat(answers.split("content-type: ", -1)).hasSize(2); // one answer, and the end
    assertThat(answers).doesNotContain("view_age_ms");
  }

  /// Vert.x answers such a handshake by itself, and never says so: each took a place for good.
  @Test
  void aHandshakeWithABodyTakesNobodysPlace() throws Exception {
    String key = issue(Role.READER).text().reveal();
    start("per_key: {readers: 2}");
    streams();
    String head = "GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        + "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        + "Sec-WebSocket-Version: 13\r\n";
    for (int i = 0; i < LiveStreams.STRANGERS_MAX + 5; i++) {
      String answer =
          hub.raw((head + "Content-Length: 3\r\n\r\nabc").getBytes(StandardCharsets.US_ASCII));
      assertThat(answer).startsWith("HTTP/1.1 400");
    }
    for (int i = 0; i < 3; i++) {
      String answer = hub.raw((head + "Authorization: Bearer " + key
              + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII));
      assertThat(answer).startsWith("HTTP/1.1 400");
    }
    try (RawReader stranger = reader();
        RawReader known = reader("Authorization: Bearer " + key)) {
      assertThat(stranger.isOpen()).isTrue();
      assertThat(known.isOpen()).isTrue();
    }
  }

  @Test
  void whoOrderedBehindAProxyIsWhomTheProxyWroteDownLast() throws Exception {
    IssuedKey key = issue(Role.OPERATOR);
    start("behind_proxy: true");
    List<Audit.Entry> noted = new ArrayList<>();
    hub.desk.audit = new Audit() {
      @Override
      public void note(Entry entry) {
        noted.add(entry);
      }

      @Override
      public List<Entry> newest() {
        return noted;
      }

      @Override
      public @Nullable String trouble() {
        return null;
      }
    };
    String order = "POST /v1/control/freeze HTTP/1.1\r\nHost: hub.example\r\nConnection: close\r\n"
        + "Content-Type: application/json\r\nContent-Length: 2\r\nAuthorization: Bearer "
        + key.text().reveal() + "\r\n";

    hub.raw((order + "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 7.7.7.7, 192.0.2.9\r\n\r\n{}")
        .getBytes(StandardCharsets.US_ASCII));

    assertThat(noted).extracting(Audit.Entry::remote).containsExactly("192.0.2.9");
    assertThat(noted)
        .extracting(Audit.Entry::operator)
        .containsExactly("operator (key %s)".formatted(key.kept().id()));
  }

  @Test
  void aStrangerThatLeavesIsCountedNoMore() throws Exception {
    issue(Role.READER);
    start();
    streams();
    for (int i = 0; i < LiveStreams.STRANGERS_MAX + 20; i++) {
      try (RawReader reader = reader()) {
        if (!reader.isOpen()) {
          i--; // those before it are on their way out; the test has a timeout
        }
      }
    }
    assertThatThrownBy(() -> {
          try (RawReader reader = reader()) {
            reader.say("{'op':'ping'}");
            reader.closed();
            reader.frame();
          }
        })
        .isInstanceOf(EOFException.class);
  }
}
