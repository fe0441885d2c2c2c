package dev.everfeed.hub.source;

import dev.everfeed.core.model.Failure;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGeneratorFactory;

/// Answers that a proxy, a firewall, a broken venue or an enemy might give to any question.
final class HostileAnswers {
  private static final int[] STATUSES = {
    200, 204, 301, 400, 401, 403, 404, 408, 418, 429, 451, 500, 503, 520
  };
  private static final long SEED = 4;
  private static final int RANDOM_BYTES = 5_000;
  private static final int DEEP = 20_000;

  /// @param what for the message of a test that fails
  record Hostile(String what, HttpResult result) {}

  private HostileAnswers() {}

  /// Bodies that no source sends as an answer, with each status.
  static void each(Consumer<Hostile> test) {
    with(bodies(), test);
  }

  /// JSON that is well formed, with each status.
  static void eachOfAnotherShape(Consumer<Hostile> test) {
    with(shapes(), test);
  }

  /// What a status may amount to, whatever the body says that is not the source's own (DESIGN
  /// section 7).
  static Set<Failure.Kind> kindsOf(int status) {
    return switch (status) {
      case 408 -> Set.of(Failure.Kind.TIMEOUT);
      case 418 -> Set.of(Failure.Kind.BANNED);
      case 429 -> Set.of(Failure.Kind.RATE_LIMITED, Failure.Kind.BANNED);
      case 403 -> Set.of(Failure.Kind.RATE_LIMITED, Failure.Kind.BANNED, Failure.Kind.CALLER);
      default ->
        status >= 500
            ? Set.of(Failure.Kind.SERVER_ERROR)
            : status >= 400 ? Set.of(Failure.Kind.CALLER) : Set.of(Failure.Kind.UNDECODABLE);
    };
  }

  private static void with(Map<String, byte[]> bodies, Consumer<Hostile> test) {
    bodies.forEach((what, body) -> {
      for (int status : STATUSES) {
        test.accept(new Hostile("%s with status %d".formatted(what, status), result(status, body)));
      }
    });
  }

  private static HttpResult result(int status, byte[] body) {
    return new HttpResult(status, Map.of("date", "Sun, 22 Nov 2026 04:02:10 GMT"), body);
  }

  private static Map<String, byte[]> bodies() {
    byte[] random = new byte[RANDOM_BYTES];
    RandomGeneratorFactory.of("L64X128MixRandom").create(SEED).nextBytes(random);
    Map<String, byte[]> bodies = new LinkedHashMap<>();
    bodies.put("nothing", bytes(""));
    bodies.put("blanks", bytes(" \r\n\t".repeat(1_000)));
    bodies.put(
        "a page of HTML",
        bytes("<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head>"
            + "<body>%s</body></html>\n".formatted("please wait ".repeat(100))));
    bodies.put("text", bytes("Service Unavailable"));
    bodies.put("colours for a terminal", bytes("\u001b[31mred\u0000\u0007"));
    bodies.put("JSON that stops in an object", bytes("{\"result\":{\"list\":[[\"1\",\"2\""));
    bodies.put("JSON that stops in a list", bytes("[[1700000000000,\"1.0\",\"2.0\","));
    bodies.put("JSON that stops in a text", bytes("{\"code\":\"0\",\"data\":[{\"ts\":\"17"));
    bodies.put("two documents", bytes("{}{}"));
    bodies.put("deep lists", bytes("[".repeat(DEEP)));
    bodies.put("deep lists that end", bytes("[".repeat(DEEP) + "]".repeat(DEEP)));
    bodies.put("deep objects", bytes("{\"a\":".repeat(DEEP)));
    bodies.put("not a number", bytes("NaN"));
    bodies.put("random bytes", random);
    bodies.put("half a code point", new byte[] {'"', (byte) 0xc3});
    bodies.put("gzip that was not unpacked", new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0});
    return bodies;
  }

  private static Map<String, byte[]> shapes() {
    Map<String, byte[]> shapes = new LinkedHashMap<>();
    for (String shape : new String[] {
      "{}",
      "[]",
      "null",
      "true",
      "0",
      "-1e400",
      "\"\"",
      "\"ok\"",
      "[[]]",
      "[{}]",
      "[null]",
      "[0]",
      "[[0,0,0,0,0,0,0,0,0,0,0,0]]",
      "[[\"\",\"\",\"\",\"\",\"\",\"\",\"\"]]",
      "{\"\":null}",
      "{\"error\":[]}",
      "{\"error\":[\"\"]}",
      "{\"error\":[],\"result\":{}}",
      "{\"error\":[],\"result\":{\"XXBTZUSD\":[]}}",
      "{\"error\":[],\"result\":null}",
      "{\"error\":{\"code\":0}}",
      "{\"code\":0}",
      "{\"code\":\"0\",\"msg\":\"\",\"data\":[]}",
      "{\"code\":\"0\",\"msg\":\"\",\"data\":[[]]}",
      "{\"code\":\"0\",\"msg\":\"\",\"data\":null}",
      "{\"code\":\"1\",\"msg\":\"\",\"data\":[]}",
      "{\"code\":-1003,\"msg\":null}",
      "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":{}}",
      "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":{\"list\":[]}}",
      "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":{\"category\":\"spot\",\"list\":[[]]}}",
      "{\"retCode\":10006,\"retMsg\":\"\",\"result\":{}}",
      "{\"message\":\"NotFound\"}",
      "{\"message\":null}",
      "{\"candles\":[]}",
      "{\"candles\":[{}]}",
      "{\"trades\":[],\"best_bid\":\"\",\"best_ask\":\"\"}",
      "{\"products\":[]}",
      "{\"status\":{\"error_code\":429,\"error_message\":\"\"}}",
      "{\"data\":[]}",
      "{\"data\":[{\"value\":\"1e9\",\"timestamp\":\"-1\"}]}",
      "{\"rateLimits\":[],\"symbols\":[]}",
      "{\"rateLimits\":[{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":-1}]}",
    }) {
      shapes.put(shape, bytes(shape));
    }
    return shapes;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
