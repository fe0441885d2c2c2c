package dev.everfeed.hub.api;

import static dev.everfeed.hub.account.AccountsFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.hub.account.AccountsFixture;
import dev.everfeed.hub.account.AccountsView;
import dev.everfeed.hub.store.Migrations;
import dev.everfeed.hub.store.TestDatabase;
import io.vertx.core.Future;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Accounts over HTTP, with a real database behind them; each answer is held against the
/// document.
@Timeout(120)
class AccountingTest {
  private static final String SECOND =
      "{\"id\": \"binance_2\", \"gateway_type\": \"binance\", \"priority\": 3, \"settings\": {\"standby\": \"hot\"}}";
  private static final String KEY = "k1:" + "A".repeat(43) + "=";

  @TempDir
  Path folder;

  private final RunningServer hub = new RunningServer();
  private TestDatabase database;
  private AccountsFixture it;

  @BeforeEach
  void start() throws Exception {
    database = TestDatabase.create();
    Migrations.run(database.dataSource());
    it = new AccountsFixture(
        folder,
        database,
        "stream: {gateways: {binance: {}, kraken: {standby: hot}}}\naccounts: {keys: '%s'}"
            .formatted(KEY));
    hub.desk.accounts = it.accounts;
    eventually(() -> it.accounts.view().from() == AccountsView.From.DATABASE);
  }

  @AfterEach
  void stop() {
    hub.close();
    it.close();
    database.close();
  }

  private static String problem(RunningServer.Got got) {
    return got.json().get("type").asText().replace("urn:everfeed:problem:", "");
  }

  @Test
  void anAccountIsMadeReadChangedAndDeleted() {
    RunningServer.Got made = hub.post("/v1/accounts", SECOND);
    assertThat(made.status()).isEqualTo(201);
    assertThat(made.header("location")).isEqualTo("/v1/accounts/binance_2");
    assertThat(made.json().get("state").asText()).isEqualTo("used");
    String tag = made.header("etag");
    assertThat(tag).isEqualTo("\"" + made.json().get("version").asLong() + "\"");

    RunningServer.Got read = hub.get("/v1/accounts/binance_2");
    assertThat(read.json()).isEqualTo(made.json());
    assertThat(read.header("etag")).isEqualTo(tag);

    RunningServer.Got patched = hub.order(
        "PATCH",
        "/v1/accounts/binance_2",
        "{\"settings\": {\"standby\": null, \"policy\": \"manual\"}}",
        "if-match",
        tag,
        "content-type",
        "application/merge-patch+json");
    assertThat(patched.status()).isEqualTo(200);
    assertThat(patched.json().get("settings").toString()).isEqualTo("{\"policy\":\"manual\"}");
    assertThat(patched.header("etag")).isNotEqualTo(tag);

    RunningServer.Got put = hub.order(
        "PUT",
        "/v1/accounts/binance_2",
        "{\"gateway_type\": \"binance\", \"is_enabled\": false}",
        "if-match",
        patched.header("etag"));
    assertThat(put.json().get("priority").asInt()).isEqualTo(100);
    assertThat(put.json().get("state").asText()).isEqualTo("off");

    RunningServer.Got deleted =
        hub.send("DELETE", "/v1/accounts/binance_2", "if-match", put.header("etag"));
    assertThat(deleted.status()).isEqualTo(200);
    assertThat(deleted.json().get("gateway_gone").asBoolean()).isTrue();
    assertThat(hub.get("/v1/accounts/binance_2").status()).isEqualTo(404);
    assertThat(it.gateways.there).isEmpty();
  }

