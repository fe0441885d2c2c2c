package dev.everfeed.core.health;

import java.util.Arrays;

/// Whether a gateway's events come later than they used to.
///
/// The *delay* of an event is our wall clock less the time that the venue gave it: what it took,
/// and by how much the two clocks differ, which nobody knows. So delays of a gateway are
/// compared with its own: the least of each *span*, a second with three events at least, with
/// the usual one. A least delay shrugs off bursts, slow streams beside quick ones, and single
/// events with an old time.
///
/// - The usual delay falls at once when two spans in a row say so, so that one event with a time
///   from the future does nothing. It rises by no more than clocks drift: what grows by less
///   than 360 ms in an hour is taken for drift, everything faster is found.
/// - A clock that was set is a step, and level afterwards. Lag is told after it, but not for
///   longer than a minute. The price: a lag that comes at once and then stays the same to within
///   100 ms is usual after a minute too.
/// - What is sent again after a reconnection is not newer than what came before, and does not
///   count; unless nothing else comes for 5 s, when the gateway really is that far behind, or
///   its clock was set back.
/// - What lies a minute and more *ahead* of our clock, and of each gateway's usual delay, has not
///   happened yet: the venue's clock is wrong, or what it says is of another day. Such an event
///   is not to be taken ([#isAhead]), and a second of nothing else is told as a negative lag. It
///   is believed after ten seconds in which nobody was in time, since then it is our clock. The
///   gateway's own usual delay alone would not do: it is large where all that has come yet was
///   old, as after a start at night.
/// - A gateway that begins late is not found before it was in time once.
/// - Events that waited because this process stood still say nothing ([#paused]).
///
/// Nothing is told of a gateway without events, that is for the [PeerClock]: a lag that was told
/// stays until five seconds of events are in time. One event a minute is enough, but then a span
/// is three minutes, and the second one may count as level.
///
/// [#lag] is a few comparisons and allocates nothing. 144 bytes a gateway. Owned by one thread.
public final class LagWatch {

  /// Takes what was found out, from within [LagWatch#timePassed].
  public interface Output {
    /// Told when it begins, each time that it has doubled, and when it ends.
    ///
    /// @param lagNanos above the usual delay, below it when negative; 0 when in time again
    void lags(int gateway, long lagNanos);
  }

  static final int GATEWAYS_MAX = 64;

  private static final int EVENTS_LEAST = 3;
  private static final long UNKNOWN = Long.MIN_VALUE;
  private static final long DUE_NANOS = 4_000_000;
  private static final long SECOND = 1_000_000_000L;
  private static final long ELAPSED_MOST = 3_600 * SECOND;

  private final LagWatchPolicy policy;

  private final long[] heardAt; // wall

  // The present span, by gateway.
  private final long[] first; // wall
  private final int[] events;
  private final long[] least;
  private final long[] newest; // venue time

  // Before it.
  private final long[] before; // newest venue time
  private final long[] previous; // least delay of the last span
  private final long[] endedAt; // wall
  private final long[] usual;

  // Events that are not newer than that: since when there was nothing else.
  private final long[] oldSince;
  private final long[] newestOld;

  // Events that are ahead, since there was one in time.
  private final long[] aheadSince;
  private final int[] aheadEvents;
  private final long[] aheadDelay;

  // Least delays that lie together, since when, and whether a step was before them.
  private final long[] levelLow;
  private final long[] levelHigh;
  private final long[] levelSince;
  private long stepped;

  private final long[] inTimeSince;
  private final long[] toldNanos;
  private long late; // gateways
  private long told;
  private long doubled; // since it was told

  private long grace; // begins with the next event
  private long blindFrom = UNKNOWN; // wall
  private long blindNanos;

