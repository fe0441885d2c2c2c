package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Time moves because the test moves the stored end of the lease: the database's clock is real.
class LeaseTest {
  private static final UUID ONE = new UUID(0, 1);
  private static final UUID OTHER = new UUID(0, 2);
  private static TestDatabase database;

  private final Lease one = lease(ONE);
  private final Lease other = lease(OTHER);

  @BeforeAll
  static void open() throws MigrationException {
    database = TestDatabase.create();
    Migrations.run(database.dataSource());
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @BeforeEach
  void nobodyHoldsIt() {
    database.execute("TRUNCATE lease");
  }

  private static Lease lease(UUID hub) {
    return new Lease(database.dataSource(), "refresh", hub, Duration.ofMinutes(10));
  }

  private static void runOut() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE lease SET until = now() - interval '1 second'");
    }
  }

  @Test
  void theFirstToAskHasItAndTheOtherIsToldWhoDoes() throws SQLException {
    assertThat(one.take()).isEqualTo(new Lease.Mine(1));

    assertThat(other.take())
        .isInstanceOfSatisfying(
            Lease.Theirs.class, theirs -> assertThat(theirs.holder()).isEqualTo(ONE));
  }

  @Test
  void renewingKeepsTheToken() throws SQLException {
    one.take();

    assertThat(one.take()).isEqualTo(new Lease.Mine(1));
    runOut();
    assertThat(one.take()).as("nobody had it meanwhile").isEqualTo(new Lease.Mine(1));
  }

  @Test
  void whatHasRunOutIsTakenOverWithANewToken() throws SQLException {
    one.take();
    runOut();

    assertThat(other.take()).isEqualTo(new Lease.Mine(2));
    assertThat(one.take()).isInstanceOf(Lease.Theirs.class);
  }

  @Test
  void whatIsReleasedNeedNotRunOut() throws SQLException {
    one.take();
    other.release(); // not its to release

    assertThat(other.take()).isInstanceOf(Lease.Theirs.class);
    one.release();
    assertThat(other.take()).isEqualTo(new Lease.Mine(2));
  }

  @Test
  void ofManyThatAskAtOnceOneHasIt() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Lease.Grant>> asking = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        UUID hub = new UUID(1, i);
        asking.add(() -> lease(hub).take());
      }
      int holders = 0;
      for (Future<Lease.Grant> answer : threads.invokeAll(asking)) {
        holders += answer.get() instanceof Lease.Mine ? 1 : 0;
      }
      assertThat(holders).isEqualTo(1);
    }
  }
}
