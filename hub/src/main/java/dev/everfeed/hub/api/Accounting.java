package dev.everfeed.hub.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.everfeed.hub.access.Role;
import dev.everfeed.hub.account.AccountRefused;
import dev.everfeed.hub.account.AccountView;
import dev.everfeed.hub.account.Accounts;
import dev.everfeed.hub.account.AccountsView;
import dev.everfeed.hub.account.EffectUnseenException;
import dev.everfeed.hub.config.Mistake;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// `/v1/accounts`: gateways that operators make, change and delete (REQUIREMENTS C7). Runs on
/// the server's event loop.
///
/// Who changes one says which version he has read, with `If-Match` (RFC 9110, section 13.1.1):
/// of two at once the second is told. What publishes something that nobody else could go on with
/// stays, unless it is forced.
final class Accounting {
  static final int USUAL = 100;
  static final int MAX = 1_000;
  private static final String EXAMPLE = "binance_2";
  private static final String FORCE = "force";
  private static final Pattern TAGS =
      Pattern.compile("\\s*(W/)?\"([\\x21\\x23-\\x7e]*)\"\\s*(?:,|$)");

  private final Vertx vertx;
  private final Desk desk;

  Accounting(Vertx vertx, Desk desk) {
    this.vertx = vertx;
    this.desk = desk;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.of("/v1/accounts", List.of("limit", "cursor"), p -> Answer.json(list(p)))
            .with(
                HttpMethod.POST,
                Endpoint.Action.later(true, (_, body) -> create(body)).by(Role.ADMIN))
            .readBy(Role.OPERATOR),
        Endpoint.of("/v1/accounts/{id}", List.of(), this::one)
            .with(
                HttpMethod.PUT,
                Endpoint.Action.later(true, (p, body) -> change(p, body, Accounts::replace))
                    .taking(FORCE)
                    .by(Role.ADMIN))
            .with(
                HttpMethod.PATCH,
                Endpoint.Action.later(true, (p, body) -> change(p, body, Accounts::merge))
                    .taking(FORCE)
                    .by(Role.ADMIN))
            .with(
                HttpMethod.DELETE,
                Endpoint.Action.later(false, (p, _) -> delete(p)).taking(FORCE).by(Role.ADMIN))
            .readBy(Role.OPERATOR));
  }

  // ---- what is

  private AccountsView view() {
    return desk.accounts().map(Accounts::view).orElse(AccountsView.none());
  }

  private String list(Parameters p) {
    AccountsView view = view();
    int limit = p.limit(USUAL, MAX);
    Optional<String> cursor = p.text("cursor");
    if (cursor.isPresent() && !cursor.get().matches("[a-z][a-z0-9_]{0,39}")) {
      throw Problem.badParameter("cursor must be the next_cursor of an earlier answer, was \"%s\""
          .formatted(Parameters.shown(cursor.get())));
    }
    List<AccountView> found = view.all().stream()
        .filter(each -> cursor.map(last -> each.id().compareTo(last) > 0).orElse(true))
        .limit(limit + 1L)
        .toList();
    JsonText json = new JsonText().open().key("accounts").openList();
    found.stream().limit(limit).forEach(each -> write(json, each, view.from()));
    return json.closeList()
        .field("next_cursor", found.size() > limit ? found.get(limit - 1).id() : null)
        .field("from", view.from().text())
        .field("as_of", view.asOf())
        .field("reason", view.reason())
        .close()
        .toString();
  }

  private Answer one(Parameters p) {
    String id = p.required("id", EXAMPLE);
    AccountsView view = view();
    return answer(
        200,
        view.find(id)
            .orElseThrow(() -> Problem.of(
                404,
                "unknown-account",
                "The account is not known",
                "there is no account \"%s\" and no gateway of the configuration; /v1/accounts lists them all"
                    .formatted(Parameters.shown(id)))),
        view,
        Map.of());
  }

  /// The tag goes with every answer that has one account. It is of what operators change, not of
  /// `state`, so it does not save anybody from reading again.
  private static Answer answer(
      int status, AccountView account, AccountsView view, Map<String, String> headers) {
    JsonText json = new JsonText();
    write(json, account, view.from());
    Map<String, String> all = new java.util.LinkedHashMap<>(headers);
    if (!account.isOfFile()) {
      all.put("etag", "\"%d\"".formatted(account.version()));
    }
    return new Answer(status, Answer.JSON, Buffer.buffer(json.toString()), null, all);
  }

  private static void write(JsonText json, AccountView account, AccountsView.From from) {
    json.open()
        .field("id", account.id())
        .field("managed_by", account.isOfFile() ? "file" : "database")
        .field("from", account.isOfFile() ? "file" : from.text())
        .field("path", account.path())
        .field("gateway_type", account.gatewayType())
        .key("settings")
        .json(account.settings())
        .field("priority", account.priority())
        .field("is_enabled", account.enabled())
        .field("description", account.description())
        .key("secrets")
        .open();
    account
        .secrets()
        .forEach((name, key) -> json.key(name)
            .open()
            .field("set", true)
            .field("key", key.isEmpty() ? null : key)
            .close());
    json.close().field("state", account.state().text()).field("reason", account.reason());
    if (account.isOfFile()) {
      json.fieldNull("version");
    } else {
      json.field("version", account.version());
    }
    json.field("created_at", account.createdAt())
        .field("updated_at", account.updatedAt())
        .close();
  }

  // ---- what operators do

  private Accounts accounts() {
    return desk.accounts()
        .orElseThrow(() -> Problem.of(
            409, "nothing-is-kept", "This hub keeps nothing", "this hub has no accounts"));
  }

  private Future<Answer> create(Buffer body) {
    Accounts accounts = accounts();
    return onLoop(
        accounts.create(JsonOrder.object(body)),
        made ->
            answer(201, made, accounts.view(), Map.of("location", "/v1/accounts/" + made.id())));
  }

  private interface Change {
    CompletionStage<AccountView> of(
        Accounts accounts, String id, ObjectNode body, Accounts.Match match, boolean force);
  }

  private Future<Answer> change(Parameters p, Buffer body, Change change) {
    String id = p.required("id", EXAMPLE);
    ObjectNode order = JsonOrder.object(body);
    Accounts accounts = accounts();
    refuseOfFile(accounts, id);
    Accounts.Match match = match(p, id);
    boolean leaves =
        order.path("is_enabled").isBoolean() && !order.path("is_enabled").asBoolean();
    boolean force = p.isTrue(FORCE);
    return unstranded(id, leaves && !force, "is switched off")
        .compose(_ -> onLoop(
            change.of(accounts, id, order, match, force),
            now -> answer(200, now, accounts.view(), Map.of())));
  }

  private Future<Answer> delete(Parameters p) {
    String id = p.required("id", EXAMPLE);
    Accounts accounts = accounts();
    refuseOfFile(accounts, id);
    Accounts.Match match = match(p, id);
    boolean force = p.isTrue(FORCE);
    return unstranded(id, !force, "is deleted")
        .compose(_ -> onLoop(accounts.delete(id, match, force), stays -> {
          JsonText json = new JsonText()
              .open()
              .field("id", id)
              .field("deleted", true)
              .field("gateway_gone", stays.isEmpty())
              .field("reason", stays.orElse(null))
              .close();
          return Answer.json(json.toString());
        }));
  }

  /// Before it is asked which version is meant: these have none.
  private static void refuseOfFile(Accounts accounts, String id) {
    try {
      accounts.refuseOfFile(id);
    } catch (AccountRefused e) {
      throw problem(e);
    }
  }

  private static Accounts.Match match(Parameters p, String id) {
    String tags = p.ifMatch();
    if (tags == null) {
      throw Problem.of(
          428,
          "if-match-required",
          "Which version is it for?",
          "an order to change \"%s\" needs the header If-Match with the ETag of the version that was read, or * for any"
              .formatted(Parameters.shown(id)));
    }
    if (tags.strip().equals("*")) {
      return Accounts.Match.ANY;
    }
    Set<Long> versions = new HashSet<>();
    Matcher tag = TAGS.matcher(tags);
    int end = 0;
    while (end < tags.length()) {
      if (!tag.find(end) || tag.start() != end) {
        throw Problem.badParameter(
            "If-Match must be * or entity tags, as in \"1763769600000000\", was %s"
                .formatted(Parameters.shown(tags)));
      }
      end = tag.end();
      // a weak one never matches, and one that is no number is none of ours
      if (tag.group(1) == null && tag.group(2).matches("\\d{1,18}")) {
        versions.add(Long.parseLong(tag.group(2)));
      }
    }
    return new Accounts.Match(false, versions);
  }

  /// Fails while the gateway publishes what could go to no other one.
  ///
  /// @param asked false where nobody minds
  private Future<Void> unstranded(String id, boolean asked, String happens) {
    Failovers failovers = desk.failovers().orElse(null);
    if (!asked || failovers == null) {
      return Future.succeededFuture();
    }
    return failovers.routes().compose(routes -> {
      List<Failovers.Stay> stays = routes.stream()
          .filter(route -> id.equals(route.gateway()) && route.movingTo() == null)
          .filter(route -> route.candidates().stream().noneMatch(each -> each.whyNot() == null))
          .map(route -> new Failovers.Stay(
              route.symbol(),
              id,
              route.candidates().isEmpty()
                  ? "there is no other gateway"
                  : route.candidates().stream()
                      .map(each -> each.gateway() + ": " + each.whyNot())
                      .collect(Collectors.joining("; ")),
              List.of()))
          .toList();
      return stays.isEmpty()
          ? Future.succeededFuture()
          : Future.failedFuture(Problem.impossible(
              "%,d contracts would be published by nobody when %s %s; force=true does it all the same"
                  .formatted(stays.size(), id, happens),
              stays));
    });
  }

  /// Completes on the server's loop, with a problem for what is refused.
  private <T> Future<Answer> onLoop(CompletionStage<T> ordered, Function<T, Answer> answer) {
    Context loop = vertx.getOrCreateContext();
    return Future.fromCompletionStage(ordered, loop).map(answer).recover(Accounting::explained);
  }

  private static Future<Answer> explained(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException && thrown.getCause() != null
        ? thrown.getCause()
        : thrown;
    return switch (cause) {
      case EffectUnseenException unseen -> Future.succeededFuture(unseen(unseen));
      case AccountRefused refused -> Future.failedFuture(problem(refused));
      default -> Future.failedFuture(cause);
    };
  }

  /// No error: whoever sends the order again would find it done, and take that for a mistake.
  private static Answer unseen(EffectUnseenException e) {
    JsonText json = new JsonText()
        .open()
        .field("carried_out", true)
        .field("reason", String.valueOf(e.getMessage()))
        .close();
    return new Answer(202, Answer.JSON, Buffer.buffer(json.toString()), null, Map.of());
  }

  private static Problem problem(AccountRefused refused) {
    String why = Objects.requireNonNull(refused.getMessage());
    return switch (refused.reason()) {
      case MISTAKEN -> mistaken(why, refused.mistakes());
      case UNKNOWN -> Problem.of(404, "unknown-account", "The account is not known", why);
      case EXISTS -> Problem.of(409, "account-exists", "The name is taken", why);
      case MANAGED_BY_FILE ->
        Problem.of(409, "managed-by-file", "The configuration has this gateway", why);
      case CHANGED -> Problem.of(412, "account-changed", "Somebody has changed it since", why);
      case NO_KEY -> Problem.of(409, "no-encryption-key", "There is no key for secrets", why);
      case FULL -> Problem.of(409, "too-many-accounts", "There are enough", why);
      case NOTHING_KEPT -> Problem.of(409, "nothing-is-kept", "This hub keeps nothing", why);
      case AWAY -> Problem.of(503, "database-away", "The database is away", why);
      case UNSURE -> Problem.of(503, "outcome-unknown", "It may have been carried out", why);
      case BUSY -> Problem.busy("Too many orders wait", why);
      case STOPPING -> Problem.of(503, "stopping", "The hub is stopping", why);
    };
  }

  private static Problem mistaken(String why, List<Mistake> mistakes) {
    return Problem.mistakes("invalid-account", "The account is wrong", why, mistakes);
  }
}
