package dev.everfeed.core.arbitrate;

import dev.everfeed.core.compact.CoarseTimes;
import dev.everfeed.core.compact.GatewaySets;
import dev.everfeed.core.compact.SparseLongs;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Decides which events of which gateway are published, and numbers them: of each stream the
/// events of one content, each once, in order, `seq` rising by 1.
///
/// The *lines* of a stream are the gateways whose content is that of its active one; the first
/// of them to bring an event is the one it is published from (CME MDP 3.0 feed arbitration:
/// listen to A and B, go by the sequence, discard what has been had). The death of a line costs
/// nothing while another one is alive, and nobody has to notice it first.
///
/// | [Identity] | from the lines                    | has been had                    | is missing
/// |
/// |------------|-----------------------------------|---------------------------------|------------|
/// | DENSE      | the first that brings an id       | id not above the last: dropped  | a hole
/// |
/// | ORDERED    | the first that brings a number    | not above the last: dropped     | unknown
/// |
/// | UNIQUE     | the first that brings an id       | among the newest ids: dropped   | unknown
/// |
/// | NONE       | the active one alone              | unknown: published again        | unknown
/// |
///
/// A hole in dense ids, step by step, each with its bound ([ArbiterPolicy]):
///
/// | while                                  | what comes after it | ends with                     |
/// |----------------------------------------|---------------------|-------------------------------|
/// | another line may bring it              | is held             | its events, or time over      |
/// | it is asked for, where that is offered | is held             | its events, or time over      |
/// | -                                      | is published        | [Output#gap]: declared lost   |
///
/// Whatever the number of holes before it, an event is held for no longer than the two times
/// together: a hole behind another one is waited for from when what is behind it came, and is
/// not asked for when too little of the time is left.
///
/// A stream has at most one *candidate*, a gateway of other content that is to take over: its
/// first event makes it the active one, and is published.
///
/// Touches the state of the one stream that an event is of; allocates nothing for an event that
/// is published at once. Owned by one thread.
public final class Arbiter {

  /// Takes the decisions. A tick is valid until the call returns.
  public interface Output {
    /// @param receivedNanos when it came over its line
    void publish(int gateway, Tick tick, ValueStatus status, long seq, long receivedNanos);

    /// Trades from the first to the last id, both included, have not come and are not waited for
    /// any more.
    void gap(int gateway, int stream, long firstId, long lastId);

    /// These trades are to be asked for, and given to [Arbiter#refilled].
    void refill(int gateway, int stream, long firstId, long lastId);

    /// The candidate has delivered, and is the active one from now on.
    void tookOver(int gateway, int stream);
  }

  /// The gateway of a stream that none has.
  public static final int NOBODY = -1;

  /// Trades that may be missing at once: a quarter of an hour of the busiest symbol there is.
  static final long LEAP_MAX = 1_000_000;

  private static final Identity[] IDENTITIES = Identity.values();

  private final int gateways;
  private final ArbiterPolicy policy;
  private final HeldTicks held;
  private final Holes holes = new Holes();

  // ---- by stream
  private final byte[] active;
  private final byte[] candidate;
  private final byte[] identity;

  /// Whose events are taken, and whose are known.
  private final byte[] content;

  private final byte[] knownContent;
  private final boolean[] refills;
  private final GatewaySets lines;
  private final long[] seq;
  private final long[] last;

  /// What a line has said to be its newest, the last time, where that has not come.
  private final SparseLongs saidNewest = new SparseLongs(Tick.NONE);

  /// A trade far from the last one, which waits for the next one to go on from it.
  private final SparseLongs doubted = new SparseLongs(Tick.NONE);

  /// When something new was published last,
  private final CoarseTimes advancedNanos;

  /// The latest time by the venue's clock of what was published.
  private final long[] happenedNanos;

  /// The first id that was declared lost since something was published, or [Tick#NONE]: who
  /// brings it now is late.
  private final SparseLongs lostFrom = new SparseLongs(Tick.NONE);

  /// The newest ids, where they have no order; empty until there is such a stream.
  private @Nullable RecentIds[] recent = {};

  /// Gateways whose numbers have fallen, and not yet come back to where they were.
  private final GatewaySets fell;

  // ---- by stream and gateway
  /// What was newest of a line: its order, else the hash of what it said.
  private final long[] newest;

  /// Of the event that is being dealt with.
  private long receivedNanos;

