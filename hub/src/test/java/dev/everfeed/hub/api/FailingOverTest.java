package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.engine.Failover;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.Symbol;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Failovers over HTTP, and what can be ordered; each answer is held against the document.
@Timeout(60)
class FailingOverTest {
  private static final long EPOCH = 1_763_769_600_000L;
  private static final String KEY = "idempotency-key";

  private final RunningServer hub = new RunningServer();
  private final Canned canned = new Canned();

  /// Answers that the test writes.
  private static final class Canned implements Failovers {
    volatile FailoverHistory history = FailoverHistory.NONE;
    volatile @Nullable OrderRefused refusal;
    final List<Object> ordered = java.util.Collections.synchronizedList(new ArrayList<>());

    @Override
    public List<Symbol> symbols() {
      return List.of(CannedDesk.BTC, Symbol.of("ETH/USDT"));
    }

    @Override
    public List<String> gateways() {
      return List.of("binance", "binance_2");
    }

    @Override
    public FailoverHistory history() {
      return history;
    }

    @Override
    public Future<List<StreamRouteView>> routes() {
      return Future.succeededFuture(List.of(
          new StreamRouteView(
              "BTC/USDT",
              "binance",
              "binance_2",
              FailoverPolicy.delayed(5_000_000_000L),
              FailoverPolicy.delayed(5_000_000_000L),
              true,
              new StreamRouteView.Switch(
                  CannedDesk.START,
                  EPOCH + "-3",
                  Failover.Kind.MANUAL,
                  "binance_2",
                  "binance",
                  "an operator moves it"),
              List.of(new StreamRouteView.Candidate(
                  "binance_2", "binance", 2, GatewayState.HEALTHY, null))),
          new StreamRouteView(
              "ETH/USDT",
              null,
              null,
              FailoverPolicy.MANUAL,
              FailoverPolicy.SHADOW,
              false,
              null,
              List.of(new StreamRouteView.Candidate(
                  "binance_2", "binance", 2, GatewayState.DISCONNECTED, "it is switched off")))));
    }

    private <T> Future<T> done(Object order, T result) {
      OrderRefused refused = refusal;
      if (refused != null) {
        return Future.failedFuture(refused);
      }
      ordered.add(order);
      return Future.succeededFuture(result);
    }

    @Override
    public Future<Moved> move(Move order) {
      return done(
          order,
          order.dryRun()
              ? new Moved(
                  List.of(),
                  List.of(new Would("BTC/USDT", "binance", "binance_2", true, false)),
                  List.of(STAY))
              : new Moved(
                  List.of(failover(7, FailoverView.State.MOVING)), List.of(), List.of(STAY)));
    }

    @Override
    public Future<Moved> back(Move order) {
      return done(
          "back " + order,
          new Moved(List.of(failover(9, FailoverView.State.MOVING)), List.of(), List.of()));
    }

    @Override
    public Future<StandingOrders> standing() {
      return Future.succeededFuture(STANDING);
    }

    @Override
    public Future<StandingOrders> freeze(@Nullable String reason) {
      return done("freeze " + reason, STANDING);
    }

    @Override
    public Future<StandingOrders> unfreeze() {
      return done("unfreeze", StandingOrders.NONE);
    }

    @Override
    public Future<StandingOrders> pin(List<Symbol> symbols) {
      return done("pin " + symbols, STANDING);
    }

    @Override
    public Future<StandingOrders> unpin(List<Symbol> symbols) {
      return done("unpin " + symbols, STANDING);
    }

    @Override
    public Future<StandingOrders> policy(List<Symbol> symbols, @Nullable FailoverPolicy policy) {
      return done("policy " + symbols + " " + policy, STANDING);
    }

    private Future<Switched> switched(String order) {
      return done(
          order,
          new Switched(
              CannedDesk.stream(CannedDesk.BINANCE, GatewayState.UNHEALTHY, "silent", 3),
              List.of(failover(8, FailoverView.State.MOVING))));
    }

    @Override
    public Future<Switched> start(String gateway) {
      return switched("start " + gateway);
    }

