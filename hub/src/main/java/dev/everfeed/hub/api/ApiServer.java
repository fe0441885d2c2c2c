package dev.everfeed.hub.api;

import dev.everfeed.hub.access.Access;
import dev.everfeed.hub.access.Certificate;
import dev.everfeed.hub.access.Role;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.config.StreamSettings;
import dev.everfeed.hub.telemetry.HttpMetrics;
import dev.everfeed.hub.telemetry.Metrics;
import dev.everfeed.hub.telemetry.StreamMetrics;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.BindException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
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

  /// How long a body may take, from the end of its headers on.
  private static final Duration BODY_LIMIT = Duration.ofSeconds(5);

  /// The desk answers within its route's deadline, at most a minute; this is for a desk that
  /// does not.
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(70);

  private static final Duration SWEEP_EVERY = Duration.ofMillis(250);
  private static final Duration LAG_EVERY = Duration.ofMillis(100);

  /// How long a refused request's remaining bytes are read and dropped. Closing at once would
  /// reset the connection, and the reader would never see why.
  private static final Duration LINGER = Duration.ofSeconds(1);

  private static final Set<String> TLS = Set.of("TLSv1.3", "TLSv1.2");

  /// How long a connection may take to agree on its encryption.
  private static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(5);

  private static final Duration SHUTDOWN = Duration.ofSeconds(2);

  /// Bytes of answers that readers have not taken yet, all together: readers who ask for much
  /// and take nothing must not have the hub run out of memory.
  static final int UNSENT_MAX = 64 << 20;

  /// Bytes; shorter answers are sent whatever waits, so that health pages always are.
  private static final int SMALL = 64 << 10;

  private final Vertx vertx;
  private final LongSupplier nanos;
  private final HttpMetrics metrics;
  private final HttpServer server;
  private final List<Endpoint> endpoints;
  private final Access access;
  private final Gate gate;
  private final Connections connections;
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
  private final long unsentMax;
  private long unsent;

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
    this.unsentMax = unsentMax;
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
    Settings.Http settings = access.settings();
    this.connections =
        new Connections(settings.maxConnections(), settings.idleTimeout(), nanos, httpMetrics);
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
        .invalidRequestHandler(this::refuse)
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
        .certificate()
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

  private static Throwable explained(Settings.Http settings, Throwable e) {
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
        begin(request, "other", () -> {
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
      begin(request, STREAM, () -> {
        throw e;
      });
    }
  }

  private Router router() {
    Router router = Router.router(vertx);
    for (Endpoint endpoint : endpoints) {
      router.route(endpoint.pattern()).handler(ctx -> dispatch(endpoint, ctx));
    }
    router
        .route()
        .handler(ctx -> begin(ctx.request(), "other", () -> {
          throw notFound(ctx.request().path());
        }));
    // The router itself refuses paths that are not well encoded.
    router.errorHandler(
        400,
        ctx -> begin(ctx.request(), "other", () -> {
          throw Problem.of(
              400,
              "bad-encoding",
              "The path is not well encoded",
              "the path must be percent-encoded UTF-8, was \"%s\""
                  .formatted(Parameters.shown(String.valueOf(ctx.request().uri()))));
        }));
    router.errorHandler(
        500,
        ctx -> begin(
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
    begin(ctx.request(), endpoint.path(), () -> {
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
      return (asked.takesJson() ? json(request) : Future.succeededFuture(Buffer.buffer()))
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

  /// A body that says that it is JSON, of at most [#MAX_BODY] bytes.
  private Future<Buffer> json(HttpServerRequest request) {
    String type = String.valueOf(request.getHeader("content-type"));
    String bare = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    boolean patches =
        HttpMethod.PATCH.equals(request.method()) && bare.equals("application/merge-patch+json");
    if (!patches && !bare.equals("application/json")) {
      throw Problem.of(
          415,
          "not-json",
          "The body is not JSON",
          "content-type must be application/json, was \"%s\"".formatted(Parameters.shown(type)));
    }
    Promise<Buffer> whole = Promise.promise();
    Buffer body = Buffer.buffer();
    long limit = vertx.setTimer(BODY_LIMIT.toMillis(), _ -> {
      Problem late = Problem.of(
          408,
          "body-late",
          "The body took too long",
          "a body must come within %,d ms, had %,d bytes by then"
              .formatted(BODY_LIMIT.toMillis(), body.length()));
      if (whole.tryFail(late)) {
        closeSoon(request);
      }
    });
    request
        .handler(part -> {
          if (body.length() + part.length() <= MAX_BODY) {
            body.appendBuffer(part);
          } else if (whole.tryFail(tooLarge())) {
            closeSoon(request);
          }
        })
        .exceptionHandler(whole::tryFail)
        .endHandler(_ -> whole.tryComplete(body));
    return whole.future().onComplete(_ -> vertx.cancelTimer(limit));
  }

  private void closeSoon(HttpServerRequest request) {
    request.handler(_ -> {});
    vertx.setTimer(LINGER.toMillis(), _ -> request.connection().close());
  }

  /// What makes an answer, and may throw instead.
  private interface Making {
    Future<Answer> make();
  }

  private void begin(HttpServerRequest request, String route, Making making) {
    long startedAt = nanos.getAsLong();
    HttpServerResponse response = request.response();
    connections.requested(request.connection());
    response.endHandler(_ -> {
      connections.answered(request.connection());
      metrics.answered(route, response.getStatusCode(), nanos.getAsLong() - startedAt);
    });
    if (!boundBody(request)) {
      send(request, Answer.problem(tooLarge(), pathOf(request)), true);
      return;
    }
    String coding = request.getHeader("transfer-encoding");
    if (coding != null && !coding.equalsIgnoreCase("chunked")) {
      send(request, Answer.problem(codingUnknown(coding), pathOf(request)), true);
      return;
    }
    if (coding != null) {
      // Who stands in front may see another end of this body, and take what we take for the next
      // request for a part of it (RFC 9112, section 6.1). So this is the connection's last one.
      connections.last(request);
      response.putHeader("connection", "close");
    }
    Future<Answer> answer;
    try {
      answer = making.make();
    } catch (RuntimeException e) {
      answer = Future.failedFuture(e);
    }
    if (answer.isComplete()) {
      finish(request, answer);
      return;
    }
    Context context = vertx.getOrCreateContext();
    long limit = vertx.setTimer(ANSWER_LIMIT.toMillis(), _ -> {
      if (!response.ended() && !response.closed()) {
        Problem late = Problem.of(
            504,
            "no-answer",
            "The hub did not answer in time",
            "no answer after %,d ms".formatted(ANSWER_LIMIT.toMillis()));
        send(request, Answer.problem(late, pathOf(request)), false);
      }
    });
    answer.onComplete(done -> context.runOnContext(_ -> {
      vertx.cancelTimer(limit);
      if (!response.ended() && !response.closed()) {
        finish(
            request,
            done.succeeded()
                ? Future.succeededFuture(done.result())
                : Future.failedFuture(done.cause()));
      }
    }));
  }

  private void finish(HttpServerRequest request, Future<Answer> answer) {
    if (answer.succeeded()) {
      send(request, answer.result(), false);
      return;
    }
    Throwable cause = answer.cause();
    Problem problem;
    if (cause instanceof Problem known) {
      problem = known;
    } else {
      String id = UUID.randomUUID().toString();
      LOG.error("request {} of {} failed", id, Parameters.shown(pathOf(request)), cause);
      problem = Problem.of(
          500,
          "internal-error",
          "The hub made a mistake",
          "this is not the request's fault; the log has the cause under " + id);
    }
    send(request, Answer.problem(problem, pathOf(request)), false);
  }

  /// Drops a small body and refuses a large one; false when its announced size is too large.
  private boolean boundBody(HttpServerRequest request) {
    String announced = request.getHeader("content-length");
    if (announced != null && (announced.length() > 9 || Long.parseLong(announced) > MAX_BODY)) {
      return false;
    }
    if (announced != null || request.getHeader("transfer-encoding") != null) {
      request.handler(_ -> {
        if (request.bytesRead() > MAX_BODY) {
          request.connection().close();
        }
      });
    }
    return true;
  }

  private static Problem codingUnknown(String coding) {
    return Problem.of(
        501,
        "bad-request",
        "The body is coded in a way that is not known",
        "transfer-encoding must be chunked, was \"%s\"".formatted(Parameters.shown(coding)));
  }

  private static Problem tooLarge() {
    return Problem.of(
        413,
        "body-too-large",
        "The body is too large",
        "a body may have %,d bytes, and most paths take none".formatted(MAX_BODY));
  }

  /// A request that is not HTTP as we take it.
  private void refuse(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    Problem problem = switch (cause) {
      case TooLongHttpLineException _ ->
        Problem.of(
            414,
            "request-line-too-long",
            "The request line is too long",
            "method, path and query may have %,d bytes together".formatted(MAX_REQUEST_LINE));
      case TooLongHttpHeaderException _ ->
        Problem.of(
            431,
            "headers-too-large",
            "The headers are too large",
            "all headers may have %,d bytes together".formatted(MAX_HEADERS));
      case null, default ->
        Problem.of(
            400,
            "bad-request",
            "The request is not HTTP/1.1",
            Parameters.shown(cause == null ? "unknown" : String.valueOf(cause.getMessage())));
    };
    metrics.answered("refused", problem.status(), 0);
    send(request, Answer.problem(problem, "/"), true);
  }

  /// @param last close the connection afterwards, when what the reader still sends was dropped
  private void send(HttpServerRequest request, Answer answer, boolean last) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    String etag = answer.etag();
    boolean unchanged = etag != null && names(request.getHeader("if-none-match"), etag);
    if (etag != null) {
      response.putHeader("etag", etag);
    }
    if (unchanged) {
      response.setStatusCode(304);
    } else {
      response
          .setStatusCode(answer.status())
          .putHeader("content-type", answer.contentType())
          .putHeader("content-length", Integer.toString(answer.body().length()));
      answer.headers().forEach(response::putHeader);
    }
    response
        // what has a tag may be kept, and must be asked for again before it is used
        .putHeader("cache-control", etag == null ? "no-store" : "no-cache")
        .putHeader("x-content-type-options", "nosniff")
        .putHeader("x-frame-options", "DENY")
        .putHeader("referrer-policy", "no-referrer")
        .putHeader(
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    gate.answerOrigin(request, response);
    if (last) {
      connections.last(request);
      response.putHeader("connection", "close");
      request.handler(_ -> {});
      response.write(answer.body());
      vertx.setTimer(LINGER.toMillis(), _ -> {
        response.end();
        request.connection().close();
      });
    } else if (unchanged || HttpMethod.HEAD.equals(request.method())) {
      response.end().onComplete(_ -> closeAfterTheLast(request));
    } else if (unsent + answer.body().length() > unsentMax && answer.body().length() > SMALL) {
      Problem busy = Problem.busy(
          "Too many answers are on their way",
          "%,d bytes wait for readers to take them, %,d may; this one has %,d; ask again in a second, or for less"
              .formatted(unsent, unsentMax, answer.body().length()));
      response.headers().remove("etag").remove("content-length");
      answer.headers().keySet().forEach(name -> response.headers().remove(name));
      send(request, Answer.problem(busy, pathOf(request)), false);
    } else {
      unsent += answer.body().length();
      response.end(answer.body()).onComplete(_ -> {
        unsent -= answer.body().length();
        closeAfterTheLast(request);
      });
    }
  }

  private void closeAfterTheLast(HttpServerRequest request) {
    if (connections.isLast(request)) {
      request.connection().close();
    }
  }

  /// Whether a reader has what the tag names (RFC 9110, section 13.1.2).
  private static boolean names(@Nullable String ifNoneMatch, String etag) {
    return ifNoneMatch != null
        && (ifNoneMatch.strip().equals("*") || ifNoneMatch.contains(etag.replace("W/", "")));
  }

  private static String pathOf(HttpServerRequest request) {
    String path = request.path();
    return path == null ? "/" : Parameters.shown(path);
  }
}
