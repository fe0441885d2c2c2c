package dev.everfeed.simulator.world;

import org.junit.jupiter.api.Test;

class WorldTest {
  @Test
  void explore() {
    long from = Long.getLong("from", 1), count = Long.getLong("count", 50);
    long requests = 0, faults = 0, steps = 0, began = System.nanoTime();
    java.util.TreeMap<String, Integer> by = new java.util.TreeMap<>();
    for (long seed = from; seed < from + count; seed++) {
      long t = System.nanoTime();
      Outcome o = World.seeded(seed).run();
      long ms = (System.nanoTime() - t) / 1_000_000;
      requests += o.requests();
      faults += o.faults();
      steps += o.steps();
      if (ms > 300) System.out.println("SLOW seed " + seed + " " + ms + " ms requests " + o.requests() + " steps " + o.steps());
      java.util.TreeSet<String> ids = new java.util.TreeSet<>();
      for (var v : o.violations()) {
        if (ids.add(v.id()) && by.merge(v.id(), 1, Integer::sum) <= 3) System.out.println("seed " + seed + " " + v);
      }
    }
    System.out.println("requests " + requests + " faults " + faults + " steps " + steps + " ms " + (System.nanoTime() - began) / 1_000_000 + " " + by);
  }
}