    @Override
    public Future<Switched> stop(String gateway, boolean force) {
      return switched("stop " + gateway + " " + force);
    }

    @Override
    public Future<Switched> restart(String gateway) {
      return switched("restart " + gateway);
    }
  }

  private static final StandingOrders STANDING = new StandingOrders(
      new StandingOrders.Frozen(
          CannedDesk.START, "until <noon>", new TreeMap<>(Map.of("BTC/USDT", "binance"))),
      List.of(new StandingOrders.OwnPolicy(
          "BTC/USDT", FailoverPolicy.delayed(5_000_000_000L), CannedDesk.START)),
      List.of(new StandingOrders.Pinned("ETH/USDT", "binance_2", CannedDesk.START)),
      List.of(new StandingOrders.Stopped("binance", CannedDesk.START)),
      new TreeMap<>(),
      true,
      null);

  private static final Failovers.Stay STAY = new Failovers.Stay(
      "ETH/USDT", "binance", "binance_2: it is switched off", List.of("coinbase_exchange"));

  private static FailoverView failover(long number, FailoverView.State state) {
    boolean over = state == FailoverView.State.OVER;
    return new FailoverView(
        EPOCH,
        number,
        number % 2 == 0 ? Failover.Kind.FAIL_OVER : Failover.Kind.MANUAL,
        FailoverPolicy.Kind.MANUAL,
        state,
        over ? Failover.Result.PARTIAL : Failover.Result.PENDING,
        "binance",
        1,
        number == 3 ? null : "binance_2",
        number == 3 ? null : Integer.valueOf(2),
        List.of(
            new FailoverView.Contract("BTC/USDT", "BTCUSDT", over, null),
            new FailoverView.Contract("ETH/USDT", "ETHUSDT", false, over ? "no room" : null)),
        over ? List.of("BTC/USDT") : List.of(),
        "silent",
        number * 1_000_000,
        over ? 1_500_000 : -1,
        over ? 2_000_000 : -1,
        over ? 0 : -1,
        CannedDesk.START,
        CannedDesk.START,
        over ? CannedDesk.START.plusMillis(2) : null,
        List.of(new FailoverView.Step(CannedDesk.START, "the last <sign> of life")));
  }

  @BeforeEach
  void open() {
    hub.desk.failovers = canned;
    history(LongStream.iterate(9, n -> n >= 1, n -> n - 1)
        .mapToObj(n -> failover(n, n == 9 ? FailoverView.State.WAITING : FailoverView.State.OVER))
        .toList());
  }

  private void history(List<FailoverView> newest) {
    canned.history = new FailoverHistory(
        newest,
        new FailoverHistory.Counts(
            Map.of(Failover.Result.PARTIAL, 8L),
            Map.of(Failover.Kind.FAIL_OVER, 4L, Failover.Kind.MANUAL, 5L),
            List.of(new FailoverHistory.OfGateway("binance", 9, 0, 8, 2)),
            8,
            3,
            1,
            0),
        List.of(new FailoverHistory.Stranded(
            "binance", "Connection reset", List.of("A/B", "C/D", "E/F", "G/H"))));
    CannedDesk.Picture picture = new CannedDesk.Picture();
    picture.failovers = canned.history;
    picture.streaming =
        List.of(CannedDesk.stream(CannedDesk.BINANCE, GatewayState.UNHEALTHY, "silent", 3));
    hub.desk.view = picture.view();
  }

  @AfterEach
  void close() {
    hub.close();
  }

  private static List<String> ids(JsonNode page) {
    List<String> ids = new ArrayList<>();
    page.get("failovers").forEach(each -> ids.add(each.get("failover_id").asText()));
    return ids;
  }

