package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Streams;
import dev.everfeed.hub.publish.Gateway;
import dev.everfeed.hub.source.StreamSource;
import java.net.URI;
import java.util.List;

/// What is streamed, and from where.
///
/// @param streams  everything that is published, whoever can give it
/// @param gateways in the order of preference
record StreamPlan(Streams streams, List<Line> gateways) {
  StreamPlan {
    gateways = List.copyOf(gateways);
  }

  /// One of the gateways.
  ///
  /// @param url of the venue's WebSocket server, `ws` or `wss`; the source's path is put behind
  record Line(Gateway gateway, StreamSource source, URI url) {}
}
