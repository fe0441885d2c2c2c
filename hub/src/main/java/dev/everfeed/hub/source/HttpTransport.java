package dev.everfeed.hub.source;

import dev.everfeed.core.model.Failure;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fetches whole answers over HTTP/1.1, whatever the other side does.
///
/// Each call has one deadline for everything: waiting for a connection, connecting, TLS,
/// sending, and the last byte of the body. When it passes, or the body is larger than the
/// request allows, the connection is closed, never returned to the pool. Redirects are not
/// followed: an answer with one is an answer. Bodies may be compressed with gzip; the bound
/// holds for both forms, so that a kilobyte cannot become a gigabyte.
///
/// Owns its pool: at most [#POOL_MAX] connections to one host and port, kept for 30 s when
/// idle, with at most [#WAITING_MAX] calls waiting for one. Any thread may call it; a call's
/// events run on the Vert.x context of the caller, one at a time.
public final class HttpTransport {
  private static final Logger log = LoggerFactory.getLogger(HttpTransport.class);

  static final int POOL_MAX = 8;
  static final int WAITING_MAX = 128;

  /// A host that does not answer a connect is given up after this, even when the call has more
  /// time.
  private static final int CONNECT_TIMEOUT_MILLIS = 3_000;

  private final Vertx vertx;

  /// Open connections that have brought a whole answer.
  private final Set<HttpConnection> hasAnswered = ConcurrentHashMap.newKeySet();

  // Vert.x closes a client that nobody refers to any more.
  private final HttpClient client;

  public HttpTransport(Vertx vertx) {
    this.vertx = vertx;
    this.client = vertx
        .httpClientBuilder()
        .with(new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setKeepAlive(true)
            .setKeepAliveTimeout(30)
            .setPipelining(false)
            .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
            .setSslHandshakeTimeout(CONNECT_TIMEOUT_MILLIS)
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            // a dead peer that no call is waiting for
            .setIdleTimeout(60)
            .setMaxHeaderSize(32 << 10)
            .setMaxInitialLineLength(8 << 10)
            .setDecompressionSupported(false)
            .setVerifyHost(true))
        // The call that suffers from it says so, and who is told decides what to log; without a
        // handler Vert.x logs an error with a stack trace for every broken answer.
        .withConnectHandler(connection -> {
          connection.exceptionHandler(
              e -> log.debug("{}: {}", connection.remoteAddress(), reason(e)));
          connection.closeHandler(_ -> hasAnswered.remove(connection));
        })
        .with(new PoolOptions().setHttp1MaxSize(POOL_MAX).setMaxWaitQueueSize(WAITING_MAX))
        .build();
  }

  /// @param base         scheme, host, port and perhaps a path, which is put before the
  ///     request's
  /// @param timeoutNanos for the whole answer; rounded up to milliseconds
  /// @return the answer with any status, or a failure with a [TransportException]
  public Future<HttpResult> fetch(URI base, SourceRequest request, long timeoutNanos) {
    boolean ssl = "https".equals(base.getScheme());
    int port = base.getPort() >= 0 ? base.getPort() : ssl ? 443 : 80;
    String root = base.getPath() == null ? "" : base.getPath();
    String path =
        (root.endsWith("/") ? root.substring(0, root.length() - 1) : root) + request.path();
    long timeoutMillis = Math.clamp(Math.ceilDiv(timeoutNanos, 1_000_000L), 0, Integer.MAX_VALUE);
    String where = base.getHost() + ":" + port;
    Promise<HttpResult> promise = Promise.promise();
    if (timeoutMillis == 0) {
      promise.fail(new TransportException(Failure.of(
          Failure.Kind.TIMEOUT, where + ": not called, no time was left for an answer")));
      return promise.future();
    }
    RequestOptions options = new RequestOptions()
        .setMethod(HttpMethod.GET)
        .setSsl(ssl)
        .setHost(base.getHost().replaceAll("[\\[\\]]", "")) // of an IPv6 address
        .setPort(port)
        .setURI(path)
        .setFollowRedirects(false)
        .putHeader("accept", "application/json")
        .putHeader("accept-encoding", "gzip")
        .putHeader("user-agent", "everfeed");
    request.headers().forEach(options::putHeader);
    Context context = vertx.getOrCreateContext();
    Call call = new Call(context, promise, options, where, timeoutMillis, request.bodyMaxBytes());
    context.runOnContext(_ -> call.start());
    return promise.future();
  }