  @Test
  void failoversAreListedNewestFirstPageByPage() {
    JsonNode first = hub.get("/v1/failovers?limit=4").json();
    assertThat(ids(first)).containsExactly(EPOCH + "-9", EPOCH + "-8", EPOCH + "-7", EPOCH + "-6");
    assertThat(first.at("/failovers/0/state").asText()).isEqualTo("waiting");
    assertThat(first.at("/failovers/0").has("timeline")).isFalse();
    String cursor = first.get("next_cursor").asText();
    // one more happens between two pages
    List<FailoverView> more = new ArrayList<>(canned.history.newest());
    more.addFirst(failover(10, FailoverView.State.MOVING));
    history(more);
    JsonNode second = hub.get("/v1/failovers?limit=5&cursor=" + cursor).json();
    assertThat(ids(second)).startsWith(EPOCH + "-5").endsWith(EPOCH + "-1").hasSize(5);
    assertThat(second.get("next_cursor").isNull()).isTrue();
    assertThat(hub.get("/v1/failovers?cursor=9").status()).isEqualTo(400);
    assertThat(hub.get("/v1/failovers?limit=0").status()).isEqualTo(400);
  }

  @Test
  void aListIsNarrowedByGatewaySymbolResultAndKind() {
    assertThat(ids(hub.get("/v1/failovers?gateway=binance_2").json())).hasSize(8);
    assertThat(ids(hub.get("/v1/failovers?symbol=ETH/USDT").json())).hasSize(9);
    assertThat(ids(hub.get("/v1/failovers?result=pending").json())).containsExactly(EPOCH + "-9");
    assertThat(ids(hub.get("/v1/failovers?kind=fail_over&result=partial").json()))
        .hasSize(4);
    assertThat(ids(hub.get("/v1/failovers?kind=fail_back").json())).isEmpty();
    assertThat(hub.get("/v1/failovers?kind=over").json().get("detail").asText())
        .contains("fail_over, fail_back, manual");
    assertThat(hub.get("/v1/failovers?gateway=kraken").json().get("valid").toString())
        .isEqualTo("[\"binance\",\"binance_2\"]");
    assertThat(hub.get("/v1/failovers?symbol=BTC/EUR").status()).isEqualTo(404);
  }

  @Test
  void oneFailoverIsToldWithItsTimeline() {
    JsonNode one = hub.get("/v1/failovers/" + EPOCH + "-8").json();
    assertThat(one.at("/timeline/0/text").asText()).isEqualTo("the last <sign> of life");
    assertThat(one.get("affected_contracts").toString()).isEqualTo("[\"BTCUSDT\",\"ETHUSDT\"]");
    assertThat(one.get("unmigrated_contracts").toString()).isEqualTo("[\"ETHUSDT\"]");
    assertThat(one.at("/stayed/0/reason").asText()).isEqualTo("no room");
    assertThat(one.get("detection_ms").decimalValue()).isEqualByComparingTo("8");
    assertThat(one.get("switch_ms").decimalValue()).isEqualByComparingTo("1.5");
    assertThat(one.get("gap_proof").asText()).isEqualTo("dense_ids");
    assertThat(one.at("/metadata/contracts_migrated").asInt()).isEqualTo(1);
    JsonNode waits = hub.get("/v1/failovers/" + EPOCH + "-9").json();
    assertThat(waits.get("ticks_lost").isNull()).isTrue();
    assertThat(waits.get("gap_proof").asText()).isEqualTo("none");
    assertThat(hub.get("/v1/failovers/" + EPOCH + "-99").json().get("type").asText())
        .endsWith(":unknown-failover");
  }

  @Test
  void theSummaryHasSumsAndTimes() {
    JsonNode summary = hub.get("/v1/failovers/summary").json();
    assertThat(summary.get("total").asInt()).isEqualTo(9);
    assertThat(summary.get("open").asInt()).isEqualTo(1);
    assertThat(summary.at("/results/partial").asInt()).isEqualTo(8);
    assertThat(summary.at("/results/failed").asInt()).isZero();
    assertThat(summary.at("/detection_ms/count").asInt()).isEqualTo(4); // 2, 4, 6 and 8 ms
    assertThat(summary.at("/detection_ms/p50").decimalValue()).isEqualByComparingTo("4");
    assertThat(summary.at("/detection_ms/p99").decimalValue()).isEqualByComparingTo("8");
    assertThat(summary.at("/switch_ms/max").decimalValue()).isEqualByComparingTo("1.5");
    assertThat(summary.at("/gateways/0/convictions").asInt()).isEqualTo(2);
    hub.desk.failovers = null;
    assertThat(hub.get("/v1/failovers/summary").json().at("/switch_ms/p50").isNull())
        .isTrue();
    assertThat(ids(hub.get("/v1/failovers").json())).isEmpty();
    assertThat(hub.get("/v1/routes").json().get("streams")).isEmpty();
    assertThat(hub.post("/v1/failovers", "{\"from\":\"binance\"}").status()).isEqualTo(503);
  }