  /// @param gateways their number, 64 at most
  public LagWatch(int gateways, LagWatchPolicy policy) {
    if (gateways < 1 || gateways > GATEWAYS_MAX) {
      throw new IllegalArgumentException(
          "lag is of 1 to %d gateways, was %d".formatted(GATEWAYS_MAX, gateways));
    }
    this.policy = policy;
    this.heardAt = unknown(gateways);
    this.first = new long[gateways];
    this.events = new int[gateways];
    this.least = new long[gateways];
    this.newest = new long[gateways];
    this.before = unknown(gateways);
    this.previous = unknown(gateways);
    this.endedAt = new long[gateways];
    this.usual = unknown(gateways);
    this.oldSince = unknown(gateways);
    this.newestOld = new long[gateways];
    this.aheadSince = unknown(gateways);
    this.aheadEvents = new int[gateways];
    this.aheadDelay = new long[gateways];
    this.levelLow = new long[gateways];
    this.levelHigh = new long[gateways];
    this.levelSince = unknown(gateways);
    this.inTimeSince = unknown(gateways);
    this.toldNanos = new long[gateways];
  }

  private static long[] unknown(int gateways) {
    long[] times = new long[gateways];
    Arrays.fill(times, UNKNOWN);
    return times;
  }

  /// Whether there is any use in [#lag] now: for the least of a second one in 4 ms is enough.
  public boolean isDue(int gateway, long wallNanos) {
    long since = heardAt[gateway];
    return wallNanos - DUE_NANOS >= since || wallNanos < since;
  }

  /// A new event with a time of the venue's.
  ///
  /// @param venueTimeNanos of the epoch, by the venue's clock
  /// @param wallNanos of the epoch, by ours, when the event was received
  public void lag(int gateway, long venueTimeNanos, long wallNanos) {
    heardAt[gateway] = wallNanos;
    aheadSince[gateway] = UNKNOWN;
    if (isBlind(wallNanos) || isOld(gateway, venueTimeNanos, wallNanos)) {
      return;
    }
    long delay = wallNanos - venueTimeNanos;
    if (events[gateway] == 0 || wallNanos < first[gateway]) {
      first[gateway] = wallNanos;
      events[gateway] = 1;
      least[gateway] = delay;
      newest[gateway] = venueTimeNanos;
      return;
    }
    least[gateway] = Math.min(least[gateway], delay);
    newest[gateway] = Math.max(newest[gateway], venueTimeNanos);
    events[gateway] = Math.min(events[gateway] + 1, EVENTS_LEAST);
    if (events[gateway] == EVENTS_LEAST && wallNanos - first[gateway] >= policy.spanNanos()) {
      ended(gateway, wallNanos);
      events[gateway] = 0;
    }
  }

  /// Whether an event is of a time that has not come; by our clock alone while no delay is known.
  public boolean isAhead(long venueTimeNanos, long wallNanos) {
    long due = wallNanos - venueTimeNanos + policy.aheadNanos();
    if (due >= 0) {
      return false;
    }
    for (long each : usual) {
      if (each != UNKNOWN && each <= due) {
        return false;
      }
    }
    return true;
  }

  /// An event that [#isAhead], instead of [#lag].
  ///
  /// @return whether it is believed, and the usual delay what it says
  public boolean ahead(int gateway, long venueTimeNanos, long wallNanos) {
    if (aheadSince[gateway] == UNKNOWN || wallNanos < aheadSince[gateway]) {
      aheadSince[gateway] = wallNanos;
      aheadEvents[gateway] = 0;
    }
    aheadDelay[gateway] = wallNanos - venueTimeNanos;
    aheadEvents[gateway] = Math.min(aheadEvents[gateway] + 1, EVENTS_LEAST);
    long since = wallNanos - aheadSince[gateway];
    if (aheadEvents[gateway] < EVENTS_LEAST || since < policy.spanNanos()) {
      return false;
    }
    if (since < policy.aheadAloneNanos() || isAnyInTime(gateway, wallNanos)) {
      late |= 1L << gateway;
      inTimeSince[gateway] = UNKNOWN;
      events[gateway] = 0;
      return false;
    }
    aheadSince[gateway] = UNKNOWN;
    usual[gateway] = aheadDelay[gateway];
    before[gateway] = UNKNOWN;
    previous[gateway] = UNKNOWN;
    levelSince[gateway] = UNKNOWN;
    events[gateway] = 0;
    stepped &= ~(1L << gateway);
    late &= ~(1L << gateway);
    return true;
  }

