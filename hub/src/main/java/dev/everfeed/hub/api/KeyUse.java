package dev.everfeed.hub.api;

import dev.everfeed.hub.config.HttpSettings;

/// What the holders of one key have in use, held against the limits of each key. On the server's
/// event loop.
final class KeyUse {
  private final HttpSettings.PerKey limits;
  private final Allowance requests;
  private int connections;
  private int readers;
  private int streams;

  KeyUse(HttpSettings.PerKey limits, long nowNanos) {
    this.limits = limits;
    requests =
        new Allowance(limits.requestsPerSecond(), limits.requestsPerSecond() * 2.0, nowNanos);
  }

  /// @throws Problem 429 when there were too many
  void request(long nowNanos) {
    if (!requests.take(nowNanos)) {
      throw Problem.tooMany(
          "Too many requests",
          "a key may ask %,d times a second, and twice as often at once"
              .formatted(limits.requestsPerSecond()));
    }
  }

  boolean connect() {
    if (connections >= limits.connections()) {
      return false;
    }
    connections++;
    return true;
  }

  Problem tooManyConnections() {
    return Problem.tooMany(
        "Too many connections",
        "a key may have %,d connections, and so many are there".formatted(limits.connections()));
  }

  void disconnect() {
    connections--;
  }

  /// @throws Problem 429 when there are too many
  void readerCame() {
    if (readers >= limits.readers()) {
      throw Problem.tooMany(
          "Too many readers",
          "a key may have %,d readers at the WebSocket, and so many are there"
              .formatted(limits.readers()));
    }
    readers++;
  }

  void readerLeft() {
    readers--;
  }

  /// @param more than before, or fewer
  /// @return whether it may have them; then they count
  boolean subscribe(int more) {
    if (more > 0 && streams + more > limits.streams()) {
      return false;
    }
    streams += more;
    return true;
  }

  int streamsMax() {
    return limits.streams();
  }

  boolean isIdle() {
    return connections == 0 && readers == 0 && streams == 0;
  }
}