  @Test
  void healthTellsWhatAPersonHasToLookAfter() {
    String reasons = hub.get("/health").json().get("reasons").toString();
    assertThat(reasons)
        .contains("binance has no healthy backup for A/B, C/D, E/F and 1 more: Connection reset")
        .contains("failover " + EPOCH + "-9 of BTC/USDT, ETH/USDT from binance to binance_2"
            + " waits for an operator: silent");
    JsonNode page = hub.get("/health/gateways").json();
    assertThat(ids(page)).containsExactly(EPOCH + "-9");
    assertThat(page.at("/stranded/0/symbols")).hasSize(4);
    JsonNode stream = page.at("/gateways/3/stream");
    assertThat(stream.get("convicted").toString()).isEqualTo("[\"BTC/USDT\"]");
    assertThat(stream.get("failovers").toString()).isEqualTo("[\"" + EPOCH + "-9\"]");
    assertThat(hub.get("/v1/gateways").json().at("/gateways/3/stream")).isEqualTo(stream);
  }

  @Test
  void routesTellWhereEachSymbolIsAndWhereItCouldGo() {
    JsonNode streams = hub.get("/v1/routes").json().get("streams");
    assertThat(streams.at("/0/moving_to").asText()).isEqualTo("binance_2");
    assertThat(streams.at("/0/delay_ms").asLong()).isEqualTo(5_000);
    assertThat(streams.at("/0/last_switch/failover_id").asText()).isEqualTo(EPOCH + "-3");
    assertThat(streams.at("/0/placed").asBoolean()).isTrue();
    assertThat(streams.at("/0/candidates/0/eligible").asBoolean()).isTrue();
    assertThat(streams.at("/1/last_switch").isNull()).isTrue();
    assertThat(streams.at("/1/own_policy").asText()).isEqualTo("shadow");
    assertThat(streams.at("/1/candidates/0/eligible").asBoolean(true)).isFalse();
    assertThat(streams.at("/0/candidates/0/why_not").isNull()).isTrue();
    assertThat(streams.at("/1/gateway").isNull()).isTrue();
    assertThat(streams.at("/1/candidates/0/why_not").asText()).isEqualTo("it is switched off");
  }

  @Test
  void contractsAreMovedByNameOrByTheGatewayThatTheyLeave() {
    RunningServer.Got got =
        hub.post("/v1/failovers", "{\"symbols\":[\"BTC/USDT\",\"BTC/USDT\"],\"to\":\"binance_2\"}");
    assertThat(got.status()).isEqualTo(202);
    assertThat(got.json().at("/failovers/0/state").asText()).isEqualTo("moving");
    assertThat(got.json().at("/stayed/0/possible/0").asText()).isEqualTo("coinbase_exchange");
    hub.post("/v1/failovers", "{\"from\":\"binance\",\"to\":null,\"symbols\":null}");
    assertThat(canned.ordered)
        .containsExactly(
            new Failovers.Move(List.of(CannedDesk.BTC), null, "binance_2", false),
            new Failovers.Move(List.of(), "binance", null, false));
  }

