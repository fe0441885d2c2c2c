package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What must be true of everything that is published and declared lost, of one life of our
/// process.
final class TickChecks {
  private static final int KEPT = StreamMarket.KEPT;
  private static final int MASK = KEPT - 1;
  private static final long NONE = Long.MIN_VALUE;

  /// Ids of a gap that are looked at one by one.
  private static final int LOOKED_AT = 256;

  /// What has come of one stream of one venue, and what was made of it.
  private static final class Seen {
    final long[] event = new long[KEPT];
    final long[] arrived = new long[KEPT];
    final long[] passed = new long[KEPT];
    final long[] passedNanos = new long[KEPT];
    final long[] lost = new long[KEPT];
    final long[] published = new long[KEPT];
    long newest = -1;

    Seen() {
      Arrays.fill(event, -1);
      Arrays.fill(passed, -1);
      Arrays.fill(lost, -1);
      Arrays.fill(published, -1);
    }

    void begin() {
      Arrays.fill(event, -1);
      Arrays.fill(published, -1);
      Arrays.fill(lost, -1);
    }
  }

  private final StreamChecks checks;
  private final StreamScenario scenario;
  private final @Nullable Seen[] seen;

  // ---- by stream
  private final long[] seq;
  private final long[] publishedCount;
  private final int[] venue;
  private final long[] accounted;
  private final long[] lastEvent;

  /// When a line of it was last found to be wrong.
  private final long[] quarantinedNanos;

  private final boolean[] misled;

  // ---- by gateway and stream
  private final long[][] newest;
  private final long[][] newestNanos;

  /// By gateway, another one, and stream: events of the other one since the gateway's last.
  private final int[][][] since;

  private @Nullable StreamEngine engine;
  private boolean expects;
  private boolean wasLine;
  private long before;
  private boolean refilling;

  TickChecks(StreamChecks checks) {
    this.checks = checks;
    this.scenario = checks.scenario;
    int streams = scenario.streams();
    this.seen = new Seen[streams * scenario.venues().size()];
    this.seq = new long[streams];
    this.publishedCount = new long[streams];
    this.venue = new int[streams];
    this.accounted = new long[streams];
    this.lastEvent = new long[streams];
    this.quarantinedNanos = new long[streams];
    Arrays.fill(quarantinedNanos, Long.MIN_VALUE);
    this.misled = new boolean[streams];
    int gateways = scenario.gateways().size();
    this.newest = new long[gateways][streams];
    this.newestNanos = new long[gateways][streams];
    this.since = new int[gateways][gateways][streams];
    for (long[] own : newest) {
      Arrays.fill(own, -1);
    }
    Arrays.fill(venue, -1);
    Arrays.fill(accounted, NONE);
    Arrays.fill(lastEvent, -1);
  }

  void begin(StreamEngine engine) {
    this.engine = engine;
  }

  private Seen seen(int venue, int stream) {
    int at = venue * scenario.streams() + stream;
    Seen own = seen[at];
    if (own == null) {
      own = new Seen();
      seen[at] = own;
    }
    return own;
  }

  private boolean isLine(int gateway, int stream) {
    StreamEngine now = engine;
    return now != null && (now.arbiter().lines(stream) & 1L << gateway) != 0;
  }

  /// Whether another line may bring what one has not brought.
  private boolean hasOthers(int stream) {
    StreamEngine now = engine;
    return now != null && Long.bitCount(now.arbiter().lines(stream)) > 1;
  }

  private StreamMarket market(int gateway, int stream) {
    return checks.venues.markets[scenario.venueOf()[gateway]][stream];
  }

  // ---- what goes in

  /// Before the engine sees it.
  void arriving(int gateway, int stream, long k, boolean wrongId) {
    expects = false;
    before = publishedCount[stream];
    wasLine = isLine(gateway, stream);
    if (k > newest[gateway][stream]) {
      newest[gateway][stream] = k;
      newestNanos[gateway][stream] = checks.now();
      for (int other = 0; other < since.length; other++) {
        since[gateway][other][stream] = 0;
        since[other][gateway][stream]++;
      }
    }
    if (!wrongId && wasLine) {
      note(gateway, stream, k);
    }
  }

