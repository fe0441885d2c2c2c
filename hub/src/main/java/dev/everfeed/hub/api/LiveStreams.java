package dev.everfeed.hub.api;

import dev.everfeed.hub.config.StreamSettings;
import dev.everfeed.hub.publish.LogReader;
import dev.everfeed.hub.publish.PublicationLog;
import dev.everfeed.hub.publish.Publications;
import dev.everfeed.hub.publish.Wake;
import dev.everfeed.hub.telemetry.StreamMetrics;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Gives what is published to the readers at the WebSocket. Everything runs on the server's
/// event loop; the writer of the log wakes it at most once until it has looked.
///
/// In a turn it reads what is new, encodes it once for each group of readers with equal
/// subscriptions, and writes once to each reader, however many messages there are. Nobody is
/// waited for: see [LiveReader] for who takes too little.
final class LiveStreams {
  /// How quiet readers are kept and dead ones found.
  ///
  /// @param pingEvery  nanoseconds
  /// @param pongWithin nanoseconds
  record Pace(long pingEvery, long pongWithin) {
    static final Pace USUAL =
        new Pace(Duration.ofSeconds(20).toNanos(), Duration.ofSeconds(60).toNanos());
  }

  /// Bytes of the log that are read in a turn, so that other requests get their turn too.
  private static final int TURN_BYTES = 256 * 1_024;

  private static final Duration CHECK_EVERY = Duration.ofMillis(250);

  /// How long a handshake may take.
  private static final Duration OPENED_WITHIN = Duration.ofSeconds(5);

  /// How long a reader's closing frame may take.
  private static final Duration LINGER = Duration.ofSeconds(1);

  /// Who has no key costs a socket, and they are not to have them all.
  static final int STRANGERS_MAX = 100;

  private static final LiveGroup[] NOBODY = new LiveGroup[0];

  private final Vertx vertx;
  private final Publications publications;
  private final StreamSettings.Readers limits;
  private final Gate gate;
  private final StreamMetrics metrics;
  private final LongSupplier nanos;
  private final Pace pace;
  private final Context loop;
  private final Wake wake;
  private final Map<LiveGroup.Key, LiveGroup> groups = new LinkedHashMap<>();
  private final LiveGroup[][] byStream;
  private final List<LiveGroup> dirty = new ArrayList<>();
  private final Set<LiveReader> readers = new LinkedHashSet<>();
  private Set<LiveReader> catching = new LinkedHashSet<>();
  private final Set<LiveReader> behind = new LinkedHashSet<>();

  /// Before the server is at this position nobody is half of the log behind.
  private long giveUpAt = Long.MAX_VALUE;

  private final long[] newest;
  private final long[] newestSeqs;
  private final DecimalStrings decimals = new DecimalStrings();
  private @Nullable LogReader log;
  private int opening;

  /// Readers that have not said yet who they are.
  private int strangers;

  private boolean scheduled;
  private long checkTimer;

  /// On the server's event loop.
  LiveStreams(
      Vertx vertx,
      Publications publications,
      StreamSettings.Readers limits,
      Gate gate,
      StreamMetrics metrics,
      LongSupplier nanos,
      Pace pace) {
    this.vertx = vertx;
    this.publications = publications;
    this.limits = limits;
    this.gate = gate;
    this.metrics = metrics;
    this.nanos = nanos;
    this.pace = pace;
    loop = vertx.getOrCreateContext();
    byStream = new LiveGroup[publications.size()][];
    Arrays.fill(byStream, NOBODY);
    newest = new long[publications.size()];
    newestSeqs = new long[publications.size()];
    Handler<Void> turn = _ -> turn();
    wake = publications.log().onAppended(() -> loop.runOnContext(turn));
    checkTimer = vertx.setPeriodic(CHECK_EVERY.toMillis(), _ -> check());
  }

