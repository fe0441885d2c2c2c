package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.everfeed.hub.store.EmbeddedServerException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The server never runs as root, and runs for root all the same.
///
/// Root's tests are skipped where the tests are not run by root, and the other user's where a
/// program cannot become one.
class ServerAccountTest {
  private static final String NOBODY = "65534";

  private Path base;

  /// In `target`, which other users can reach; a temporary folder of JUnit's is private.
  @BeforeEach
  void open() throws IOException {
    base = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "account");
    Files.setPosixFilePermissions(base, Folders.READABLE);
  }

  @AfterEach
  void delete() throws IOException {
    Folders.delete(base);
  }

  /// The folder is moved beneath one that only root can enter, and back: it is the same data.
  @Test
  void rootBecomesAnOrdinaryUserOrANamelessOne() throws Exception {
    assumeTrue(ServerAccount.ownUid(base) == 0, "not run by root");
    assumeTrue(ran("setpriv", "--reuid", NOBODY, "--clear-groups", "true"), "no setpriv here");
    Path open = Files.createDirectory(base.resolve("open"));
    Files.setPosixFilePermissions(open, Folders.READABLE);
    Path closed = Files.createDirectory(
        base.resolve("closed"), PosixFilePermissions.asFileAttribute(Folders.PRIVATE));
    Path folder = open.resolve("postgres");

    assertThat(rows(folder, "create table kept as select 1 as a")).isEqualTo(1);
    assertThat(ServerAccount.uid(folder.resolve("data"))).isNotZero();
    assertThat(Files.getPosixFilePermissions(folder.resolve("data"))).isEqualTo(Folders.PRIVATE);
    assertThat(ServerAccount.uid(folder.resolve("password"))).isZero();

    assumeTrue(ran("unshare", "-U", "true"), "no user namespaces here");
    Path moved = Files.move(folder, closed.resolve("postgres"), StandardCopyOption.ATOMIC_MOVE);
    assertThat(rows(moved, "insert into kept values (2)")).isEqualTo(2);
    assertThat(ServerAccount.uid(moved.resolve("data"))).isZero();

    Files.move(moved, folder, StandardCopyOption.ATOMIC_MOVE);
    assertThat(rows(folder, "insert into kept values (3)")).isEqualTo(3);
    assertThat(ServerAccount.uid(folder.resolve("data"))).isNotZero();
  }

  /// The whole of it in a JVM of an ordinary user; then root takes the folder over.
  @Test
  void anOrdinaryUserRunsItAsItself() throws Exception {
    assumeTrue(ServerAccount.ownUid(base) == 0, "not run by root: all other tests show this");
    List<String> nobody =
        List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--");
    assumeTrue(
        ran("setpriv", "--reuid", NOBODY, "--clear-groups", "ls", base.toString()),
        "another user cannot reach " + base);
    String classPath = ChildHub.copyClassPath(Files.createDirectory(base.resolve("classes")));
    Files.setPosixFilePermissions(base.resolve("classes"), Folders.READABLE);
    Path home = Files.createDirectory(base.resolve("home"));
    Files.setPosixFilePermissions(home, Folders.READABLE);

    try (ChildHub hub = ChildHub.start(nobody, classPath, home.resolve("data"))) {
      assertThat(hub.answer).contains("home/data").contains("permission denied");
    }

    Files.setAttribute(home, "unix:uid", Integer.parseInt(NOBODY));
    try (ChildHub hub = ChildHub.start(nobody, classPath, home.resolve("data"))) {
      assertThat(hub.answer).startsWith("ready ");
      assertThat(ServerAccount.uid(Path.of("/proc/" + hub.serverPid())))
          .isEqualTo(Integer.parseInt(NOBODY));
      assertThat(Files.getPosixFilePermissions(home.resolve("data"))).isEqualTo(Folders.PRIVATE);
      hub.stop();
      assertThat(PostmasterFile.isAlive(hub.serverPid())).isFalse();
    }

    assertThat(rows(home.resolve("data/postgres"), "create table kept as select 1 as a"))
        .isEqualTo(1);
  }

  @Test
  void aFullDiskAndOneThatExecutesNothingAreNamed() throws Exception {
    Path small = Files.createDirectory(base.resolve("small"));
    assumeTrue(
        ServerAccount.ownUid(base) == 0
            && ran("mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", small.toString()),
        "cannot mount here");
    try {
      assertThatThrownBy(() -> rows(small.resolve("postgres"), "select 1"))
          .hasMessageContaining(small.toString())
          .hasMessageContaining("No space left on device");
      Folders.delete(small.resolve("postgres"));

      assumeTrue(ran("mount", "-o", "remount,size=200m,noexec", small.toString()));
      assertThatThrownBy(() -> rows(small.resolve("postgres"), "select 1"))
          .isInstanceOfSatisfying(
              EmbeddedServerException.class,
              failure -> assertThat(failure.reason()).isEqualTo(Reason.FAILED))
          .hasMessageContaining(small.toString())
          .hasMessageContaining("noexec");

      // Enough for the programs, too little for a database.
      assumeTrue(ran("mount", "-o", "remount,size=70m,exec", small.toString()));
      assertThatThrownBy(() -> rows(small.resolve("postgres"), "select 1"))
          .hasMessageContaining(small.toString())
          .hasMessageContaining("initdb")
          .hasMessageContaining("No space left on device");

      assumeTrue(ran("mount", "-o", "remount,size=200m", small.toString()));
      assertThat(rows(small.resolve("postgres"), "create table kept as select 1 as a"))
          .isEqualTo(1);
    } finally {
      ran("umount", small.toString());
    }
  }

  /// Starts a server, runs a statement, counts the rows and stops it.
  private static long rows(Path folder, String statement) throws Exception {
    try (EmbeddedServer server = new EmbeddedServer(folder, System::nanoTime);
        var connection = server.start(EmbeddedServer.START_WITHIN).connect();
        var sql = connection.createStatement()) {
      assertThat(ServerAccount.uid(Path.of("/proc/" + server.process().pid() + "/cwd")))
          .isEqualTo(ServerAccount.uid(folder.resolve("data")));
      sql.execute(statement);
      try (var count = sql.executeQuery("select count(*) from kept")) {
        count.next();
        return count.getLong(1);
      }
    }
  }

  private static boolean ran(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException missing) {
      return false;
    }
  }
}
