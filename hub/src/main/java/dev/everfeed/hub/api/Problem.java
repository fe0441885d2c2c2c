package dev.everfeed.hub.api;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.request.Tried;
import dev.everfeed.hub.config.Mistake;
import dev.everfeed.hub.publish.PublicationLog;
import dev.everfeed.hub.publish.Publications.Replay;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An error as RFC 9457 writes it. It is thrown where the mistake is found and written in one
/// place ([Answers]).
final class Problem extends RuntimeException {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final int status;
  private final String type;
  private final String title;
  private final String detail;
  private final transient @Nullable List<String> valid;
  private final int validCount;
  private final transient @Nullable List<Tried> tried;
  private final transient Map<String, String> headers;
  private transient @Nullable Consumer<JsonText> more;

  private Problem(
      int status,
      String type,
      String title,
      String detail,
      @Nullable List<String> valid,
      int validCount,
      @Nullable List<Tried> tried,
      Map<String, String> headers) {
    super(detail, null, false, false);
    this.status = status;
    this.type = type;
    this.title = title;
    this.detail = detail;
    this.valid = valid;
    this.validCount = validCount;
    this.tried = tried;
    this.headers = headers;
  }

  /// @param detail what was allowed and what was seen
  static Problem of(int status, String type, String title, String detail) {
    return new Problem(status, type, title, detail, null, 0, null, Map.of());
  }

  static Problem badParameter(String detail) {
    return of(400, "invalid-parameter", "A parameter is wrong", detail);
  }

  /// @param valid what would have been right, at most 50 of them
  /// @param count how many there are in all
  static Problem listing(
      int status, String type, String title, String detail, List<String> valid, int count) {
    return new Problem(status, type, title, detail, List.copyOf(valid), count, null, Map.of());
  }

  /// No source answered and nothing is remembered (requirement A1).
  static Problem unavailable(String detail, List<Tried> tried) {
    return new Problem(
        503,
        "provider-unavailable",
        "No provider has an answer",
        detail,
        null,
        0,
        List.copyOf(tried),
        retryAfter(tried));
  }

  /// So many readers are being served that this one is to come again in a second.
  static Problem busy(String title, String detail) {
    return new Problem(503, "busy", title, detail, null, 0, null, Map.of("retry-after", "1"));
  }

  /// Who asks shows no key, or none that is good (RFC 6750, section 3).
  static Problem unauthorised(String title, String detail) {
    return new Problem(
        401,
        "unauthorised",
        title,
        detail,
        null,
        0,
        null,
        Map.of("www-authenticate", "Bearer realm=\"everfeed\""));
  }

  /// More than one key may have.
  static Problem tooMany(String title, String detail) {
    return new Problem(429, "too-many", title, detail, null, 0, null, Map.of("retry-after", "1"));
  }

  /// When the first of those who were tried may be called again (RFC 9110, section 10.2.3),
  /// where that is known of each: budgets and pauses end by the clock, faults do not. Who does
  /// not have the data at all is left out.
  private static Map<String, String> retryAfter(List<Tried> tried) {
    long first = Long.MAX_VALUE;
    for (Tried each : tried) {
      if (each.failure().kind() == Failure.Kind.NOT_OFFERED) {
        continue;
      }
      long nanos = each.failure().retryAfterNanos();
      if (nanos == 0 || nanos == Long.MAX_VALUE) {
        return Map.of();
      }
      first = Math.min(first, nanos);
    }
    return first == Long.MAX_VALUE
        ? Map.of()
        : Map.of("retry-after", Long.toString(Math.ceilDiv(first, NANOS_PER_SECOND)));
  }

  /// Messages that were asked for are of another epoch, or have been overwritten.
  static Problem gone(String stream, long epoch, Replay.Gone gone) {
    boolean none = gone.firstSeq() == PublicationLog.NOWHERE;
    Problem problem = of(
        410,
        "gone",
        "These messages are gone",
        none
            ? "no message of %s in epoch %d is remembered".formatted(stream, epoch)
            : "of %s, seq %d to %d of epoch %d are remembered"
                .formatted(stream, gone.firstSeq(), gone.lastSeq(), epoch));
    problem.more = json -> {
      json.field("stream", stream).field("epoch", epoch);
      if (none) {
        json.fieldNull("first_seq");
      } else {
        json.field("first_seq", gone.firstSeq());
      }
      if (gone.lastSeq() == PublicationLog.NOWHERE) {
        json.fieldNull("last_seq");
      } else {
        json.field("last_seq", gone.lastSeq());
      }
    };
    return problem;
  }

  /// What an operator wants cannot be done now (DESIGN section 7).
  static Problem impossible(String detail, List<Failovers.Stay> stays) {
    Problem problem = of(409, "impossible", "That cannot be done now", detail);
    problem.more = json -> FailingOver.stays(json, stays);
    return problem;
  }

  /// Everything that is wrong with an order, at once.
  static Problem mistakes(String type, String title, String detail, List<Mistake> mistakes) {
    Problem problem = of(400, type, title, detail);
    problem.more = json -> {
      json.key("mistakes").openList();
      for (Mistake mistake : mistakes) {
        json.open()
            .field("path", mistake.path())
            .field("message", mistake.message())
            .close();
      }
      json.closeList();
    };
    return problem;
  }

  static Problem methodNotAllowed(String method, String path, String allow) {
    return new Problem(
        405,
        "method-not-allowed",
        "The path does not take this method",
        "%s takes %s, was asked with %s".formatted(path, allow, method),
        null,
        0,
        null,
        Map.of("allow", allow));
  }

  int status() {
    return status;
  }

  /// Of the answer, by name in lower case.
  Map<String, String> headers() {
    return headers;
  }

  /// @param instance the path that was asked
  String json(String instance) {
    JsonText json = new JsonText()
        .open()
        .field("type", "urn:everfeed:problem:" + type)
        .field("title", title)
        .field("status", status)
        .field("detail", detail)
        .field("instance", instance);
    if (valid != null) {
      json.key("valid").openList();
      valid.forEach(json::value);
      json.closeList().field("valid_count", validCount);
    }
    if (tried != null) {
      Values.tried(json, tried);
    }
    Consumer<JsonText> rest = more;
    if (rest != null) {
      rest.accept(json);
    }
    return json.close().toString();
  }
}