  @Test
  void aDryRunTellsWhatWouldHappenAndReturnsAreOrderedWithoutATarget() {
    RunningServer.Got dry = hub.post("/v1/failovers", "{\"from\":\"binance\",\"dry_run\":true}");
    assertThat(dry.status()).isEqualTo(200);
    assertThat(dry.json().get("failovers")).isEmpty();
    assertThat(dry.json().at("/would_move/0/to").asText()).isEqualTo("binance_2");
    assertThat(dry.json().at("/would_move/0/connected").asBoolean(true)).isFalse();
    assertThat(dry.json().at("/stayed/0/symbol").asText()).isEqualTo("ETH/USDT");
    assertThat(hub.post("/v1/failovers/back", "{\"symbols\":[\"BTC/USDT\"]}").status())
        .isEqualTo(202);
    assertThat(hub.post("/v1/failovers/back", "{\"from\":\"binance\",\"to\":\"binance_2\"}")
            .json()
            .get("type")
            .asText())
        .endsWith(":unknown-field");
    assertThat(canned.ordered)
        .containsExactly(
            new Failovers.Move(List.of(), "binance", null, true),
            "back Move[symbols=[BTC/USDT], from=null, to=null, dryRun=false]");
  }

  @Test
  void whatStandsIsShownAndChanged() {
    JsonNode stands = hub.get("/v1/control").json();
    assertThat(stands.at("/frozen/reason").asText()).isEqualTo("until <noon>");
    assertThat(stands.at("/policies/0/delay_ms").asLong()).isEqualTo(5_000);
    assertThat(stands.at("/pinned/0/gateway").asText()).isEqualTo("binance_2");
    assertThat(stands.at("/stopped/0/gateway").asText()).isEqualTo("binance");
    hub.post("/v1/control/freeze", "");
    hub.post("/v1/control/freeze", "{\"reason\":\"until noon\"}");
    assertThat(hub.post("/v1/control/unfreeze", "").json().get("frozen").isNull())
        .isTrue();
    hub.post("/v1/control/pin", "{\"symbols\":[\"BTC/USDT\"]}");
    hub.post("/v1/control/unpin", "{\"symbols\":[\"BTC/USDT\",\"ETH/USDT\"]}");
    String btc = "{\"symbols\":[\"BTC/USDT\"],\"policy\":";
    hub.post("/v1/control/policy", btc + "\"delayed\",\"delay_ms\":250}");
    hub.post("/v1/control/policy", btc + "\"configured\"}");
    assertThat(canned.ordered)
        .containsExactly(
            "freeze null",
            "freeze until noon",
            "unfreeze",
            "pin [BTC/USDT]",
            "unpin [BTC/USDT, ETH/USDT]",
            "policy [BTC/USDT] " + FailoverPolicy.delayed(250_000_000),
            "policy [BTC/USDT] null");
    canned.ordered.clear();
    for (String wrong : List.of(
        btc + "\"frozen\"}",
        btc + "\"delayed\"}",
        btc + "\"manual\",\"delay_ms\":1}",
        btc + "\"delayed\",\"delay_ms\":-1}",
        btc + "\"delayed\",\"delay_ms\":3600001}",
        btc + "\"delayed\",\"delay_ms\":1.5}",
        btc + "7}",
        "{\"policy\":\"manual\"}")) {
      RunningServer.Got got = hub.post("/v1/control/policy", wrong);
      assertThat(got.status()).as(wrong).isEqualTo(400);
      assertThat(got.json().get("type").asText()).as(wrong).endsWith(":invalid-order");
    }
    assertThat(hub.post("/v1/control/pin", "{}").status()).isEqualTo(400);
    assertThat(hub.post("/v1/control/freeze", "{\"reason\":\"" + "x".repeat(501) + "\"}")
            .status())
        .isEqualTo(400);
    assertThat(canned.ordered).isEmpty();
    canned.refusal = new OrderRefused("a recording is played", List.of());
    assertThat(hub.post("/v1/control/freeze", "").status()).isEqualTo(409);
  }

