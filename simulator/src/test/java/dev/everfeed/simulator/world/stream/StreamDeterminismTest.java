package dev.everfeed.simulator.world.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Equal seeds of the push side's world give equal trace hashes (RESILIENCE M-1), also in
/// another JVM with other hash seeds, another compiler and another collector; without that, no
/// failure could be shown again.
class StreamDeterminismTest {
  private static final long SEEDS = 20;

  @Test
  void aSeedDoesTheSameInAnotherJvm() throws IOException, InterruptedException {
    List<String> here = LongStream.rangeClosed(1, SEEDS)
        .mapToObj(seed -> StreamWorld.seeded(seed).run().hashText())
        .toList();

    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m"));
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.addAll(List.of(StreamHashesMain.class.getName(), "1", Long.toString(SEEDS)));
    Process other = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String output = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(other.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(other.exitValue()).as(output).isZero();
      assertThat(output.lines().toList()).isEqualTo(here);
    } finally {
      other.destroyForcibly();
    }
    assertThat(here).doesNotHaveDuplicates();
  }
}
