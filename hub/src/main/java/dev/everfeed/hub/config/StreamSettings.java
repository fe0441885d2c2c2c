package dev.everfeed.hub.config;

import dev.everfeed.core.bars.BarBuilder;
import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.source.KnownSources;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is published as it happens, and to whom.
public record StreamSettings(
    @Knob(
        value = "true",
        means = "Whether sources are listened to at all.",
        touch = "false for a hub that only answers questions")
    boolean enabled,

    @Knob(
        value = "[binance, coinbase_exchange]",
        means =
            "Sources that are listened to, the best first: each has one gateway of its name, unless `gateways` says otherwise.",
        touch = "to prefer another source or leave one out")
    List<SourceId> sources,

    @Knob(
        means =
            "Connections by name, in place of one for each of `sources`: several lines of a source, several accounts.",
        touch = "for a second line of what must not fail")
    Map<String, GatewaySettings> gateways,

    @Knob(
        value = "4",
        min = "0",
        max = "32",
        means =
            "Places for gateways that come while the hub runs, as accounts do; each costs memory for every stream, as a gateway does.",
        touch = "with how many accounts you will add before the next restart")
    int moreGateways,

    @Knob(means = "When instruments leave a gateway that ails, and return.")
    FailoverSettings failover,

    @Knob(
        value = "[trade, quote, bar]",
        means = "What is listened to of each symbol: `trade`, `quote` (best bid and ask), `bar`.",
        touch = "to leave out what nobody reads")
    List<Channel> channels,

    @Knob(
        value = "[1m]",
        means = "Intervals of the bars that are listened to.",
        touch = "list what your programs read; an interval costs a stream for each symbol")
    List<Interval> intervals,

    @Knob(
        value = "[]",
        means =
            "Intervals of bars that the hub builds itself from the trades that it publishes, 1s to 3d; none that is in `intervals`.",
        touch =
            "for bars that no venue streams, `1s` above all; an interval costs a stream and 10 KB for each symbol")
    List<Interval> build,

    @Knob(
        value = "64",
        min = "1",
        max = "1024",
        means =
            "Mebibytes of memory for what was published last, a power of two at or above; `replay`, `resume`, snapshots and slow readers are served from it. A message takes 250 to 400 bytes.",
        touch = "with how long a reader may be away and still get all it missed")
    int logMib,

    @Knob(means = "The ZeroMQ publisher.") ZeroMq zeromq,

    @Knob(means = "Readers at the WebSocket `/v1/stream`.") Readers readers)
    implements Checked {

  @Override
  public void check(Complaints complaints) {
    if (new LinkedHashSet<>(sources).size() < sources.size()) {
      complaints.add("sources", "must not name a source twice, found " + sources);
    }
    List<String> mute = sources.stream()
        .map(SourceId::name)
        .filter(name -> KnownSources.stream(name).isEmpty())
        .toList();
    if (!mute.isEmpty()) {
      complaints.add("sources", "must stream, which these do not: " + String.join(", ", mute));
    }
    checkBuilt(complaints);
    if (gateways.size() > GatewaySettings.MAX) {
      complaints.add(
          "gateways",
          "must name at most %d, found %d".formatted(GatewaySettings.MAX, gateways.size()));
    }
    gateways.forEach((id, gateway) -> {
      String wrong = GatewaySettings.wrongName(id);
      if (wrong != null) {
        complaints.add("gateways", wrong);
      }
      if (KnownSources.stream(gateway.source(id)).isEmpty()) {
        complaints.add(
            "gateways",
            "%s: source must be one that streams, found \"%s\"".formatted(id, gateway.source(id)));
      }
    });
  }

  private void checkBuilt(Complaints complaints) {
    for (Interval interval : build) {
      if (!BarBuilder.isBuilt(interval)) {
        complaints.add("build", "has bars of a fixed length, %s has none".formatted(interval));
      }
      if (channels.contains(Channel.BAR) && intervals.contains(interval)) {
        complaints.add(
            "build",
            "%s is in `intervals`, too: bar|SYMBOL|%s is either the venues' or built here"
                .formatted(interval, interval));
      }
    }
    if (!build.isEmpty() && !channels.contains(Channel.TRADE)) {
      complaints.add(
          "build", "bars are built from trades, and `channels` has none, found " + channels);
    }
  }

  /// The PUB socket.
  ///
  /// @param port null for the one after the HTTP server's
  public record ZeroMq(
      @Knob(
          value = "true",
          means = "Whether there is one.",
          touch = "false when nobody reads over ZeroMQ")
      boolean enabled,

      @Knob(
          value = "127.0.0.1",
          means = "Address to listen on.",
          touch = "when readers run on other machines; then `curve` is needed")
      String host,

      @Knob(
          min = "0",
          max = "65535",
          means =
              "TCP port; 0 takes any free one. When not set it is the one after `http.port` (8081), or a free one where that is 0.",
          touch = "when something else listens there")
      @Nullable
      Integer port,

      @Knob(
          value = "100000",
          min = "1",
          max = "10000000",
          means =
              "Messages that may wait for one reader; further ones are dropped for it, which it sees by `seq`.",
          touch = "with the memory that a slow reader may cost, about 400 bytes for each")
      int highWaterMark,

      @Knob(
          means =
              "Encryption, and who may read (CurveZMQ). Needed where other machines can reach it.")
      Curve curve) {}

  /// CURVE of the PUB socket.
  public record Curve(
      @Knob(
          means = "File of the publisher's own key pair, as `everfeed keys curve FILE` makes it.",
          touch = "to publish to other machines")
      @Nullable
      String keyFile,

      @Knob(
          value = "[]",
          means =
              "Public keys of the readers, 40 characters each, as `everfeed keys curve FILE` prints them. Nobody else is let in.",
          touch = "with `key_file`, for each reader")
      List<String> readers)
      implements Checked {

    @Override
    public void check(Complaints complaints) {
      if (keyFile == null && !readers.isEmpty()) {
        complaints.add("key_file", "must be set together with readers");
      }
      if (keyFile != null && readers.isEmpty()) {
        complaints.add(
            "readers", "must list at least one public key, or nobody could read; found none");
      }
      for (String reader : readers) {
        if (!reader.matches("[0-9A-Za-z.:+=^!/*?&<>()\\[\\]{}@%$#-]{40}")) {
          complaints.add(
              "readers",
              "must be public keys of 40 characters (Z85), as `everfeed keys curve` prints them, found %d characters"
                  .formatted(reader.length()));
        }
      }
    }
  }

  /// Limits of readers.
  public record Readers(
      @Knob(
          value = "800",
          min = "1",
          max = "100000",
          means =
              "Readers at once; further ones are refused. They count as connections too (`http.max_connections`).",
          touch = "with `http.max_connections`, which leaves the rest to other requests")
      int max,

      @Knob(
          value = "10000",
          min = "1",
          max = "100000",
          means = "Streams that one reader may subscribe to.",
          touch = "rarely")
      int streamsMax,

      @Knob(
          value = "20",
          min = "1",
          max = "10000",
          means =
              "Messages that a reader may send a second, and twice as many at once; further ones are refused.",
          touch = "rarely")
      int messagesPerSecond,

      @Knob(
          value = "256",
          min = "16",
          max = "65536",
          means =
              "Kibibytes that may wait for one reader. With more it is slow: its quotes are conflated, its trades come later from the log.",
          touch = "rarely")
      int bufferKib,

      @Knob(
          value = "30s",
          min = "100ms",
          max = "1h",
          means = "A reader that takes too little for so long is closed.",
          touch = "longer for readers that pause and come back")
      Duration stuckAfter) {}
}
