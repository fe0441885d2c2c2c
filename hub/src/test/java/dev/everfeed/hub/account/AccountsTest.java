package dev.everfeed.hub.account;

import static dev.everfeed.hub.account.AccountsFixture.eventually;
import static dev.everfeed.hub.account.AccountsFixture.got;
import static dev.everfeed.hub.account.AccountsFixture.json;
import static dev.everfeed.hub.account.AccountsFixture.refused;
import static dev.everfeed.hub.account.AccountsFixture.unseen;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.everfeed.core.engine.GatewayPlan.Standby;
import dev.everfeed.hub.account.AccountRefused.Reason;
import dev.everfeed.hub.account.Accounts.Match;
import dev.everfeed.hub.config.Mistake;
import dev.everfeed.hub.store.Migrations;
import dev.everfeed.hub.store.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// Accounts in a real database, and what becomes of them.
@Timeout(120)
class AccountsTest {
  private static final String FILE = """
      stream:
        gateways:
          binance: {}
          coinbase_exchange: {priority: 7, enabled: false}
      """;
  private static final String SECOND =
      "{'id': 'binance_2', 'gateway_type': 'binance', 'settings': {'stream_url': 'wss://two.example', 'standby': 'hot'}, 'priority': 3, 'description': 'by way of Tokyo'}";
  private static TestDatabase database;

  @TempDir
  Path folder;

