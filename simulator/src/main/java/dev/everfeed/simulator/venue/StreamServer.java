package dev.everfeed.simulator.venue;

import dev.everfeed.simulator.fault.FaultKind;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The streams of one venue: all its WebSocket connections, and the pulse that tells them what
/// happened since the last one.
///
/// What happens is made once and told to all, so that connections with equal subscriptions get
/// identical content. A pulse comes every 5 ms of real time while somebody is connected, and
/// covers the time of the venue's clock since the last. When that clock jumps by more than a
/// minute (the machine slept) all connections are closed rather than told of hours at once.
/// Everything here runs on the event loop of its [VenueServer].
final class StreamServer {
  private static final Logger LOG = LoggerFactory.getLogger(StreamServer.class);
  private static final long PULSE_MILLIS = 5;
  private static final long LONGEST_JUMP_MILLIS = 60_000;
  private static final long SHUTDOWN_MILLIS = 10_000;

  private final Vertx vertx;
  private final StreamVenue venue;
  private final @Nullable Session session;
  private final ConnectionLimit limit;
  private final LongSupplier clock;
  private final StreamFaults faults;
  private final StreamBlows blows;
  private final Floods floods;
  private final Set<StreamConnection> connections = new LinkedHashSet<>();
  private long upToMillis;
  private long timer = -1;
  private int handshakes;
  private Runnable over = () -> {};

  /// @param session played in place of the market, if not null
  /// @param limit of connections at a time
  /// @param clock the venue's time, milliseconds since the epoch
  /// @param seed of what faults draw
  StreamServer(
      Vertx vertx,
      StreamVenue venue,
      @Nullable Session session,
      ConnectionLimit limit,
      LongSupplier clock,
      long seed) {
    this.vertx = vertx;
    this.venue = venue;
    this.session = session;
    this.limit = limit;
    this.clock = clock;
    this.faults = new StreamFaults(venue);
    this.blows = new StreamBlows(seed);
    this.floods = new Floods(vertx, venue, clock, connections, faults);
  }

  StreamVenue venue() {
    return venue;
  }

  /// By the venue's clock.
  long nowMillis() {
    return clock.getAsLong();
  }

  int open() {
    return connections.size();
  }

  /// Whether one more connection is refused.
  boolean isFull() {
    return limit.refuses() && limit.isExceededBy(notEnded().size() + handshakes + 1);
  }

  /// Replaces the flood before it, if there was one.
  void flood(Flood flood) {
    floods.begin(flood, venue.tradeStream(flood.symbol()));
  }

  void endFlood() {
    floods.end();
  }

  /// A fault begins.
  ///
  /// @param over called when it is over before anybody heals it; not before this returns
  void begin(FaultInForce fault, Runnable over) {
    resume();
    faults.begin(fault);
    this.over = over;
    switch (fault.kind()) {
      case RESET -> all().forEach(connection -> Channels.reset(connection.http()));
      case CLOSE -> all().forEach(StreamServer::goAway);
      case REFUSE -> all().forEach(connection -> Channels.drop(connection.http()));
      case DISCONNECT -> {
        all().forEach(connection -> Channels.drop(connection.http()));
        vertx.runOnContext(_ -> over.run());
      }
      case BLACKHOLE, HALF_OPEN -> all().forEach(StreamConnection::die);
      case GARBAGE, GIANT, BOMB -> all().forEach(connection -> blows.strike(connection, fault));
      case SHUTDOWN -> shutDown(fault, over);
      case HALT -> venue.halt(fault.order().symbol(), nextSecond());
      default -> {}
    }
  }

  void heal() {
    resume();
    faults.heal();
    blows.heal();
  }

  /// Ends a halt that was ordered here.
  private void resume() {
    FaultInForce before = faults.inForce();
    if (before != null && before.kind() == FaultKind.HALT) {
      venue.resume(before.order().symbol(), nextSecond());
    }
  }

  private long nextSecond() {
    return Math.floorDiv(clock.getAsLong(), 1_000L) + 1;
  }

  private void shutDown(FaultInForce fault, Runnable over) {
    List<StreamConnection> ofTheMoment = all();
    for (StreamConnection connection : ofTheMoment) {
      connection.say(connection.talk().farewell(clock.getAsLong()));
      connection.flush();
    }
    vertx.setTimer(fault.delayMillisOr(SHUTDOWN_MILLIS), _ -> {
      // Healed, or replaced by another fault: it stays up.
      if (fault.equals(faults.inForce())) {
        ofTheMoment.forEach(StreamServer::goAway);
        over.run();
      }
    });
  }

  private static void goAway(StreamConnection connection) {
    connection.close(StreamConnection.GOING_AWAY, "Going away");
  }

  /// Shakes hands; what comes of it is a connection here, or nothing.
  void accept(HttpServerRequest request, StreamTalk talk, Runnable accepted) {
    HttpConnection http = request.connection();
    // What happens after this moment is told, also what happens while hands are shaken.
    long now = clock.getAsLong();
    if (connections.isEmpty() && handshakes == 0) {
      upToMillis = now;
    }
    handshakes++;
    request
        .toWebSocket()
        .onComplete(_ -> handshakes--)
        .onSuccess(socket -> {
          accepted.run();
          opened(new StreamConnection(socket, http, talk, venue.habits(), now), now);
        })
        .onFailure(failure -> LOG.debug("no handshake with {}", request.uri(), failure));
  }

