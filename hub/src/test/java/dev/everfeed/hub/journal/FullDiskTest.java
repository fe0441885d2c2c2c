package dev.everfeed.hub.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The simulated disk is our idea of a disk; this is a real one, of 1 MiB, that a kernel says is
/// full. Needs a kernel that lets a user mount in a namespace of their own.
@Timeout(60)
class FullDiskTest {
  private static final String MOUNT =
      "mount -t tmpfs -o size=1m none \"$1\" 2>/dev/null || exit 77;" + " shift; exec \"$@\"";
  private static final int NOT_ALLOWED = 77;

  @TempDir
  Path directory = Path.of("unset");

  @Test
  void aJournalOnAFullDiskRefusesThenGoesOnAndLosesNothing()
      throws IOException, InterruptedException {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/unshare")),
        "skipped: no unshare here, so no small disk can be mounted");
    Path output = directory.resolve("output");
    Path disk = Files.createDirectory(directory.resolve("disk"));
    Process process = new ProcessBuilder(
            "/usr/bin/unshare",
            "-Urm",
            "sh",
            "-c",
            MOUNT,
            "sh",
            disk.toString(),
            ProcessHandle.current().info().command().orElse("java"),
            "-Xmx64m",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            FullDisk.class.getName(),
            disk.toString())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
    try {
      assertThat(process.waitFor(50, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(output, StandardCharsets.UTF_8);
    assumeTrue(
        process.exitValue() != NOT_ALLOWED && !said.contains("unshare failed"),
        "skipped: this user may not mount a small disk: " + said);

    assertThat(said)
        .contains("healed=ACCEPTING", "equal=true", "No space left on device", "given up");
    assertThat(said).doesNotContain("accepted=0 ");
  }
}
