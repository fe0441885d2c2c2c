package dev.everfeed.hub.api;

import dev.everfeed.hub.access.Role;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Takes orders down, and `/v1/audit`. Runs on the server's event loop.
final class Auditing {
  /// The name of a person or program that orders, where no key says it; nobody checks it.
  static final String OPERATOR = "everfeed-operator";

  static final int USUAL = 100;
  static final int MAX = 1_000;
  private static final int NAME_MAX = 100;
  private static final int BODY_MAX = 4_096;

  private final Desk desk;

  Auditing(Desk desk) {
    this.desk = desk;
  }

  List<Endpoint> endpoints() {
    return List.of(Endpoint.of("/v1/audit", List.of("limit", "cursor"), p -> Answer.json(list(p)))
        .readBy(Role.OPERATOR));
  }

  /// What is taken down when the answer is there. What was not understood has ordered nothing,
  /// and is not.
  Future<Answer> noted(HttpServerRequest request, Sender sender, Buffer body, Order order) {
    Optional<Audit> audit = desk.audit();
    if (audit.isEmpty()) {
      return order.carriedOut();
    }
    Future<Answer> answer;
    try {
      answer = order.carriedOut();
    } catch (Problem e) {
      note(audit.get(), request, sender, body, e.status(), e.getMessage());
      throw e;
    }
    return answer.onComplete(done -> {
      if (done.succeeded()) {
        note(audit.get(), request, sender, body, done.result().status(), null);
      } else if (done.cause() instanceof Problem problem) {
        note(audit.get(), request, sender, body, problem.status(), problem.getMessage());
      } else {
        note(audit.get(), request, sender, body, 500, String.valueOf(done.cause()));
      }
    });
  }

  /// Something that is ordered.
  interface Order {
    Future<Answer> carriedOut();
  }

  /// Who orders.
  ///
  /// @param remote from where
  /// @param name   the key's; null where none is needed
  record Sender(String remote, @Nullable String name) {}

  private void note(
      Audit audit,
      HttpServerRequest request,
      Sender sender,
      Buffer body,
      int status,
      @Nullable String outcome) {
    if (status == 400 || status == 404 || status == 415) {
      return;
    }
    audit.note(new Audit.Entry(
        0,
        Instant.EPOCH,
        sender.remote(),
        sender.name() == null ? shortened(request.getHeader(OPERATOR), NAME_MAX) : sender.name(),
        request.method().name() + " " + shortened(request.uri(), BODY_MAX),
        body.length() == 0 ? null : shortened(OrderText.of(body), BODY_MAX),
        request.getHeader("idempotency-key"),
        status,
        shortened(outcome, BODY_MAX)));
  }

  private static @Nullable String shortened(@Nullable String text, int most) {
    return text == null || text.length() <= most ? text : text.substring(0, most) + "…";
  }

  private String list(Parameters p) {
    Audit audit = desk.audit()
        .orElseThrow(() ->
            Problem.of(503, "no-audit", "Nothing is taken down", "this hub takes no orders down"));
    int limit = p.limit(USUAL, MAX);
    long before = p.text("cursor").map(Auditing::cursor).orElse(Long.MAX_VALUE);
    List<Audit.Entry> found = audit.newest().stream()
        .filter(entry -> entry.number() < before)
        .limit(limit + 1L)
        .toList();
    JsonText json = new JsonText().open().key("orders").openList();
    found.stream()
        .limit(limit)
        .forEach(entry -> json.open()
            .field("number", entry.number())
            .field("at", entry.at())
            .field("remote", entry.remote())
            .field("operator", entry.operator())
            .field("order", entry.order())
            .field("body", entry.body())
            .field("idempotency_key", entry.key())
            .field("status", entry.status())
            .field("outcome", entry.outcome())
            .close());
    return json.closeList()
        .field(
            "next_cursor",
            found.size() > limit ? Long.toString(found.get(limit - 1).number()) : null)
        .field("trouble", audit.trouble())
        .close()
        .toString();
  }

  private static long cursor(String text) {
    if (!text.matches("\\d{1,18}")) {
      throw Problem.badParameter("cursor must be the next_cursor of an earlier answer, was \"%s\""
          .formatted(Parameters.shown(text)));
    }
    return Long.parseLong(text);
  }
}
