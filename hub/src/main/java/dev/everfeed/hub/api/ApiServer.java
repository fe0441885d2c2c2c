package dev.everfeed.hub.api;

import dev.everfeed.hub.access.Access;
import dev.everfeed.hub.access.Certificate;
import dev.everfeed.hub.access.Role;
import dev.everfeed.hub.config.HttpSettings;
import dev.everfeed.hub.config.StreamSettings;
import dev.everfeed.hub.telemetry.HttpMetrics;
import dev.everfeed.hub.telemetry.Metrics;
import dev.everfeed.hub.telemetry.StreamMetrics;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.BindException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The hub's HTTP server. Everything of one server runs on one event loop; [#close] ends it.
///
/// It takes GET and HEAD, and where something can be ordered POST, PUT, PATCH and DELETE; it bounds
/// what a
/// reader may send (request line, headers, body) and how long it may take, and answers every
/// mistake with a problem document (RFC 9457).
public final class ApiServer {
  private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);

  /// Bytes; the longest useful request line is under 300.
  static final int MAX_REQUEST_LINE = 8_192;

  /// Bytes of all headers together.
  static final int MAX_HEADERS = 16_384;

  /// Bytes; where a path takes no body, small ones are read and dropped.
  static final int MAX_BODY = 65_536;

  /// Where readers of the WebSocket knock.
  private static final String STREAM = "/v1/stream";

  private static final Duration SWEEP_EVERY = Duration.ofMillis(250);
  private static final Duration LAG_EVERY = Duration.ofMillis(100);

  private static final Set<String> TLS = Set.of("TLSv1.3", "TLSv1.2");

  /// How long a connection may take to agree on its encryption.
  private static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(5);

  private static final Duration SHUTDOWN = Duration.ofSeconds(2);

  /// Bytes of answers that readers have not taken yet, all together: readers who ask for much
  /// and take nothing must not have the hub run out of memory.
  static final int UNSENT_MAX = 64 << 20;

  private final Vertx vertx;
  private final LongSupplier nanos;
  private final HttpMetrics metrics;
  private final HttpServer server;
  private final List<Endpoint> endpoints;
  private final Access access;
  private final Gate gate;
  private final Connections connections;
  private final Requests requests;
  private final OrderedOnce orderedOnce;
  private final Auditing auditing;
  private final Desk desk;
  private final StreamSettings.Readers readers;
  private final StreamMetrics streamMetrics;
  private final LiveStreams.Pace pace;
  private volatile @Nullable LiveStreams live;
  private long sweepTimer;
  private long lagTimer;
  private long lagDueNanos;

  private ApiServer(
      Vertx vertx,
      Access access,
      StreamSettings.Readers readers,
      LiveStreams.Pace pace,
      Desk desk,
      Metrics metrics,
      HttpMetrics httpMetrics,
      LongSupplier nanos,
      long unsentMax) {
    this.vertx = vertx;
    this.access = access;
    this.desk = desk;
    this.readers = readers;
    this.pace = pace;
    this.streamMetrics = new StreamMetrics(metrics);
    this.nanos = nanos;
    this.metrics = httpMetrics;
    this.endpoints = new Endpoints(vertx, desk, metrics, nanos).all();
    this.orderedOnce = new OrderedOnce(nanos);
    this.auditing = new Auditing(desk);
    this.gate =
        new Gate(access, httpMetrics, nanos, () -> desk.view().clock().at(nanos.getAsLong()));
    HttpSettings settings = access.settings();
    this.connections =
        new Connections(settings.maxConnections(), settings.idleTimeout(), nanos, httpMetrics);
    this.requests = new Requests(vertx, nanos, httpMetrics, connections, gate, unsentMax);
    HttpServerOptions options = new HttpServerOptions()
        .setHost(settings.host())
        .setPort(settings.port())
        .setMaxInitialLineLength(MAX_REQUEST_LINE)
        .setMaxHeaderSize(MAX_HEADERS)
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
        .setIdleTimeout(Math.toIntExact(settings.idleTimeout().toMillis()))
        .setCompressionSupported(false)
        .setDecompressionSupported(false)
        .setHttp2ClearTextEnabled(false)
        .setMaxWebSocketFrameSize(MAX_BODY)
        .setMaxWebSocketMessageSize(MAX_BODY)
        // frames are encoded once for many readers, and no reader can send a bomb
        .setPerFrameWebSocketCompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false)
        .setReuseAddress(true);
    access.certificate().ifPresent(shown -> {
      options
          .setSsl(true)
          .setUseAlpn(false)
          .setEnabledSecureTransportProtocols(TLS)
          .setSslHandshakeTimeout(HANDSHAKE_LIMIT.toMillis())
          .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
          .setKeyCertOptions(pem(shown));
    });
    httpMetrics.certificateUntil(this::certificateUntil);
    this.server = vertx
        .createHttpServer(options)
        .connectionHandler(connections::connected)
        .invalidRequestHandler(requests::refuse)
        .exceptionHandler(e -> LOG.debug("a reader's connection broke: {}", e.toString()))
        .requestHandler(paths(router()));
  }

  private double certificateUntil() {
    return access
        .certificate()
        .map(shown -> (double) shown.notAfter().getEpochSecond())
        .orElse(Double.NaN);
  }

  private static PemKeyCertOptions pem(Certificate shown) {
    return new PemKeyCertOptions()
        .setCertValue(Buffer.buffer(shown.chainPem()))
        .setKeyValue(Buffer.buffer(shown.keyPem()));
  }

  /// Shows the certificate that is there now to who connects from now on; connections that are
  /// open keep theirs.
  public Future<Void> renewCertificate() {
    return access
        .offered()
        .map(shown -> server
            .updateSSLOptions(new ServerSSLOptions()
                .setUseAlpn(false)
                .setEnabledSecureTransportProtocols(TLS)
                .setSslHandshakeTimeout(HANDSHAKE_LIMIT.toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setKeyCertOptions(pem(shown)))
            .<Void>mapEmpty())
        .orElseGet(Future::succeededFuture);
  }

  /// Starts to listen.
  ///
  /// @param access who may ask, and where it listens
  /// @param readers limits of those at the WebSocket
  /// @param nanos   the monotonic clock that [HubView#nowNanos] is on
  /// @return the running server; fails with [ListenException] when the address cannot be taken
  public static Future<ApiServer> start(
      Vertx vertx,
      Access access,
      StreamSettings.Readers readers,
      Desk desk,
      Metrics metrics,
      LongSupplier nanos) {
    return start(vertx, access, readers, LiveStreams.Pace.USUAL, desk, metrics, nanos, UNSENT_MAX);
  }

  static Future<ApiServer> start(
      Vertx vertx,
      Access access,
      StreamSettings.Readers readers,
      LiveStreams.Pace pace,
      Desk desk,
      Metrics metrics,
      LongSupplier nanos,
      long unsentMax) {
    ApiServer api = new ApiServer(
        vertx, access, readers, pace, desk, metrics, new HttpMetrics(metrics), nanos, unsentMax);
    return api.server
        .listen()
        .map(_ -> {
          api.startTimers();
          return api;
        })
        .recover(e -> Future.failedFuture(explained(access.settings(), e)));
  }

  private static Throwable explained(HttpSettings settings, Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null && !(cause instanceof BindException)) {
      cause = cause.getCause();
    }
    String said = String.valueOf(cause.getMessage());
    if (said.contains("already in use")) {
      return new ListenException(
          "http.port: %d is in use at %s; stop the program that has it, or choose another port (0 takes any free one)"
              .formatted(settings.port(), settings.host()),
          e);
    }
    if (said.contains("ermission denied")) {
      return new ListenException(
          "http.port: %d needs rights that this process does not have; choose one from 1024 on"
              .formatted(settings.port()),
          e);
    }
    return new ListenException(
        "http.host: %s is no address of this machine that one can listen on: %s"
            .formatted(settings.host(), said),
        e);
  }

  private void startTimers() {
    sweepTimer = vertx.setPeriodic(SWEEP_EVERY.toMillis(), _ -> {
      connections.sweep();
      gate.sweep();
    });
    lagDueNanos = nanos.getAsLong() + LAG_EVERY.toNanos();
    lagTimer = vertx.setPeriodic(LAG_EVERY.toMillis(), _ -> {
      long now = nanos.getAsLong();
      metrics.loopLag(now - lagDueNanos);
      lagDueNanos = now + LAG_EVERY.toNanos();
    });
  }

  /// The port, also when 0 was configured.
  public int port() {
    return server.actualPort();
  }

  /// Takes no new connections, lets answers under way finish for up to 2 s, then closes. May be
  /// called more than once.
  public Future<Void> close() {
    vertx.cancelTimer(sweepTimer);
    vertx.cancelTimer(lagTimer);
    LiveStreams streams = live;
    if (streams != null) {
      streams.close();
    }
    return server.shutdown(SHUTDOWN);
  }

  List<Endpoint> endpoints() {
    return endpoints;
  }

  @Nullable
  LiveStreams live() {
    return live;
  }

  int openConnections() {
    return connections.count();
  }

  /// The router answers what is no path (`*`, `host:80`) in a way of its own.
  private Handler<HttpServerRequest> paths(Router router) {
    return request -> {
      if (connections.isBehindTheLast(request)) {
        return;
      }
      String path = request.path();
      if (path == null || !path.startsWith("/")) {
        requests.begin(request, "other", () -> {
          throw Problem.of(
              400,
              "bad-request",
              "The request names no path",
              "a path must begin with '/', was \"%s\""
                  .formatted(Parameters.shown(String.valueOf(request.uri()))));
        });
      } else if (path.equals(STREAM) && isWebSocket(request)) {
        stream(request);
      } else {
        router.handle(request);
      }
    };
  }

  private static boolean isWebSocket(HttpServerRequest request) {
    return HttpMethod.GET.equals(request.method())
        && "websocket".equalsIgnoreCase(request.getHeader("upgrade"));
  }

  /// A reader. What is wrong with its request is answered as for any other.
  private void stream(HttpServerRequest request) {
    try {
      gate.refuseRebound(request);
      gate.refuseForeign(request);
      refuseBody(request);
      Caller caller = gate.mayIntroduceItself(request) ? null : gate.caller(request, Role.READER);
      boolean strings = new Parameters(request.query(), List.of("numbers")).decimalsAsStrings();
      LiveStreams streams = live;
      if (streams == null) {
        streams = new LiveStreams(
            vertx, Replaying.publications(desk), readers, gate, streamMetrics, nanos, pace);
        live = streams;
      }
      streams.accept(request, caller, strings, () -> connections.closed(request.connection()));
      // busy until it closes: it is not waited for as for one that makes its next request
      connections.requested(request.connection());
    } catch (Problem e) {
      requests.begin(request, STREAM, () -> {
        throw e;
      });
    }
  }

  /// A handshake has no body (RFC 6455, section 4.1), and one would be waited for.
  private void refuseBody(HttpServerRequest request) {
    String length = request.getHeader("content-length");
    if (request.getHeader("transfer-encoding") != null || (length != null && !length.equals("0"))) {
      connections.last(request);
      throw Problem.of(
          400,
          "bad-request",
          "A WebSocket begins without a body",
          "the request must have no body, announces one");
    }
  }

  private Router router() {
    Router router = Router.router(vertx);
    for (Endpoint endpoint : endpoints) {
      router.route(endpoint.pattern()).handler(ctx -> dispatch(endpoint, ctx));
    }
    router
        .route()
        .handler(ctx -> requests.begin(ctx.request(), "other", () -> {
          throw notFound(ctx.request().path());
        }));
    // The router itself refuses paths that are not well encoded.
    router.errorHandler(
        400,
        ctx -> requests.begin(ctx.request(), "other", () -> {
          throw Problem.of(
              400,
              "bad-encoding",
              "The path is not well encoded",
              "the path must be percent-encoded UTF-8, was \"%s\""
                  .formatted(Parameters.shown(String.valueOf(ctx.request().uri()))));
        }));
    router.errorHandler(
        500,
        ctx -> requests.begin(
            ctx.request(),
            "other",
            () -> Future.failedFuture(
                ctx.failure() == null
                    ? new IllegalStateException("no cause given")
                    : ctx.failure())));
    return router;
  }

  private Problem notFound(@Nullable String path) {
    List<String> known = endpoints.stream().map(Endpoint::path).toList();
    return Problem.listing(
        404,
        "unknown-path",
        "The path is not known",
        "nothing is served at \"%s\"; what is: %s"
            .formatted(Parameters.shown(String.valueOf(path)), String.join(" ", known)),
        known,
        known.size());
  }

  private void dispatch(Endpoint endpoint, RoutingContext ctx) {
    requests.begin(ctx.request(), endpoint.path(), () -> {
      HttpServerRequest request = ctx.request();
      gate.refuseRebound(request);
      HttpMethod method = request.method();
      if (HttpMethod.OPTIONS.equals(method) && gate.isAllowedOrigin(request)) {
        return Future.succeededFuture(preflight(endpoint));
      }
      boolean reads = HttpMethod.GET.equals(method) || HttpMethod.HEAD.equals(method);
      Endpoint.Action action = endpoint.actions().get(method);
      Function<Parameters, Future<Answer>> read = reads ? endpoint.answer() : null;
      Caller caller = gate.caller(request, action == null ? endpoint.reads() : action.role());
      if (caller.uses() != null) {
        connections.showed(request.connection(), caller.uses());
      }
      if (read == null && action == null) {
        throw Problem.methodNotAllowed(
            Parameters.shown(method.name()), endpoint.path(), endpoint.allowed());
      }
      if (read != null) {
        return read.apply(
            new Parameters(request.query(), endpoint.parameters(), ctx.pathParams(), null));
      }
      gate.refuseForeign(request);
      Endpoint.Action asked = Objects.requireNonNull(action);
      Parameters parameters = new Parameters(
          request.query(), asked.parameters(), ctx.pathParams(), request.getHeader("if-match"));
      String key = request.getHeader("idempotency-key");
      return (asked.takesJson() ? requests.json(request) : Future.succeededFuture(Buffer.buffer()))
          .compose(body -> orderedOnce.once(
              caller.id(),
              key,
              method.name() + " " + request.uri(),
              body,
              () -> auditing.noted(
                  request,
                  new Auditing.Sender(gate.remote(request), caller.shown()),
                  body,
                  () -> asked.done().apply(parameters, body))));
    });
  }

  /// What a browser asks before it lets an allowed page send more than the simplest request.
  private static Answer preflight(Endpoint endpoint) {
    return new Answer(
        204,
        "text/plain",
        Buffer.buffer(),
        null,
        Map.of(
            "access-control-allow-methods",
            endpoint.allowed(),
            "access-control-allow-headers",
            "authorization, content-type, idempotency-key, if-match, if-none-match",
            "access-control-max-age",
            "600"));
  }
}