  private long published;
  private long duplicates;
  private long gaps;
  private long missing;
  private long doubts;
  private long refilled;
  private long reordered;

  /// @param streams  their number; each is nobody's until [#route]
  /// @param gateways their number, at most 64
  public Arbiter(int streams, int gateways, ArbiterPolicy policy) {
    if (gateways > Long.SIZE) {
      throw new IllegalArgumentException(
          "an arbiter knows at most %d gateways, was %d".formatted(Long.SIZE, gateways));
    }
    this.gateways = gateways;
    this.policy = policy;
    this.held = new HeldTicks(policy.heldPerStreamMax(), policy.heldMax());
    this.active = filled(new byte[streams], (byte) NOBODY);
    this.candidate = filled(new byte[streams], (byte) NOBODY);
    this.identity = filled(new byte[streams], (byte) Identity.NONE.ordinal());
    this.content = filled(new byte[streams], (byte) NOBODY);
    this.knownContent = filled(new byte[streams], (byte) NOBODY);
    this.refills = new boolean[streams];
    this.lines = new GatewaySets(streams, gateways);
    this.seq = new long[streams];
    this.last = filled(new long[streams], Tick.NONE);
    this.advancedNanos = new CoarseTimes(streams);
    this.happenedNanos = filled(new long[streams], Tick.NONE);
    this.fell = new GatewaySets(streams, gateways);
    this.newest = filled(new long[streams * gateways], Tick.NONE);
  }

  private static byte[] filled(byte[] array, byte value) {
    Arrays.fill(array, value);
    return array;
  }

  private static long[] filled(long[] array, long value) {
    Arrays.fill(array, value);
    return array;
  }

  // ---- who is listened to

  /// From now on a stream is published from these lines. Nothing is forgotten of it: ids go on.
  ///
  /// @param gateway the active one, or [#NOBODY] for a stream without any
  /// @param lines   a bit for each gateway whose events are taken; the active one is left out
  ///     when it is not believed
  public void route(int stream, int gateway, long lines) {
    active[stream] = (byte) gateway;
    this.lines.set(stream, gateway == NOBODY ? 0 : lines);
  }

  /// As [#route], with other content: ids of the one before say nothing there. What was held is
  /// published first, and what it waited for declared lost. Until something of the other content
  /// is published, the way back to the one before is as if nothing had been.
  ///
  /// @param content a number for each content, 0 to 126, or [#NOBODY]
  /// @param refills whether trades can be asked for by id there
  public void routeAnew(
      int stream,
      int gateway,
      long lines,
      int content,
      Identity identity,
      boolean refills,
      long nowNanos,
      Output out) {
    giveUpHole(stream, nowNanos, out);
    this.content[stream] = (byte) content;
    this.identity[stream] = (byte) identity.ordinal();
    this.refills[stream] = refills;
    candidate[stream] = NOBODY;
    route(stream, gateway, lines);
  }

  /// The first event of other content: what was known says nothing about it.
  private void forget(int stream, long nowNanos) {
    knownContent[stream] = content[stream];
    last[stream] = Tick.NONE;
    saidNewest.clear(stream);
    doubted.clear(stream);
    fell.set(stream, 0);
    advancedNanos.set(stream, nowNanos);
    happenedNanos[stream] = Tick.NONE;
    lostFrom.clear(stream);
    RecentIds ids = recent.length == 0 ? null : recent[stream];
    if (ids != null) {
      ids.clear();
    }
  }

  /// Another gateway comes to the place of one that gives nothing any more.
  public void forget(int gateway) {
    for (int stream = 0; stream < last.length; stream++) {
      newest[stream * gateways + gateway] = Tick.NONE;
      fell.remove(stream, gateway);
    }
  }

  /// A content's number is given to another one: what was published of it is not of that one.
  public void forgetContent(int content) {
    for (int stream = 0; stream < last.length; stream++) {
      if (knownContent[stream] == content) {
        knownContent[stream] = NOBODY;
      }
    }
  }

  /// The first event of a gateway of other content makes it the active one; [#NOBODY] for none.
  public void candidate(int stream, int gateway) {
    candidate[stream] = (byte) gateway;
  }

