package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.config.StreamSettings;
import dev.everfeed.hub.publish.Gateway;
import dev.everfeed.hub.source.KnownSources;
import dev.everfeed.hub.source.StreamSource;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/// What is streamed, and from where.
///
/// @param streams  everything that is published, whoever can give it
/// @param gateways in the order of preference
record StreamPlan(Streams streams, List<Line> gateways) {
  StreamPlan {
    gateways = List.copyOf(gateways);
  }

  /// As configured: every channel and interval of every symbol, from every source that is to be
  /// listened to.
  static StreamPlan of(Settings settings) {
    StreamSettings wanted = settings.stream();
    List<Stream> streams = new ArrayList<>();
    for (Symbol symbol : settings.symbols()) {
      for (Channel channel : wanted.channels()) {
        switch (channel) {
          case TRADE -> streams.add(Stream.trades(symbol));
          case QUOTE -> streams.add(Stream.quotes(symbol));
          case BAR ->
            wanted.intervals().forEach(interval -> streams.add(Stream.bars(symbol, interval)));
        }
      }
    }
    List<Line> lines = new ArrayList<>();
    for (SourceId id : wanted.sources()) {
      Settings.Source own = settings.source(id);
      if (own.enabled()) {
        lines.add(line(id, own)); // the settings see to it that it streams
      }
    }
    return new StreamPlan(new Streams(streams), lines);
  }

  /// The gateway of a source that streams.
  static Line line(SourceId id, Settings.Source own) {
    StreamSource source = KnownSources.stream(id.name()).orElseThrow();
    return new Line(new Gateway(id.name(), id, source.exchange()), source, url(own, source));
  }

  /// A mirror or a simulator has both at one address.
  private static URI url(Settings.Source own, StreamSource source) {
    if (own.streamUrl() != null) {
      return own.streamUrl();
    }
    URI base = own.baseUrl();
    return base == null
        ? source.baseUrl()
        : URI.create(base.toString().replaceFirst("^http", "ws"));
  }

  /// One of the gateways.
  ///
  /// @param url of the venue's WebSocket server, `ws` or `wss`; the source's path is put behind
  record Line(Gateway gateway, StreamSource source, URI url) {}
}
