package dev.everfeed.hub.api;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Carries an order out once, however often it is sent with the same `Idempotency-Key`: who
/// sends it again, because the answer got lost, gets the first answer. On the server's event
/// loop.
///
/// In memory, bounded by number, bytes and time. What was refused has done nothing, and is
/// looked at again.
final class OrderedOnce {
  static final int KEYS_MAX = 1_000;

  /// Bytes of all answers together.
  static final long BYTES_MAX = 4 << 20;

  static final Duration KEPT = Duration.ofHours(1);

  /// @param order of what was sent with the key, the SHA-256: it may have secrets
  private record Ordered(String order, Future<Answer> answer, long atNanos) {}

  private final LongSupplier nanos;
  private final Map<String, Ordered> byKey = new LinkedHashMap<>();
  private long bytes;

  OrderedOnce(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /// @param who  orders: what others send with the same key is another order
  /// @param key  of the header, or null without one
  /// @param path with its query
  /// @throws Problem 400 for a key that is none, 422 for one that came with another order
  Future<Answer> once(
      String who,
      @Nullable String key,
      String path,
      Buffer body,
      Supplier<Future<Answer>> carryOut) {
    if (key == null) {
      return carryOut.get();
    }
    if (!key.matches("[\\x21-\\x7e]{1,255}")) {
      throw Problem.badParameter(
          "Idempotency-Key must be 1 to 255 visible ASCII characters, was \"%s\""
              .formatted(Parameters.shown(key)));
    }
    forget();
    String order = sum(path, body);
    String own = who + " " + key; // neither has a blank
    Ordered before = byKey.get(own);
    if (before != null) {
      if (!before.order().equals(order)) {
        throw Problem.of(
            422,
            "key-used",
            "The key was used for another order",
            "Idempotency-Key \"%s\" came with another path or body before; each order has a key of its own"
                .formatted(Parameters.shown(key)));
      }
      return before.answer();
    }
    Future<Answer> answer = carryOut.get();
    if (answer.failed()) {
      return answer;
    }
    Ordered ordered = new Ordered(order, answer, nanos.getAsLong());
    byKey.put(own, ordered);
    bytes += order.length();
    answer.onComplete(done -> {
      if (done.succeeded()) {
        bytes += done.result().body().length();
      } else if (byKey.remove(own, ordered)) {
        bytes -= order.length();
      }
    });
    return answer;
  }

  private static String sum(String path, Buffer body) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(path.getBytes(StandardCharsets.UTF_8));
      sha256.update((byte) ' '); // which no path has
      return HexFormat.of().formatHex(sha256.digest(body.getBytes()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private void forget() {
    long now = nanos.getAsLong();
    Iterator<Ordered> oldest = byKey.values().iterator();
    while (oldest.hasNext()) {
      Ordered ordered = oldest.next();
      boolean tooMuch = byKey.size() >= KEYS_MAX || bytes > BYTES_MAX;
      boolean over = now - ordered.atNanos() > KEPT.toNanos();
      if (!ordered.answer().isComplete() || !(tooMuch || over)) {
        return; // those behind it are younger
      }
      oldest.remove();
      bytes -= ordered.order().length();
      if (ordered.answer().succeeded()) {
        bytes -= ordered.answer().result().body().length();
      }
    }
  }
}
