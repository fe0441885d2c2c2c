package dev.everfeed.hub.source;

import dev.everfeed.core.model.Symbol;
import java.net.URI;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the configuration says about one polled source.
///
/// @param baseUrl      scheme, host, port and perhaps a path; an `/api/v3` at its end is
///     allowed, because vendors print their base address with it
/// @param apiKey       or null for keyless use; never shown by [#toString]
/// @param ids          the source's own id of a symbol, before any built-in table (CoinGecko)
/// @param bodyMaxBytes largest answer that is read, 1 kB to 256 MiB
public record SourceSettings(
    URI baseUrl, @Nullable String apiKey, Map<Symbol, String> ids, int bodyMaxBytes) {

  public SourceSettings {
    String scheme = baseUrl.getScheme();
    if ((!"http".equals(scheme) && !"https".equals(scheme)) || baseUrl.getHost() == null) {
      throw new IllegalArgumentException(
          "base URL must be http:// or https:// with a host, was " + baseUrl);
    }
    if (bodyMaxBytes < 1_024 || bodyMaxBytes > 256 << 20) {
      throw new IllegalArgumentException(
          "bodyMaxBytes must be 1,024 to 268,435,456, was " + bodyMaxBytes);
    }
    ids = Collections.unmodifiableMap(new TreeMap<>(ids));
  }

  public SourceSettings(URI baseUrl, @Nullable String apiKey, Map<Symbol, String> ids) {
    this(baseUrl, apiKey, ids, SourceRequest.BODY_MAX_BYTES);
  }

  public static SourceSettings of(URI baseUrl) {
    return new SourceSettings(baseUrl, null, Map.of());
  }

  /// The path to put before a source's own ones: empty when the base URL already ends with it.
  public String prefix(String apiRoot) {
    String path = baseUrl.getPath();
    return path != null && (path.endsWith(apiRoot) || path.endsWith(apiRoot + "/")) ? "" : apiRoot;
  }

  @Override
  public String toString() {
    return "SourceSettings[baseUrl=%s, apiKey=%s, ids=%s, bodyMaxBytes=%d]"
        .formatted(baseUrl, apiKey == null ? "none" : "***", ids, bodyMaxBytes);
  }
}