  /// Closes the pool; calls that are out fail.
  public Future<Void> close() {
    return client.close();
  }

  /// One call. All its fields belong to its context.
  private final class Call {
    private final Context context;
    private final Promise<HttpResult> promise;
    private final RequestOptions options;
    private final String where;
    private final long timeoutMillis;
    private final int bodyMaxBytes;
    private final Buffer body = Buffer.buffer();
    private Phase phase = Phase.CONNECTING;
    private @Nullable HttpClientRequest request;
    private boolean proven;
    private boolean again;
    private boolean done;
    private long timer = -1;

    Call(
        Context context,
        Promise<HttpResult> promise,
        RequestOptions options,
        String where,
        long timeoutMillis,
        int bodyMaxBytes) {
      this.context = context;
      this.promise = promise;
      this.options = options;
      this.where = where;
      this.timeoutMillis = timeoutMillis;
      this.bodyMaxBytes = bodyMaxBytes;
    }

    void start() {
      timer = vertx.setTimer(timeoutMillis, _ -> deadlinePassed());
      attempt();
    }

    private void attempt() {
      Future<HttpClientRequest> connecting;
      try {
        connecting = client.request(options);
      } catch (IllegalStateException e) {
        // Vert.x's way to say that the client is closed
        fail(Failure.Kind.CONNECTION, "not called, the hub stops");
        return;
      }
      connecting.onComplete(connected -> {
        if (connected.failed()) {
          fail(Failure.Kind.CONNECTION, reason(connected.cause()));
        } else if (done) {
          hangUp(connected.result());
        } else {
          send(connected.result());
        }
      });
    }

    /// The deadline passed while the connection was being made. Closed without a reset first,
    /// which would put it into the pool, where the next call could get it just before it
    /// closes.
    private void hangUp(HttpClientRequest late) {
      late.exceptionHandler(e -> log.debug("{}: closed: {}", where, reason(e)));
      late.connection().close();
    }

    private void send(HttpClientRequest connected) {
      request = connected;
      proven = hasAnswered.contains(connected.connection());
      phase = Phase.SENT;
      connected.exceptionHandler(this::failBeforeAnswer);
      connected.response().onComplete(response -> {
        if (response.failed()) {
          failBeforeAnswer(response.cause());
        } else if (!done) {
          receive(response.result());
        }
      });
      connected.end().onFailure(this::failBeforeAnswer);
    }

    /// A server may close an idle connection just when the next request is sent on it. That is
    /// no failure of the server, so such a request is sent once more, on the call's own
    /// deadline.
    private void failBeforeAnswer(Throwable cause) {
      if (done || phase != Phase.SENT) {
        return;
      }
      if (proven && !again) {
        again = true;
        phase = Phase.CONNECTING;
        request = null;
        attempt();
      } else {
        fail(Failure.Kind.CONNECTION, reason(cause));
      }
    }

    private void receive(HttpClientResponse response) {
      phase = Phase.RECEIVING;
      response.exceptionHandler(e -> fail(
          Failure.Kind.CONNECTION,
          "%s after %,d bytes of the body".formatted(reason(e), body.length())));
      String length = response.getHeader("content-length");
      if (length != null && (length.length() > 9 || parsed(length) > bodyMaxBytes)) {
        tooLarge("announced " + (length.length() > 20 ? "more" : length + " bytes"));
        return;
      }
      response.handler(chunk -> {
        if (done) {
          return;
        }
        if (body.length() + chunk.length() > bodyMaxBytes) {
          tooLarge("had " + "%,d bytes and more to come".formatted(body.length() + chunk.length()));
          return;
        }
        body.appendBuffer(chunk);
      });
      response.endHandler(_ -> received(response));
    }

