package dev.everfeed.core.health;

import dev.everfeed.core.compact.CoarseTimes;
import dev.everfeed.core.compact.GatewaySets;

/// Whether each gateway still delivers each stream that it subscribed to, its silence measured
/// in the events of its peers instead of in seconds: a gateway that had none while others had
/// fifty is silent, be it after 100 ms or after a minute, and nobody is while the market itself
/// is.
///
/// A *cell* is a gateway on a stream. Beside the streams there is [#WHOLE]: everything that a
/// gateway delivers, against what each peer has on the streams that both are subscribed to.
///
/// | cell      | counted without an event of its own                                | becomes   |
/// |-----------|--------------------------------------------------------------------|-----------|
/// | alive     | n(8) of any witness, and since then the lag                        | suspect   |
/// | alive     | nothing, no witness is there: a multiple of the longest gap        | suspect   |
/// | suspect   | n(16) of every witness, two at least, and since then the lag       | convicted |
/// | any other | nothing: it has a new event                                        | alive     |
///
/// - A *witness* is a gateway subscribed to the same stream, trusted, and itself not suspect,
///   there or as a whole. One with less than about a quarter of the events may be silent about
///   a conviction when two others agree; else the slowest would set the pace.
/// - n(phi) follows from how the gateway's events usually alternate with the peer's
///   ([PeerRatios]). Until 50 gaps are known, and before the first event after a subscription,
///   it is a fixed number of events and a least time: who never delivers anything is found too.
/// - The *lag* L is by how much the gateway may run behind its peers. What a peer had within
///   the last L says nothing yet, and a count must have stood for L. It is learnt from near
///   misses: who resumes after its count was reached shows how late it can be, and gets 1.25
///   times that. Silences of more than the cap are stalls and teach nothing. It is forgotten
///   slowly ([Rhythms]).
/// - Time in which this process stood still counts for nobody ([#paused]); afterwards events
///   are taken as signs of life, but not counted against others, until all that queued up is
///   read.
///
/// The method and its numbers are compared with others in `benchmarks/results/stall.md`.
///
/// [#event] touches the cells of one stream and those of the gateways as a whole, and allocates
/// nothing. Suspicions ripen in a queue that holds a cell once at most. Memory goes with
/// streams x gateways x gateways: 88 bytes a stream for three, and 24 for each cell that is
/// counted against. Owned by one thread.
public final class PeerClock {

  /// Takes what was found out, from within [PeerClock#timePassed].
  public interface Output {
    /// @param stream           its number, or [PeerClock#WHOLE]
    /// @param silentSinceNanos time of the gateway's last new event, or of the subscription
    ///     before the first; later by what this process stood still since
    /// @param witnesses        peers that say so; 0 when it is alone and judged by its own gaps
    /// @param peerEvents       events of the most telling witness since then
    void suspected(int stream, int gateway, long silentSinceNanos, int witnesses, int peerEvents);

    /// As [#suspected], which always comes first.
    void convicted(int stream, int gateway, long silentSinceNanos, int witnesses, int peerEvents);

    /// A suspected or convicted gateway had a new event; told once.
    void resumed(int stream, int gateway, long nowNanos);
  }

  /// In place of a stream: the gateway as a whole.
  public static final int WHOLE = -1;

  static final int GATEWAYS_MAX = 64;
  static final long LAG_MOST_NANOS = 4_000_000_000L;

  private static final int TICK_SHIFT = 20; // a tick is 1.05 ms
  private static final long MILLI = 1_000_000;

  private static final int STATE = 3;
  private static final int ALIVE = 0;
  private static final int SUSPECT = 1;
  private static final int CONVICTED = 2;
  private static final int COUNTED = 4; // a witness has reached n(8)
  private static final int AGREED = 8; // and one n(16)
  private static final int RESUMED = 16; // and it is not told yet
  private static final int DOUBTED = 32; // not trusted by the caller
  private static final int HEARD = 64; // had an event since it was subscribed

  private final int streams;
  private final int gateways;
  private final PeerClockPolicy policy;
  private final PeerRatios ratios;

