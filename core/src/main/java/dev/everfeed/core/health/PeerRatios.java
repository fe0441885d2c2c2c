package dev.everfeed.core.health;

/// For each pair of a gateway and a peer on one stream: how many events the peer had since the
/// gateway's last one, and how many of them are usual.
///
/// A pair is three numbers of 16 bits and one of 8:
///
/// | field   | is                                                                               |
/// |---------|----------------------------------------------------------------------------------|
/// | count   | the peer's events since the gateway's last one; stops at 65,534                  |
/// | share   | mean of 1 / (1 + count) over the gateway's gaps, in 1/65,536, from 0.02 to 0.9   |
/// | longest | the largest count of a gap but for its last L, less 0.03 % for each event since  |
/// | gaps    | how many have been learnt from, up to 250                                        |
///
/// With probability p the next event of the two is the gateway's own; then a silence of n
/// events has the probability (1 - p)^n, hence n(phi) = phi ln 10 / -ln(1 - p). The share is
/// the mean of 1 / (1 + c), which bursts upset less than the mean of c. From 0.5 on it is taken
/// for p: two lines of one venue alternate, c is 1 and p 0.5. Below 0.2 the gateway is much
/// slower than the peer, its counts are spread as chance spreads them, and the share is p ln(1
/// / p) / (1 - p): 0.2 for a p of 0.08. Between the two lies a straight line. Markets come in
/// bursts and pauses beyond that; it is `longest` that keeps n right for those.
final class PeerRatios {
  static final int COUNT_MAX = 65_534;

  /// Of a pair whose count has ever run full: never reached, such a peer is too fast to tell.
  private static final int NEVER = 65_535;

  static final int NOT_COUNTED = -1;
  private static final int FIELDS = 3;
  private static final int SHARE_FIRST = 32_768;
  private static final int SHARE_LEAST = 1_311; // 0.02
  private static final int SHARE_MOST = 58_982; // 0.9
  private static final int GAPS_MOST = 250;
  private static final int GAIN = 131; // 0.002, in 1/65,536
  private static final int TABLE_SHIFT = 6;
  private static final double ALTERNATING = 0.5;
  private static final double SLOW = 0.2;

  /// -ln(1 - p) by share: 40,000 logarithms, once.
  private static final double[] STEPS = steps();

  private final char[] pairs;
  private final byte[] gaps;
  private final char[] suspectAt;
  private final char[] convictAt;
  private final int warmUpGaps;
  private final int warmUpEvents;

  PeerRatios(int pairs, PeerClockPolicy policy) {
    this.pairs = new char[Math.multiplyExact(pairs, FIELDS)];
    this.gaps = new byte[pairs];
    for (int pair = 0; pair < pairs; pair++) {
      forget(pair);
    }
    this.suspectAt = table(policy.suspectPhi());
    this.convictAt = table(policy.convictPhi());
    this.warmUpGaps = policy.warmUpGaps();
    this.warmUpEvents = policy.warmUpEvents();
  }

  /// n(phi) by share; the lower end of each step, so that n is never too small.
  private static char[] table(double phi) {
    char[] table = new char[STEPS.length];
    for (int i = 0; i < table.length; i++) {
      double events = Math.ceil(phi * Math.log(10) / STEPS[i]);
      table[i] = (char) Math.min(events, COUNT_MAX);
    }
    return table;
  }

  private static double[] steps() {
    double[] steps = new double[65_536 >> TABLE_SHIFT];
    for (int i = 0; i < steps.length; i++) {
      double p = probability(Math.max(i << TABLE_SHIFT, SHARE_LEAST) / 65_536.0);
      steps[i] = -Math.log1p(-p);
    }
    return steps;
  }

  private static double probability(double share) {
    if (share >= ALTERNATING) {
      return share;
    }
    double slow = geometric(Math.min(share, SLOW));
    return share <= SLOW
        ? slow
        : slow + (ALTERNATING - slow) * (share - SLOW) / (ALTERNATING - SLOW);
  }

  /// The p with p ln(1 / p) / (1 - p) = share, by halving.
  private static double geometric(double share) {
    double low = 0;
    double high = 1;
    for (int i = 0; i < 40; i++) {
      double p = (low + high) / 2;
      if (-p * Math.log(p) / (1 - p) < share) {
        low = p;
      } else {
        high = p;
      }
    }
    return low;
  }