  /// What a line has brought of a stream is not believed any more: what of it waits is missing
  /// from now on, but for what another line has brought and said otherwise. A hole that ends
  /// before it, and may be asked for already, stays as it is.
  public void distrust(int stream, int gateway, long nowNanos) {
    long end = holeEnd(stream);
    if (held.removeOf(stream, gateway) > 0 && holeEnd(stream) != end) {
      await(stream, nowNanos);
    }
  }

  // ---- what happens

  /// As [#on(int, Tick, long, long, Output)], for an event that is given as it comes.
  public boolean on(int gateway, Tick tick, long nowNanos, Output out) {
    return on(gateway, tick, nowNanos, nowNanos, out);
  }

  /// An event came through a gateway.
  ///
  /// @param receivedNanos when it came, which it is published with
  /// @return whether it is a new one for this gateway, whoever brought it first: its order rose,
  ///     or where there is none, it says something else
  public boolean on(int gateway, Tick tick, long receivedNanos, long nowNanos, Output out) {
    this.receivedNanos = receivedNanos;
    int stream = tick.stream();
    if (stream == Streams.NONE) {
      return false;
    }
    boolean isNew = notes(gateway, stream, tick);
    if (!lines.has(stream, gateway)) {
      if (candidate[stream] != gateway || !isNew) {
        return isNew;
      }
      candidate[stream] = NOBODY;
      out.tookOver(gateway, stream); // routes it anew
      if (!lines.has(stream, gateway)) {
        return isNew;
      }
    }
    if (knownContent[stream] != content[stream]) {
      if (active[stream] != gateway && tick.order() == Tick.NONE && tick.idLength() == 0) {
        return isNew; // of a line that is not published from
      }
      forget(stream, nowNanos);
    }
    switch (IDENTITIES[identity[stream]]) {
      case DENSE -> dense(gateway, stream, tick, isNew, nowNanos, out);
      case ORDERED -> ordered(gateway, stream, tick, isNew, nowNanos, out);
      case UNIQUE -> unique(gateway, stream, tick, nowNanos, out);
      case NONE -> {
        if (active[stream] == gateway) {
          publish(gateway, stream, tick, ValueStatus.LIVE, receivedNanos, nowNanos, out);
        }
      }
    }
    return isNew;
  }

  private boolean notes(int gateway, int stream, Tick tick) {
    int cell = stream * gateways + gateway;
    long before = newest[cell];
    long order = tick.order();
    if (order != Tick.NONE) {
      newest[cell] = order;
      if (before != Tick.NONE && order < before) {
        fell.add(stream, gateway);
        return false;
      }
      return order != before;
    }
    long content = tick.idLength() > 0 ? tick.idHash() : tick.contentHash();
    newest[cell] = content;
    return content != before;
  }

  private void ordered(
      int gateway, int stream, Tick tick, boolean isNew, long nowNanos, Output out) {
    long order = tick.order();
    if (order == Tick.NONE) { // decoded in a way that does not see it
      if (active[stream] == gateway) {
        publish(gateway, stream, tick, ValueStatus.LIVE, receivedNanos, nowNanos, out);
      }
      return;
    }
    if (last[stream] != Tick.NONE
        && order <= last[stream]
        && !countsAnew(gateway, stream, tick, isNew, nowNanos)) {
      duplicates++;
      return;
    }
    fell.remove(stream, gateway);
    last[stream] = order;
    publish(gateway, stream, tick, ValueStatus.LIVE, receivedNanos, nowNanos, out);
  }

  /// Whether a line goes on from where its numbers have fallen to, and nobody else has anything
  /// newer: the venue has begun to count anew. The numbers of a line that merely lags do not
  /// fall; those of what is sent again after a subscription do, but it did not happen later than
  /// what was published.
  private boolean countsAnew(int gateway, int stream, Tick tick, boolean isNew, long nowNanos) {
    return isNew
        && fell.has(stream, gateway)
        && nowNanos - advancedNanos.get(stream) >= policy.countsAnewNanos()
        && (tick.timeNanos() == Tick.NONE || tick.timeNanos() > happenedNanos[stream]);
  }

  private void unique(int gateway, int stream, Tick tick, long nowNanos, Output out) {
    if (tick.idLength() > 0) {
      if (!recent(stream).add(tick.idHash())) {
        duplicates++;
        return;
      }
    } else if (active[stream] != gateway) {
      return;
    }
    publish(gateway, stream, tick, ValueStatus.LIVE, receivedNanos, nowNanos, out);
  }

