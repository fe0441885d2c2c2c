package dev.everfeed.hub.api;

import dev.everfeed.hub.telemetry.HttpMetrics;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The open connections of readers: at most so many, and none that keeps us waiting for its next
/// request. An idle timeout alone would not do: a reader that sends one byte a second is never
/// idle. Everything here runs on the server's event loop.
final class Connections {
  /// What is known of one connection.
  private static final class Entry {
    /// When its present wait began: at the connect, and after each answer.
    long waitingSince;

    /// Requests that are being answered.
    int busy;

    /// Of the key that its last request showed.
    @Nullable
    KeyUse key;

    /// Nothing is taken behind this one: what follows was perhaps never meant to be a request.
    @Nullable
    HttpServerRequest last;
  }

  private final int max;
  private final Duration patience;
  private final LongSupplier nanos;
  private final HttpMetrics metrics;
  private final Map<HttpConnection, Entry> open = new LinkedHashMap<>();

  Connections(int max, Duration patience, LongSupplier nanos, HttpMetrics metrics) {
    this.max = max;
    this.patience = patience;
    this.nanos = nanos;
    this.metrics = metrics;
  }

  void connected(HttpConnection connection) {
    if (open.size() >= max) {
      metrics.refused();
      connection.close();
      return;
    }
    Entry entry = new Entry();
    entry.waitingSince = nanos.getAsLong();
    open.put(connection, entry);
    metrics.connected(open.size());
    connection.closeHandler(_ -> closed(connection));
  }

  /// It is gone. Called for a WebSocket, of whose end its connection does not tell.
  void closed(HttpConnection connection) {
    Entry gone = open.remove(connection);
    if (gone != null && gone.key != null) {
      gone.key.disconnect();
    }
    metrics.connected(open.size());
  }

  void requested(HttpConnection connection) {
    Entry entry = open.get(connection);
    if (entry != null) {
      entry.busy++;
    }
  }

  void answered(HttpConnection connection) {
    Entry entry = open.get(connection);
    if (entry != null) {
      entry.busy--;
      entry.waitingSince = nanos.getAsLong();
    }
  }

  /// Counts it for the key that it shows now.
  ///
  /// @throws Problem 429 when the key has too many
  void showed(HttpConnection connection, KeyUse key) {
    Entry entry = open.get(connection);
    if (entry == null || entry.key == key) {
      return;
    }
    if (!key.connect()) {
      throw key.tooManyConnections();
    }
    if (entry.key != null) {
      entry.key.disconnect();
    }
    entry.key = key;
  }

  /// This request is the last of its connection, which ends when it is answered.
  void last(HttpServerRequest request) {
    Entry entry = open.get(request.connection());
    if (entry != null && entry.last == null) {
      entry.last = request;
    }
  }

  boolean isLast(HttpServerRequest request) {
    Entry entry = open.get(request.connection());
    return entry != null && request.equals(entry.last);
  }

  /// Whether a request came behind the last one of its connection.
  boolean isBehindTheLast(HttpServerRequest request) {
    Entry entry = open.get(request.connection());
    return entry != null && entry.last != null && !request.equals(entry.last);
  }

  /// Closes those that have not sent a whole request in time. Called by a timer.
  void sweep() {
    long oldest = nanos.getAsLong() - patience.toNanos();
    new ArrayList<>(open.entrySet()).forEach(e -> {
      if (e.getValue().busy == 0 && e.getValue().waitingSince < oldest) {
        e.getKey().close();
      }
    });
  }

  int count() {
    return open.size();
  }
}
