package dev.everfeed.hub.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where readers connect.
public record HttpSettings(
    @Knob(
        value = "127.0.0.1",
        means = "Address to listen on.",
        touch =
            "when readers run on other machines: they need keys then ([security](security.md)), and orders need TLS or a proxy that has it")
    String host,

    @Knob(
        value = "8080",
        min = "0",
        max = "65535",
        means = "TCP port; 0 takes any free one.",
        touch = "when something else listens on 8080")
    int port,

    @Knob(
        value = "1000",
        min = "1",
        max = "100000",
        means = "Connections at once; further ones are closed at once.",
        touch = "when many readers keep connections open")
    int maxConnections,

    @Knob(
        value = "30s",
        min = "100ms",
        max = "1h",
        means =
            "A connection is closed when its next request is not complete after this, or when its reader takes nothing for so long.",
        touch = "when a load balancer keeps idle connections for longer")
    Duration idleTimeout,

    @Knob(
        means =
            "Encryption, by the hub itself. Both files or none; they are read again when they change.")
    Tls tls,

    @Knob(
        value = "false",
        means =
            "Whether only a proxy can reach the hub, which encrypts and says who asks (`X-Forwarded-For`). Then orders are taken without the hub's own TLS.",
        touch = "behind nginx, Caddy, an ingress")
    boolean behindProxy,

    @Knob(
        value = "[]",
        means =
            "Pages that may use the hub from a browser, as `https://desk.example.com`. Its own pages always may.",
        touch = "when a web page of yours reads the hub")
    List<String> allowedOrigins,

    @Knob(
        means =
            "File of the API keys, as `everfeed keys` writes it. When not set, `keys/api-keys.json` under `data_dir`.",
        touch = "when several hubs share their keys")
    @Nullable
    String keysFile,

    @Knob(means = "What one key may have at once. Nobody is limited where no keys are needed.")
    PerKey perKey)
    implements Checked {

  @Override
  public void check(Complaints complaints) {
    for (String origin : allowedOrigins) {
      if (!origin.matches(
          "https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?|https?://\\[[0-9a-f:]+](:[0-9]{1,5})?")) {
        complaints.add(
            "allowed_origins",
            "must be scheme, host and port as browsers send them, as in https://desk.example.com, found \"%s\""
                .formatted(origin));
      }
    }
  }

  /// Certificate and key of the HTTP server.
  public record Tls(
      @Knob(
          means = "PEM file of the certificate, the server's own first, then those between.",
          touch = "to serve other machines without a proxy")
      @Nullable
      String certificateFile,

      @Knob(
          means = "PEM file of its private key (PKCS #8), which others must not be able to read.",
          touch = "with `certificate_file`")
      @Nullable
      String keyFile)
      implements Checked {

    @Override
    public void check(Complaints complaints) {
      if ((certificateFile == null) != (keyFile == null)) {
        complaints.add(
            certificateFile == null ? "certificate_file" : "key_file",
            "must be set together with "
                + (certificateFile == null ? "key_file" : "certificate_file"));
      }
    }
  }

  /// Limits of each API key.
  public record PerKey(
      @Knob(
          value = "1000",
          min = "1",
          max = "1000000",
          means =
              "Requests a second on the average; twice as many at once. Further ones are answered 429.",
          touch = "when one program asks too much")
      int requestsPerSecond,

      @Knob(
          value = "200",
          min = "1",
          max = "100000",
          means = "Connections at once.",
          touch = "for a reader with many processes")
      int connections,

      @Knob(
          value = "100",
          min = "1",
          max = "100000",
          means = "Readers at the WebSocket at once.",
          touch = "for a reader with many processes")
      int readers,

      @Knob(
          value = "20000",
          min = "1",
          max = "10000000",
          means = "Streams that all its readers together have subscribed.",
          touch = "for a reader of everything")
      int streams) {}
}