  @Test
  void ordersAreTakenDownWithWhoSentThemAndWithoutSecrets() {
    List<Audit.Entry> taken = new ArrayList<>();
    hub.desk.audit = new Audit() {
      @Override
      public void note(Entry entry) {
        taken.add(entry);
      }

      @Override
      public List<Entry> newest() {
        return List.of(
            new Entry(3, CannedDesk.START, "::1", null, "POST /b", null, null, 409, "no <room>"),
            new Entry(2, CannedDesk.START, "::1", "eve", "POST /a", "{}", "key", 202, null),
            new Entry(1, CannedDesk.START, "::1", "eve", "POST /a", "{}", null, 202, null));
      }

      @Override
      public @Nullable String trouble() {
        return "the disk is full";
      }
    };
    hub.post("/v1/control/freeze", "{\"reason\":\"noon\"}", Auditing.OPERATOR, "eve");
    hub.post("/v1/control/freeze", "{\"reason\":7}");
    canned.refusal = new OrderRefused("ETH/USDT stays", List.of(STAY));
    hub.post("/v1/failovers", "{\"symbols\":[\"ETH/USDT\"]}");
    assertThat(taken)
        .extracting(Audit.Entry::order)
        .containsExactly("POST /v1/control/freeze", "POST /v1/failovers");
    assertThat(taken.getFirst().operator()).isEqualTo("eve");
    assertThat(taken.getFirst().remote()).isEqualTo("127.0.0.1");
    assertThat(taken.getFirst().body()).isEqualTo("{\"reason\":\"noon\"}");
    assertThat(taken.getLast().status()).isEqualTo(409);
    assertThat(taken.getLast().outcome()).isEqualTo("ETH/USDT stays");

    JsonNode page = hub.get("/v1/audit?limit=2").json();
    assertThat(page.at("/orders/0/outcome").asText()).isEqualTo("no <room>");
    assertThat(page.at("/orders/1/operator").asText()).isEqualTo("eve");
    assertThat(page.get("trouble").asText()).isEqualTo("the disk is full");
    JsonNode rest =
        hub.get("/v1/audit?cursor=" + page.get("next_cursor").asText()).json();
    assertThat(rest.get("orders")).hasSize(1);
    assertThat(rest.get("next_cursor").isNull()).isTrue();
    assertThat(hub.get("/v1/audit?cursor=x").status()).isEqualTo(400);
    hub.desk.audit = null;
    assertThat(hub.get("/v1/audit").status()).isEqualTo(503);
  }

  @Test
  void anOrderIsReadStrictly() {
    for (String wrong : List.of(
        "{}",
        "[]",
        "{\"symbols\":[]}",
        "{\"symbols\":[7]}",
        "{\"symbols\":\"BTC/USDT\"}",
        "{\"symbols\":[\"BTC/USDT\"],\"from\":\"binance\"}",
        "{\"from\":\"binance\",\"to\":\"binance\"}",
        "{\"from\":1}")) {
      RunningServer.Got got = hub.post("/v1/failovers", wrong);
      assertThat(got.status()).as(wrong).isEqualTo(400);
      assertThat(got.json().get("type").asText()).endsWith(":invalid-order");
    }
    assertThat(hub.post("/v1/failovers", "{\"symbols\":[\"BTC/EUR\"]}")
            .json()
            .get("detail")
            .asText())
        .contains("\"BTC/EUR\" is not streamed; streamed: BTC/USDT, ETH/USDT");
    assertThat(hub.post("/v1/failovers", "{\"symbols\":[\"BTC/EUR\"]}").status())
        .isEqualTo(400);
    assertThat(hub.post("/v1/failovers", "{\"from\":\"kraken\"}")
            .json()
            .get("type")
            .asText())
        .endsWith(":unknown-gateway");
    assertThat(hub.post("/v1/failovers", "{\"form\":\"kraken\"}")
            .json()
            .get("type")
            .asText())
        .endsWith(":unknown-field");
    assertThat(canned.ordered).isEmpty();
  }

  @Test
  void whatCannotBeDoneSaysWhyAndWhatCould() {
    canned.refusal = new OrderRefused("ETH/USDT stays", List.of(STAY));
    RunningServer.Got got = hub.post("/v1/failovers", "{\"symbols\":[\"ETH/USDT\"]}");
    assertThat(got.status()).isEqualTo(409);
    assertThat(got.json().at("/stayed/0/reason").asText())
        .isEqualTo("binance_2: it is switched off");
    assertThat(got.json().at("/stayed/0/possible/0").asText()).isEqualTo("coinbase_exchange");
    assertThat(hub.post("/v1/gateways/binance/stop", "").status()).isEqualTo(409);
  }

