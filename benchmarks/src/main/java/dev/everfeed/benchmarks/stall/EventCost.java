package dev.everfeed.benchmarks.stall;

import dev.everfeed.core.health.PeerClock;
import dev.everfeed.core.health.PeerClockPolicy;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/// What an event costs the hub's own detector, with all streams in turn and with few.
final class EventCost {
  private static final int STREAMS = 20_000;
  private static final int GATEWAYS = 3;
  private static final int EVENTS = 4_000_000;
  private static final int ROUNDS = 7;

  private EventCost() {}

  static String measured() {
    return String.format(
        Locale.ROOT,
        """
        ### What an event costs

        %,d streams of %d gateways: %,d bytes. An event and the question whether anything is due, one thread, median (and most) of %d rounds of %,d events:

        | streams that have events | ns |
        |---|---|
        | 10 | %s |
        | all, at random | %s |

        """,
        STREAMS,
        GATEWAYS,
        new PeerClock(STREAMS, GATEWAYS, PeerClockPolicy.USUAL).bytes(),
        ROUNDS,
        EVENTS,
        nanos(10),
        nanos(STREAMS));
  }

  private static String nanos(int active) {
    PeerClock clock = new PeerClock(STREAMS, GATEWAYS, PeerClockPolicy.USUAL);
    for (int stream = 0; stream < STREAMS; stream++) {
      for (int gateway = 0; gateway < GATEWAYS; gateway++) {
        clock.subscribed(stream, gateway, 0);
      }
    }
    SplittableRandom random = new SplittableRandom(7);
    int[] streams = random.ints(1 << 16, 0, active).toArray();
    Peers out = new Peers(1, PeerClockPolicy.USUAL, false); // hears, and does nothing
    double[] rounds = new double[ROUNDS];
    long now = 0;
    for (int round = -2; round < ROUNDS; round++) { // two to warm up
      long begin = System.nanoTime();
      for (int i = 0; i < EVENTS; i++) {
        now += 10_000;
        clock.event(streams[i / GATEWAYS & 0xffff], i % GATEWAYS, now);
        if (clock.nextDeadlineNanos() <= now) {
          clock.timePassed(now, out);
        }
      }
      if (round >= 0) {
        rounds[round] = (double) (System.nanoTime() - begin) / EVENTS;
      }
    }
    Arrays.sort(rounds);
    return String.format(Locale.ROOT, "%.0f (%.0f)", rounds[ROUNDS / 2], rounds[ROUNDS - 1]);
  }
}
