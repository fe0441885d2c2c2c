package dev.everfeed.hub.source;

import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A source that is listened to over WebSocket: what is said to it, and what its frames mean.
///
/// Pure: it opens no socket, reads no clock and owns no thread; any thread may call it. The
/// decoders that it makes are owned by who made them.
public interface StreamSource {

  SourceId id();

  /// Where its data trades.
  String exchange();

  /// Where it listens in the real world; the default of its setting.
  URI baseUrl();

  /// Where a stream comes from, below the base address: `/ws`. Streams of different paths have
  /// connections of their own.
  String path(Stream stream);

  /// Which streams may share a connection: those of one group, which have one path. By default
  /// all of a path.
  default String group(Stream stream) {
    return path(stream);
  }

  /// What its frames are called, to [KnownSources#decoder]; a source may speak several formats.
  default String wire() {
    return id().name();
  }

  /// The bars that it streams; empty for none.
  Set<Interval> intervals();

  /// What each of its channels can prove; a channel that it does not have is not there.
  Map<Channel, Proof> proofs();

  StreamRules rules();

  /// Whether it can be asked for a stream at all: it has the channel, the interval, and a name
  /// for the symbol.
  default boolean offers(Stream stream) {
    return proofs().containsKey(stream.channel())
        && (stream.interval() == null || intervals().contains(stream.interval()))
        && nativeName(stream.symbol()).isPresent();
  }

  /// What the source calls a symbol; empty where it has no name for it.
  Optional<String> nativeName(Symbol symbol);

  /// The request that subscribes: one message, or several where a venue wants one for each of
  /// its channels.
  ///
  /// @param streams   that it offers, of one group, at most [StreamRules#streamsPerRequest]
  /// @param requestId 1 and up, to be found again in [FrameSink#answered] where the venue
  ///     answers with it
  List<String> subscribe(List<Stream> streams, int requestId);

  /// The request that ends subscriptions.
  List<String> unsubscribe(List<Stream> streams, int requestId);

  /// Whether answers name the request ([FrameSink#answered]), which then is one message; else
  /// they name the streams ([FrameSink#subscribed], [FrameSink#refused]).
  boolean answersByRequest();

  /// What is said every ten seconds to a venue that closes a connection over which it hears no
  /// messages; empty for one that the pings of the protocol are enough for. They are sent to
  /// all.
  default Optional<String> ping() {
    return Optional.empty();
  }

  /// Connections that these streams take: one for each group and [StreamRules#streamsMax].
  default int connections(List<Stream> streams) {
    return streams.stream().collect(Collectors.groupingBy(this::group)).values().stream()
        .mapToInt(ofGroup -> Math.ceilDiv(ofGroup.size(), rules().streamsMax()))
        .sum();
  }

  /// A decoder for one connection.
  ///
  /// @param streams what is published; frames of others give nothing
  FrameDecoder decoder(Streams streams);
}
