package dev.everfeed.hub.api;

import dev.everfeed.hub.access.Role;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One path: what it answers to GET and HEAD, what to other methods.
///
/// @param path       a part in braces, as in `/v1/backfills/{id}`, stands for anything without a
///     slash, and is a parameter of this name
/// @param parameters the names that a reader's query may have; all others are refused
/// @param answer     runs on the event loop; throws [Problem], or gives a future that fails with
///     one; null where there is nothing to read
/// @param reads      who may read it, where keys are needed; null for everybody
/// @param actions    what other methods do
record Endpoint(
    String path,
    List<String> parameters,
    @Nullable Function<Parameters, Future<Answer>> answer,
    @Nullable Role reads,
    SequencedMap<HttpMethod, Action> actions) {

  /// What a method does that changes something; runs on the event loop and throws [Problem], or
  /// gives a future that fails with one.
  ///
  /// @param takesJson whether it has a body, which must be JSON and say so: a page of another
  ///     origin cannot have a browser send that without asking first (it would be a request that
  ///     is "not simple", Fetch standard, CORS protocol), and this server agrees to none
  /// @param parameters the names that its query may have
  /// @param role       who may
  /// @param done       completes on the event loop
  record Action(
      boolean takesJson,
      List<String> parameters,
      Role role,
      BiFunction<Parameters, Buffer, Future<Answer>> done) {
    static Action now(boolean takesJson, BiFunction<Parameters, Buffer, Answer> done) {
      return later(takesJson, (p, body) -> Future.succeededFuture(done.apply(p, body)));
    }

    static Action later(boolean takesJson, BiFunction<Parameters, Buffer, Future<Answer>> done) {
      return new Action(takesJson, List.of(), Role.OPERATOR, done);
    }

    Action taking(String... names) {
      return new Action(takesJson, List.of(names), role, done);
    }

    Action by(Role who) {
      return new Action(takesJson, parameters, who, done);
    }
  }

  Endpoint(String path, List<String> parameters, Function<Parameters, Future<Answer>> answer) {
    this(path, parameters, answer, Role.READER, new LinkedHashMap<>());
  }

  static Endpoint of(String path, Supplier<Answer> answer) {
    return new Endpoint(path, List.of(), _ -> Future.succeededFuture(answer.get()));
  }

  static Endpoint of(String path, List<String> parameters, Function<Parameters, Answer> answer) {
    return new Endpoint(path, parameters, p -> Future.succeededFuture(answer.apply(p)));
  }

  /// One that cannot be read.
  static Endpoint action(String path, HttpMethod method, Action action) {
    return new Endpoint(path, List.of(), null, Role.READER, new LinkedHashMap<>())
        .with(method, action);
  }

  Endpoint with(HttpMethod method, Action action) {
    SequencedMap<HttpMethod, Action> all = new LinkedHashMap<>(actions);
    all.put(method, action);
    return new Endpoint(path, parameters, answer, reads, Collections.unmodifiableSequencedMap(all));
  }

  /// @param who may read it; null for everybody
  Endpoint readBy(@Nullable Role who) {
    return new Endpoint(path, parameters, answer, who, actions);
  }

  /// As the header `Allow` lists them.
  String allowed() {
    List<String> allowed = new ArrayList<>(answer == null ? List.of() : List.of("GET", "HEAD"));
    actions.keySet().forEach(method -> allowed.add(method.name()));
    return String.join(", ", allowed);
  }

  /// The path as the router writes it: `/v1/backfills/:id`.
  String pattern() {
    return path.replaceAll("\\{(\\w+)}", ":$1");
  }
}