  /// By stream, the last one for [#WHOLE]: the gateways that are subscribed.
  private final GatewaySets subscribed;

  // By cell: gateway + gateways x stream.
  private final CoarseTimes lastAwake;
  private final byte[] flags;
  private final byte[] burst;
  private final Rhythms rhythms;
  private final ReachedCounts ripening; // of those that are COUNTED
  private final DueQueue queue;

  // By pair of gateways: streams that both are subscribed to; events since the gateway's last
  // one on any of them, where it had others since.
  private final int[] shared;
  private final int[] carried;
  private final int[] subscriptions;

  private long doubted; // gateways that are not trusted as a whole
  private long standingStill; // nanoseconds in which this process stood still
  private long awake; // the latest time heard, less that
  private long blindUntil = Long.MIN_VALUE; // awake time

  /// @param streams their number; a stream is 0 to streams - 1
  /// @param gateways their number, 64 at most
  public PeerClock(int streams, int gateways, PeerClockPolicy policy) {
    if (streams < 1 || gateways < 1 || gateways > GATEWAYS_MAX) {
      throw new IllegalArgumentException(
          "a clock has at least one stream and 1 to %d gateways, was %d and %d"
              .formatted(GATEWAYS_MAX, streams, gateways));
    }
    this.streams = streams;
    this.gateways = gateways;
    this.policy = policy;
    int cells = Math.multiplyExact(streams + 1, gateways);
    this.ratios = new PeerRatios(Math.multiplyExact(cells, gateways - 1), policy);
    this.subscribed = new GatewaySets(streams + 1, gateways);
    this.lastAwake = new CoarseTimes(cells);
    this.flags = new byte[cells];
    this.burst = new byte[cells];
    this.rhythms = new Rhythms(cells, policy);
    this.ripening = new ReachedCounts();
    this.queue = new DueQueue(cells);
    this.shared = new int[gateways * gateways];
    this.carried = new int[gateways * gateways];
    this.subscriptions = new int[gateways];
  }

  /// From now on the gateway has to deliver the stream: this arms the watch, not its first
  /// event. When it was subscribed already it begins anew; what was learnt about it stays.
  public void subscribed(int stream, int gateway, long nowNanos) {
    long now = awake(nowNanos);
    boolean again = isSubscribed(stream, gateway);
    begin(stream, gateway, now);
    if (again) {
      return;
    }
    if (subscriptions[gateway]++ == 0) {
      begin(streams, gateway, now);
    }
    share(stream, gateway, 1);
    recheck(stream);
    recheck(streams);
  }

  public void unsubscribed(int stream, int gateway) {
    if (!isSubscribed(stream, gateway)) {
      return;
    }
    end(stream, gateway);
    share(stream, gateway, -1);
    if (--subscriptions[gateway] == 0) {
      end(streams, gateway);
    }
    recheck(stream);
    recheck(streams);
  }

  /// Another gateway comes to the place of one that is not subscribed to anything: nothing that was
  /// learnt holds for it.
  ///
  /// @throws IllegalStateException when it is subscribed
  public void forget(int gateway) {
    if (subscriptions[gateway] > 0) {
      throw new IllegalStateException(
          "gateway %d is subscribed to %,d streams, and is not forgotten"
              .formatted(gateway, subscriptions[gateway]));
    }
    for (int row = 0; row <= streams; row++) {
      int cell = cell(row, gateway);
      flags[cell] = 0;
      rhythms.forget(cell);
      for (int peer = 0; peer < gateways; peer++) {
        if (peer != gateway) {
          ratios.forget(pair(row, gateway, peer));
          ratios.forget(pair(row, peer, gateway));
        }
      }
    }
    doubted &= ~(1L << gateway);
  }

  /// A bit for each gateway that is subscribed to a stream.
  public long subscribed(int stream) {
    return subscribed.get(stream);
  }

  public boolean isSubscribed(int stream, int gateway) {
    return subscribed.has(stream, gateway);
  }