  /// @param caller null for one that will say who it is
  /// @param gone run when the reader is gone
  /// @throws Problem when there are too many readers
  void accept(HttpServerRequest request, @Nullable Caller caller, boolean strings, Runnable gone) {
    if (caller == null && strangers >= STRANGERS_MAX) {
      metrics.refused();
      throw Problem.of(
          503,
          "too-many-readers",
          "There are too many readers without a key",
          "%,d have not shown their key yet, and so many may; send it in the header"
              .formatted(STRANGERS_MAX));
    }
    if (readers.size() + opening >= limits.max()) {
      metrics.refused();
      throw Problem.of(
          503,
          "too-many-readers",
          "There are too many readers",
          "stream.readers.max is %,d, and so many are there".formatted(limits.max()));
    }
    opening++;
    if (caller != null && caller.uses() != null) {
      caller.uses().readerCame();
    }
    strangers += caller == null ? 1 : 0;
    Opening begun = new Opening();
    long limit = vertx.setTimer(OPENED_WITHIN.toMillis(), _ -> {
      if (begun.ends()) {
        givenUp(caller);
        request.connection().close();
      }
    });
    request.toWebSocket().onComplete(opened -> {
      vertx.cancelTimer(limit);
      if (!begun.ends()) {
        return; // too late, and counted no more
      }
      if (opened.succeeded()) {
        opening--;
        opened(request, opened.result(), caller, strings, gone);
      } else {
        givenUp(caller);
        // the handshake was none; Vert.x has said so
        request.connection().close();
      }
    });
  }

  /// A handshake, which ends once.
  private static final class Opening {
    private boolean over;

    /// Whether this is its end.
    boolean ends() {
      boolean first = !over;
      over = true;
      return first;
    }
  }

  private void givenUp(@Nullable Caller caller) {
    opening--;
    strangers -= caller == null ? 1 : 0;
    if (caller != null && caller.uses() != null) {
      caller.uses().readerLeft();
    }
  }

  private void opened(
      HttpServerRequest request,
      ServerWebSocket socket,
      @Nullable Caller caller,
      boolean strings,
      Runnable gone) {
    if (log == null) {
      log = publications.log().reader();
      Arrays.fill(newest, PublicationLog.NOWHERE);
      Arrays.fill(newestSeqs, PublicationLog.NOWHERE);
    }
    readers.add(new LiveReader(
        this,
        new Introduction(gate, request, caller),
        socket,
        publications,
        limits,
        strings,
        gone));
    count();
    schedule();
  }

  /// One has said who it is, or has left without.
  void strangerGone() {
    strangers--;
  }

  void left(LiveReader reader) {
    readers.remove(reader);
    catching.remove(reader);
    behind.remove(reader);
    count();
  }

  private void count() {
    metrics.readers(readers.size(), behind.size());
  }

  int readersBehind() {
    return behind.size();
  }

  StreamMetrics metrics() {
    return metrics;
  }

  long now() {
    return nanos.getAsLong();
  }

  /// The position of the log up to which everything was given to the groups.
  long position() {
    LogReader reader = log;
    return reader == null ? publications.log().end() : reader.position();
  }

  /// The position of the newest record of a stream before [#position].
  long newest(int stream) {
    return newest[stream];
  }

  long newestSeq(int stream) {
    return newestSeqs[stream];
  }

  LiveGroup group(LiveGroup.Key key) {
    LiveGroup known = groups.get(key);
    if (known == null) {
      known = new LiveGroup(key);
      groups.put(key, known);
      for (int s = key.streams().nextSetBit(0); s >= 0; s = key.streams().nextSetBit(s + 1)) {
        byStream[s] = Arrays.copyOf(byStream[s], byStream[s].length + 1);
        byStream[s][byStream[s].length - 1] = known;
      }
    }
    return known;
  }

  void leave(LiveGroup group) {
    if (--group.members > 0) {
      return;
    }
    groups.remove(group.key);
    for (int s = group.key.streams().nextSetBit(0);
        s >= 0;
        s = group.key.streams().nextSetBit(s + 1)) {
      List<LiveGroup> rest = new ArrayList<>(List.of(byStream[s]));
      rest.remove(group);
      byStream[s] = rest.isEmpty() ? NOBODY : rest.toArray(NOBODY);
    }
  }

  /// A reader is not live any more.
  void fellBehind(LiveReader reader) {
    behind.add(reader);
    giveUpAt = Math.min(giveUpAt, reader.position() + publications.log().capacity() / 2);
  }

  void caughtUp(LiveReader reader) {
    behind.remove(reader);
  }