  /// One more event of the peer; how many that makes, or [#NOT_COUNTED] beyond [#COUNT_MAX]:
  /// each number is returned once in a gap.
  int count(int pair) {
    int at = pair * FIELDS;
    int count = pairs[at];
    if (count == COUNT_MAX) {
      return NOT_COUNTED;
    }
    pairs[at] = (char) ++count;
    return count;
  }

  int counted(int pair) {
    return pairs[pair * FIELDS];
  }

  void clear(int pair) {
    pairs[pair * FIELDS] = 0;
  }

  /// Nothing is known of the pair.
  void forget(int pair) {
    pairs[pair * FIELDS] = 0;
    pairs[pair * FIELDS + 1] = SHARE_FIRST;
    pairs[pair * FIELDS + 2] = 0;
    gaps[pair] = 0;
  }

  boolean isWarm(int pair) {
    return (gaps[pair] & 0xff) >= warmUpGaps;
  }

  /// The count at which the gateway is suspect.
  ///
  /// @param warm whether what was learnt may be used
  int suspectAt(int pair, boolean warm) {
    if (!warm) {
      return warmUpEvents;
    }
    int at = pair * FIELDS;
    return Math.max(suspectAt[pairs[at + 1] >> TABLE_SHIFT], pairs[at + 2]);
  }

  /// The count at which the peer agrees with a conviction.
  int convictAt(int pair, boolean warm) {
    if (!warm) {
      return 2 * warmUpEvents;
    }
    int at = pair * FIELDS;
    return Math.max(convictAt[pairs[at + 1] >> TABLE_SHIFT], pairs[at + 2]);
  }

  /// Whether the peer has so few events, less than about a quarter of the gateway's, that its
  /// silence does not contradict the others.
  boolean isSlow(int pair) {
    return pairs[pair * FIELDS + 1] >= SHARE_MOST;
  }

  /// The gateway had its next event: a gap is complete.
  ///
  /// @param before events of the peer in this gap that were taken out of the count already
  /// @param gapNanos how long the gap was, at least 1
  /// @param lagNanos how much of its end says nothing, since the gateway may be so late
  /// @param decays whether it is time for the longest gap to be forgotten a little, once in
  ///     [Rhythms#DECAY_EVERY] events
  void learn(int pair, int before, long gapNanos, long lagNanos, boolean decays) {
    int at = pair * FIELDS;
    int count = Math.min(pairs[at] + before, COUNT_MAX);
    int known = gaps[pair] & 0xff;
    int share = pairs[at + 1];
    int longest = pairs[at + 2];
    pairs[at] = 0;
    int difference = 65_535 / (1 + count) - share;
    if (known < GAPS_MOST) {
      gaps[pair] = (byte) ++known;
      share += difference / known;
    } else {
      share += (difference * GAIN + 32_768) >> 16;
    }
    if (decays) {
      longest -= (longest * 39 + 1_023) >> 10; // 0.9997 to the power of 128
    }
    pairs[at + 1] = (char) Math.clamp(share, SHARE_LEAST, SHARE_MOST);
    pairs[at + 2] = (char)
        (count > longest
            ? longest(count, longest, gapNanos, lagNanos, known, pairs[at + 1])
            : longest);
  }

  /// Of a gap's events those count that lay more than the lag before its end, taken to be spread
  /// evenly: the others would not have been held against the gateway either. More than twice
  /// what convicts was a stall and no rhythm of the market's.
  private int longest(int count, int longest, long gapNanos, long lagNanos, int known, int share) {
    if (count == COUNT_MAX) {
      return NEVER;
    }
    int counted = gapNanos <= lagNanos
        ? 0
        : (int) Math.ceil((double) count * (gapNanos - lagNanos) / gapNanos);
    int believed =
        known < warmUpGaps ? COUNT_MAX : 2 * Math.max(convictAt[share >> TABLE_SHIFT], longest);
    return counted <= believed ? Math.max(longest, counted) : longest;
  }

  long bytes() {
    return 2L * pairs.length + gaps.length + 2L * (suspectAt.length + convictAt.length);
  }
}
