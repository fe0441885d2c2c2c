package dev.everfeed.simulator.venue;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/// Answers one request in the way a fault demands. The faults of whole connections (refuse,
/// reset) are [VenueServer]'s.
///
/// Runs on the event loop. Every body that is written over time stops when its connection
/// closes.
final class FaultyAnswers {
  static final int SPACES_BYTES = 10 * 1_024 * 1_024;
  static final long RETRY_AFTER_SECONDS = 5;
  static final long BAN_SECONDS = 120;
  static final long SLOW_MILLIS = 2_000;
  private static final int CHUNK = 65_536;
  private static final int[] SERVER_ERRORS = {500, 502, 503};
  private static final Answer PAGE = Answer.html(200, """
      <!DOCTYPE html>
      <html><head><title>Just a moment...</title></head>
      <body><h1>Checking your browser before accessing this site</h1></body></html>
      """);

  private final Vertx vertx;
  private final Venue venue;
  private final SplittableRandom random;
  private final Buffer spaces = Buffer.buffer(blanks());

  FaultyAnswers(Vertx vertx, Venue venue, long seed) {
    this.vertx = vertx;
    this.venue = venue;
    this.random = new SplittableRandom(seed);
  }

  /// @param answer what the venue says; asked only by the kinds that need it
  void answer(
      FaultInForce fault,
      HttpServerRequest request,
      String path,
      Supplier<Answer> answer,
      Instant now) {
    switch (fault.kind()) {
      case RESET -> Channels.reset(request.connection());
      case REFUSE -> throw new IllegalArgumentException("who refuses is not asked");
      case BLACKHOLE -> {
        // Read and never answered.
      }
      case SLOW -> slow(fault, request, answer);
      case SERVER_ERROR ->
        send(request, venue.broken(SERVER_ERRORS[random.nextInt(SERVER_ERRORS.length)]));
      case TOO_MANY ->
        send(request, venue.tooOften(429, OptionalLong.of(RETRY_AFTER_SECONDS), now));
      case TOO_MANY_NO_RETRY_AFTER -> send(request, venue.tooOften(429, OptionalLong.empty(), now));
      case BANNED -> send(request, venue.tooOften(418, OptionalLong.of(BAN_SECONDS), now));
      case HTML -> send(request, PAGE);
      case TRUNCATED -> {
        Answer whole = answer.get();
        send(request, whole.withBody(half(whole.body())));
      }
      case CUT -> cut(request, answer.get());
      case WRONG_PRICE -> {
        Answer right = answer.get();
        boolean data = !fault.order().isPartial()
            && right.status() == 200
            && right.contentType().equals(Answer.JSON);
        send(
            request,
            data ? right.withBody(WrongPrices.timesTen(right.body(), venue.prices())) : right);
      }
      case FROZEN, SKEW -> send(request, answer.get());
      case CLOSE,
          DISCONNECT,
          HALF_OPEN,
          STALL,
          SILENT,
          DUPLICATE,
          REORDER,
          GAP,
          GIANT,
          BOMB,
          SHUTDOWN,
          LAG,
          HALT -> send(request, answer.get());
      case PROBE_ONLY -> send(request, venue.isProbe(path) ? answer.get() : venue.broken(500));
      case ENDLESS -> endless(fault, request.response());
      case SPACES -> {
        HttpServerResponse response = head(request.response(), 200, Answer.JSON, Map.of());
        response.putHeader("content-length", Integer.toString(SPACES_BYTES));
        pour(response, SPACES_BYTES);
      }
      case GARBAGE -> {
        byte[] bytes = new byte[512];
        random.nextBytes(bytes);
        bytes[0] = 0; // never "HTTP/"
        Channels.sendRaw(request.connection(), bytes);
      }
    }
  }

  static void send(HttpServerRequest request, Answer answer) {
    HttpServerResponse response = request.response();
    if (response.closed()) {
      return;
    }
    head(response, answer.status(), answer.contentType(), answer.headers())
        .end(Buffer.buffer(answer.body()));
  }

  private void slow(FaultInForce fault, HttpServerRequest request, Supplier<Answer> answer) {
    long delay = fault.delayMillisOr(SLOW_MILLIS);
    long timer = vertx.setTimer(delay, _ -> send(request, answer.get()));
    request.response().closeHandler(_ -> vertx.cancelTimer(timer));
  }

  private static void cut(HttpServerRequest request, Answer answer) {
    HttpServerResponse response =
        head(request.response(), answer.status(), answer.contentType(), answer.headers());
    response.putHeader("content-length", Integer.toString(answer.body().length));
    response
        .write(Buffer.buffer(half(answer.body())))
        .onComplete(_ -> request.connection().close());
  }

  private void endless(FaultInForce fault, HttpServerResponse response) {
    head(response, 200, Answer.JSON, Map.of()).setChunked(true);
    response.write("[");
    long delay = fault.delayMillisOr(0);
    if (delay == 0) {
      pour(response, Long.MAX_VALUE);
      return;
    }
    long timer = vertx.setPeriodic(delay, _ -> response.write(" "));
    response.closeHandler(_ -> vertx.cancelTimer(timer));
  }

  /// Writes as fast as the client reads: one chunk a turn of the loop, the next when it is sent,
  /// none when the connection has ended.
  private void pour(HttpServerResponse response, long bytes) {
    if (bytes == 0) {
      response.end();
      return;
    }
    int size = (int) Math.min(CHUNK, bytes);
    response
        .write(spaces.getBuffer(0, size))
        .onSuccess(_ -> vertx.runOnContext(_ -> pour(response, bytes - size)));
  }

  private static HttpServerResponse head(
      HttpServerResponse response, int status, String contentType, Map<String, String> headers) {
    response.setStatusCode(status).putHeader("content-type", contentType);
    headers.forEach(response::putHeader);
    return response;
  }

  private static byte[] half(byte[] body) {
    return Arrays.copyOf(body, Math.max(1, body.length / 2));
  }

  private static byte[] blanks() {
    return " ".repeat(CHUNK).getBytes(StandardCharsets.US_ASCII);
  }
}