  private void note(int gateway, int stream, long k) {
    int from = scenario.venueOf()[gateway];
    StreamMarket market = market(gateway, stream);
    Seen own = seen(from, stream);
    int at = (int) k & MASK;
    if (own.event[at] == k) {
      return; // another line was faster
    }
    own.event[at] = k;
    own.arrived[at] = checks.now();
    if (own.newest >= 0) {
      for (long missed = Math.max(own.newest + 1, k - KEPT); missed < k; missed++) {
        own.passed[(int) missed & MASK] = missed;
        own.passedNanos[(int) missed & MASK] = hasOthers(stream) ? checks.now() : NONE / 2;
      }
    }
    own.newest = Math.max(own.newest, k);
    if (venue[stream] != from) {
      return;
    }
    boolean same = !misled[stream] && !market.countsAnewIn(lastEvent[stream], k);
    expects = switch (market.identity) {
      case DENSE -> same && accounted[stream] != NONE && market.id(k) == accounted[stream] + 1;
      case ORDERED -> same && k > lastEvent[stream];
      case UNIQUE -> own.published[at] != k;
      case NONE -> false;
    };
    if (market.identity == Identity.DENSE
        && own.lost[at] == k
        && own.passed[at] == k
        && same
        && scenario.arbiter().heldPerStreamMax() > 100
        && checks.now() - own.passedNanos[at] < scenario.arbiter().reorderNanos()) {
      checks.broken(
          "E3",
          "stream %d: event %d, id %d, came over %s %,d us after the one behind it, and had been declared lost"
              .formatted(
                  stream,
                  k,
                  market.id(k),
                  scenario.gateways().get(gateway).id(),
                  (checks.now() - own.passedNanos[at]) / 1_000));
    }
  }

  /// After it.
  ///
  /// @return whether it has made the gateway a line
  boolean arrived(int gateway, int stream, long k, boolean wrongId) {
    StreamEngine now = engine;
    if (now != null && now.arbiter().held() > scenario.arbiter().heldMax()) {
      checks.broken(
          "E24",
          "%d events wait, %d may"
              .formatted(now.arbiter().held(), scenario.arbiter().heldMax()));
    }
    if (!wasLine && isLine(gateway, stream)) {
      if (!wrongId) {
        note(gateway, stream, k);
      }
      return true;
    }
    if (expects && publishedCount[stream] == before) {
      checks.broken(
          "E6",
          "stream %d: event %d, id %d, came over %s first and was not published; the last was %d, id %d"
              .formatted(
                  stream,
                  k,
                  market(gateway, stream).id(k),
                  scenario.gateways().get(gateway).id(),
                  lastEvent[stream],
                  accounted[stream]));
    }
    return false;
  }

  void refilling(boolean now) {
    refilling = now;
  }

  // ---- what comes out

  void published(int gateway, Tick tick, ValueStatus status, long number, long receivedNanos) {
    int stream = tick.stream();
    long k = tick.mantissa(Tick.PRICE);
    long now = checks.now();
    publishedCount[stream]++;
    if (number != seq[stream] + 1) {
      checks.broken(
          "E4", "stream %d: %d was published after %d".formatted(stream, number, seq[stream]));
    }
    seq[stream] = number;
    comesFromALine(gateway, stream, status, receivedNanos, now);
    int from = scenario.venueOf()[gateway];
    Seen own = seen(from, stream);
    if (venue[stream] != from) {
      checks.control().contentChanges(stream, venue[stream], from);
      venue[stream] = from;
      accounted[stream] = NONE;
      lastEvent[stream] = -1;
      own.begin();
    }
    StreamMarket market = market(gateway, stream);
    wasReceived(own, market, stream, k, status, receivedNanos, now);
    isNext(own, market, stream, k, tick.idNumber());
    lastEvent[stream] = Math.max(lastEvent[stream], k);
  }

  private void comesFromALine(
      int gateway, int stream, ValueStatus status, long receivedNanos, long now) {
    boolean held = receivedNanos != now;
    if (status == ValueStatus.BACKFILLED) {
      if (!refilling) {
        checks.broken("E5", "stream %d: nobody has refilled it".formatted(stream));
      }
      return;
    }
    if (held) {
      long most = scenario.arbiter().reorderNanos() + scenario.arbiter().refillNanos();
      // what came before our own pause has waited for as long as that, too
      if (now - receivedNanos > most && receivedNanos > checks.control().pauseNanos) {
        checks.broken(
            "E24",
            "stream %d: what is published now has waited for %,d ms, %,d ms are allowed"
                .formatted(stream, (now - receivedNanos) / 1_000_000, most / 1_000_000));
      }
      return; // it came when it could be taken
    }
    if (!isLine(gateway, stream)
        || !checks.enabled[gateway]
        || (!checks.wanted[gateway].get(stream) && !isLeft(stream))) {
      checks.broken(
          "E5",
          "stream %d was published from %s, which is %s, %s and %s"
              .formatted(
                  stream,
                  scenario.gateways().get(gateway).id(),
                  isLine(gateway, stream) ? "a line" : "no line",
                  checks.enabled[gateway] ? "switched on" : "switched off",
                  checks.wanted[gateway].get(stream) ? "wanted" : "not wanted"));
    }
  }

