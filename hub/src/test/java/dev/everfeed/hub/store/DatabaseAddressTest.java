package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.hub.config.Secret;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Both forms of an address mean the same, and no form of mistake shows a password.
class DatabaseAddressTest {

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      postgres://u:p@db.example:6432/feed                | db.example:6432/feed as u
      postgresql://u:p@db.example/feed                   | db.example:5432/feed as u
      postgres://u@h1:5433,h2/feed                       | h1:5433,h2:5432/feed as u
      postgres://u@h1                                    | h1:5432/u as u
      postgres://u@h1/                                   | h1:5432/u as u
      postgres://u@/feed                                 | localhost:5432/feed as u
      postgres:///feed?user=u                            | localhost:5432/feed as u
      postgres://u@[2001:db8::1]:5433,[::1]/feed         | [2001:db8::1]:5433,[::1]:5432/feed as u
      postgres://a%40b:p%2Fq@h/my%20feed                 | h:5432/my feed as a@b
      postgres://a+b@h/c+d                               | h:5432/c+d as a+b
      jdbc:postgresql://h1:5432,h2:5433/feed?user=u      | h1:5432,h2:5433/feed as u
      jdbc:postgresql://[::1]/feed?user=u&password=p     | [::1]:5432/feed as u
      jdbc:postgresql://h/?user=u                        | h:5432/u as u
      """)
  void bothFormsAreRead(String url, String described) {
    assertThat(DatabaseAddress.parse(url, null, null).describe()).isEqualTo(described);
  }

  @Test
  void thePasswordReachesTheDriverAndNobodyElse() {
    DatabaseAddress address = DatabaseAddress.parse(
        "postgres://u:p%40ss%3A%2F%25@h/db?sslmode=verify-full&connect_timeout=7&keepalives=0",
        null, null);

    assertThat(address.properties())
        .containsEntry("user", "u")
        .containsEntry("password", "p@ss:/%")
        .containsEntry("sslmode", "verify-full")
        .containsEntry("connectTimeout", "7")
        .containsEntry("socketTimeout", "30")
        .containsEntry("tcpKeepAlive", "false")
        .containsEntry("ApplicationName", "everfeed")
        .containsEntry("reWriteBatchedInserts", "true")
        .doesNotContainKeys("targetServerType", "hostRecheckSeconds");
    assertThat(address.jdbcUrl()).isEqualTo("jdbc:postgresql://h:5432/db");
    assertThat(address + address.describe()).doesNotContain("p@ss");
  }

  @Test
  void userAndPasswordMayBeGivenApart() {
    DatabaseAddress address =
        DatabaseAddress.parse("postgres://u:p@h/db", "other", new Secret("theirs"));

    assertThat(address.properties())
        .containsEntry("user", "other")
        .containsEntry("password", "theirs");
    assertThat(DatabaseAddress.parse("postgres://h", "other", null).describe())
        .isEqualTo("h:5432/other as other");
  }

  @Test
  void ofSeveralHostsThePrimaryIsLookedForUnlessTheAddressSaysOtherwise() {
    assertThat(DatabaseAddress.parse("postgres://u@a,b/db", null, null).properties())
        .containsEntry("targetServerType", "primary")
        .containsEntry("hostRecheckSeconds", "1");
    assertThat(DatabaseAddress.parse("postgres://u@a,b/db?target_session_attrs=any", null, null)
            .properties())
        .containsEntry("targetServerType", "any");
    assertThat(DatabaseAddress.parse(
                "jdbc:postgresql://a,b/db?user=u&targetServerType=preferPrimary"
                    + "&hostRecheckSeconds=9",
                null,
                null)
            .properties())
        .containsEntry("targetServerType", "preferPrimary")
        .containsEntry("hostRecheckSeconds", "9");
  }

  @Test
  void timeoutsAreOursUnlessTheAddressSaysOtherwise() {
    assertThat(DatabaseAddress.parse("postgres://u@h/db", null, null)
            .withTimeouts(Duration.ofSeconds(4), Duration.ofSeconds(60))
            .properties())
        .containsEntry("connectTimeout", "4")
        .containsEntry("socketTimeout", "60");
    assertThat(DatabaseAddress.parse("jdbc:postgresql://h/db?user=u&socketTimeout=5", null, null)
            .withTimeouts(Duration.ofSeconds(4), Duration.ofSeconds(60))
            .properties())
        .containsEntry("socketTimeout", "5");
  }

  /// Wherever the word `hunter2` has ended up in the address, it is not repeated.
  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      mysql://u:hunter2@h/db                         | no address of a PostgreSQL
      hunter2                                        | no address of a PostgreSQL
      jdbc:postgresql:db?password=hunter2            | no address of a PostgreSQL
      jdbc:postgresql://u:hunter2@h/db               | the jdbc form
      postgres://:hunter2@h/db                       | no user
      postgres://h/db?password=hunter2               | no user
      postgres://u:hunter2@@h/db                     | %40
      postgres://u:hunter2/x@h/db                    | %2F
      postgres://u:hun/ter2hunter2@h                 | %40 and %2F
      postgres://u:hunter2%zz@h/db                   | %25
      postgres://u:hunter2#x                         | no user
      postgres://u@h:hunter2/db                      | port of host 1
      postgres://u@h1,h2:70000/db?password=hunter2   | port of host 2
      postgres://u@h1:0/db?password=hunter2          | 1 to 65535
      postgres://u@[hunter2]/db                      | IPv6
      postgres://u@[::1/hunter2                      | IPv6
      postgres://u@[::1]hunter2/db                   | port of host 1
      postgres://u@%2Fvar%2Frun/db?password=hunter2  | Unix socket
      postgres://u@hunter2$/db                       | no host's name
      postgres://u@h/db?hunter2=x                    | parameter 1 is not known
      postgres://u@h/db?sslmode=require&hunter2      | parameter 2 has no =
      postgres://u@h/db?target_session_attrs=hunter2 | must be one of any, prefer-standby
      postgres://u@h/db?connect_timeout=hunter2      | whole seconds
      jdbc:postgresql://h/db?sslmod=hunter2          | parameter 1 is not known
      """)
  void mistakesSayWhatIsAllowedAndNeverShowAPassword(String url, String says) {
    assertThatThrownBy(() -> DatabaseAddress.parse(url, null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("store.url: ")
        .hasMessageContaining(says)
        .hasMessageContaining("postgres://user:password@host:5432/database")
        .message()
        .doesNotContain("hunter2")
        .doesNotContain("ter2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "postgres:", "postgres://", "jdbc:", "jdbc:postgresql://", "://"})
  void anAddressOfNothingIsRefused(String url) {
    assertThatThrownBy(() -> DatabaseAddress.parse(url, null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("store.url: ");
  }
}
