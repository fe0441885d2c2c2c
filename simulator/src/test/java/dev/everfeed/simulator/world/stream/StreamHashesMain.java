package dev.everfeed.simulator.world.stream;

/// Prints the trace hashes of a range of seeds, one a line: run in a JVM of its own by
/// [StreamDeterminismTest].
final class StreamHashesMain {
  private StreamHashesMain() {}

  public static void main(String[] range) {
    for (long seed = Long.parseLong(range[0]); seed <= Long.parseLong(range[1]); seed++) {
      System.out.println(StreamWorld.seeded(seed).run().hashText());
    }
  }
}
