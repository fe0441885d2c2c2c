package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.fault.VenueStatus;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a client's socket really sees of each fault. Real connections on loopback.
@Timeout(60)
class FaultsOnTheWireTest {
  private static final String PRICE = "/api/v3/ticker/price?symbol=BTCUSDT";
  private static final String PING = "/api/v3/ping";

  private final HandClock clock = new HandClock();
  private Venues venues;
  private URI url;

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(VenuesConfig.onFreePorts(clock).withLimits(0, 0));
    url = venues.baseUrl("binance");
  }

  @AfterEach
  void end() throws IOException {
    venues.close();
  }

  @Test
  void refuseDropsConnectionsAndRefusesNewOnesUntilHealedOnTheSamePort() throws IOException {
    try (var before = new RawClient(url)) {
      before.ask(PING, false);
      assertThat(before.response()).contains("200 OK").endsWith("{}");

      fault(FaultKind.REFUSE);

      assertThat(endOf(before)).isEqualTo("end");
      assertThatThrownBy(() -> new RawClient(url).close()).isInstanceOf(ConnectException.class);
      assertThat(venues.status("binance").connectionsOpen()).isZero();
    }

    venues.heal("binance");

    assertThat(venues.baseUrl("binance")).isEqualTo(url);
    assertThat(RawClient.body(url, PING)).isEqualTo("{}");
  }

  @Test
  void aRefusingVenueCanRefuseAgainAndAgainOnTheSamePort() throws IOException {
    for (int i = 0; i < 20; i++) {
      fault(FaultKind.REFUSE);
      assertThatThrownBy(() -> new RawClient(url).close()).isInstanceOf(ConnectException.class);
      venues.heal("binance");
      assertThat(RawClient.body(url, PING)).isEqualTo("{}");
    }
  }

  @Test
  void resetEndsOldAndNewConnectionsWithRst() throws IOException {
    try (var before = new RawClient(url)) {
      before.ask(PING, false);
      before.response();

      fault(FaultKind.RESET);

      assertThat(endOf(before)).isEqualTo("reset");
    }
    assertThat(endOfANewConnection()).isEqualTo("reset");
    venues.heal("binance");
    assertThat(RawClient.body(url, PING)).isEqualTo("{}");
  }

  /// The RST may come while the client still finishes its connect, which then fails with it.
  private String endOfANewConnection() {
    try (var silent = new RawClient(url)) {
      return endOf(silent);
    } catch (IOException e) {
      return String.valueOf(e.getMessage()).contains("reset") ? "reset" : e.toString();
    }
  }

  @Test
  void aBlackholeAcceptsReadsAndNeverAnswers() throws IOException {
    fault(FaultKind.BLACKHOLE);
    try (var client = new RawClient(url)) {
      client.ask(PRICE, false);
      client.readTimeout(150);
      assertThatThrownBy(client::read).isInstanceOf(SocketTimeoutException.class);
      VenueStatus status = await(s -> s.requests() == 1);
      assertThat(status.connectionsOpen()).isEqualTo(1);

      venues.heal("binance");

      assertThat(RawClient.body(url, PING))
          .as("others are answered after healing")
          .isEqualTo("{}");
      assertThatThrownBy(client::read)
          .as("what was swallowed stays so")
          .isInstanceOf(SocketTimeoutException.class);
    }
    await(s -> s.connectionsOpen() == 0);
  }

  @Test
  void slowAnswersRightAndLate() throws IOException {
    venues.fault("binance", FaultOrder.of(FaultKind.SLOW).delayedBy(Duration.ofMillis(300)));
    long start = System.nanoTime();
    assertThat(RawClient.body(url, PING)).isEqualTo("{}");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(290));
  }

  /// A client that gave up must not be answered, and must not leave a timer behind that fails.
  @Test
  void aSlowAnswerIsForgottenWhenTheClientLeaves() throws IOException {
    venues.fault("binance", FaultOrder.of(FaultKind.SLOW).delayedBy(Duration.ofHours(1)));
    try (var client = new RawClient(url)) {
      client.ask(PING, false);
      await(s -> s.requests() == 1);
    }
    await(s -> s.connectionsOpen() == 0);
  }

  @Test
  void serverErrorsAreDrawnFromThree() throws IOException {
    fault(FaultKind.SERVER_ERROR);
    var seen = new TreeSet<String>();
    for (int i = 0; i < 50; i++) {
      seen.add(RawClient.get(url, PRICE).substring(9, 12));
    }
    assertThat(seen).containsExactly("500", "502", "503");
  }

  @Test
  void tooManySaysWhenToComeBackOrDoesNot() throws IOException {
    fault(FaultKind.TOO_MANY);
    assertThat(RawClient.get(url, PRICE))
        .startsWith("HTTP/1.1 429")
        .contains("Retry-After: 5\r\n")
        .contains("{\"code\":-1003,\"msg\":\"Too much request weight used;");
    fault(FaultKind.TOO_MANY_NO_RETRY_AFTER);
    assertThat(RawClient.get(url, PRICE))
        .startsWith("HTTP/1.1 429")
        .contains("\"code\":-1003")
        .doesNotContainIgnoringCase("retry-after");
    fault(FaultKind.BANNED);
    assertThat(RawClient.get(url, PRICE))
        .startsWith("HTTP/1.1 418")
        .contains("Retry-After: 120\r\n")
        .contains("IP banned until");
  }

  @Test
  void htmlComesAsSuccess() throws IOException {
    fault(FaultKind.HTML);
    assertThat(RawClient.get(url, PRICE))
        .startsWith("HTTP/1.1 200")
        .contains("content-type: text/html")
        .contains("<!DOCTYPE html>");
  }

  @Test
  void truncatedJsonHasAnHonestLength() throws IOException {
    String whole = RawClient.body(url, PRICE);
    fault(FaultKind.TRUNCATED);
    String answer = RawClient.get(url, PRICE);
    String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
    assertThat(body).isEqualTo(whole.substring(0, whole.length() / 2));
    assertThat(RawClient.contentLength(answer)).isEqualTo(body.length());
  }

  @Test
  void cutJsonEndsBeforeItsLength() throws IOException {
    String whole = RawClient.body(url, PRICE);
    fault(FaultKind.CUT);
    String answer = RawClient.get(url, PRICE);
    String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
    assertThat(body).isEqualTo(whole.substring(0, whole.length() / 2));
    assertThat(RawClient.contentLength(answer)).isEqualTo(whole.length());
  }

  @Test
  void aWrongPriceIsTenTimesTheRightOneInTheSameForm() throws IOException {
    String right = RawClient.body(url, PRICE);
    String rightBar = RawClient.body(url, "/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=1");
    fault(FaultKind.WRONG_PRICE);
    String wrong = RawClient.body(url, PRICE);
    String wrongBar = RawClient.body(url, "/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=1");

    assertThat(wrong).matches("\\{\"symbol\":\"BTCUSDT\",\"price\":\"[0-9]+\\.[0-9]{8}\"}");
    assertThat(Double.parseDouble(wrong.split("\"", -1)[7]))
        .isEqualTo(Double.parseDouble(right.split("\"", -1)[7]) * 10);
    String[] rightRow = rightBar.split(",", -1);
    String[] wrongRow = wrongBar.split(",", -1);
    assertThat(wrongRow).hasSameSizeAs(rightRow);
    for (int i = 0; i < rightRow.length; i++) {
      String digits = rightRow[i].replace("\"", "");
      assertThat(wrongRow[i])
          .isEqualTo(
              i >= 1 && i <= 4
                  ? "\"" + new BigDecimal(digits).movePointRight(1).setScale(8) + "\""
                  : rightRow[i]);
    }
    assertThat(RawClient.get(url, "/nowhere")).startsWith("HTTP/1.1 404");
  }

  @Test
  void frozenDataIsOfTheMomentTheFaultBegan() throws IOException {
    String price = RawClient.body(url, PRICE);
    fault(FaultKind.FROZEN);
    clock.advance(Duration.ofMinutes(90));
    assertThat(RawClient.body(url, PRICE)).isEqualTo(price);
    assertThat(RawClient.body(url, "/api/v3/time"))
        .isEqualTo("{\"serverTime\":%d}".formatted(HandClock.START.toEpochMilli()));
    venues.heal("binance");
    assertThat(RawClient.body(url, PRICE)).isNotEqualTo(price);
    assertThat(RawClient.body(url, "/api/v3/time"))
        .isEqualTo("{\"serverTime\":%d}".formatted(clock.millis()));
  }

  @Test
  void probeOnlyAnswersProbesAndNothingElse() throws IOException {
    fault(FaultKind.PROBE_ONLY);
    assertThat(RawClient.get(url, PING)).startsWith("HTTP/1.1 200").endsWith("{}");
    assertThat(RawClient.get(url, "/api/v3/time")).startsWith("HTTP/1.1 200");
    assertThat(RawClient.get(url, PRICE)).startsWith("HTTP/1.1 500");
  }

  @Test
  void anEndlessBodyGoesOnUntilTheClientLeaves() throws IOException {
    fault(FaultKind.ENDLESS);
    try (var client = new RawClient(url)) {
      client.ask(PRICE, false);
      assertThat(client.read(20_000_000)).hasSize(20_000_000);
    }
    await(s -> s.connectionsOpen() == 0);
  }

  @Test
  void anEndlessBodyCanDrip() throws IOException {
    venues.fault("binance", FaultOrder.of(FaultKind.ENDLESS).delayedBy(Duration.ofMillis(5)));
    try (var client = new RawClient(url)) {
      client.ask(PRICE, false);
      String seen = new String(client.read(400), StandardCharsets.US_ASCII);
      assertThat(seen).contains("transfer-encoding: chunked").contains("\r\n1\r\n \r\n");
    }
    await(s -> s.connectionsOpen() == 0);
  }

  @Test
  void tenMegabytesOfSpacesCome() throws IOException {
    fault(FaultKind.SPACES);
    String answer = RawClient.get(url, PRICE);
    String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
    assertThat(body).hasSize(10 * 1024 * 1024).isBlank();
    assertThat(RawClient.contentLength(answer)).isEqualTo(body.length());
  }

  @Test
  void garbageIsNotHttp() throws IOException {
    fault(FaultKind.GARBAGE);
    try (var client = new RawClient(url)) {
      client.ask(PRICE, false);
      byte[] bytes = client.read(10_000);
      assertThat(bytes).hasSize(512);
      assertThat(bytes[0]).isZero();
    }
  }

  @Test
  void aFaultReplacesTheOneBeforeItAndHealsItselfInTime() throws IOException {
    venues.fault("binance", FaultOrder.of(FaultKind.REFUSE).lasting(Duration.ofHours(1)));
    VenueStatus html =
        venues.fault("binance", FaultOrder.of(FaultKind.HTML).lasting(Duration.ofMillis(50)));
    assertThat(html.fault()).isEqualTo(FaultKind.HTML);
    assertThat(html.since()).isEqualTo(HandClock.START);
    assertThat(html.until()).isEqualTo(HandClock.START.plusMillis(50));

    VenueStatus healed = await(s -> s.fault() == null);

    assertThat(healed.line()).isEqualTo("binance: healthy, no fault in force");
    assertThat(RawClient.body(url, PING)).isEqualTo("{}");
    venues.fault("binance", FaultOrder.of(FaultKind.REFUSE).lasting(Duration.ofMillis(50)));
    await(s -> s.fault() == null);
    assertThat(RawClient.body(url, PING)).isEqualTo("{}");
  }

  /// The timer of a replaced fault must not heal its successor.
  @Test
  void aReplacedFaultsTimerIsGone() throws IOException {
    venues.fault("binance", FaultOrder.of(FaultKind.HTML).lasting(Duration.ofMillis(20)));
    venues.fault("binance", FaultOrder.of(FaultKind.BANNED));
    venues.fault("coingecko", FaultOrder.of(FaultKind.HTML).lasting(Duration.ofMillis(60)));
    Instant deadline = Instant.now().plusSeconds(10);
    while (venues.status("coingecko").fault() != null) {
      assertThat(Instant.now()).isBefore(deadline);
    }
    assertThat(venues.status("binance").fault()).isEqualTo(FaultKind.BANNED);
  }

  @Test
  void oneVenuesFaultDoesNotTouchTheOthers() throws IOException {
    fault(FaultKind.REFUSE);
    assertThat(RawClient.body(venues.baseUrl("coingecko"), "/api/v3/ping"))
        .isEqualTo("{\"gecko_says\":\"(V3) To the Moon!\"}");
    assertThat(RawClient.body(venues.baseUrl("alternative_me"), "/fng/"))
        .contains("Fear and Greed");
  }

  @Test
  void everyKindCanBeOrderedOnEveryVenueAndHealed() throws IOException {
    for (String venue : VenuesConfig.VENUES) {
      boolean streams = venue.equals("binance") || venue.equals("coinbase_exchange");
      for (FaultKind kind : FaultKind.values()) {
        if (kind.isOfStreams() && !streams) {
          continue;
        }
        assertThat(venues.fault(venue, FaultOrder.of(kind)).fault()).isEqualTo(kind);
      }
      assertThat(venues.heal(venue).fault()).isNull();
      assertThat(venues.heal(venue).fault()).as("healing twice does nothing").isNull();
    }
    for (FaultKind kind : FaultKind.values()) {
      assertThat(FaultKind.parse(kind.word())).contains(kind);
    }
  }

  private void fault(FaultKind kind) throws IOException {
    venues.fault("binance", FaultOrder.of(kind));
  }

  private static String endOf(RawClient client) throws IOException {
    try {
      return client.read() < 0 ? "end" : "data";
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset");
      return "reset";
    }
  }

  /// Asks until it is so; for what happens on the event loop a moment later.
  private VenueStatus await(Predicate<VenueStatus> condition) throws IOException {
    Instant deadline = Instant.now().plusSeconds(10);
    while (true) {
      VenueStatus status = venues.status("binance");
      if (condition.test(status)) {
        return status;
      }
      assertThat(Instant.now()).as("still %s", status).isBefore(deadline);
      Thread.onSpinWait();
    }
  }
}
