package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.hub.config.Secret;
import dev.everfeed.hub.store.DatabaseCheck.Down;
import dev.everfeed.hub.store.DatabaseCheck.Reason;
import dev.everfeed.hub.store.DatabaseCheck.Up;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is wrong with a database is told in one sentence, soon, and without a stack trace.
class DatabaseCheckTest {
  private static TestDatabase database;

  @BeforeAll
  static void open() {
    database = TestDatabase.create();
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @Test
  void aGoodDatabaseIsUp() {
    assertThat(DatabaseCheck.check(database.address())).isInstanceOfSatisfying(Up.class, up -> {
      assertThat(up.versionNumber()).isGreaterThanOrEqualTo(DatabaseCheck.OLDEST_VERSION);
      assertThat(up.version()).startsWith(Integer.toString(up.versionNumber() / 10_000));
    });
  }

  @Test
  void sessionsAreInUtcWhateverThisMachineIs() throws Exception {
    try (Connection connection = database.dataSource().getConnection();
        var rows = connection.createStatement().executeQuery("show timezone")) {
      rows.next();
      assertThat(rows.getString(1)).isEqualTo("UTC");
    }
  }

  @Test
  void aWrongPasswordIsSaidToBeOne() {
    assertThat(down(at(host(database.address()), database.address().database(), "wrong")))
        .satisfies(down -> {
          assertThat(down.reason()).isEqualTo(Reason.WRONG_PASSWORD);
          assertThat(down.sentence())
              .startsWith("it does not accept the password: ")
              .doesNotContain("wrong");
        });
  }

  @Test
  void anUnknownDatabaseIsSaidToBeOne() {
    assertThat(down(database.address().withDatabase("nowhere"))).satisfies(down -> {
      assertThat(down.reason()).isEqualTo(Reason.UNKNOWN_DATABASE);
      assertThat(down.sentence()).contains("no such database").contains("nowhere");
    });
  }

  @Test
  void aClosedPortAndAnUnknownHostAreTold() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = socket.getLocalPort();
    }
    assertThat(down(at("127.0.0.1:" + port, "db", "p")).reason()).isEqualTo(Reason.REFUSED);
    assertThat(down(at("nowhere.invalid", "db", "p")).reason()).isEqualTo(Reason.UNKNOWN_HOST);
  }

  /// A host that accepts and then says nothing: not the 30 s that an answer may take.
  @Test
  void aSilentHostIsGivenUpSoon() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.ofLiteral("127.0.0.1"))) {
      long from = System.nanoTime();

      Down down = down(at("127.0.0.1:" + silent.getLocalPort(), "db", "p")
          .withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(30)));

      assertThat(down.reason()).isEqualTo(Reason.TIMEOUT);
      assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(12));
    }
  }

  @Test
  void ofSeveralHostsTheLivingOneIsFound() throws Exception {
    int dead;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      dead = socket.getLocalPort();
    }
    DatabaseAddress real = database.address();
    // By a name of its own: the driver takes a host for dead for a second after any failure, and
    // other tests have shown it a wrong password.
    String living = host(real).replace("127.0.0.1", "localhost");
    String url =
        "postgres://%s@127.0.0.1:%d,%s/%s".formatted(real.user(), dead, living, real.database());

    assertThat(DatabaseCheck.check(DatabaseAddress.parse(
            url, null, new Secret(real.properties().getProperty("password")))))
        .isInstanceOf(Up.class);
  }

  @Test
  void aDatabaseThatIsReadOnlyForUsIsDown() {
    try (TestDatabase readOnly = TestDatabase.create()) {
      readOnly.execute("alter database " + readOnly.address().database()
          + " set default_transaction_read_only = on");
      assertThat(down(readOnly.address())).satisfies(down -> {
        assertThat(down.reason()).isEqualTo(Reason.READ_ONLY);
        assertThat(down.sentence()).contains("default_transaction_read_only");
      });
    }
  }

  @Test
  void tooManyConnectionsAreTold() {
    String role = database.address().database() + "_few";
    database.execute("create role " + role + " login password 'p' connection limit 0");
    try {
      DatabaseAddress few = DatabaseAddress.parse(
          "postgres://" + role + ":p@" + host(database.address()) + "/"
              + database.address().database(),
          null,
          null);
      assertThat(down(few).reason()).isEqualTo(Reason.TOO_MANY_CONNECTIONS);
    } finally {
      database.execute("drop role " + role);
    }
  }

  @Test
  void anOldServerAndAStandbyAreDown() {
    assertThat(DatabaseCheck.judge(130_022, "13.22", false, false, false))
        .isEqualTo(new Down(Reason.TOO_OLD, "it is PostgreSQL 13.22, and 14 or newer is needed"));
    assertThat(DatabaseCheck.judge(140_000, "14.0", false, false, true))
        .isEqualTo(new Up(140_000, "14.0", true));
    assertThat(DatabaseCheck.judge(180_006, "18.6", true, true, false))
        .isInstanceOfSatisfying(
            Down.class, down -> assertThat(down.sentence()).contains("standby"));
  }

  @ParameterizedTest
  @CsvSource({
    "28000, WRONG_PASSWORD",
    "57P03, STARTING",
    "25006, READ_ONLY",
    "53300, TOO_MANY_CONNECTIONS",
    "XX000, OTHER"
  })
  void whatTheServerSaysHasAMeaning(String state, Reason reason) {
    assertThat(DatabaseCheck.explain(new SQLException("its words\nand more", state)))
        .satisfies(down -> {
          assertThat(down.reason()).isEqualTo(reason);
          assertThat(down.sentence()).endsWith(": its words");
        });
  }

  private static Down down(DatabaseAddress address) {
    DatabaseCheck.Result result = DatabaseCheck.check(address);
    assertThat(result).isInstanceOf(Down.class);
    return (Down) result;
  }

  private static String host(DatabaseAddress address) {
    return address.hosts().getFirst().toString();
  }

  private static DatabaseAddress at(String host, String database, String password) {
    return DatabaseAddress.parse(
        "postgres://" + DatabaseCheckTest.database.address().user() + ":" + password + "@" + host
            + "/" + database,
        null,
        null);
  }

  /// The hub tells people so in `/health`: a full disk is not a missing connection.
  @ParameterizedTest
  @CsvSource({
    "08006, 'no connection was made, or it broke: x'",
    "57P01, 'it ended the connection: x'",
    "53100, 'it could not do what it was asked (SQLSTATE 53100): x'"
  })
  void aFailureIsToldAsWhatItIs(String state, String sentence) {
    assertThat(DatabaseCheck.explain(new SQLException("x", state)).sentence()).isEqualTo(sentence);
  }
}