  @Test
  void allAreListedPageByPageWithThoseOfTheConfiguration() {
    hub.post("/v1/accounts", SECOND);
    hub.post("/v1/accounts", "{\"id\": \"a\", \"gateway_type\": \"kraken\"}");

    JsonNode all = hub.get("/v1/accounts").json();
    assertThat(all.get("accounts").findValuesAsText("id"))
        .containsExactly("a", "binance", "binance_2", "kraken");
    assertThat(all.get("accounts").findValuesAsText("managed_by"))
        .containsExactly("database", "file", "database", "file");
    assertThat(all.get("from").asText()).isEqualTo("database");
    assertThat(all.at("/accounts/3/path").asText()).isEqualTo("stream.gateways.kraken");

    JsonNode page = hub.get("/v1/accounts?limit=3").json();
    assertThat(page.get("next_cursor").asText()).isEqualTo("binance_2");
    JsonNode last = hub.get("/v1/accounts?limit=3&cursor=binance_2").json();
    assertThat(last.get("accounts").findValuesAsText("id")).containsExactly("kraken");
    assertThat(last.get("next_cursor").isNull()).isTrue();
    assertThat(hub.get("/v1/accounts?cursor=A%20B").status()).isEqualTo(400);
  }

  @Test
  void whatTheConfigurationHasIsChangedThere() {
    for (String method : List.of("PUT", "PATCH")) {
      RunningServer.Got got = hub.order(method, "/v1/accounts/binance", "{}");
      assertThat(got.status()).isEqualTo(409);
      assertThat(problem(got)).isEqualTo("managed-by-file");
      assertThat(got.json().get("detail").asText())
          .contains("everfeed.yaml")
          .contains("stream.gateways.binance")
          .contains("change it there");
    }
    assertThat(problem(hub.send("DELETE", "/v1/accounts/binance"))).isEqualTo("managed-by-file");
    RunningServer.Got taken =
        hub.post("/v1/accounts", "{\"id\": \"binance\", \"gateway_type\": \"binance\"}");
    assertThat(taken.status()).isEqualTo(409);
    assertThat(problem(taken)).isEqualTo("account-exists");
    assertThat(hub.get("/v1/accounts/binance").header("etag")).isEmpty();
  }

  @Test
  void ofTwoOperatorsTheSecondIsToldAndWhoDoesNotSayWhichVersionTheyMeanToo() {
    String tag = hub.post("/v1/accounts", SECOND).header("etag");
    String path = "/v1/accounts/binance_2";
    assertThat(hub.order("PATCH", path, "{\"priority\": 1}", "if-match", tag).status())
        .isEqualTo(200);

    RunningServer.Got late = hub.order("PATCH", path, "{\"priority\": 2}", "if-match", tag);
    assertThat(late.status()).isEqualTo(412);
    assertThat(problem(late)).isEqualTo("account-changed");
    assertThat(hub.order("PUT", path, "{\"gateway_type\": \"binance\"}").status())
        .isEqualTo(428);
    assertThat(hub.send("DELETE", path).status()).isEqualTo(428);
    assertThat(hub.send("DELETE", path, "if-match", "W/" + tag).status()).isEqualTo(412);
    assertThat(hub.send("DELETE", path, "if-match", "seven").status()).isEqualTo(400);
    assertThat(hub.send("DELETE", path, "if-match", "\"7\", \"x\"").status()).isEqualTo(412);
    String now = hub.get(path).header("etag");
    assertThat(hub.send("DELETE", path, "if-match", "\"7\" , " + now).status()).isEqualTo(200);
    assertThat(hub.send("DELETE", path, "if-match", "*").status()).isEqualTo(404);
  }

