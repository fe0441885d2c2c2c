package dev.everfeed.hub.source;

import java.util.Map;
import java.util.TreeMap;

/// One GET request to a source, without its host.
///
/// @param path         with the query, percent-encoded, beginning with `/`
/// @param headers      beyond those that the transport sets itself; may hold an API key, so
///     [#toString] shows only their names
/// @param weight       what the source charges for it, in its own units (1 where it counts
///     calls)
/// @param bodyMaxBytes largest body that is read, compressed and decompressed; a longer one
///     ends the connection
public record SourceRequest(
    String path, Map<String, String> headers, int weight, int bodyMaxBytes) {

  /// 8 MiB: the largest recorded answer other than exchangeInfo has 175 kB.
  public static final int BODY_MAX_BYTES = 8 << 20;

  public SourceRequest {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("path must begin with '/', was \"" + path + "\"");
    }
    if (weight < 0 || bodyMaxBytes < 1) {
      throw new IllegalArgumentException(
          "weight must not be negative and bodyMaxBytes must be positive, were %d and %d"
              .formatted(weight, bodyMaxBytes));
    }
    headers = Map.copyOf(headers);
  }

  public SourceRequest(String path, Map<String, String> headers, int weight) {
    this(path, headers, weight, BODY_MAX_BYTES);
  }

  @Override
  public String toString() {
    return "GET %s (weight %d, headers %s)"
        .formatted(path, weight, new TreeMap<>(headers).keySet());
  }
}
