package dev.everfeed.core.health;

/// How long a [PeerClock] bears silence. Times are nanoseconds; what is counted are new events.
///
/// @param suspectPhi        a silence is suspect when chance would bring it once in 10 to the
///     power of this many gaps, as one peer counts them
/// @param convictPhi        the same for a conviction, as every witness counts them
/// @param witnesses         so many must agree on a conviction
/// @param warmUpGaps        a gateway's gaps before a peer's share of the events is believed
/// @param warmUpEvents      until then a peer's events without one of the gateway's that make
///     it suspect; twice as many convict
/// @param warmUpNanos       and the silence that it takes besides; twice as long for a
///     conviction
/// @param lagStartNanos     by how much a gateway may run behind its peers before anything is
///     known about it
/// @param lagFloorNanos     the least of that: no gateway is judged sooner after a peer's event
/// @param lagCapNanos       the most of it that is learnt from near misses
/// @param burstPerMilli     events of one gateway that count in a millisecond
/// @param aloneFactor       without a peer, a silence so many times the longest known is
///     suspect
/// @param aloneFloorNanos   but none shorter than this
/// @param aloneUnknownNanos and before [#warmUpGaps] gaps are known, none shorter than this
/// @param graceFloorNanos   after this process stood still nobody is judged for as long as it
///     stood, and at least for this
/// @param graceCapNanos     and at most for this
public record PeerClockPolicy(
    double suspectPhi,
    double convictPhi,
    int witnesses,
    int warmUpGaps,
    int warmUpEvents,
    long warmUpNanos,
    long lagStartNanos,
    long lagFloorNanos,
    long lagCapNanos,
    int burstPerMilli,
    double aloneFactor,
    long aloneFloorNanos,
    long aloneUnknownNanos,
    long graceFloorNanos,
    long graceCapNanos) {
  private static final long MILLI = 1_000_000;

  /// From the tables in `benchmarks/results/stall.md`: suspect at 8, convicted at 16 by two; a
  /// lag of 50 to 500 ms; alone after 1 s or twice the longest gap.
  public static final PeerClockPolicy USUAL = new PeerClockPolicy(
      8,
      16,
      2,
      50,
      64,
      5_000 * MILLI,
      250 * MILLI,
      50 * MILLI,
      500 * MILLI,
      10,
      2,
      1_000 * MILLI,
      60_000 * MILLI,
      250 * MILLI,
      10_000 * MILLI);

  public PeerClockPolicy {
    if (!(suspectPhi > 0) || !(convictPhi >= suspectPhi) || witnesses < 1) {
      throw new IllegalArgumentException(
          ("suspicion comes before conviction, and somebody witnesses it: was phi %s and %s,"
                  + " %d witnesses")
              .formatted(suspectPhi, convictPhi, witnesses));
    }
    if (warmUpGaps < 1 || warmUpGaps > 127 || warmUpEvents < 1 || warmUpEvents > 10_000) {
      throw new IllegalArgumentException(
          "warm-up takes 1 to 127 gaps and 1 to 10,000 events, was %d and %d"
              .formatted(warmUpGaps, warmUpEvents));
    }
    if (lagFloorNanos < 0
        || lagStartNanos < lagFloorNanos
        || lagCapNanos < lagStartNanos
        || lagCapNanos > PeerClock.LAG_MOST_NANOS) {
      throw new IllegalArgumentException(
          "lag must rise from floor to start to cap, to %d ns at most, was %d, %d, %d"
              .formatted(PeerClock.LAG_MOST_NANOS, lagFloorNanos, lagStartNanos, lagCapNanos));
    }
    if (burstPerMilli < 1
        || burstPerMilli > 127
        || !(aloneFactor >= 1)
        || aloneFloorNanos < 1
        || aloneUnknownNanos < aloneFloorNanos) {
      throw new IllegalArgumentException(
          ("a burst is 1 to 127 events, a gateway alone gets at least its longest gap and 1 ns,"
                  + " was %d, %s, %d, %d")
              .formatted(burstPerMilli, aloneFactor, aloneFloorNanos, aloneUnknownNanos));
    }
    if (warmUpNanos < 0 || graceFloorNanos < 0 || graceCapNanos < graceFloorNanos) {
      throw new IllegalArgumentException(
          "times must not be negative, nor a cap below its floor, was %d, %d, %d"
              .formatted(warmUpNanos, graceFloorNanos, graceCapNanos));
    }
  }
}
