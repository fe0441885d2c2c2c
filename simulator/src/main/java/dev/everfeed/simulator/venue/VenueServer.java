package dev.everfeed.simulator.venue;

import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.fault.Faulty;
import dev.everfeed.simulator.fault.VenueStatus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One venue, or one line of it, on its own port: an HTTP/1.1 listener, the fault in force, and
/// what was seen.
///
/// Everything here runs on one event loop. Changes of fault are done one after the other. A
/// fault's `for` is real time; all other times come from the clock that was passed in.
final class VenueServer implements Faulty {
  private static final Logger LOG = LoggerFactory.getLogger(VenueServer.class);
  private static final int PATHS_MAX = 64;
  private static final int SILENCE_CHECKS = 5_000;
  private static final String OTHER = "(other)";
  private static final long SKEW_MILLIS = 3_600_000;

  /// RFC 9110, section 5.6.7.
  private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
          "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
      .withZone(ZoneOffset.UTC);

  private final Vertx vertx;
  private final String name;
  private final Venue venue;
  private final List<Recording> recordings;
  private final String host;
  private final PortHold port;
  private final InstantSource clock;
  private final FaultyAnswers faulty;
  private final @Nullable StreamServer streams;
  private final Set<HttpConnection> open = new LinkedHashSet<>();
  private final Map<String, Long> paths = new LinkedHashMap<>();
  private long accepted;
  private long requests;
  private @Nullable FaultInForce fault;
  private @Nullable HttpServer server;
  private Future<?> lastChange = Future.succeededFuture();

  /// Reserves the port.
  ///
  /// @throws IOException when the port is taken
  VenueServer(Vertx vertx, Offer offer, String host, int port, InstantSource clock, long seed)
      throws IOException {
    this.vertx = vertx;
    this.name = offer.name();
    this.venue = offer.venue();
    this.recordings = List.copyOf(offer.recordings());
    this.host = host;
    this.port = PortHold.of(host, port);
    this.clock = clock;
    this.faulty = new FaultyAnswers(vertx, venue, seed);
    StreamVenue told = offer.streams();
    this.streams = told == null
        ? null
        : new StreamServer(
            vertx, told, offer.session(), offer.limit(), () -> venueTime().toEpochMilli(), seed);
  }

  Future<Void> listen() {
    // Clear-text HTTP/2 off: with it, Vert.x waits for the first bytes before it tells about a
    // connection, and RST could not come before a request.
    HttpServer fresh = vertx
        .createHttpServer(new HttpServerOptions()
            .setHttp2ClearTextEnabled(false)
            // What is not negotiated may not be sent: the simulated venues compress nothing.
            .setPerMessageWebSocketCompressionSupported(false)
            .setPerFrameWebSocketCompressionSupported(false)
            .setMaxInitialLineLength(65_536)
            .setAcceptBacklog(1_024))
        .connectionHandler(this::opened)
        .requestHandler(this::handle);
    return fresh.listen(port.port(), host).onSuccess(_ -> server = fresh).mapEmpty();
  }

  /// Gives the port back; the listener ends with its Vert.x.
  void release() throws IOException {
    port.close();
  }

  URI url() {
    return URI.create("http://%s:%d".formatted(host, port.port()));
  }

  /// What the venue tells over WebSocket.
  ///
  /// @throws IllegalArgumentException when it tells nothing
  StreamServer streams() {
    StreamServer known = streams;
    if (known == null) {
      throw new IllegalArgumentException("%s has no streams in this simulation; these have: %s"
          .formatted(name(), VenuesConfig.STREAMING));
    }
    return known;
  }

  @Override
  public String name() {
    return name;
  }

  /// Whose market it tells.
  String venueName() {
    return venue.name();
  }

  @Override
  public VenueStatus status() {
    FaultInForce now = fault;
    Duration delay = now == null ? null : now.order().delay();
    return new VenueStatus(
        name,
        venueName(),
        url(),
        now == null ? null : now.kind(),
        now == null ? null : now.since(),
        now == null ? null : now.until(),
        delay == null ? null : delay.toMillis(),
        now == null || now.order().symbol() == null
            ? null
            : now.order().symbol().text(),
        now == null || now.order().channel() == null
            ? null
            : now.order().channel().word(),
        requests,
        open.size() + (streams == null ? 0 : streams.open()),
        accepted,
        venue.weightUsed(clock.instant()),
        paths);
  }