  /// Whether a stream's contract is on its way: what its gateway still brings is taken, also
  /// when it does not want to give it any more.
  private boolean isLeft(int stream) {
    StreamEngine now = engine;
    return now != null && now.control().isMoving(scenario.contractOf(stream));
  }

  private void wasReceived(
      Seen own,
      StreamMarket market,
      int stream,
      long k,
      ValueStatus status,
      long receivedNanos,
      long now) {
    boolean identified = market.identity == Identity.DENSE && status == ValueStatus.LIVE;
    int at = (int) k & MASK;
    long came = identified && own.event[at] == k ? own.arrived[at] : now;
    boolean known = own.newest - k < KEPT && !market.countsAnewIn(k - 8 * KEPT, own.newest);
    boolean believed = came > quarantinedNanos[stream];
    if (receivedNanos != came && known && believed) {
      checks.broken(
          "E21",
          "stream %d: event %d came at %,d us and is said to have come at %,d us"
              .formatted(stream, k, came / 1_000, receivedNanos / 1_000));
    }
  }

  private void isNext(Seen own, StreamMarket market, int stream, long k, long id) {
    long last = lastEvent[stream];
    int at = (int) k & MASK;
    switch (market.identity) {
      case DENSE -> {
        boolean anew = market.countsAnewIn(last, k);
        if (k <= last) {
          checks.broken("E1", twice(stream, k, last));
        } else if (accounted[stream] != NONE
            && id != accounted[stream] + 1
            && !anew
            && !misled[stream]) {
          checks.broken(
              "E2", "stream %d: id %d came after %d".formatted(stream, id, accounted[stream]));
        }
        accounted[stream] = id;
        misled[stream] = id != market.id(k); // by a wrong one that came first
      }
      case ORDERED -> {
        if (k <= last) {
          checks.broken("E1", twice(stream, k, last));
        }
      }
      case UNIQUE -> {
        if (own.published[at] == k) {
          checks.broken("E1", twice(stream, k, last));
        }
      }
      case NONE -> {}
    }
    own.published[at] = k;
  }

  private static String twice(int stream, long k, long last) {
    return "stream %d: event %d was published when %d had been".formatted(stream, k, last);
  }

  void gap(int gateway, int stream, long firstId, long lastId) {
    int from = scenario.venueOf()[gateway];
    StreamMarket market = market(gateway, stream);
    if (venue[stream] != from || lastId < firstId) {
      checks.broken(
          "E2",
          "stream %d: %d to %d of %s declared lost, which it is not published from"
              .formatted(
                  stream, firstId, lastId, scenario.gateways().get(gateway).id()));
      return;
    }
    Seen own = seen(from, stream);
    boolean anew = misled[stream] || market.countsAnewIn(lastEvent[stream], market.count());
    if (firstId != accounted[stream] + 1 && !anew) {
      checks.broken(
          "E2",
          "stream %d: %d to %d declared lost after %d"
              .formatted(stream, firstId, lastId, accounted[stream]));
    }
    boolean recent = anew || market.countsAnewIn(lastEvent[stream] - KEPT, market.count());
    accounted[stream] = lastId;
    for (long id = lastId; id >= firstId && id > lastId - LOOKED_AT; id--) {
      long k = market.find(id);
      if (k < 0) {
        continue;
      }
      own.lost[(int) k & MASK] = k;
      boolean believed = own.arrived[(int) k & MASK] > quarantinedNanos[stream];
      if (own.event[(int) k & MASK] == k && k > lastEvent[stream] && !recent && believed) {
        checks.broken(
            "E3",
            "stream %d: event %d, id %d, had come %,d us before, and was declared lost"
                .formatted(stream, k, id, (checks.now() - own.arrived[(int) k & MASK]) / 1_000));
      }
    }
  }

  /// What a line has brought before its prices were found to be wrong is not believed, and may
  /// have to be asked for.
  void quarantined(int stream) {
    quarantinedNanos[stream] = checks.now();
  }

  /// The venue has acknowledged a stream: from now on it is to come.
  void subscribed(int gateway, int stream) {
    newestNanos[gateway][stream] = checks.now();
    for (int other = 0; other < since.length; other++) {
      since[gateway][other][stream] = 0;
    }
  }

  /// Events of another gateway since a gateway's last of a stream, or since it was subscribed.
  int since(int gateway, int other, int stream) {
    return since[gateway][other][stream];
  }

  /// Its last event, or when it was subscribed.
  long newestNanos(int gateway, int stream) {
    return newestNanos[gateway][stream];
  }

  boolean waits() {
    StreamEngine now = engine;
    for (int stream = 0; now != null && stream < seq.length; stream++) {
      if (now.arbiter().waits(stream)) {
        return true;
      }
    }
    return false;
  }
}