  /// A new event: its identity advanced or its value changed. Repeats, heartbeats and snapshots
  /// are none. Of a stream that the gateway is not subscribed to it is ignored.
  public void event(int stream, int gateway, long nowNanos) {
    long bit = 1L << gateway;
    long here = subscribed.get(stream);
    if ((here & bit) == 0) {
      return;
    }
    long now = awake(nowNanos);
    long peers = here & ~bit;
    happened(stream, gateway, peers, peers, now);
    happened(streams, gateway, peers, subscribed.get(streams) & ~bit, now);
  }

  /// Whether the gateway may be a witness; it may until told otherwise. A suspect never is.
  ///
  /// @param stream its number, or [#WHOLE] for all of them at once
  public void trust(int stream, int gateway, boolean trusted) {
    if (stream == WHOLE) {
      doubted = trusted ? doubted & ~(1L << gateway) : doubted | 1L << gateway;
      recheckAll();
      return;
    }
    int cell = cell(stream, gateway);
    flags[cell] = (byte) (trusted ? flags[cell] & ~DOUBTED : flags[cell] | DOUBTED);
    recheck(stream);
  }

  /// This process stood still: the time is taken off everybody's silence. What has queued up is
  /// read in any order, so events count against nobody, and nobody is judged, until
  /// [#drained] or until the same time has passed once more (within the policy's bounds).
  ///
  /// @param slipNanos for how long; the caller decides from which length on it tells
  /// @param nowNanos the time after it
  public void paused(long slipNanos, long nowNanos) {
    standingStill += Math.max(0, slipNanos);
    awake = Math.max(awake, nowNanos - standingStill);
    long grace = Math.clamp(slipNanos, policy.graceFloorNanos(), policy.graceCapNanos());
    blindUntil = Math.max(blindUntil, awake + grace);
  }

  /// Everything that had queued up while this process stood still has been read: what follows
  /// counts again. Need not be called.
  public void drained(long nowNanos) {
    blindUntil = Math.min(blindUntil, awake(nowNanos));
  }

  /// Tells what became due. Cheap when nothing is.
  public void timePassed(long nowNanos, Output out) {
    long now = awake(nowNanos);
    if (now < blindUntil) {
      return;
    }
    int tick = tick(now);
    while (!queue.isEmpty() && queue.firstTick() - tick <= 0) {
      due(queue.takeFirst(), tick, nowNanos, out);
    }
  }

