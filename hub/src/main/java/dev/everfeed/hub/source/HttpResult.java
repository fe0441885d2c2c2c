package dev.everfeed.hub.source;

import java.util.Map;
import java.util.Optional;

/// A whole answer to one request, whatever its status.
///
/// @param status  100 to 599
/// @param headers names in lower case; of a repeated one the first
/// @param body    decompressed; owned by this record from now on
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; copying megabytes would help nobody
public record HttpResult(int status, Map<String, String> headers, byte[] body) {
  public HttpResult {
    headers = Map.copyOf(headers);
  }

  public Optional<String> header(String lowerCaseName) {
    return Optional.ofNullable(headers.get(lowerCaseName));
  }
}
