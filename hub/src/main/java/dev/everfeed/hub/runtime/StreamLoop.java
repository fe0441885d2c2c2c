package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.ConnectBudget;
import dev.everfeed.core.engine.TickEngine;
import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.hub.api.StreamView;
import dev.everfeed.hub.publish.Publisher;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The push side: every venue's sockets, decoding, the engine and publishing, on one event loop
/// of its own, so that nothing between a venue's bytes and the published ones crosses a thread.
///
/// A stream is published from the first gateway of the plan that offers it, and lists its symbol
/// where the list is known; it is subscribed there only.
final class StreamLoop implements TickEngine.Output {
  private static final long TICK_MILLIS = 100;
  private static final Duration LOOK_EVERY = Duration.ofMillis(250);
  private static final Duration PING_EVERY = Duration.ofSeconds(10);
  private static final String GAP = "gap_declared";
  static final int CONNECT_TIMEOUT_MILLIS = 5_000;

  private final Vertx vertx;
  private final Context context;
  private final HubClock clock;
  private final StreamPlan plan;
  private final Publisher publisher;
  private final TickEngine engine;

  // Held because Vert.x closes the sockets of a client that nobody refers to any more.
  private final WebSocketClient client;

  private final StreamTap tap;

  private final List<GatewayFeed> gateways = new ArrayList<>();

  /// What received times are counted from, nanoseconds of the epoch.
  private final long epochNanos;

  /// When the frame that the engine is given something of was received.
  private long receivedNanos;

  private final Map<SourceId, Set<Symbol>> listed = new HashMap<>();
  private long timer = -1;
  private long pingedNanos;
  private volatile Shown shown;
  private long lookedNanos;

  /// What the push side is like.
  record Shown(
      List<StreamView> gateways, long published, long duplicates, long gaps, long missing) {}

  /// Listens to the venues of the plan.
  ///
  /// @param context the loop, on which everything happens
  StreamLoop(
      Vertx vertx,
      Context context,
      HubClock clock,
      StreamPlan plan,
      Publisher publisher,
      RandomGenerator random) {
    this(vertx, context, clock, plan, publisher, random, StreamTap.NONE, null);
  }

  /// @param context  the loop, on which everything happens
  /// @param tap      is told of all that goes over the sockets
  /// @param playback what is played in place of the venues; null to listen to them
  StreamLoop(
      Vertx vertx,
      Context context,
      HubClock clock,
      StreamPlan plan,
      Publisher publisher,
      RandomGenerator random,
      StreamTap tap,
      @Nullable Playback playback) {
    this.tap = tap;
    this.vertx = vertx;
    this.context = context;
    this.clock = clock;
    this.plan = plan;
    this.publisher = publisher;
    this.engine = new TickEngine(plan.streams().size());
    publisher.mayHappen(GAP);
    publisher.mayHappen(GatewayStream.STATUS_CHANGE);
    this.client = vertx.createWebSocketClient(new WebSocketClientOptions()
        .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
        .setMaxFrameSize(VenueSocket.MESSAGE_MAX)
        .setMaxMessageSize(VenueSocket.MESSAGE_MAX)
        .setTcpNoDelay(true)
        .setTryUsePerMessageCompression(false)
        .setVerifyHost(true));
    Instant began = playback == null ? clock.startedAt() : playback.header().startedAt();
    this.epochNanos = began.getEpochSecond() * 1_000_000_000L + began.getNano();
    Map<SourceId, ConnectBudget> budgets = new HashMap<>();
    for (int i = 0; i < plan.gateways().size(); i++) {
      StreamPlan.Line line = plan.gateways().get(i);
      ConnectBudget budget = budgets.computeIfAbsent(
          line.source().id(),
          _ -> new ConnectBudget(
              line.source().rules().connectsMax(),
              line.source().rules().connectsWindow().toNanos()));
      gateways.add(
          playback == null
              ? new GatewayStream(i, line, this, budget, random)
              : playback.feed(i, line, this));
    }
    this.shown = look();
  }

  /// On the loop, and in the constructor.
  Shown look() {
    return new Shown(
        gateways.stream().map(GatewayFeed::shown).toList(),
        engine.published(),
        engine.duplicates(),
        engine.gaps(),
        engine.missing());
  }

  /// Connects, on the loop.
  void start() {
    context.runOnContext(_ -> {
      route();
      timer = vertx.setPeriodic(TICK_MILLIS, _ -> timePassed());
    });
  }