  /// When [#timePassed] must be called; `Long.MAX_VALUE` for never.
  public long nextDeadlineNanos() {
    if (queue.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long ticks = awake >> TICK_SHIFT;
    long due = ticks + (queue.firstTick() - (int) ticks);
    return Math.max(due << TICK_SHIFT, blindUntil) + standingStill;
  }

  /// What the state takes; of it only what is known of cells that are counted against grows.
  public long bytes() {
    return ratios.bytes()
        + subscribed.bytes()
        + lastAwake.bytes()
        + flags.length * (1L + 1)
        + rhythms.bytes()
        + ripening.bytes()
        + queue.bytes()
        + 4L * (shared.length + carried.length + subscriptions.length);
  }

  // ---- an event ----

  /// As a whole a gateway is alive by any event. A peer's share is learnt from those on streams
  /// that both have: an event elsewhere ends the count and not the gap.
  ///
  /// @param peers gateways that carry the same stream
  /// @param rest all others of the row; the same unless the row is [#WHOLE]
  private void happened(int row, int gateway, long peers, long rest, long now) {
    int cell = cell(row, gateway);
    long last = lastAwake.get(cell);
    lastAwake.set(cell, now);
    boolean counts = now >= blindUntil && !isBurst(cell, last, now);
    boolean learns = counts && (flags[cell] & HEARD) != 0;
    if ((flags[cell] & ~DOUBTED) != HEARD) {
      lifeSign(cell, now);
    }
    long gap = now - last;
    long late = rhythms.lagNanos(cell);
    boolean decays = learns && rhythms.ages(cell, gap);
    for (long left = rest; left != 0; left &= left - 1) {
      int peer = Long.numberOfTrailingZeros(left);
      int pair = pair(row, gateway, peer);
      int carry = 0;
      if (row == streams) {
        int at = gateway * gateways + peer;
        if ((peers & 1L << peer) == 0) {
          carried[at] = Math.min(carried[at] + ratios.counted(pair), PeerRatios.COUNT_MAX);
          ratios.clear(pair);
          continue;
        }
        carry = carried[at];
        carried[at] = 0;
      }
      if (learns && (flags[cell(row, peer)] & HEARD) != 0) {
        ratios.learn(pair, carry, gap, carry == 0 ? late : 0, decays);
      } else {
        ratios.clear(pair);
      }
    }
    if (!counts) {
      return;
    }
    for (long left = peers; left != 0; left &= left - 1) {
      int other = Long.numberOfTrailingZeros(left);
      int pair = pair(row, other, gateway);
      int count = ratios.count(pair);
      boolean warm = isWarm(row, other, pair);
      if (count == ratios.suspectAt(pair, warm)) {
        reached(row, other, gateway, now);
      }
      if (count == ratios.convictAt(pair, warm)) {
        agreed(row, other, gateway, now);
      }
    }
  }

  /// One peer's burst counts up to a bound, or a single message full of trades would convict.
  private boolean isBurst(int cell, long last, long now) {
    int count = last / MILLI == now / MILLI ? burst[cell] + 1 : 1;
    if (count > policy.burstPerMilli()) {
      return true;
    }
    burst[cell] = (byte) count;
    return false;
  }

  /// The event of a cell that was counted against, or the first one.
  private void lifeSign(int cell, long now) {
    int flag = flags[cell];
    if ((flag & COUNTED) != 0) {
      if (now >= blindUntil && !rhythms.isYoung(cell)) {
        long lateTicks = tick(now) - ripening.suspectTick(cell) + lagTicks(cell);
        rhythms.nearMiss(cell, lateTicks << TICK_SHIFT);
      }
      uncount(cell);
    }
    if ((flag & STATE) != ALIVE) {
      flag |= RESUMED;
      queue.put(cell, tick(now));
    }
    flags[cell] = (byte) (flag & ~(STATE | COUNTED | AGREED) | HEARD);
  }

  /// What was counted against a cell does not count any more.
  private void uncount(int cell) {
    flags[cell] &= ~(COUNTED | AGREED);
    ripening.forget(cell);
  }

  private void reached(int row, int gateway, int witness, long now) {
    int cell = cell(row, gateway);
    if ((flags[cell] & COUNTED) != 0 || !isWitness(row, gateway, witness)) {
      return;
    }
    flags[cell] |= COUNTED;
    int tick = ripeTick(row, gateway, witness, now, 1);
    ripening.suspect(cell, tick);
    if ((flags[cell] & STATE) == ALIVE) {
      queue.putIfSooner(cell, tick);
    }
  }

  private void agreed(int row, int gateway, int witness, long now) {
    int cell = cell(row, gateway);
    if (!isWitness(row, gateway, witness)) {
      return;
    }
    reached(row, gateway, witness, now);
    int tick = ripeTick(row, gateway, witness, now, 2);
    flags[cell] |= AGREED;
    ripening.convict(cell, tick);
    if ((flags[cell] & STATE) == SUSPECT) {
      queue.put(cell, tick);
    }
  }

  /// When a count that is reached now has stood for long enough.
  private int ripeTick(int row, int gateway, int witness, long now, int times) {
    int cell = cell(row, gateway);
    int tick = tick(now) + lagTicks(cell);
    if (isWarm(row, gateway, pair(row, gateway, witness))) {
      return tick;
    }
    int least = tick(lastAwake.get(cell) + times * policy.warmUpNanos());
    return least - tick > 0 ? least : tick;
  }

  // ---- what became due ----

  private void due(int cell, int tick, long nowNanos, Output out) {
    int row = cell / gateways;
    int gateway = cell - row * gateways;
    if ((flags[cell] & RESUMED) != 0) {
      flags[cell] &= ~RESUMED;
      if ((flags[cell] & COUNTED) != 0) {
        queue.put(cell, ripening.suspectTick(cell));
      }
      out.resumed(name(row), gateway, nowNanos);
      recheckWith(row);
      return;
    }
    long witnesses = witnesses(row, gateway);
    switch (flags[cell] & STATE) {
      case ALIVE -> {
        if (witnesses == 0) {
          dueAlone(cell, row, gateway, tick, out);
        } else {
          dueAlive(cell, row, gateway, tick, witnesses, out);
        }
      }
      case SUSPECT -> {
        if (agree(row, gateway, witnesses)) {
          flags[cell] += CONVICTED - SUSPECT;
          out.convicted(
              name(row),
              gateway,
              silentSince(cell),
              telling(row, gateway, witnesses, true),
              mostEvents(row, gateway, witnesses));
        }
      }
      default -> {} // convicted: only its own event changes that
    }
  }

  private void dueAlone(int cell, int row, int gateway, int tick, Output out) {
    int aloneTick = aloneTick(cell);
    if (aloneTick - tick > 0) { // it had events since it was queued
      queue.put(cell, aloneTick);
      return;
    }
    flags[cell] |= SUSPECT;
    out.suspected(name(row), gateway, silentSince(cell), 0, 0);
    recheckWith(row);
  }

  private void dueAlive(int cell, int row, int gateway, int tick, long witnesses, Output out) {
    if ((flags[cell] & COUNTED) == 0) {
      return; // it had an event, or was alone when it was queued
    }
    int suspectTick = ripening.suspectTick(cell);
    if (suspectTick - tick > 0) {
      queue.put(cell, suspectTick);
      return;
    }
    int telling = telling(row, gateway, witnesses, false);
    if (telling == 0) { // who counted it is no witness any more
      uncount(cell);
      return;
    }
    flags[cell] |= SUSPECT;
    if (agree(row, gateway, witnesses)) {
      int ripe = (flags[cell] & AGREED) != 0 ? ripening.convictTick(cell) : tick + lagTicks(cell);
      queue.put(cell, ripe);
    }
    out.suspected(
        name(row), gateway, silentSince(cell), telling, mostEvents(row, gateway, witnesses));
    recheckWith(row);
  }

  /// All witnesses agree on a conviction, and there are enough of them.
  private boolean agree(int row, int gateway, long witnesses) {
    int agreeing = 0;
    for (long left = witnesses; left != 0; left &= left - 1) {
      int pair = pair(row, gateway, Long.numberOfTrailingZeros(left));
      if (ratios.counted(pair) >= ratios.convictAt(pair, isWarm(row, gateway, pair))) {
        agreeing++;
      } else if (!ratios.isSlow(pair)) {
        return false;
      }
    }
    return agreeing >= policy.witnesses();
  }

  private int telling(int row, int gateway, long witnesses, boolean convict) {
    int telling = 0;
    for (long left = witnesses; left != 0; left &= left - 1) {
      int pair = pair(row, gateway, Long.numberOfTrailingZeros(left));
      boolean warm = isWarm(row, gateway, pair);
      int bound = convict ? ratios.convictAt(pair, warm) : ratios.suspectAt(pair, warm);
      telling += ratios.counted(pair) >= bound ? 1 : 0;
    }
    return telling;
  }

  private int mostEvents(int row, int gateway, long witnesses) {
    int most = 0;
    for (long left = witnesses; left != 0; left &= left - 1) {
      int peer = Long.numberOfTrailingZeros(left);
      most = Math.max(most, ratios.counted(pair(row, gateway, peer)));
    }
    return most;
  }

  // ---- who may say something ----

  private long witnesses(int row, int gateway) {
    long witnesses = 0;
    for (long left = subscribed.get(row) & ~(1L << gateway); left != 0; left &= left - 1) {
      int peer = Long.numberOfTrailingZeros(left);
      if (isWitness(row, gateway, peer)) {
        witnesses |= 1L << peer;
      }
    }
    return witnesses;
  }

  private boolean isWitness(int row, int gateway, int peer) {
    return (flags[cell(row, peer)] & (STATE | DOUBTED | HEARD)) == HEARD
        && (flags[cell(streams, peer)] & STATE) == ALIVE
        && (doubted & 1L << peer) == 0
        && (row != streams || shared[gateway * gateways + peer] > 0);
  }

  private void recheckWith(int row) {
    if (row == streams) {
      recheckAll();
    } else {
      recheck(row);
    }
  }

  private void recheckAll() {
    for (int row = 0; row <= streams; row++) {
      recheck(row);
    }
  }

  /// Witnesses of a row came or went: who is alone now is watched by its own gaps, and counts
  /// that were reached before may have become due.
  private void recheck(int row) {
    for (long left = subscribed.get(row); left != 0; left &= left - 1) {
      int gateway = Long.numberOfTrailingZeros(left);
      int cell = cell(row, gateway);
      int state = flags[cell] & STATE;
      if (state == CONVICTED || (flags[cell] & RESUMED) != 0) {
        continue;
      }
      long witnesses = witnesses(row, gateway);
      if (witnesses == 0 && state == ALIVE) {
        queue.putIfSooner(cell, aloneTick(cell));
      } else if (state == SUSPECT) {
        if (!queue.holds(cell) && agree(row, gateway, witnesses)) {
          queue.put(cell, tick(awake) + lagTicks(cell));
        }
      } else if ((flags[cell] & COUNTED) == 0) {
        recount(row, gateway, witnesses);
      } else {
        queue.putIfSooner(cell, ripening.suspectTick(cell)); // it became due while it was alone
      }
    }
  }

  private void recount(int row, int gateway, long witnesses) {
    for (long left = witnesses; left != 0; left &= left - 1) {
      int peer = Long.numberOfTrailingZeros(left);
      int pair = pair(row, gateway, peer);
      if (ratios.counted(pair) >= ratios.suspectAt(pair, isWarm(row, gateway, pair))) {
        reached(row, gateway, peer, awake);
        return;
      }
    }
  }

  // ---- subscriptions ----

  private void begin(int row, int gateway, long now) {
    int cell = cell(row, gateway);
    subscribed.add(row, gateway);
    uncount(cell);
    flags[cell] &= DOUBTED;
    lastAwake.set(cell, now);
    queue.remove(cell);
    for (int peer = 0; peer < gateways; peer++) {
      if (peer != gateway) {
        clear(row, gateway, peer);
      }
    }
  }

  private void end(int row, int gateway) {
    int cell = cell(row, gateway);
    subscribed.remove(row, gateway);
    uncount(cell);
    flags[cell] &= DOUBTED;
    queue.remove(cell);
    for (int peer = 0; peer < gateways; peer++) {
      if (peer != gateway) {
        clear(row, peer, gateway);
      }
    }
  }

  private void clear(int row, int gateway, int peer) {
    ratios.clear(pair(row, gateway, peer));
    if (row == streams) {
      carried[gateway * gateways + peer] = 0;
    }
  }

  private void share(int stream, int gateway, int more) {
    for (long left = subscribed.get(stream) & ~(1L << gateway); left != 0; left &= left - 1) {
      int peer = Long.numberOfTrailingZeros(left);
      shared[gateway * gateways + peer] += more;
      shared[peer * gateways + gateway] += more;
    }
  }

  // ---- small things ----

  private long awake(long nowNanos) {
    awake = Math.max(awake, nowNanos - standingStill);
    return awake;
  }

  private static int tick(long awakeNanos) {
    return (int) (awakeNanos >> TICK_SHIFT);
  }

  private int lagTicks(int cell) {
    return tick(rhythms.lagNanos(cell)) + 1;
  }

  private int aloneTick(int cell) {
    return tick(lastAwake.get(cell) + rhythms.aloneNanos(cell)) + 1;
  }

  /// What was learnt is used of a pair that is known, once the gateway has begun to deliver.
  private boolean isWarm(int row, int gateway, int pair) {
    return ratios.isWarm(pair) && (flags[cell(row, gateway)] & HEARD) != 0;
  }

  private long silentSince(int cell) {
    return lastAwake.get(cell) + standingStill;
  }

  private int name(int row) {
    return row == streams ? WHOLE : row;
  }

  private int cell(int row, int gateway) {
    return row * gateways + gateway;
  }

  private int pair(int row, int gateway, int peer) {
    return cell(row, gateway) * (gateways - 1) + (peer < gateway ? peer : peer - 1);
  }
}
