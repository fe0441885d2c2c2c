package dev.everfeed.simulator.world;

/// Prints the trace hashes of a range of seeds, one a line: run in a JVM of its own by
/// [DeterminismTest].
final class HashesMain {
  private HashesMain() {}

  public static void main(String[] range) {
    for (long seed = Long.parseLong(range[0]); seed <= Long.parseLong(range[1]); seed++) {
      System.out.println(World.seeded(seed).run().hashText());
    }
  }
}
