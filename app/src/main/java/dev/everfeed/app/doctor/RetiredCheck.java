package dev.everfeed.app.doctor;

import dev.everfeed.hub.config.Settings;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Whether an address in the configuration is one of a service that has ended or moved: such an
/// address may well answer, with old data, another format or somebody else's page.
final class RetiredCheck implements Check {

  /// One that is known.
  ///
  /// @param host    or the end of one
  /// @param path    how the path begins; empty for every path
  /// @param ended   it is gone; otherwise it still answers, for a while
  /// @param source  where that is written: a section of wire/SPEC.md, or the vendor's page
  record Retired(
      String host, String path, boolean ended, String story, String instead, String source) {
    boolean covers(URI address) {
      String host = String.valueOf(address.getHost()).toLowerCase(Locale.ROOT);
      String path = address.getPath() == null ? "" : address.getPath();
      return (host.equals(this.host) || host.endsWith("." + this.host))
          && path.startsWith(this.path);
    }
  }

  static final List<Retired> TABLE = List.of(
      new Retired(
          "api.pro.coinbase.com",
          "",
          true,
          "Coinbase Pro has ended",
          "https://api.exchange.coinbase.com",
          "SPEC.md section 2"),
      new Retired(
          "ws-feed.pro.coinbase.com",
          "",
          true,
          "Coinbase Pro has ended",
          "wss://ws-feed.exchange.coinbase.com",
          "SPEC.md section 2"),
      new Retired(
          "gdax.com",
          "",
          true,
          "GDAX became Coinbase Pro, which has ended",
          "https://api.exchange.coinbase.com",
          "SPEC.md section 2"),
      new Retired(
          "iexapis.com",
          "",
          true,
          "IEX Cloud has ended all its products on 2024-08-31",
          "a source that lives",
          "SPEC.md section 11"),
      new Retired(
          "iexcloud.io",
          "",
          true,
          "IEX Cloud has ended all its products on 2024-08-31",
          "a source that lives",
          "SPEC.md section 11"),
      new Retired(
          "api.polygon.io",
          "",
          false,
          "Polygon.io became Massive on 2025-10-30 and keeps this address for a while",
          "https://api.massive.com",
          "SPEC.md section 9"),
      new Retired(
          "socket.polygon.io",
          "",
          false,
          "Polygon.io became Massive on 2025-10-30",
          "wss://socket.massive.com",
          "SPEC.md section 9"),
      new Retired(
          "ws.okx.com",
          "/ws/v5/public",
          false,
          "OKX has no bars on /ws/v5/public since 2023-06-20",
          "wss://ws.okx.com:8443 alone: the hub knows which path has what",
          "SPEC.md section 5"),
      new Retired(
          "okex.com",
          "",
          true,
          "OKEx became OKX",
          "https://www.okx.com (eea.okx.com in Europe, us.okx.com in the USA)",
          "SPEC.md section 5"));

  private final Settings settings;

  RetiredCheck(Settings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return "retired";
  }

  @Override
  public List<Finding> look() {
    Map<String, URI> addresses = new TreeMap<>();
    settings.sources().forEach((id, source) -> {
      if (source.baseUrl() != null) {
        addresses.put("sources.%s.base_url".formatted(id), source.baseUrl());
      }
      if (source.streamUrl() != null) {
        addresses.put("sources.%s.stream_url".formatted(id), source.streamUrl());
      }
    });
    settings.stream().gateways().forEach((id, gateway) -> {
      if (gateway.streamUrl() != null) {
        addresses.put("stream.gateways.%s.stream_url".formatted(id), gateway.streamUrl());
      }
    });
    List<Finding> findings = new ArrayList<>();
    addresses.forEach((setting, address) -> TABLE.stream()
        .filter(retired -> retired.covers(address))
        .findFirst()
        .ifPresent(retired -> findings.add(new Finding(
            name(),
            retired.ended() ? Finding.Outcome.FAIL : Finding.Outcome.WARN,
            "%s: %s (%s): %s"
                .formatted(setting, address.getHost(), retired.source(), retired.story()),
            retired.instead()))));
    return findings.isEmpty()
        ? List.of(Finding.ok(
            name(),
            addresses.isEmpty()
                ? "no address of a source is configured, the vendors' own are used"
                : "none of %d configured addresses is known to have ended"
                    .formatted(addresses.size())))
        : findings;
  }
}