  /// Whether another gateway has had an event in time since this one is ahead, and just now.
  private boolean isAnyInTime(int ahead, long wallNanos) {
    for (int gateway = 0; gateway < heardAt.length; gateway++) {
      if (gateway != ahead
          && heardAt[gateway] != UNKNOWN
          && aheadSince[gateway] == UNKNOWN
          && heardAt[gateway] >= aheadSince[ahead]
          && heardAt[gateway] <= wallNanos
          && wallNanos - heardAt[gateway] < policy.aheadAloneNanos()) {
        return true;
      }
    }
    return false;
  }

  /// This process stood still: what waited meanwhile came late by our fault. It is left out for
  /// as long once more, from the next event on (within the policy's bounds). A span goes on over
  /// a short pause: its least delay is that of an event that did not wait.
  public void paused(long slipNanos) {
    grace =
        Math.max(grace, Math.clamp(slipNanos, policy.graceFloorNanos(), policy.graceCapNanos()));
    if (slipNanos > policy.graceCapNanos()) {
      Arrays.fill(events, 0);
    }
  }

  /// A gateway's connection is gone, and with it what waited in it. What its delay usually is
  /// stays known; a lag is over with it, without a word.
  ///
  /// @return whether a lag had been told
  public boolean disconnected(int gateway) {
    long bit = 1L << gateway;
    boolean was = (told & bit) != 0;
    events[gateway] = 0;
    previous[gateway] = UNKNOWN;
    levelSince[gateway] = UNKNOWN;
    inTimeSince[gateway] = UNKNOWN;
    toldNanos[gateway] = 0;
    aheadEvents[gateway] = 0;
    stepped &= ~bit;
    late &= ~bit;
    told &= ~bit;
    doubled &= ~bit;
    return was;
  }

  /// Another gateway comes to the place of one that is not connected.
  public void forget(int gateway) {
    disconnected(gateway);
    heardAt[gateway] = UNKNOWN;
    aheadSince[gateway] = UNKNOWN;
    before[gateway] = UNKNOWN;
    usual[gateway] = UNKNOWN;
    oldSince[gateway] = UNKNOWN;
  }

  /// Whether [#timePassed] has something to tell.
  public boolean hasNews() {
    return late != told || (doubled & late) != 0;
  }

  /// Tells what has changed. Cheap when nothing has.
  public void timePassed(long nowNanos, Output out) {
    long changed = late ^ told | doubled & late;
    told = late;
    doubled = 0;
    for (; changed != 0; changed &= changed - 1) {
      int gateway = Long.numberOfTrailingZeros(changed);
      boolean lags = (late & 1L << gateway) != 0;
      toldNanos[gateway] = lags ? off(gateway) : 0;
      out.lags(gateway, toldNanos[gateway]);
    }
  }

  private long off(int gateway) {
    return aheadSince[gateway] == UNKNOWN
        ? Math.max(1, aboveUsual(gateway))
        : aheadDelay[gateway] - (usual[gateway] == UNKNOWN ? 0 : usual[gateway]);
  }

  /// By how much the last span was above the usual delay; 0 while that is unknown.
  public long lagNanos(int gateway) {
    boolean unknown = usual[gateway] == UNKNOWN || previous[gateway] == UNKNOWN;
    return unknown ? 0 : Math.max(0, aboveUsual(gateway));
  }

  /// The usual delay, our clock's difference to the venue's included; `Long.MIN_VALUE` while
  /// it is unknown.
  public long usualNanos(int gateway) {
    return usual[gateway];
  }

  /// What the state takes, all of it arrays that do not grow.
  public long bytes() {
    return first.length * (17L * 8 + 2 * 4);
  }

  // ---- what does not count ----