  @Test
  void anOrderThatIsSentAgainIsCarriedOutOnce() {
    String key = "idempotency-key";
    RunningServer.Got first = hub.post("/v1/accounts", SECOND, key, "one");
    RunningServer.Got again = hub.post("/v1/accounts", SECOND, key, "one");
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.header("location")).isEqualTo("/v1/accounts/binance_2");
    assertThat(hub.post("/v1/accounts", SECOND).status()).isEqualTo(409);
    assertThat(hub.post("/v1/accounts", SECOND.replace("3", "4"), key, "one").status())
        .isEqualTo(422);
  }

  /// Whoever sends it again is not told that somebody else has changed the account.
  @Test
  void anOrderWhoseEffectCannotBeSeenIsCarriedOutOnce() {
    hub.post("/v1/accounts", SECOND);
    it.carriedOut = () -> it.down("the server was stopped");
    String path = "/v1/accounts/binance_2";
    String tag = hub.get(path).header("etag");
    String[] headers = {"if-match", tag, "idempotency-key", "one"};
    RunningServer.Got got = hub.order("PATCH", path, "{\"priority\": 1}", headers);

    assertThat(got.status()).isEqualTo(202);
    assertThat(got.json().get("carried_out").asBoolean()).isTrue();
    assertThat(got.json().get("reason").asText()).contains("the server was stopped");
    it.up(database);
    RunningServer.Got again = hub.order("PATCH", path, "{\"priority\": 1}", headers);
    assertThat(again.status()).isEqualTo(202);
    assertThat(again.body()).isEqualTo(got.body());
  }

  @Test
  void everyMistakeIsTold() {
    RunningServer.Got got = hub.post(
        "/v1/accounts",
        "{\"id\": \"A\", \"gateway_type\": \"binanse\", \"priority\": \"3\", \"settings\": {\"stream_ulr\": \"x\"}}");
    assertThat(got.status()).isEqualTo(400);
    assertThat(problem(got)).isEqualTo("invalid-account");
    assertThat(got.json().get("mistakes").findValuesAsText("path"))
        .containsExactlyInAnyOrder("id", "gateway_type", "priority", "settings.stream_ulr");
    assertThat(got.json().get("mistakes").toString())
        .contains("did you mean binance?")
        .contains("did you mean stream_url?");
    assertThat(hub.post("/v1/accounts?force=true", SECOND).status()).isEqualTo(400);
  }

  /// Neither in what is answered, nor in what is refused, whatever is wrong with it.
  @Test
  void aSecretNeverComesBack() {
    String account =
        "{\"id\": \"b\", \"gateway_type\": \"binance\", \"secrets\": {\"api_key\": \"PLANTED\"}}";
    RunningServer.Got made = hub.post("/v1/accounts", account);
    assertThat(made.json().get("secrets").toString())
        .isEqualTo("{\"api_key\":{\"set\":true,\"key\":\"k1\"}}");
    String any = "*";
    List<RunningServer.Got> all = List.of(
        made,
        hub.post("/v1/accounts", account),
        hub.get("/v1/accounts"),
        hub.get("/v1/accounts/b"),
        hub.order(
            "PATCH", "/v1/accounts/b", "{\"secrets\": {\"api_key\": PLANTED}}", "if-match", any),
        hub.order("PATCH", "/v1/accounts/b", "{\"secrets\": \"PLANTED\"}", "if-match", any),
        hub.order(
            "PATCH", "/v1/accounts/b", "{\"secrets\": {\"PLANTED\": \"x\"}}", "if-match", any),
        hub.order(
            "PATCH", "/v1/accounts/b", "{\"settings\": {\"x\": \"PLANTED\"}}", "if-match", any),
        hub.order("PATCH", "/v1/accounts/b", "[\"PLANTED\"]", "if-match", any),
        hub.order("PATCH", "/v1/accounts/b", "\"PLANTED", "if-match", any),
        hub.order("PATCH", "/v1/accounts/b", "{\"priority\": 5}", "if-match", any));
    assertThat(all).noneMatch(got -> got.body().contains("PLANTED"));
    assertThat(all.getLast().json().at("/secrets/api_key/set").asBoolean()).isTrue();
  }

  @Test
  void withoutTheDatabaseTheLastKnownOnesAreReadAndOrdersAreRefused() throws Exception {
    hub.post("/v1/accounts", SECOND);
    it.down("the server was stopped");
    eventually(() -> it.accounts.view().from() == AccountsView.From.CACHE);

    JsonNode list = hub.get("/v1/accounts").json();
    assertThat(list.get("from").asText()).isEqualTo("cache");
    assertThat(list.get("reason").asText()).isEqualTo("the server was stopped");
    assertThat(hub.get("/v1/accounts/binance_2").json().get("from").asText()).isEqualTo("cache");
    RunningServer.Got refused =
        hub.order("PATCH", "/v1/accounts/binance_2", "{\"priority\": 1}", "if-match", "*");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(problem(refused)).isEqualTo("database-away");
    assertThat(refused.json().get("detail").asText())
        .contains("the server was stopped")
        .contains("nothing was changed");

    it.up(database);
    eventually(() -> it.accounts.view().from() == AccountsView.From.DATABASE);
    assertThat(hub.order("PATCH", "/v1/accounts/binance_2", "{\"priority\": 1}", "if-match", "*")
            .status())
        .isEqualTo(200);
  }

  @Test
  void anOrderWhoseConnectionIsCutInTheMiddleMayHaveBeenCarriedOut() {
    database.execute(
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM"
            + " pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(10); RETURN NEW; END'",
        "CREATE TRIGGER cut BEFORE INSERT ON market_data_account FOR EACH ROW EXECUTE FUNCTION cut()");
    try {
      RunningServer.Got unsure = hub.post("/v1/accounts", SECOND);
      assertThat(unsure.status()).as(unsure.body()).isEqualTo(503);
      assertThat(problem(unsure)).isEqualTo("outcome-unknown");
      assertThat(unsure.json().get("detail").asText()).contains("may have been carried out");
    } finally {
      database.execute("DROP FUNCTION cut CASCADE");
    }
    assertThat(hub.post("/v1/accounts", SECOND).status()).isEqualTo(201);
  }

  /// BTC/USDT is published from it and could go nowhere, ETH/USDT could.
  @Test
  void whatNobodyElseCouldPublishKeepsItsGatewayUnlessItIsForced() {
    hub.post("/v1/accounts", SECOND);
    hub.desk.failovers = routed(List.of(
        route("BTC/USDT", "binance_2", binance("it is not connected")),
        route("ETH/USDT", "binance_2", binance(null)),
        route("SOL/USDT", "binance")));
    String path = "/v1/accounts/binance_2";

    for (RunningServer.Got got : List.of(
        hub.send("DELETE", path, "if-match", "*"),
        hub.order("PATCH", path, "{\"is_enabled\": false}", "if-match", "*"))) {
      assertThat(got.status()).isEqualTo(409);
      assertThat(problem(got)).isEqualTo("impossible");
      assertThat(got.json().get("stayed").findValuesAsText("symbol")).containsExactly("BTC/USDT");
      assertThat(got.json().at("/stayed/0/reason").asText())
          .isEqualTo("binance: it is not connected");
    }
    assertThat(hub.order("PATCH", path, "{\"priority\": 9}", "if-match", "*").status())
        .isEqualTo(200);
    assertThat(hub.order("PATCH", path + "?force=true", "{\"is_enabled\": false}", "if-match", "*")
            .status())
        .isEqualTo(200);
    assertThat(hub.send("DELETE", path + "?force=yes", "if-match", "*").status())
        .isEqualTo(400);
    assertThat(hub.send("DELETE", path + "?force=true", "if-match", "*").status())
        .isEqualTo(200);
  }

  private static StreamRouteView route(
      String symbol, String gateway, StreamRouteView.Candidate... candidates) {
    return new StreamRouteView(
        symbol,
        gateway,
        null,
        FailoverPolicy.IMMEDIATE,
        FailoverPolicy.IMMEDIATE,
        false,
        null,
        List.of(candidates));
  }

  private static StreamRouteView.Candidate binance(@Nullable String whyNot) {
    return new StreamRouteView.Candidate("binance", "binance", 1, GatewayState.HEALTHY, whyNot);
  }

  /// Routes that the test writes; nothing else may be asked.
  private static Failovers routed(List<StreamRouteView> routes) {
    return (Failovers) Proxy.newProxyInstance(
        Failovers.class.getClassLoader(), new Class<?>[] {Failovers.class}, (_, method, _) -> {
          assertThat(method.getName()).isEqualTo("routes");
          return Future.succeededFuture(routes);
        });
  }

  @Test
  void whatIsWrongWithAccountsIsInHealth() {
    CannedDesk.Picture picture = new CannedDesk.Picture();
    picture.accounts = List.of("account b is unusable: its key is lost");
    hub.desk.view = picture.view();

    JsonNode health = hub.get("/health").json();
    assertThat(health.get("status").asText()).isEqualTo("degraded");
    assertThat(health.get("reasons").toString()).contains("account b is unusable");
  }
}
