package dev.everfeed.hub.api;

import dev.everfeed.hub.telemetry.HttpMetrics;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes requests and sends their answers: bounds what a reader may send and how long it may take,
/// and what of answers may wait. Everything on the server's event loop.
final class Requests {
  private static final Logger LOG = LoggerFactory.getLogger(Requests.class);

  /// How long a body may take, from the end of its headers on.
  private static final Duration BODY_LIMIT = Duration.ofSeconds(5);

  /// The desk answers within its route's deadline, at most a minute; this is for a desk that
  /// does not.
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(70);

  /// How long a refused request's remaining bytes are read and dropped. Closing at once would
  /// reset the connection, and the reader would never see why.
  private static final Duration LINGER = Duration.ofSeconds(1);

  /// Bytes; shorter answers are sent whatever waits, so that health pages always are.
  private static final int SMALL = 64 << 10;

  private final Vertx vertx;
  private final LongSupplier nanos;
  private final HttpMetrics metrics;
  private final Connections connections;
  private final Gate gate;
  private final long unsentMax;
  private long unsent;

  /// @param unsentMax bytes of all answers that may wait for their readers
  Requests(
      Vertx vertx,
      LongSupplier nanos,
      HttpMetrics metrics,
      Connections connections,
      Gate gate,
      long unsentMax) {
    this.vertx = vertx;
    this.nanos = nanos;
    this.metrics = metrics;
    this.connections = connections;
    this.gate = gate;
    this.unsentMax = unsentMax;
  }

  /// A body that says that it is JSON, of at most [ApiServer#MAX_BODY] bytes.
  Future<Buffer> json(HttpServerRequest request) {
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
          if (body.length() + part.length() <= ApiServer.MAX_BODY) {
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
  interface Making {
    Future<Answer> make();
  }

  /// Answers a request.
  ///
  /// @param route for the meters: the path of a known route, or a fixed word
  void begin(HttpServerRequest request, String route, Making making) {
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
    if (announced != null
        && (announced.length() > 9 || Long.parseLong(announced) > ApiServer.MAX_BODY)) {
      return false;
    }
    if (announced != null || request.getHeader("transfer-encoding") != null) {
      request.handler(_ -> {
        if (request.bytesRead() > ApiServer.MAX_BODY) {
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
        "a body may have %,d bytes, and most paths take none".formatted(ApiServer.MAX_BODY));
  }

  /// A request that is not HTTP as we take it.
  void refuse(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    Problem problem = switch (cause) {
      case TooLongHttpLineException _ ->
        Problem.of(
            414,
            "request-line-too-long",
            "The request line is too long",
            "method, path and query may have %,d bytes together"
                .formatted(ApiServer.MAX_REQUEST_LINE));
      case TooLongHttpHeaderException _ ->
        Problem.of(
            431,
            "headers-too-large",
            "The headers are too large",
            "all headers may have %,d bytes together".formatted(ApiServer.MAX_HEADERS));
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