  private RecentIds recent(int stream) {
    if (recent.length == 0) {
      recent = new RecentIds[last.length];
    }
    RecentIds ids = recent[stream];
    if (ids == null) {
      ids = new RecentIds();
      recent[stream] = ids;
    }
    return ids;
  }

  private void dense(int gateway, int stream, Tick tick, boolean isNew, long nowNanos, Output out) {
    long id = tick.idNumber();
    if (id == Tick.NONE) {
      if (active[stream] == gateway) {
        publish(gateway, stream, tick, ValueStatus.LIVE, receivedNanos, nowNanos, out);
      }
      return;
    }
    long before = last[stream];
    if (before != Tick.NONE && (id - before > LEAP_MAX || before - id > LEAP_MAX)) {
      leap(gateway, stream, tick, id, nowNanos, out);
      return;
    }
    doubted.clear(stream);
    if (before != Tick.NONE && id <= before) {
      boolean late = lostFrom.has(stream) && id >= lostFrom.get(stream);
      if (late || !countsAnew(gateway, stream, tick, isNew, nowNanos)) {
        duplicates++;
        return;
      }
      giveUpHole(stream, nowNanos, out);
      last[stream] = id - 1;
      take(gateway, stream, tick, id, nowNanos, out);
    } else if (before == Tick.NONE || id == before + 1) {
      take(gateway, stream, tick, id, nowNanos, out);
    } else {
      hold(gateway, stream, tick, nowNanos, out);
    }
  }

  /// The next one, and then those that waited for it.
  private void take(int gateway, int stream, Tick tick, long id, long nowNanos, Output out) {
    fell.remove(stream, gateway);
    last[stream] = id;
    publish(gateway, stream, tick, ValueStatus.LIVE, receivedNanos, nowNanos, out);
    if (holes.isOpen(stream)) {
      release(stream, nowNanos, out);
    }
  }

  /// An id far from all others is believed when the next one goes on from it: a single wrong one
  /// would make duplicates of all trades that follow.
  private void leap(int gateway, int stream, Tick tick, long id, long nowNanos, Output out) {
    boolean old = tick.timeNanos() != Tick.NONE
        && tick.timeNanos() < happenedNanos[stream]
        && nowNanos - advancedNanos.get(stream) < policy.countsAnewNanos();
    if (old) { // of the count before, over a line that is behind
      duplicates++;
      return;
    }
    long first = doubted.get(stream);
    if (first == Tick.NONE || id <= first || id - first > LEAP_MAX) {
      doubted.set(stream, id);
      doubts++;
      return;
    }
    doubted.clear(stream);
    giveUpHole(stream, nowNanos, out);
    if (id < last[stream]) { // the venue counts anew; of that the first one was not published
      last[stream] = first - 1;
    }
    declare(gateway, stream, id - 1, out);
    take(gateway, stream, tick, id, nowNanos, out);
  }

  private void hold(int gateway, int stream, Tick tick, long nowNanos, Output out) {
    long id = tick.idNumber();
    if (!holes.isOpen(stream)) {
      if (!mayBeFilled(stream, id - last[stream] - 1)) {
        declare(gateway, stream, id - 1, out);
        take(gateway, stream, tick, id, nowNanos, out);
        return;
      }
      await(stream, nowNanos);
    }
    switch (held.add(stream, tick, gateway, receivedNanos, nowNanos)) {
      case KNOWN -> duplicates++;
      case HELD -> {
        holes.known(stream, id);
        if (nowNanos >= holes.dueNanos(stream)) {
          next(stream, nowNanos, out);
        }
      }
      case FULL -> {
        giveUpHole(stream, nowNanos, out);
        if (id > last[stream]) {
          declare(gateway, stream, id - 1, out);
          take(gateway, stream, tick, id, nowNanos, out);
        }
      }
    }
  }

  /// Whether somebody may bring what lies in a hole.
  private boolean mayBeFilled(int stream, long ids) {
    return hasOtherLines(stream) || (refills[stream] && ids <= policy.refillMost());
  }

  private boolean hasOtherLines(int stream) {
    return Long.bitCount(lines.get(stream)) > 1;
  }

  private void await(int stream, long sinceNanos) {
    long reorder = hasOtherLines(stream) ? policy.reorderNanos() : 0;
    holes.await(stream, sinceNanos, sinceNanos + reorder);
  }