  @Override
  public Future<VenueStatus> apply(FaultOrder order) {
    try {
      check(order);
    } catch (IllegalArgumentException mistake) {
      return Future.failedFuture(mistake);
    }
    return afterLastChange(() -> {
      endTimer(fault);
      return begin(order).map(_ -> status());
    });
  }

  @Override
  public Future<VenueStatus> heal() {
    return afterLastChange(() -> healNow().map(_ -> status()));
  }

  private void check(FaultOrder order) {
    if (streams == null && (order.kind().isOfStreams() || order.isPartial())) {
      String part = order.isPartial() ? " of one symbol or channel" : "";
      throw new IllegalArgumentException(
          "%s: %s%s is a fault of streams, and this simulated venue has none; these have: %s"
              .formatted(name, order.kind(), part, VenuesConfig.STREAMING));
    }
    if (streams != null && order.symbol() != null) {
      streams.venue().tradeStream(order.symbol()); // throws when it is not listed
    }
  }

  private Future<Void> begin(FaultOrder order) {
    Instant since = clock.instant();
    Duration lasting = order.lasting();
    long timer = lasting == null ? -1 : vertx.setTimer(lasting.toMillis(), this::expired);
    var begun = new FaultInForce(order, since, lasting == null ? null : since.plus(lasting), timer);
    fault = begun;
    LOG.info("{}: fault {} begins", name(), order.kind());
    if (streams != null) {
      streams.begin(begun, () -> over(begun));
    }
    return switch (order.kind()) {
      case REFUSE -> stopListening();
      case RESET -> {
        List.copyOf(open).forEach(Channels::reset);
        yield listenAgain();
      }
      case DISCONNECT -> {
        List.copyOf(open).forEach(Channels::drop);
        yield listenAgain();
      }
      default -> listenAgain();
    };
  }

  private Future<Void> healNow() {
    FaultInForce before = fault;
    if (before == null) {
      return Future.succeededFuture();
    }
    return listenAgain().onSuccess(_ -> {
      endTimer(before);
      fault = null;
      if (streams != null) {
        streams.heal();
      }
      LOG.info("{}: fault {} healed", name(), before.kind());
    });
  }

  private Future<Void> listenAgain() {
    return server == null ? listen() : Future.succeededFuture();
  }

  private void expired(long timer) {
    healIf(now -> now.timer() == timer);
  }

  /// It has done all that was ordered.
  private void over(FaultInForce done) {
    healIf(now -> now == done);
  }

  private void healIf(Predicate<FaultInForce> still) {
    afterLastChange(() -> {
          FaultInForce now = fault;
          // A fault that replaced the one that was meant goes on.
          return now != null && still.test(now)
              ? healNow().map(_ -> status())
              : Future.succeededFuture(status());
        })
        .onFailure(failure -> LOG.error(
            "{}: cannot listen on port {} again, the fault stays in force; heal it by hand",
            name(),
            port.port(),
            failure));
  }

  private Future<VenueStatus> afterLastChange(Supplier<Future<VenueStatus>> change) {
    Future<VenueStatus> next = lastChange.transform(_ -> change.get());
    lastChange = next;
    return next;
  }

  private void endTimer(@Nullable FaultInForce of) {
    if (of != null && of.timer() >= 0) {
      vertx.cancelTimer(of.timer());
    }
  }

  private Future<Void> stopListening() {
    HttpServer listening = server;
    server = null;
    return listening == null
        ? Future.succeededFuture()
        : listening.close().compose(_ -> silence(SILENCE_CHECKS));
  }

  /// Waits until the kernel refuses: a closed listener is really gone only when its selector has
  /// turned once more, a moment after Vert.x says that it is closed.
  private Future<Void> silence(int checksLeft) {
    try {
      if (!port.isListenedOn()) {
        return Future.succeededFuture();
      }
    } catch (IOException e) {
      return Future.failedFuture(e);
    }
    return checksLeft == 0
        ? Future.failedFuture("%s: port %d still listens %d ms after it was closed"
            .formatted(name(), port.port(), SILENCE_CHECKS))
        : vertx.timer(1, TimeUnit.MILLISECONDS).compose(_ -> silence(checksLeft - 1));
  }