  @Test
  void gatewaysAreStartedStoppedAndRestarted() {
    RunningServer.Got got = hub.post("/v1/gateways/binance/start", "");
    assertThat(got.status()).isEqualTo(202);
    assertThat(got.json().at("/gateway/id").asText()).isEqualTo("binance");
    hub.post("/v1/gateways/binance/stop", "{}");
    hub.post("/v1/gateways/binance_2/stop", "{\"force\":true}");
    hub.post("/v1/gateways/binance/restart", "{}");
    assertThat(canned.ordered)
        .containsExactly(
            "start binance", "stop binance false", "stop binance_2 true", "restart binance");
    assertThat(hub.post("/v1/gateways/coingecko/stop", "{}").status()).isEqualTo(404);
    assertThat(hub.post("/v1/gateways/binance/stop", "{\"force\":1}").status()).isEqualTo(400);
    assertThat(hub.post("/v1/gateways/binance/start", "{\"force\":true}").status())
        .isEqualTo(400);
    assertThat(hub.post("/v1/gateways/binance/pause", "{}").status()).isEqualTo(404);
    RunningServer.Got read = hub.get("/v1/gateways/binance/stop");
    assertThat(read.status()).isEqualTo(405);
    assertThat(read.header("allow")).isEqualTo("POST");
    // a page of another origin can have a browser send this one
    assertThat(hub.send("POST", "/v1/gateways/binance/stop").status()).isEqualTo(415);
    assertThat(canned.ordered).hasSize(4);
  }

  private RunningServer.Got keyed(String key, String path, String body) {
    return hub.post(path, body, KEY, key);
  }

  @Test
  void anOrderThatIsSentAgainWithItsKeyIsCarriedOutOnce() {
    String order = "{\"from\":\"binance\"}";
    String first = keyed("a-1", "/v1/failovers", order).body();
    assertThat(keyed("a-1", "/v1/failovers", order).body()).isEqualTo(first);
    assertThat(canned.ordered).hasSize(1);
    keyed("a-2", "/v1/failovers", order);
    assertThat(canned.ordered).hasSize(2);
    RunningServer.Got other = keyed("a-1", "/v1/failovers", "{\"from\":\"binance_2\"}");
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.json().get("type").asText()).endsWith(":key-used");
    assertThat(keyed("a-1", "/v1/gateways/binance/restart", order).status()).isEqualTo(422);
    assertThat(keyed("a key", "/v1/failovers", order).status()).isEqualTo(400);
    assertThat(keyed("x".repeat(256), "/v1/failovers", order).status()).isEqualTo(400);
    assertThat(canned.ordered).hasSize(2);

    // what was refused has done nothing, and may be sent again
    canned.refusal = new OrderRefused("not now", List.of());
    assertThat(keyed("a-3", "/v1/failovers", order).status()).isEqualTo(409);
    canned.refusal = null;
    assertThat(keyed("a-3", "/v1/failovers", order).status()).isEqualTo(202);
    assertThat(canned.ordered).hasSize(3);

    hub.nanos.addAndGet(OrderedOnce.KEPT.toNanos() + 1);
    keyed("a-1", "/v1/failovers", order);
    assertThat(canned.ordered).hasSize(4);
  }

  @Test
  void keysAreRememberedWithinABound() {
    String order = "{\"from\":\"binance\"}";
    for (int i = 0; i <= OrderedOnce.KEYS_MAX; i++) {
      keyed("k" + i, "/v1/failovers", order);
    }
    assertThat(canned.ordered).hasSize(OrderedOnce.KEYS_MAX + 1);
    keyed("k" + OrderedOnce.KEYS_MAX, "/v1/failovers", order);
    assertThat(canned.ordered).hasSize(OrderedOnce.KEYS_MAX + 1);
    keyed("k0", "/v1/failovers", order); // the oldest is forgotten
    assertThat(canned.ordered).hasSize(OrderedOnce.KEYS_MAX + 2);
  }
}