  private void timePassed() {
    long now = clock.nanos();
    gateways.forEach(gateway -> gateway.timePassed(now));
    if (now - pingedNanos >= PING_EVERY.toNanos()) {
      pingedNanos = now;
      gateways.forEach(GatewayFeed::ping);
    }
    if (now - lookedNanos >= LOOK_EVERY.toNanos()) {
      lookedNanos = now;
      shown = look();
    }
  }

  /// What a source lists now; for any thread.
  void listed(SourceId source, Set<Symbol> symbols) {
    context.runOnContext(_ -> {
      listed.put(source, symbols);
      route();
    });
  }

  /// Gives every stream to the first gateway that has it, and tells each what is wanted of it.
  private void route() {
    Streams streams = plan.streams();
    List<SortedSet<Integer>> wanted = new ArrayList<>();
    gateways.forEach(_ -> wanted.add(new TreeSet<>()));
    for (int stream = 0; stream < streams.size(); stream++) {
      int first = firstWith(streams.stream(stream));
      if (first == TickEngine.NOBODY) {
        engine.route(stream, first, false);
      } else {
        engine.route(stream, first, isDense(first, streams.stream(stream).channel()));
        wanted.get(first).add(stream);
      }
    }
    for (int i = 0; i < gateways.size(); i++) {
      gateways.get(i).want(wanted.get(i));
    }
    tellWhoDelivers();
  }

  /// After a gateway's state or the routes have changed.
  void tellWhoDelivers() {
    boolean[] delivers = new boolean[gateways.size()];
    for (int i = 0; i < delivers.length; i++) {
      delivers[i] = gateways.get(i).delivers();
    }
    for (int stream = 0; stream < plan.streams().size(); stream++) {
      int active = engine.active(stream);
      publisher.delivers(stream, active != TickEngine.NOBODY && delivers[active]);
    }
  }

  private int firstWith(Stream stream) {
    for (int i = 0; i < gateways.size(); i++) {
      if (has(plan.gateways().get(i), stream)) {
        return i;
      }
    }
    return TickEngine.NOBODY;
  }

  private boolean has(StreamPlan.Line line, Stream stream) {
    Set<Symbol> known = listed.get(line.source().id());
    return line.source().offers(stream) && (known == null || known.contains(stream.symbol()));
  }

  private boolean isDense(int gateway, Channel channel) {
    Proof proof = plan.gateways().get(gateway).source().proofs().get(channel);
    return proof != null && proof.identity() && proof.dense() && proof.ordered();
  }

  /// For any thread; at most 350 ms old.
  Shown shown() {
    return shown;
  }

  // ---- for the gateways, on the loop

  StreamTap tap() {
    return tap;
  }

  WebSocketClient client() {
    return client;
  }

  Streams streams() {
    return plan.streams();
  }

  long nanos() {
    return clock.nanos();
  }

  /// Runs something on the loop; for any thread.
  void onLoop(Runnable task) {
    context.runOnContext(_ -> task.run());
  }

  boolean isDense(int stream) {
    return engine.isDense(stream);
  }

  /// @param nanos when it was received, by the clock of the hub, or of the recording
  void tick(int gateway, Tick tick, long nanos) {
    receivedNanos = nanos;
    engine.on(gateway, tick, this);
  }

  void newest(int gateway, int stream, long tradeId) {
    engine.newest(gateway, stream, tradeId, this);
  }

  void happened(String type, String fields) {
    publisher.event(type, fields);
  }

  @Override
  public void publish(int gateway, Tick tick, ValueStatus status, long seq) {
    publisher.publish(tick, gateway, status, seq, epochNanos + receivedNanos);
  }

  @Override
  public void gap(int gateway, int stream, long firstId, long lastId) {
    Stream of = plan.streams().stream(stream);
    happened(
        GAP,
        "\"stream\":\"%s\",\"symbol\":\"%s\",\"gateway\":\"%s\",\"first_id\":\"%d\",\"last_id\":\"%d\",\"ticks_lost\":%d,\"gap_proof\":\"dense_ids\",\"after_seq\":%d"
            .formatted(
                of.name(),
                of.symbol(),
                plan.gateways().get(gateway).gateway().id(),
                firstId,
                lastId,
                lastId - firstId + 1,
                engine.seq(stream)));
  }

  /// Closes every connection.
  Future<Void> stop() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(_ -> {
      if (timer >= 0) {
        vertx.cancelTimer(timer);
      }
      gateways.forEach(GatewayFeed::stop);
      shown = look(); // the last word, for who sums up
      client.close().onComplete(done);
    });
    return done.future();
  }
}