  private void opened(HttpConnection connection) {
    accepted++;
    open.add(connection);
    connection.closeHandler(_ -> open.remove(connection));
    FaultInForce now = fault;
    if (now != null && now.kind() == FaultKind.RESET) {
      Channels.reset(connection);
    }
  }

  private void handle(HttpServerRequest request) {
    requests++;
    HttpServerResponse response = request.response();
    response.headersEndHandler(_ -> response.putHeader("Date", HTTP_DATE.format(venueTime())));
    String path = request.path() == null ? "/" : request.path();
    boolean known = path.startsWith("/") && (paths.containsKey(path) || paths.size() < PATHS_MAX);
    paths.merge(known ? path : OTHER, 1L, Long::sum);
    Instant now = clock.instant();
    FaultInForce inForce = fault;
    try {
      boolean asIs = inForce == null || inForce.kind().letsHandshakesPass();
      if (asIs && handshake(request, path, inForce)) {
        return;
      }
      // A request that meets "refuse" came in while the listener was coming back.
      if (inForce != null && inForce.kind() != FaultKind.REFUSE) {
        faulty.answer(inForce, request, path, () -> answer(request, path), now);
      } else {
        FaultyAnswers.send(request, answer(request, path));
      }
    } catch (RuntimeException bug) {
      LOG.error("{}: {} could not be answered", name(), request.uri(), bug);
      FaultyAnswers.send(request, venue.broken(500));
    }
  }

  /// Answers whether it was one that the venue takes.
  private boolean handshake(
      HttpServerRequest request, String path, @Nullable FaultInForce inForce) {
    StreamServer known = streams;
    if (known == null || !"websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
      return false;
    }
    StreamTalk talk = known.venue().talk(path, query(request)).orElse(null);
    if (talk == null) {
      return false;
    }
    Instant now = clock.instant();
    if (known.isFull() || !known.venue().mayConnect(now)) {
      FaultyAnswers.send(request, venue.tooOften(429, OptionalLong.empty(), now));
      return true;
    }
    HttpConnection connection = request.connection();
    // From here on the connection is a stream, and Vert.x tells its end to the stream alone.
    Runnable accept = () -> known.accept(request, talk, () -> open.remove(connection));
    if (inForce != null && inForce.kind() == FaultKind.SLOW) {
      vertx.setTimer(inForce.delayMillisOr(FaultyAnswers.SLOW_MILLIS), _ -> accept.run());
    } else {
      accept.run();
    }
    return true;
  }

  /// What the venue's clock shows: a frozen venue's web server still knows the time.
  private Instant venueTime() {
    Instant now = clock.instant();
    FaultInForce inForce = fault;
    return inForce != null && inForce.kind() == FaultKind.SKEW
        ? now.plusMillis(inForce.delayMillisOr(SKEW_MILLIS))
        : now;
  }

  private Answer answer(HttpServerRequest request, String path) {
    if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
      return Answer.html(405, "<html><body>405</body></html>");
    }
    Ask ask;
    try {
      ask = new Ask(path, query(request));
    } catch (IllegalArgumentException broken) {
      return Answer.html(400, "<html><body>400</body></html>");
    }
    Answer answer = venue.answer(ask, clock.instant(), dataTime());
    if (answer.status() == 200) {
      for (Recording recording : recordings) {
        if (recording.matches(ask)) {
          return answer.withBody(recording.body(ask));
        }
      }
    }
    return answer;
  }

  /// The moment whose prices are told.
  private Instant dataTime() {
    FaultInForce inForce = fault;
    return inForce != null
            && inForce.kind() == FaultKind.FROZEN
            && !inForce.order().isPartial()
        ? inForce.since()
        : venueTime();
  }

  /// @throws IllegalArgumentException when it cannot be decoded
  private static Map<String, String> query(HttpServerRequest request) {
    Map<String, String> query = new LinkedHashMap<>();
    request
        .params()
        .forEach(parameter -> query.putIfAbsent(parameter.getKey(), parameter.getValue()));
    return query;
  }
}
