package dev.everfeed.hub.api;

import dev.everfeed.hub.access.Access;
import dev.everfeed.hub.access.ApiKey;
import dev.everfeed.hub.access.Role;
import dev.everfeed.hub.telemetry.HttpMetrics;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets a request in, or says why not: from where it comes, whose key it shows, what that is good
/// for, and whether it is too much. On the server's event loop; looking at a key costs one SHA-256
/// and a look-up, so a flood of wrong ones is refused at the price of any request, and locks
/// nobody out who has a right one.
final class Gate {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.access");
  private static final String SCHEME = "bearer ";
  private static final Duration TELL_EVERY = Duration.ofSeconds(10);

  private final Access access;
  private final HttpMetrics metrics;
  private final LongSupplier nanos;
  private final Supplier<Instant> now;
  private final Map<String, KeyUse> uses = new LinkedHashMap<>();
  private long refused;
  private long toldAt;

  Gate(Access access, HttpMetrics metrics, LongSupplier nanos, Supplier<Instant> now) {
    this.access = access;
    this.metrics = metrics;
    this.nanos = nanos;
    this.now = now;
    this.toldAt = nanos.getAsLong() - TELL_EVERY.toNanos();
  }

  // ---- from where

  /// Where nobody needs a key, only who means this machine is answered. A page that had its name
  /// point here after it was loaded (DNS rebinding) would send its own name.
  ///
  /// @throws Problem 421
  void refuseRebound(HttpServerRequest request) {
    String host = request.getHeader("host");
    if (access.isKeyNeeded() || access.settings().behindProxy() || host == null) {
      return;
    }
    String name = withoutPort(host).toLowerCase(Locale.ROOT);
    boolean mine = name.equals("localhost")
        || name.equals("[::1]")
        || name.matches("127(\\.[0-9]{1,3}){3}")
        || name.equals(access.settings().host().toLowerCase(Locale.ROOT));
    if (!mine) {
      throw Problem.of(
          421,
          "wrong-host",
          "The request is for another host",
          "without API keys this hub answers as localhost, 127.0.0.1 and [::1], was asked as \"%s\""
              .formatted(Parameters.shown(host)));
    }
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
  }

  /// Whether a browser may show an answer to the page that asked.
  boolean isAllowedOrigin(HttpServerRequest request) {
    String origin = request.getHeader("origin");
    return origin != null && access.settings().allowedOrigins().contains(origin);
  }

  /// What browsers send along from pages of others is not obeyed. Programs send no `Origin`.
  ///
  /// @throws Problem 403
  void refuseForeign(HttpServerRequest request) {
    String origin = request.getHeader("origin");
    if (origin == null || isAllowedOrigin(request) || isOwn(origin, request.getHeader("host"))) {
      return;
    }
    throw Problem.of(
        403,
        "foreign-origin",
        "The page may not use this hub",
        "http.allowed_origins does not name \"%s\"".formatted(Parameters.shown(origin)));
  }

  private static boolean isOwn(String origin, @Nullable String host) {
    return host != null && (origin.equals("http://" + host) || origin.equals("https://" + host));
  }

  /// What a browser must be told before it lets an allowed page read the answer (Fetch standard,
  /// CORS protocol).
  void answerOrigin(HttpServerRequest request, HttpServerResponse response) {
    if (!access.settings().allowedOrigins().isEmpty()) {
      response.putHeader("vary", "origin");
      if (isAllowedOrigin(request)) {
        response
            .putHeader("access-control-allow-origin", request.getHeader("origin"))
            .putHeader("access-control-expose-headers", "etag, link, retry-after, location");
      }
    }
    if (access.certificate().isPresent()) {
      response.putHeader("strict-transport-security", "max-age=31536000");
    }
  }

  // ---- who

  /// Whether it may come in without a key for now, because it will show one in its first message:
  /// a browser's WebSocket cannot send headers.
  boolean mayIntroduceItself(HttpServerRequest request) {
    return access.isKeyNeeded() && request.getHeader("authorization") == null;
  }

  /// @param needed null for what everybody may
  /// @throws Problem 401, 403 or 429
  Caller caller(HttpServerRequest request, @Nullable Role needed) {
    if (needed == null || !access.isKeyNeeded()) {
      return Caller.ANYBODY;
    }
    List<String> shown = request.headers().getAll("authorization");
    if (shown.isEmpty()) {
      throw refused(
          request,
          "missing",
          Problem.unauthorised(
              "A key is needed",
              "this hub asks for an API key: Authorization: Bearer everfeed_…; `everfeed keys create` makes one"));
    }
    String text = shown.getFirst();
    if (shown.size() > 1 || !text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw refused(
          request,
          "malformed",
          Problem.unauthorised(
              "The key is not shown as it must be",
              "one header Authorization: Bearer KEY is taken, and nothing else"));
    }
    return caller(request, text.substring(SCHEME.length()).strip(), needed);
  }