  @BeforeAll
  static void open() throws Exception {
    database = TestDatabase.create();
    Migrations.run(database.dataSource());
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @BeforeEach
  void noneIsThere() {
    database.execute("TRUNCATE market_data_account");
  }

  private AccountsFixture fixture(String... keys) {
    return fixture(folder, database, keys);
  }

  private static AccountsFixture fixture(
      Path folder, @org.jspecify.annotations.Nullable TestDatabase database, String... keys) {
    StringBuilder yaml = new StringBuilder(FILE);
    if (keys.length > 0) {
      List<String> whole = new ArrayList<>();
      for (String key : keys) {
        whole.add(SecretBoxTest.key(key));
      }
      yaml.append("accounts: {keys: \"").append(String.join(",", whole)).append("\"}\n");
    }
    return new AccountsFixture(folder, database, yaml.toString());
  }

  private static List<String> rows(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        rows.add(row.getString(1));
      }
    }
    return rows;
  }

  @Test
  void anAccountIsMadeChangedAndDeletedAndItsGatewayFollows() throws Exception {
    try (AccountsFixture it = fixture()) {
      AccountView made = it.create(SECOND);

      assertThat(made.state()).isEqualTo(AccountView.State.USED);
      assertThat(made.settings()).isEqualTo("""
          {"standby":"hot","stream_url":"wss://two.example"}""");
      assertThat(it.gateway("binance_2").standby()).isEqualTo(Standby.HOT);
      assertThat(it.gateway("binance_2").priority()).isEqualTo(3);

      AccountView changed = it.merge(
          "binance_2", "{'settings': {'standby': null, 'policy': 'manual'}, 'priority': 9}");
      assertThat(changed.version()).isGreaterThan(made.version());
      assertThat(changed.description()).isEqualTo("by way of Tokyo");
      assertThat(it.gateway("binance_2").standby()).isNull();
      assertThat(it.gateway("binance_2").priority()).isEqualTo(9);
      assertThat(it.gateway("binance_2").streamUrl()).hasHost("two.example");

      assertThat(it.merge("binance_2", "{'is_enabled': false}").state())
          .isEqualTo(AccountView.State.OFF);
      assertThat(it.gateway("binance_2").enabled()).isFalse();

      AccountView replaced = got(
          it.accounts.replace("binance_2", json("{'gateway_type': 'binance'}"), Match.ANY, false));
      assertThat(replaced.priority()).isEqualTo(100);
      assertThat(replaced.settings()).isEqualTo("{}");
      assertThat(replaced.enabled()).isTrue();

      it.delete("binance_2");
      assertThat(it.gateways.there).isEmpty();
      assertThat(it.accounts.view().find("binance_2")).isEmpty();
      assertThat(refused(it.accounts.delete("binance_2", Match.ANY, false)).reason())
          .isEqualTo(Reason.UNKNOWN);
      assertThat(it.happened)
          .containsExactly(
              "account_created {\"id\":\"binance_2\"}",
              "account_changed {\"id\":\"binance_2\"}",
              "account_changed {\"id\":\"binance_2\"}",
              "account_changed {\"id\":\"binance_2\"}",
              "account_deleted {\"id\":\"binance_2\"}");
    }
  }

  @Test
  void whoOrdersIsToldWhenTheDatabaseGoesBeforeItsEffectCanBeRead() throws Exception {
    try (AccountsFixture it = fixture()) {
      it.create(SECOND);
      it.carriedOut = () -> it.down("it was stopped");
      assertThat(unseen(it.accounts.merge("binance_2", json("{'priority': 9}"), Match.ANY, false)))
          .hasMessageContaining("was carried out")
          .hasMessageContaining("it was stopped");
      assertThat(it.gateway("binance_2").priority()).isEqualTo(3);

      it.up(database);
      eventually(() -> Integer.valueOf(9).equals(it.gateway("binance_2").priority()));
    }
  }

  @Test
  void whatSomebodyElseDeletesMeanwhileIsSaid() {
    try (AccountsFixture it = fixture()) {
      it.carriedOut = () -> database.execute("TRUNCATE market_data_account");
      assertThat(unseen(it.accounts.create(json(SECOND))))
          .hasMessageContaining("somebody else has deleted it since");
    }
  }

  @Test
  void allMistakesAreToldAtOnceWithWhatIsAllowed() throws Exception {
    try (AccountsFixture it = fixture()) {
      AccountRefused refused = refused(
          it.accounts.create(
              json(
                  "{'id': 'Binance 2', 'gateway_type': 'binanse', 'priority': 1001, 'is_enabled': 'yes', 'descripton': 'x', 'settings': {'stream_url': 'https://two.example', 'standby': 'lukewarm', 'api_key': 'hunter2'}, 'secrets': {'api_key': 5}}")));

      assertThat(refused.reason()).isEqualTo(Reason.MISTAKEN);
      Map<String, String> mistakes = new java.util.TreeMap<>();
      for (Mistake mistake : refused.mistakes()) {
        mistakes.put(mistake.path(), mistake.message());
      }
      assertThat(mistakes)
          .containsEntry("id", "names have 1 to 40 of a-z, 0-9 and _, found \"Binance 2\"")
          .containsEntry(
              "gateway_type",
              "must be a source that streams (binance, coinbase_exchange, kraken, okx, bybit), found \"binanse\"; did you mean binance?")
          .containsEntry("priority", "must be a whole number from 0 to 1000, found \"1001\"")
          .containsEntry("is_enabled", "must be true or false, found \"yes\"")
          .containsEntry("settings.standby", "must be one of hot, warm, cold, found \"lukewarm\"")
          .containsEntry("secrets.api_key", "must be a text of 1 to 8,192 characters");
      assertThat(mistakes.get("descripton")).contains("did you mean description?");
      assertThat(mistakes.get("settings.api_key"))
          .contains("known: stream_url, standby, account, policy")
          .doesNotContain("hunter2");
      // what does not fit together is asked when each value is right alone
      assertThat(
              refused(
                  it.accounts.create(
                      json(
                          "{'id': 'b', 'gateway_type': 'binance', 'settings': {'stream_url': 'https://two.example'}}"))))
          .hasMessage(
              "settings.stream_url: must begin with ws:// or wss://, found https://two.example");
      assertThat(rows("SELECT id FROM market_data_account")).isEmpty();
    }
  }

  @Test
  void ofTwoOperatorsAtOnceTheSecondIsTold() throws Exception {
    try (AccountsFixture it = fixture()) {
      long seen = it.create(SECOND).version();
      Match match = new Match(false, Set.of(seen));

      CompletionStage<AccountView> one =
          it.accounts.merge("binance_2", json("{'priority': 1}"), match, false);
      CompletionStage<AccountView> other =
          it.accounts.merge("binance_2", json("{'priority': 2}"), match, false);

      long now = got(one).version();
      AccountRefused refused = refused(other);
      assertThat(refused.reason()).isEqualTo(Reason.CHANGED);
      assertThat(refused).hasMessageContaining("is at version " + now);
      assertThat(it.one("binance_2").priority()).isEqualTo(1);
      assertThat(refused(it.accounts.delete("binance_2", match, false)).reason())
          .isEqualTo(Reason.CHANGED);
      assertThat(refused(it.accounts.create(json(SECOND))).reason()).isEqualTo(Reason.EXISTS);
    }
  }

  /// A version is not used again, so that who has read the first one cannot change the second.
  @Test
  void anAccountThatIsMadeAnewIsAnotherVersion() {
    try (AccountsFixture it = fixture()) {
      long first = it.create(SECOND).version();
      it.delete("binance_2");
      assertThat(it.create(SECOND).version()).isGreaterThan(first);
    }
  }

  @Test
  void whatTheConfigurationHasIsShownAndItsNamesAreTaken() {
    try (AccountsFixture it = fixture()) {
      assertThat(it.accounts.view().all())
          .extracting(AccountView::id)
          .containsExactly("binance", "coinbase_exchange");
      assertThat(it.one("binance").path()).isEqualTo("stream.gateways.binance");
      assertThat(it.one("binance").priority()).isEqualTo(1);
      assertThat(it.one("binance").state()).isEqualTo(AccountView.State.USED);
      assertThat(it.one("coinbase_exchange").priority()).isEqualTo(7);
      assertThat(it.one("coinbase_exchange").state()).isEqualTo(AccountView.State.OFF);

      AccountRefused refused =
          refused(it.accounts.create(json("{'id': 'binance', 'gateway_type': 'binance'}")));
      assertThat(refused.reason()).isEqualTo(Reason.EXISTS);
      assertThat(refused)
          .hasMessageContaining("everfeed.yaml")
          .hasMessageContaining("stream.gateways.binance");
      assertThat(it.gateways.orders).isEmpty();
    }
  }

  @Test
  void theSourceOfAnAccountStays() {
    try (AccountsFixture it = fixture()) {
      it.create(SECOND);
      assertThat(refused(
              it.accounts.merge("binance_2", json("{'gateway_type': 'kraken'}"), Match.ANY, false)))
          .hasMessageContaining("gateway_type: stays what it is, \"binance\"");
    }
  }

  /// Every place that a secret could come out of: what is shown, said, logged and stored.
  @Test
  void aSecretIsNowhereInTheClear() throws Exception {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level before = root.getLevel();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    root.setLevel(Level.TRACE);
    List<String> said = new ArrayList<>();
    try (AccountsFixture it = fixture("k1")) {
      String secret = "PLANTED-one";
      AccountView made = it.create(
          "{'id': 'b', 'gateway_type': 'binance', 'secrets': {'api_key': '%s', 'api_secret': 'PLANTED-two'}}"
              .formatted(secret));
      assertThat(made.secrets()).isEqualTo(Map.of("api_key", "k1", "api_secret", "k1"));
      said.add(made.toString());
      said.add(it.merge("b", "{'secrets': {'api_key': 'PLANTED-three', 'api_secret': null}}")
          .toString());
      assertThat(it.one("b").secrets()).containsOnlyKeys("api_key");
      said.add(refused(
              it.accounts.create(
                  json(
                      "{'id': 'b', 'gateway_type': 'PLANTE', 'secrets': {'api_key': ['PLANTED-four'], 'PLANTED-five': 'x'}, 'settings': {'password': 'PLANTED-six'}}")))
          .mistakes()
          .toString());
      said.add(refused(it.accounts.create(json(
              "{'id': 'b', 'gateway_type': 'binance', 'secrets': {'api_key': 'PLANTED-seven'}}")))
          .toString());
      said.addAll(it.happened);
      said.add(it.accounts.view().toString());
      said.add(it.metrics.page());
    } finally {
      root.detachAppender(log);
      root.setLevel(before);
    }
    said.addAll(rows("SELECT market_data_account::text FROM market_data_account"));
    said.add(Files.readString(folder.resolve("last-known.json")));
    for (ILoggingEvent event : List.copyOf(log.list)) {
      said.add(event.getFormattedMessage() + " " + event.getThrowableProxy());
    }

    assertThat(rows("SELECT secrets::text FROM market_data_account"))
        .singleElement()
        .asString()
        .contains("ef1:k1:");
    assertThat(said).noneMatch(text -> text.contains("PLANTED-"));
    assertThat(PosixFilePermissions.toString(
            Files.getPosixFilePermissions(folder.resolve("last-known.json"))))
        .isEqualTo("rw-------");
  }

  @Test
  void withoutAKeySecretsAreRefusedAndAccountsWithoutThemWork() {
    try (AccountsFixture it = fixture()) {
      AccountRefused refused = refused(it.accounts.create(
          json("{'id': 'b', 'gateway_type': 'binance', 'secrets': {'api_key': 'x'}}")));
      assertThat(refused.reason()).isEqualTo(Reason.NO_KEY);
      assertThat(refused).hasMessageContaining("openssl rand -base64 32");

      assertThat(it.create(SECOND).state()).isEqualTo(AccountView.State.USED);
      assertThat(refused(it.accounts.merge(
                  "binance_2", json("{'secrets': {'api_key': 'x'}}"), Match.ANY, false))
              .reason())
          .isEqualTo(Reason.NO_KEY);
    }
  }

  @Test
  void aKeyIsChangedStepByStep() throws Exception {
    try (AccountsFixture it = fixture("k1")) {
      it.create("{'id': 'b', 'gateway_type': 'binance', 'secrets': {'api_key': 'x'}}");
    }
    try (AccountsFixture it = fixture("k2", "k1")) {
      eventually(() ->
          it.accounts.view().find("b").isPresent() && it.one("b").secrets().containsValue("k2"));
      assertThat(it.happened).contains("account_secrets_rekeyed {\"key\":\"k2\",\"secrets\":1}");
      assertThat(it.metrics.page()).contains("everfeed_accounts_rekeyed_total 1.0");
    }
    try (AccountsFixture it = fixture("k2")) {
      eventually(() -> it.gateways.there.containsKey("b"));
      assertThat(it.happened).isEmpty();
    }
  }

  @Test
  void withALostKeyItsAccountIsUnusableAndTheRestRuns() throws Exception {
    try (AccountsFixture it = fixture("k1")) {
      it.create("{'id': 'b', 'gateway_type': 'binance', 'secrets': {'api_key': 'x'}}");
      it.create(SECOND);
    }
    try (AccountsFixture it = fixture("k2")) {
      eventually(() -> it.accounts.view().from() == AccountsView.From.DATABASE);
      AccountView lost = it.one("b");
      assertThat(lost.state()).isEqualTo(AccountView.State.UNUSABLE);
      assertThat(lost.reason()).contains("the key \"k1\"").contains("only k2");
      assertThat(it.one("binance_2").state()).isEqualTo(AccountView.State.USED);
      assertThat(it.gateways.there).containsOnlyKeys("binance_2");
      assertThat(it.accounts.view().faults()).singleElement().asString().contains("account b");
      assertThat(it.metrics.page()).contains("everfeed_accounts{state=\"unusable\"} 1.0");

      assertThat(it.merge("b", "{'secrets': {'api_key': 'y'}}").state())
          .isEqualTo(AccountView.State.USED);
      assertThat(it.accounts.view().faults()).isEmpty();
    }
  }

  @Test
  void theLastKnownOnesAreUsedWithoutADatabaseAndWhatChangedMeanwhileTakesEffect()
      throws Exception {
    try (AccountsFixture it = fixture("k1")) {
      it.create(SECOND);
      it.create("{'id': 'b', 'gateway_type': 'kraken', 'secrets': {'api_key': 'x'}}");
    }
    try (AccountsFixture it = fixture(folder, null, "k1")) {
      assertThat(it.accounts.view().find("b")).as("from the first moment on").isPresent();
      eventually(() -> it.gateways.there.keySet().equals(Set.of("b", "binance_2")));
      AccountsView view = it.accounts.view();
      assertThat(view.from()).isEqualTo(AccountsView.From.CACHE);
      assertThat(view.asOf()).isNotNull();
      assertThat(view.reason()).isEqualTo("it is being looked for");
      AccountRefused refused = refused(it.accounts.delete("b", Match.ANY, false));
      assertThat(refused.reason()).isEqualTo(Reason.AWAY);
      assertThat(refused)
          .hasMessageContaining("it is being looked for")
          .hasMessageContaining("nothing was changed");
      assertThat(refused(it.accounts.create(json(SECOND))).reason()).isEqualTo(Reason.AWAY);

      database.execute(
          "DELETE FROM market_data_account WHERE id = 'b'",
          "UPDATE market_data_account SET priority = 1 WHERE id = 'binance_2'");
      it.up(database);
      eventually(() -> it.gateways.there.keySet().equals(Set.of("binance_2"))
          && Integer.valueOf(1).equals(it.gateway("binance_2").priority()));
      // what is shown follows what is done
      eventually(() -> it.accounts.view().from() == AccountsView.From.DATABASE);

      it.down("it was stopped");
      eventually(() -> it.accounts.view().from() == AccountsView.From.CACHE);
      assertThat(it.accounts.view().reason()).isEqualTo("it was stopped");
      assertThat(it.one("binance_2").state()).isEqualTo(AccountView.State.USED);
    }
    try (AccountsFixture it = fixture(folder, null)) {
      eventually(() -> it.gateways.there.containsKey("binance_2"));
      assertThat(it.accounts.view().find("b")).isEmpty();
    }
  }

  @Test
  void aDamagedCopyIsToldAndReplaced() throws Exception {
    try (AccountsFixture it = fixture()) {
      it.create(SECOND);
    }
    Path file = folder.resolve("last-known.json");
    Files.writeString(file, Files.readString(file).replace("two.example", "six.example"));
    try (AccountsFixture it = fixture(folder, null)) {
      eventually(() -> !it.accounts.view().faults().isEmpty());
      assertThat(it.accounts.view().faults()).singleElement().asString().contains("is damaged");
      assertThat(it.gateways.there).isEmpty();
      it.up(database);
      eventually(() -> it.accounts.view().faults().isEmpty());
      assertThat(it.gateways.there).containsOnlyKeys("binance_2");
    }
    assertThat(Files.readString(file)).contains("two.example");
  }

  @Test
  void whatAnotherHubChangesTakesEffectHere(@TempDir Path other) throws Exception {
    try (AccountsFixture one = fixture("k1");
        AccountsFixture two = fixture(other, database, "k1")) {
      one.create(SECOND);
      eventually(() -> two.gateways.there.containsKey("binance_2"));
      two.merge("binance_2", "{'is_enabled': false}");
      eventually(() -> !one.gateway("binance_2").enabled());
      one.delete("binance_2");
      eventually(() -> two.gateways.there.isEmpty());
    }
  }

  /// Somebody has written into the table by hand, or a newer program.
  @Test
  void aRowThatMakesNoSenseIsToldAndTheRestRuns() throws Exception {
    try (AccountsFixture it = fixture()) {
      it.create(SECOND);
      database.execute(
          "INSERT INTO market_data_account VALUES ('odd', 'nyse', '{\"standby\": \"tepid\"}', '{}', 5, true, '', 1, now(), now())",
          "UPDATE market_data_account SET settings = '{\"stream_url\": 5}' WHERE id = 'binance_2'");
      eventually(() -> it.accounts.view().find("odd").isPresent());

      assertThat(it.one("odd").state()).isEqualTo(AccountView.State.UNUSABLE);
      assertThat(it.one("odd").reason())
          .contains("gateway_type: must be a source that streams")
          .contains("settings.standby: must be one of");
      assertThat(it.one("binance_2").reason())
          .contains("settings.stream_url")
          .contains("its gateway goes on as it was before");
      assertThat(it.gateways.there).containsOnlyKeys("binance_2");

      assertThat(it.merge("binance_2", "{'settings': {'stream_url': null}}").state())
          .isEqualTo(AccountView.State.USED);
      it.delete("odd");
      assertThat(it.accounts.view().faults()).isEmpty();
      assertThat(it.gateways.orders)
          .as("what is pinned to it waits for nobody")
          .containsOnlyOnce("remove odd");
    }
  }

  @Test
  void aNameThatTheConfigurationHasIsNotTakenFromTheDatabase() throws Exception {
    database.execute(
        "INSERT INTO market_data_account VALUES ('binance', 'kraken', '{}', '{}', 5, true, '', 1, now(), now())");
    try (AccountsFixture it = fixture()) {
      eventually(() -> !it.accounts.view().faults().isEmpty());
      assertThat(it.accounts.view().faults())
          .singleElement()
          .asString()
          .contains("stream.gateways.binance");
      assertThat(it.one("binance").gatewayType()).isEqualTo("binance");
      assertThat(it.gateways.orders).isEmpty();
    }
  }

  @Test
  void aGatewayThatIsRefusedWaitsAndIsTriedAgain() throws Exception {
    try (AccountsFixture it = fixture()) {
      it.gateways.refusal = "no place for it";
      AccountView made = it.create(SECOND);
      assertThat(made.state()).isEqualTo(AccountView.State.WAITING);
      assertThat(made.reason()).isEqualTo("no place for it");

      it.gateways.refusal = null;
      it.nanos.addAndGet(5_000_000_000L);
      eventually(() -> it.one("binance_2").state() == AccountView.State.USED);

      it.gateways.refusal = "nobody else has BTC/USDT";
      // the database is the truth, and the gateway follows when it can
      assertThat(got(it.accounts.delete("binance_2", Match.ANY, false)))
          .contains("nobody else has BTC/USDT");
      assertThat(it.accounts.view().faults())
          .containsExactly(
              "account binance_2 is deleted, and its gateway is there still: nobody else has BTC/USDT");
      assertThat(it.gateways.there).containsOnlyKeys("binance_2");
      it.gateways.refusal = null;
      it.nanos.addAndGet(5_000_000_000L);
      eventually(() -> it.gateways.there.isEmpty());
    }
  }

  /// What is forced at one hub is not forced at another, which may have readers that nobody asked.
  @Test
  void onlyWhereItIsForcedAGatewayGoesWithWhatItPublishes(@TempDir Path other) throws Exception {
    try (AccountsFixture one = fixture();
        AccountsFixture two = fixture(other, database)) {
      one.create(SECOND);
      eventually(() -> two.gateways.there.containsKey("binance_2"));
      one.gateways.refusal = "nobody else has BTC/USDT";
      two.gateways.refusal = "nobody else has ETH/USDT";

      assertThat(
              got(one.accounts.merge("binance_2", json("{'is_enabled': false}"), Match.ANY, true))
                  .state())
          .isEqualTo(AccountView.State.WAITING); // it is gone, and cannot come as switched off
      assertThat(one.gateways.orders).contains("force binance_2");
      eventually(() -> two.one("binance_2").state() == AccountView.State.WAITING);
      assertThat(two.gateway("binance_2").enabled()).isTrue();
      assertThat(two.gateways.orders).doesNotContain("force binance_2");
      assertThat(two.accounts.view().faults())
          .containsExactly("account binance_2 is waiting: nobody else has ETH/USDT");
    }
  }

  /// Each would undo what the other has done, without end, if it were done in every round.
  @Test
  void twoHubsWhoseKeysStandInDifferentOrderDoNotEncryptForEachOtherWithoutEnd(@TempDir Path other)
      throws Exception {
    try (AccountsFixture one = fixture("k1", "k2");
        AccountsFixture two = fixture(other, database, "k2", "k1")) {
      eventually(() -> one.accounts.view().from() == AccountsView.From.DATABASE
          && two.accounts.view().from() == AccountsView.From.DATABASE);
      one.create("{'id': 'b', 'gateway_type': 'binance', 'secrets': {'api_key': 'x'}}");
      for (int i = 0; i < 5; i++) { // each looks at the table
        two.merge("b", "{'priority': %d}".formatted(i));
        one.merge("b", "{'priority': %d}".formatted(10 + i));
      }
      assertThat(one.one("b").secrets()).containsEntry("api_key", "k1");
      assertThat(one.happened).noneMatch(each -> each.contains("rekeyed"));
      assertThat(two.happened).noneMatch(each -> each.contains("rekeyed"));
      assertThat(two.one("b").state()).isEqualTo(AccountView.State.USED);
    }
  }

  @Test
  void anAccountOfASourceThatIsSwitchedOffIsOff() {
    try (AccountsFixture it =
        new AccountsFixture(folder, database, FILE + "sources: {okx: {enabled: false}}")) {
      AccountView made = it.create("{'id': 'o', 'gateway_type': 'okx'}");
      assertThat(made.state()).isEqualTo(AccountView.State.OFF);
      assertThat(made.reason()).isEqualTo("sources.okx.enabled is false in the configuration");
      assertThat(it.gateways.orders).isEmpty();
      assertThat(it.accounts.view().faults()).isEmpty();
    }
  }

  @Test
  void aHubThatKeepsNothingShowsItsConfigurationAndTakesNoOrders() {
    try (AccountsFixture it = new AccountsFixture(null, null, FILE)) {
      assertThat(it.accounts.view().all()).hasSize(2);
      AccountRefused refused = refused(it.accounts.create(json(SECOND)));
      assertThat(refused.reason()).isEqualTo(Reason.NOTHING_KEPT);
      assertThat(refused).hasMessageContaining("store.enabled is false");
    }
  }

  @Test
  void thereAreNoMoreThanAHubCanHave() throws Exception {
    database.execute(
        "INSERT INTO market_data_account SELECT 'a' || n, 'binance', '{}', '{}', 5, false, '', 1, now(), now() FROM generate_series(1, 62) n");
    try (AccountsFixture it = fixture()) {
      AccountRefused refused = refused(it.accounts.create(json(SECOND)));
      assertThat(refused.reason()).isEqualTo(Reason.FULL);
      assertThat(refused).hasMessageContaining("at most 64").hasMessageContaining("has 2");
    }
  }

  @Test
  void whoeverOrdersWhileTheHubStopsIsAnswered() {
    AccountsFixture it = fixture();
    it.close();
    assertThat(refused(it.accounts.delete("binance_2", Match.ANY, false)).reason())
        .isEqualTo(Reason.STOPPING);
  }
}