    private void received(HttpClientResponse response) {
      if (done) {
        return;
      }
      phase = Phase.RECEIVED;
      hasAnswered.add(response.request().connection());
      Map<String, String> headers = new LinkedHashMap<>();
      response
          .headers()
          .forEach((name, value) -> headers.putIfAbsent(name.toLowerCase(Locale.ROOT), value));
      String encoding =
          headers.getOrDefault("content-encoding", "identity").trim().toLowerCase(Locale.ROOT);
      if (encoding.equals("identity") || encoding.isEmpty() || body.length() == 0) {
        succeed(new HttpResult(response.statusCode(), headers, body.getBytes()));
      } else if (encoding.equals("gzip") || encoding.equals("x-gzip")) {
        byte[] compressed = body.getBytes();
        context
            .<HttpResult>executeBlocking(
                () -> new HttpResult(response.statusCode(), headers, inflate(compressed)), false)
            .onComplete(inflated -> {
              if (inflated.succeeded()) {
                succeed(inflated.result());
              } else if (inflated.cause() instanceof TooLargeException) {
                tooLarge("%,d bytes of gzip became more".formatted(compressed.length));
              } else {
                fail(
                    Failure.Kind.UNDECODABLE,
                    "the body is not gzip as announced: " + reason(inflated.cause()));
              }
            });
      } else {
        fail(
            Failure.Kind.UNDECODABLE,
            "content-encoding was \"%s\", asked for was gzip".formatted(excerpt(encoding)));
      }
    }

    private byte[] inflate(byte[] compressed) throws IOException {
      try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed), 8_192)) {
        byte[] plain = in.readNBytes(bodyMaxBytes);
        if (in.read() >= 0) {
          throw new TooLargeException();
        }
        return plain;
      }
    }

    private void deadlinePassed() {
      fail(
          Failure.Kind.TIMEOUT,
          "no whole answer within %,d ms (%s)"
              .formatted(
                  timeoutMillis,
                  request == null
                      ? "not connected"
                      : body.length() == 0
                          ? "no body"
                          : "%,d bytes of the body".formatted(body.length())));
    }

    private void tooLarge(String seen) {
      fail(
          Failure.Kind.UNDECODABLE,
          "the body is larger than %,d bytes (%s)".formatted(bodyMaxBytes, seen));
    }

    private void succeed(HttpResult result) {
      if (!done) {
        done = true;
        vertx.cancelTimer(timer);
        promise.complete(result);
      }
    }

    private void fail(Failure.Kind kind, String what) {
      if (!done) {
        done = true;
        vertx.cancelTimer(timer);
        closeConnection();
        promise.fail(new TransportException(Failure.of(kind, where + ": " + what)));
      }
    }

    /// Closes rather than returns to the pool: what else is on its way would be taken for the
    /// next call's answer. Once the answer is whole the connection is the pool's again, and
    /// may already serve another call.
    private void closeConnection() {
      if (request != null && (phase == Phase.SENT || phase == Phase.RECEIVING)) {
        request.reset();
        request.connection().close();
      }
    }
  }

  private enum Phase {
    CONNECTING,
    SENT,
    RECEIVING,
    RECEIVED
  }

  private static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;
  }

  private static long parsed(String length) {
    try {
      return Long.parseLong(length);
    } catch (NumberFormatException e) {
      return 0; // the parser below will have its own opinion
    }
  }

  /// Netty repeats the address at the end, which the message begins with.
  private static String reason(Throwable cause) {
    String message = cause.getMessage();
    String text =
        message == null ? null : message.replaceFirst(": [^ ]*/[0-9a-fA-F.:\\[\\]]+$", "");
    return text == null || text.isBlank()
        ? cause.getClass().getSimpleName()
        : excerpt(text.lines().findFirst().orElse(""));
  }

  private static String excerpt(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }
}