  /// The same of a key that came in another way.
  Caller caller(HttpServerRequest request, String text, Role needed) {
    ApiKey key = access.holder(text).orElse(null);
    if (key == null) {
      // nothing of it is repeated: it may be a right one with a slip
      throw refused(
          request,
          "unknown",
          Problem.unauthorised("The key is not known", "no key of this hub is the one shown"));
    }
    Instant at = now.get();
    switch (key.at(at)) {
      case GOOD -> {}
      case EXPIRED ->
        throw refused(
            request,
            "expired",
            Problem.unauthorised(
                "The key is over", "key %s was good to %s".formatted(key.id(), key.expiresAt())));
      case REVOKED ->
        throw refused(
            request,
            "revoked",
            Problem.unauthorised(
                "The key was revoked",
                "key %s was revoked at %s".formatted(key.id(), key.revokedAt())));
    }
    if (access.isPlain() && key.role() != Role.READER) {
      throw refused(
          request,
          "plain",
          Problem.of(
              403,
              "needs-tls",
              "This needs encryption",
              "keys of role %s are taken over TLS or behind a proxy only, and this one could be read on its way; revoke %s, and set http.tls or http.behind_proxy"
                  .formatted(key.role().text(), key.id())));
    }
    if (!key.role().covers(needed)) {
      throw refused(
          request,
          "role",
          Problem.of(
              403,
              "role-too-low",
              "The key is not good for this",
              "this needs the role %s, key %s has %s"
                  .formatted(needed.text(), key.id(), key.role().text())));
    }
    KeyUse use = uses.computeIfAbsent(
        key.id(), _ -> new KeyUse(access.settings().perKey(), nanos.getAsLong()));
    try {
      use.request(nanos.getAsLong());
    } catch (Problem e) {
      metrics.limited();
      throw e;
    }
    return new Caller(key, use);
  }

  /// Whether a key is the one that who was let in has shown. Costs it nothing of what it may ask.
  boolean isKeyOf(ApiKey shown, HttpServerRequest request, String text) {
    boolean same =
        access.holder(text).filter(key -> key.id().equals(shown.id())).isPresent();
    if (!same) {
      noteRefused(request, "unknown", "another key than that which it was let in with");
    }
    return same;
  }

  /// Whether who was let in would be let in now.
  boolean isGood(Caller caller) {
    ApiKey key = caller.key();
    if (key == null) {
      return !access.isKeyNeeded();
    }
    ApiKey kept = access.key(key.id()).orElse(null);
    return kept != null
        && kept.hash().equals(key.hash())
        && kept.at(now.get()) == ApiKey.State.GOOD;
  }

  /// Forgets what was counted for keys that are gone. Called from time to time.
  void sweep() {
    uses.entrySet()
        .removeIf(e -> e.getValue().isIdle() && access.key(e.getKey()).isEmpty());
  }

  /// Behind a proxy the last address that it wrote down.
  String remote(HttpServerRequest request) {
    String direct = request.remoteAddress() == null
        ? ""
        : String.valueOf(request.remoteAddress().hostAddress());
    List<String> lines =
        access.settings().behindProxy() ? request.headers().getAll("x-forwarded-for") : List.of();
    if (lines.isEmpty()) {
      return direct;
    }
    // what stands before the proxy's own was sent by who asks
    String said = lines.getLast();
    return Parameters.shown(said.substring(said.lastIndexOf(',') + 1).strip());
  }

  private Problem refused(HttpServerRequest request, String reason, Problem problem) {
    noteRefused(request, reason, String.valueOf(problem.getMessage()));
    return problem;
  }

  private void noteRefused(HttpServerRequest request, String reason, String why) {
    metrics.refusedKey(reason);
    refused++;
    long at = nanos.getAsLong();
    if (at - toldAt >= TELL_EVERY.toNanos()) {
      LOG.warn(
          "access: {} refused: {} (from {}; {} since this was last told)",
          Parameters.shown(String.valueOf(request.path())),
          why,
          remote(request),
          refused);
      toldAt = at;
      refused = 0;
    }
  }
}
