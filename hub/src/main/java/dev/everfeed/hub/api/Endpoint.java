package dev.everfeed.hub.api;

import io.vertx.core.Future;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/// One path that can be read with GET and HEAD.
///
/// @param parameters the names that its query may have; all others are refused
/// @param answer     runs on the event loop; throws [Problem], or gives a future that fails with
///     one
record Endpoint(String path, List<String> parameters, Function<Parameters, Future<Answer>> answer) {

  static Endpoint of(String path, Supplier<Answer> answer) {
    return new Endpoint(path, List.of(), _ -> Future.succeededFuture(answer.get()));
  }

  static Endpoint of(String path, List<String> parameters, Function<Parameters, Answer> answer) {
    return new Endpoint(path, parameters, p -> Future.succeededFuture(answer.apply(p)));
  }
}