  private void opened(StreamConnection connection, long sinceMillis) {
    ServerWebSocket socket = connection.socket();
    connections.add(connection);
    makeRoom();
    floods.join(connection, sinceMillis);
    if (timer < 0) {
      timer = vertx.setPeriodic(PULSE_MILLIS, _ -> pulse());
    }
    socket.closeHandler(_ -> closed(connection));
    socket.exceptionHandler(failure -> LOG.debug("a stream connection failed", failure));
    socket.pongHandler(payload -> {
      if (connection.mayBeHeard(clock.getAsLong())) {
        connection.pong(payload, clock.getAsLong());
      }
    });
    Channels.onPing(connection.http(), () -> connection.mayBeHeard(clock.getAsLong()));
    socket.textMessageHandler(text -> hear(connection, text));
    socket.binaryMessageHandler(bytes -> hear(connection, bytes.toString()));
    FaultInForce fault = faults.inForce();
    if (faults.is(FaultKind.CLOSE)) {
      goAway(connection);
    } else {
      if (!faults.is(FaultKind.STALL)) {
        connection.say(connection.talk().greeting(clock.getAsLong()));
      }
      if (fault != null) {
        blows.strike(connection, fault);
      }
    }
  }

  /// Closes the oldest of those that are more than there may be.
  private void makeRoom() {
    List<StreamConnection> open = notEnded();
    for (int i = 0; limit.isExceededBy(open.size() - i); i++) {
      open.get(i)
          .close(
              StreamConnection.POLICY,
              "Another connection was opened; at most %d at a time".formatted(limit.most()));
    }
  }

  private List<StreamConnection> notEnded() {
    return connections.stream().filter(connection -> !connection.ended()).toList();
  }

  private void closed(StreamConnection connection) {
    connection.end();
    connections.remove(connection);
    blows.forget(connection);
    floods.forget(connection);
    if (connections.isEmpty() && timer >= 0) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }

  private void hear(StreamConnection connection, String text) {
    connection.heard();
    if (!connection.mayBeHeard(clock.getAsLong()) || faults.is(FaultKind.STALL)) {
      return;
    }
    List<String> answers = connection
        .talk()
        .hear(text, clock.getAsLong(), stream -> faults.upToMillis(stream, upToMillis));
    floods.join(connection, clock.getAsLong());
    long delay = faults.delayMillis();
    if (delay > 0) {
      vertx.setTimer(delay, _ -> answer(connection, answers));
    } else {
      answer(connection, answers);
    }
  }

  private static void answer(StreamConnection connection, List<String> answers) {
    connection.say(answers);
    connection.flush();
  }

  private void pulse() {
    long now = clock.getAsLong();
    if (Math.abs(now - upToMillis) > LONGEST_JUMP_MILLIS) {
      LOG.info("the clock jumped by {} ms: all stream connections are closed", now - upToMillis);
      all().forEach(StreamServer::goAway);
      upToMillis = now;
      return;
    }
    if (now > upToMillis) {
      long from = upToMillis;
      upToMillis = now;
      tell(faults.told(happened(from, now), now));
      if (faults.isTooLate()) {
        LOG.warn("too many events wait because the venue is slow: all connections are closed");
        all().forEach(StreamServer::goAway);
      }
      if (faults.inForce() != null && faults.isDone()) {
        over.run();
      }
    }
    FaultInForce fault = faults.inForce();
    boolean dry = fault != null
        && !fault.order().isPartial()
        && (fault.kind() == FaultKind.STALL || fault.kind() == FaultKind.SILENT);
    for (StreamConnection connection : all()) {
      if (session != null) {
        connection.play(session, now, dry);
      }
      connection.age(now);
      connection.flush();
    }
  }

  private List<StreamEvent> happened(long from, long to) {
    Set<String> streams = new LinkedHashSet<>();
    connections.forEach(connection -> streams.addAll(connection.talk().streams()));
    List<StreamEvent> events = new ArrayList<>();
    if (session != null) {
      return events;
    }
    for (String stream : streams) {
      if (!floods.covers(stream)) {
        venue.happen(stream, from, to, events);
      }
    }
    events.sort(Comparator.comparingLong(StreamEvent::timeMillis));
    return events;
  }

  private void tell(List<StreamEvent> events) {
    boolean cut = faults.is(FaultKind.TRUNCATED);
    for (StreamEvent event : events) {
      for (StreamConnection connection : connections) {
        if (connection.talk().streams().contains(event.stream())) {
          String frame = connection.talk().tell(event);
          if (frame != null) {
            connection.say(cut ? frame.substring(0, frame.length() / 2) : frame);
          }
        }
      }
    }
  }

  /// A copy: closing changes the set.
  private List<StreamConnection> all() {
    return List.copyOf(connections);
  }
}