  private void giveUp() {
    int far = publications.log().capacity() / 2;
    giveUpAt = Long.MAX_VALUE;
    for (LiveReader reader : behind) {
      if (position() - reader.position() >= far) {
        reader.giveUp();
      }
      giveUpAt = Math.min(giveUpAt, reader.position() + far);
    }
  }

  /// A reader can take more, or has something to catch up with.
  void goOn(LiveReader reader) {
    catching.add(reader);
    schedule();
  }

  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      loop.runOnContext(_ -> {
        scheduled = false;
        turn();
      });
    }
  }

  private void turn() {
    wake.disarm();
    LogReader reader = log;
    if (reader == null) {
      return;
    }
    if (readers.isEmpty()) {
      log = null;
      return;
    }
    long from = reader.position();
    boolean more = read(reader, from);
    for (LiveGroup group : dirty) {
      group.flush(from, this);
    }
    dirty.clear();
    if (reader.position() >= giveUpAt) {
      giveUp();
    }
    catchUp();
    if (more || !catching.isEmpty()) {
      schedule();
      return;
    }
    wake.arm();
    if (publications.log().end() > reader.position()) {
      wake.disarm();
      schedule();
    }
  }

  private boolean read(LogReader reader, long from) {
    while (true) {
      switch (reader.poll()) {
        case NOTHING -> {
          return false;
        }
        case LOST -> lost(reader);
        case RECORD -> {
          newest[reader.stream()] = reader.recordPosition();
          newestSeqs[reader.stream()] = reader.seq();
          give(reader.stream(), reader.bytes(), reader.length());
          if (reader.position() - from >= TURN_BYTES) {
            return true;
          }
        }
      }
    }
  }

  /// The loop itself was held up for so long that the log went round.
  private void lost(LogReader reader) {
    int stream = reader.stream();
    newest[stream] = Math.max(newest[stream], reader.position() - 1);
    newestSeqs[stream] = reader.lostTo();
    metrics.overrun();
    metrics.lagged(reader.lostTo() - reader.lostFrom() + 1);
    if (byStream[stream].length > 0) {
      byte[] text = CatchUp.laggedText(
              publications,
              stream,
              reader.lostFrom(),
              reader.lostTo(),
              PublicationLog.NOWHERE,
              "overrun")
          .getBytes(StandardCharsets.UTF_8);
      give(stream, text, text.length);
    }
  }

  private void give(int stream, byte[] json, int length) {
    int rewritten = -1;
    for (LiveGroup group : byStream[stream]) {
      if (group.live.isEmpty()) {
        continue;
      }
      boolean first;
      if (group.key.strings()) {
        if (rewritten < 0) {
          rewritten = decimals.rewrite(json, length);
        }
        first = group.append(decimals.bytes(), rewritten);
      } else {
        first = group.append(json, length);
      }
      if (first) {
        dirty.add(group);
      }
    }
  }

  private void catchUp() {
    if (catching.isEmpty()) {
      return;
    }
    Set<LiveReader> now = catching;
    catching = new LinkedHashSet<>();
    for (LiveReader reader : now) {
      if (reader.catchUp()) {
        catching.add(reader);
      }
    }
  }

  private void check() {
    long now = nanos.getAsLong();
    for (LiveReader reader : List.copyOf(readers)) {
      reader.check(now, pace.pingEvery(), pace.pongWithin());
    }
    if (!readers.isEmpty()) {
      schedule(); // should a turn ever have ended in an error, the next one goes on
    }
    count();
  }

  void cutSoon(Pipe pipe) {
    vertx.setTimer(LINGER.toMillis(), _ -> pipe.cut());
  }

  void close() {
    vertx.cancelTimer(checkTimer);
    wake.close();
    long until = nanos.getAsLong() + LINGER.toNanos();
    loop.runOnContext(_ -> sayGoodbye(until));
  }

  /// Readers get what was published before they are told that the hub stops, unless that takes
  /// too long.
  private void sayGoodbye(long until) {
    LogReader reader = log;
    if (reader != null
        && publications.log().end() > reader.position()
        && nanos.getAsLong() < until) {
      turn();
      loop.runOnContext(_ -> sayGoodbye(until));
      return;
    }
    List.copyOf(readers).forEach(LiveReader::goAway);
  }
}