  /// The next step for a hole whose time is over: it is asked for, else declared lost.
  private void next(int stream, long nowNanos, Output out) {
    long first = last[stream] + 1;
    long end = holeEnd(stream);
    long left = holes.sinceNanos(stream) + policy.reorderNanos() + policy.refillNanos() - nowNanos;
    if (holes.askedTo(stream) == Tick.NONE
        && refills[stream]
        && end - first < policy.refillMost()
        && left >= policy.refillNanos() / 2) {
      holes.asked(stream, end, nowNanos + Math.min(left, policy.refillNanos()));
      out.refill(active[stream], stream, first, end);
      return;
    }
    declare(active[stream], stream, end, out);
    release(stream, nowNanos, out);
  }

  /// The last id that is missing in front of what waits.
  private long holeEnd(int stream) {
    int at = held.first(stream);
    return at == HeldTicks.NONE ? known(stream) : held.tick(at).idNumber() - 1;
  }

  /// Up to which id trades are known to exist.
  private long known(int stream) {
    return Math.max(last[stream], holes.knownTo(stream));
  }

  /// Publishes what has waited and now is the next one.
  private void release(int stream, long nowNanos, Output out) {
    boolean behind = false;
    for (int at = held.first(stream); at != HeldTicks.NONE; at = held.first(stream)) {
      Tick tick = held.tick(at);
      if (tick.idNumber() > last[stream] + 1) {
        break;
      }
      held.removeFirst(stream);
      behind = true;
      if (tick.idNumber() == last[stream] + 1) {
        last[stream]++;
        reordered++;
        publish(
            held.gateway(at),
            stream,
            tick,
            ValueStatus.LIVE,
            held.receivedNanos(at),
            nowNanos,
            out);
      } else {
        duplicates++;
      }
    }
    if (last[stream] >= known(stream)) {
      holes.close(stream);
    } else if (behind) {
      int first = held.first(stream); // another hole, behind the one that is over
      await(stream, first == HeldTicks.NONE ? nowNanos : held.sinceNanos(first));
    }
  }

  /// Declares lost whatever is missing, and publishes what waits.
  private void giveUpHole(int stream, long nowNanos, Output out) {
    while (holes.isOpen(stream)) {
      declare(active[stream], stream, holeEnd(stream), out);
      release(stream, nowNanos, out);
    }
  }

  private void declare(int gateway, int stream, long id, Output out) {
    long before = last[stream];
    if (before == Tick.NONE || id <= before) {
      return;
    }
    gaps++;
    missing += id - before;
    if (!lostFrom.has(stream)) {
      lostFrom.set(stream, before + 1);
    }
    last[stream] = id;
    out.gap(gateway, stream, before + 1, id);
  }

  private void publish(
      int gateway,
      int stream,
      Tick tick,
      ValueStatus status,
      long receivedNanos,
      long nowNanos,
      Output out) {
    published++;
    advancedNanos.set(stream, nowNanos);
    lostFrom.clear(stream);
    happenedNanos[stream] = Math.max(happenedNanos[stream], tick.timeNanos());
    out.publish(gateway, tick, status, ++seq[stream], receivedNanos);
  }

  /// A gateway says which trade is its newest. It may say so just before the trade comes: what
  /// has not come when it says so again is missing.
  public void newest(int gateway, int stream, long id, long nowNanos, Output out) {
    if (stream == Streams.NONE
        || !lines.has(stream, gateway)
        || knownContent[stream] != content[stream]
        || identity[stream] != Identity.DENSE.ordinal()) {
      return;
    }
    long said = saidNewest.get(stream);
    if (id > known(stream)) {
      saidNewest.set(stream, id);
    } else {
      saidNewest.clear(stream);
    }
    long before = last[stream];
    if (said == Tick.NONE || before == Tick.NONE || said <= known(stream) || said > id) {
      return;
    }
    if (said - before > LEAP_MAX) {
      return; // not believed
    }
    if (!holes.isOpen(stream)) {
      if (!mayBeFilled(stream, said - before)) {
        declare(gateway, stream, said, out);
        return;
      }
      await(stream, nowNanos);
    }
    holes.known(stream, said);
    if (nowNanos >= holes.dueNanos(stream)) {
      next(stream, nowNanos, out);
    }
  }

  // ---- refills