  private boolean isBlind(long wallNanos) {
    if (grace > 0) {
      blindFrom = wallNanos;
      blindNanos = grace;
      grace = 0;
    }
    if (blindFrom == UNKNOWN) {
      return false;
    }
    long blind = wallNanos - blindFrom;
    if (blind >= 0 && blind < blindNanos) {
      return true;
    }
    blindFrom = UNKNOWN;
    return false;
  }

  private boolean isOld(int gateway, long venueTimeNanos, long wallNanos) {
    if (venueTimeNanos > before[gateway]) {
      oldSince[gateway] = UNKNOWN;
      return false;
    }
    if (oldSince[gateway] == UNKNOWN || wallNanos < oldSince[gateway]) {
      oldSince[gateway] = wallNanos;
      newestOld[gateway] = venueTimeNanos;
      return true;
    }
    newestOld[gateway] = Math.max(newestOld[gateway], venueTimeNanos);
    if (wallNanos - oldSince[gateway] >= policy.oldForNanos()) {
      before[gateway] = newestOld[gateway];
      oldSince[gateway] = UNKNOWN;
      events[gateway] = 0;
    }
    return true;
  }

  // ---- a span ----

  private void ended(int gateway, long wallNanos) {
    long delay = least[gateway];
    before[gateway] = newest[gateway];
    level(gateway, delay, wallNanos);
    learn(gateway, delay, wallNanos);
    previous[gateway] = delay;
    endedAt[gateway] = wallNanos;
    long bit = 1L << gateway;
    if ((late & bit) == 0) {
      if (aboveUsual(gateway) > policy.lagNanos()) {
        late |= bit;
        inTimeSince[gateway] = UNKNOWN;
      }
    } else if (aboveUsual(gateway) >= policy.lessNanos()) {
      inTimeSince[gateway] = UNKNOWN;
      if (aboveUsual(gateway) / 2 >= Math.max(1, toldNanos[gateway])) {
        doubled |= bit;
      }
    } else {
      if (inTimeSince[gateway] == UNKNOWN || inTimeSince[gateway] > first[gateway]) {
        inTimeSince[gateway] = first[gateway];
      }
      if (wallNanos - inTimeSince[gateway] >= policy.backNanos()) {
        late &= ~bit;
      }
    }
  }

  private void level(int gateway, long delay, long wallNanos) {
    boolean rose = previous[gateway] != UNKNOWN && delay - previous[gateway] > policy.stepNanos();
    if (levelSince[gateway] == UNKNOWN
        || wallNanos < levelSince[gateway]
        || delay - levelLow[gateway] > policy.levelNanos()
        || levelHigh[gateway] - delay > policy.levelNanos()) {
      levelSince[gateway] = wallNanos;
      levelLow[gateway] = delay;
      levelHigh[gateway] = delay;
      stepped = rose ? stepped | 1L << gateway : stepped & ~(1L << gateway);
      return;
    }
    levelLow[gateway] = Math.min(levelLow[gateway], delay);
    levelHigh[gateway] = Math.max(levelHigh[gateway], delay);
  }

  private void learn(int gateway, long delay, long wallNanos) {
    if (usual[gateway] == UNKNOWN) {
      usual[gateway] = delay;
      return;
    }
    long confirmed = Math.max(delay, previous[gateway]);
    long above = confirmed - usual[gateway];
    if (above <= 0) {
      usual[gateway] = confirmed;
      return;
    }
    long elapsed = Math.clamp(wallNanos - endedAt[gateway], 0, ELAPSED_MOST);
    usual[gateway] += Math.min(above, elapsed / 1_000 * policy.driftPerSecondNanos() / 1_000_000);
    if ((stepped & 1L << gateway) != 0
        && wallNanos - levelSince[gateway] >= policy.levelForNanos()) {
      usual[gateway] = Math.max(usual[gateway], levelLow[gateway]);
      stepped &= ~(1L << gateway);
    }
  }

  private long aboveUsual(int gateway) {
    return previous[gateway] - usual[gateway];
  }
}
