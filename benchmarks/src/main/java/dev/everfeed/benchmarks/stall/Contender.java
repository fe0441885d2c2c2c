package dev.everfeed.benchmarks.stall;

import dev.everfeed.core.health.PeerClockPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// A way to notice, with its settings, as a row of the table.
record Contender(String name, Supplier<Detector> detector) {
  private static final long MILLI = 1_000_000;

  static List<Contender> all() {
    return List.of(
        new Contender("fixed 10 s", () -> new Timeout.Fixed(10)),
        new Contender("fixed 30 s", () -> new Timeout.Fixed(30)),
        new Contender("EWMA of gaps x 100", () -> new Timeout.Ewma(100)),
        new Contender("EWMA of gaps x 300", () -> new Timeout.Ewma(300)),
        new Contender("phi normal (8), pause 3 s", () -> new Timeout.PhiNormal(8, 3)),
        new Contender("phi normal (8), pause 30 s", () -> new Timeout.PhiNormal(8, 30)),
        new Contender("phi exponential (8)", () -> new Timeout.PhiExponential(8)),
        new Contender("phi exponential (512)", () -> new Timeout.PhiExponential(512)),
        new Contender(
            "**PeerClock, 1 peer**, suspicion", () -> new Peers(1, PeerClockPolicy.USUAL, true)),
        new Contender(
            "**PeerClock, 1 peer**, n(16) were enough",
            () -> new Peers(1, with(PeerClockPolicy.USUAL.convictPhi(), 1, 250, 500), false)),
        new Contender(
            "**PeerClock, 2 peers**, conviction",
            () -> new Peers(2, PeerClockPolicy.USUAL, false)));
  }

  /// Those, and the hub's own where there are more peers.
  ///
  /// @param peers how many others there are
  static List<Contender> all(int peers) {
    List<Contender> all = new ArrayList<>(all());
    if (peers > 2) {
      all.add(new Contender(
          "**PeerClock, %d peers**, conviction".formatted(peers),
          () -> new Peers(peers, PeerClockPolicy.USUAL, false)));
    }
    return all;
  }

  /// What the numbers of [PeerClockPolicy#USUAL] were chosen from.
  static List<Contender> policies() {
    return List.of(
        policy(8, 250, 500),
        policy(12, 250, 500),
        policy(16, 50, 500),
        policy(16, 250, 400),
        policy(16, 250, 500),
        policy(16, 250, 1_000),
        policy(20, 250, 500));
  }

  private static Contender policy(double phi, int startMillis, int capMillis) {
    return new Contender(
        "n(%.0f) | %d ms | %d ms".formatted(phi, startMillis, capMillis),
        () -> new Peers(2, with(phi, 2, startMillis, capMillis), false));
  }

  private static PeerClockPolicy with(double phi, int witnesses, int startMillis, int capMillis) {
    PeerClockPolicy usual = PeerClockPolicy.USUAL;
    return new PeerClockPolicy(
        usual.suspectPhi(),
        phi,
        witnesses,
        usual.warmUpGaps(),
        usual.warmUpEvents(),
        usual.warmUpNanos(),
        startMillis * MILLI,
        usual.lagFloorNanos(),
        capMillis * MILLI,
        usual.burstPerMilli(),
        usual.aloneFactor(),
        usual.aloneFloorNanos(),
        usual.aloneUnknownNanos(),
        usual.graceFloorNanos(),
        usual.graceCapNanos());
  }
}