  /// A trade that was asked for. In the order of their ids; what is not in the hole is dropped.
  ///
  /// @param tick of the stream that [Output#refill] named
  public void refilled(int gateway, Tick tick, long nowNanos, Output out) {
    int stream = tick.stream();
    long id = tick.idNumber();
    long askedTo = holes.askedTo(stream);
    if (askedTo == Tick.NONE || id == Tick.NONE || id <= last[stream] || id > askedTo) {
      return;
    }
    if (!liesBetween(stream, tick.timeNanos())) {
      doubts++;
      return;
    }
    declare(gateway, stream, id - 1, out); // the source does not have those either
    last[stream] = id;
    refilled++;
    publish(gateway, stream, tick, ValueStatus.BACKFILLED, nowNanos, nowNanos, out);
    if (id == askedTo) {
      release(stream, nowNanos, out); // all is there, whether the answer ends or not
    }
  }

  /// Whether a trade may have happened after the one before the hole, and before the one behind
  /// it: an answer of another market, or of another day, is not believed.
  private boolean liesBetween(int stream, long time) {
    int behind = held.first(stream);
    long from = happenedNanos[stream];
    long to = behind == HeldTicks.NONE ? Tick.NONE : held.tick(behind).timeNanos();
    return time == Tick.NONE
        || ((from == Tick.NONE || time >= from - DISORDER_NANOS)
            && (to == Tick.NONE || time <= to + DISORDER_NANOS));
  }

  /// By so much a venue's times may fall while its ids rise.
  private static final long DISORDER_NANOS = 1_000_000_000;

  /// The answer to a refill is over, or there is none: what is still missing is lost.
  ///
  /// @param lastId that was asked for; an answer that comes too late changes nothing
  public void refillEnded(int stream, long lastId, long nowNanos, Output out) {
    if (holes.askedTo(stream) != Tick.NONE && holes.askedTo(stream) == lastId) {
      declare(active[stream], stream, holeEnd(stream), out);
      release(stream, nowNanos, out);
    }
  }

  // ---- time

  /// Holes whose time is over go on to their next step.
  public void timePassed(long nowNanos, Output out) {
    for (int i = holes.count() - 1; i >= 0; i--) {
      int stream = holes.stream(i);
      while (holes.dueNanos(stream) <= nowNanos) {
        next(stream, nowNanos, out);
      }
    }
  }

  /// When [#timePassed] has something to do.
  public long nextDeadlineNanos() {
    long due = Holes.NEVER;
    for (int i = 0; i < holes.count(); i++) {
      due = Math.min(due, holes.dueNanos(holes.stream(i)));
    }
    return due;
  }

  // ---- what there is

  /// What the state takes; of it only what waits, and ids without an order, grow.
  public long bytes() {
    long ids = 0;
    for (RecentIds each : recent) {
      ids += 4 + (each == null ? 0 : RecentIds.bytesOfOne());
    }
    return 6L * active.length
        + lines.bytes()
        + fell.bytes()
        + advancedNanos.bytes()
        + 8L * (seq.length + last.length + happenedNanos.length + newest.length)
        + saidNewest.bytes()
        + doubted.bytes()
        + lostFrom.bytes()
        + ids
        + holes.bytes()
        + held.bytes();
  }

  /// The gateway that a stream is published from, or [#NOBODY].
  public int active(int stream) {
    return active[stream];
  }

  public long lines(int stream) {
    return lines.get(stream);
  }

  public Identity identity(int stream) {
    return IDENTITIES[identity[stream]];
  }

  /// The number of the stream's last published event; 0 before the first.
  public long seq(int stream) {
    return seq[stream];
  }

  /// The id of the last event that was published or declared lost, or [Tick#NONE].
  public long lastId(int stream) {
    return last[stream];
  }

  /// Whether events wait for those before them.
  public boolean waits(int stream) {
    return holes.isOpen(stream);
  }

  public long published() {
    return published;
  }

  public long duplicates() {
    return duplicates;
  }

  public long gaps() {
    return gaps;
  }

  /// Trades in all gaps together.
  public long missing() {
    return missing;
  }

  /// Trades that were not published, since their ids were far from the last one: wrong ones, and
  /// the first after each leap, which is declared missing.
  public long doubts() {
    return doubts;
  }

  /// Trades that were asked for and published in their place.
  public long refilled() {
    return refilled;
  }

  /// Events that waited for those before them.
  public long reordered() {
    return reordered;
  }

  /// Events that wait now.
  public int held() {
    return held.size();
  }
}
