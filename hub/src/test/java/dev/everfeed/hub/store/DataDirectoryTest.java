package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One hub, one directory, whether the second one is another process or the same.
class DataDirectoryTest {

  @TempDir
  private Path parent;

  @Test
  void aSecondHubIsToldWhoHasTheDirectory() throws Exception {
    Path path = parent.resolve("data");
    try (DataDirectory held = DataDirectory.open(path)) {
      assertThat(held.path()).isEqualTo(path.toRealPath());
      assertThatThrownBy(() -> DataDirectory.open(path))
          .isInstanceOfSatisfying(
              DataDirectoryInUseException.class,
              refusal ->
                  assertThat(refusal.holder()).hasValue(ProcessHandle.current().pid()));

      // Another name for it, and another process.
      Path link = Files.createSymbolicLink(parent.resolve("link"), path);
      try (ChildHub second =
          ChildHub.start(List.of(), System.getProperty("java.class.path"), link)) {
        assertThat(second.answer)
            .startsWith("refused ")
            .contains("process " + ProcessHandle.current().pid())
            .contains(path.toRealPath().toString());
      }
    }
    DataDirectory.open(path).close();
  }

  @Test
  void theLockGoesWithItsProcess() throws Exception {
    Path path = parent.resolve("data");
    // A hub whose server cannot start, but which has the lock: a lock that cannot be left behind.
    Process holder = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Holder.class.getName(),
            path.toString())
        .start();
    try (var lines = holder.inputReader()) {
      assertThat(lines.readLine()).isEqualTo("held");
      assertThatThrownBy(() -> DataDirectory.open(path))
          .isInstanceOf(DataDirectoryInUseException.class)
          .hasMessageContaining("process " + holder.pid());

      holder.destroyForcibly().waitFor();

      DataDirectory.open(path).close();
    } finally {
      holder.destroyForcibly();
    }
  }

  /// Holds a directory until it is killed.
  static final class Holder {
    public static void main(String[] arguments) throws Exception {
      try (DataDirectory _ = DataDirectory.open(Path.of(arguments[0]))) {
        System.out.println("held");
        System.in.read();
      }
    }
  }

  @Test
  void whatIsPrivateIsForTheHubsUserAlone() throws Exception {
    Path path = parent.resolve("a/b/data");
    try (DataDirectory data = DataDirectory.open(path)) {
      assertThat(Files.getPosixFilePermissions(data.privateFolder("journal")))
          .isEqualTo(Folders.PRIVATE);
      assertThat(Files.getPosixFilePermissions(path.resolve("hub.lock")))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      boolean root = ServerAccount.ownUid(path) == 0;
      assertThat(Files.getPosixFilePermissions(path))
          .isEqualTo(root ? Folders.PASSABLE : Folders.PRIVATE);
    }
  }

  /// Readers tell starts apart by it, and which came later.
  @Test
  void eachStartHasALargerNumberAlsoWhenTheClockWasSetBack() throws Exception {
    Path path = parent.resolve("data");
    try (DataDirectory data = DataDirectory.open(path)) {
      assertThat(data.nextEpoch(1_000)).isEqualTo(1_000);
      assertThat(data.nextEpoch(2_000)).isEqualTo(2_000);
    }
    try (DataDirectory data = DataDirectory.open(path)) {
      assertThat(data.nextEpoch(500)).isEqualTo(2_001);
      Files.writeString(path.resolve("epoch"), "no number");
      assertThat(data.nextEpoch(500)).isEqualTo(500);
      Files.write(path.resolve("epoch"), new byte[200_000]);
      assertThat(data.nextEpoch(700)).isEqualTo(700);
    }
  }

  @Test
  void aDirectoryThatCannotBeMadeIsNamed() throws Exception {
    Path file = Files.writeString(parent.resolve("file"), "");
    assertThatThrownBy(() -> DataDirectory.open(file.resolve("data")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.resolve("data").toString())
        .hasMessageContaining("cannot be made");
  }
}
