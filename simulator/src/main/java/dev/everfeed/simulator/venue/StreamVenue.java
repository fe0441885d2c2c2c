package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.fault.FaultOrder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One venue's side of its stream contract: which paths, what happens, how long it is patient.
///
/// Knows nothing of sockets and faults; tells the same market as the [Venue] of that name. Owned
/// by the event loop of its [VenueServer].
interface StreamVenue {
  /// The venue's patience with one connection. Zero means without limit.
  ///
  /// @param pingEveryMillis between two pings of the server
  /// @param pongWithinMillis after which a connection that answers no ping is closed
  /// @param subscribeWithinMillis after which a connection without a subscription is closed
  /// @param idleMillis after which a connection is closed over which nobody says anything; pings
  ///     of the protocol are nothing
  /// @param heardPerSecond frames a second that a client may send, pings and pongs too
  /// @param lifeMillis after which the venue closes a connection
  record Habits(
      long pingEveryMillis,
      long pongWithinMillis,
      long subscribeWithinMillis,
      long idleMillis,
      int heardPerSecond,
      long lifeMillis) {}

  /// What a stream is of.
  ///
  /// @param kind of its events
  record Subject(Symbol symbol, StreamEvent.Kind kind) {
    /// Null for heartbeats.
    FaultOrder.@Nullable Channel channel() {
      return switch (kind) {
        case TRADE -> FaultOrder.Channel.TRADE;
        case QUOTE -> FaultOrder.Channel.QUOTE;
        case BAR -> FaultOrder.Channel.BAR;
        case HEARTBEAT -> null;
      };
    }
  }

  Habits habits();

  /// Counts a handshake; false when it is one too many for the address, of which loopback has
  /// one.
  boolean mayConnect(Instant now);

  /// The conversation of a new connection; empty where the venue has no stream.
  Optional<StreamTalk> talk(String path, Map<String, String> query);

  /// Adds what happens in `(fromMillis, toMillis]` in one stream, oldest first; nothing for a
  /// stream that does not exist.
  void happen(String stream, long fromMillis, long toMillis, List<StreamEvent> into);

  /// Null for a stream that does not exist.
  @Nullable
  Subject subject(String stream);

  /// Nobody trades at the venue from that second on, whichever line tells it; null for every
  /// symbol.
  void halt(@Nullable Symbol symbol, long second);

  /// Ends what [#halt] began, with that second.
  void resume(@Nullable Symbol symbol, long second);

  /// The name of the stream of a symbol's trades.
  ///
  /// @throws IllegalArgumentException when the venue does not list it
  String tradeStream(Symbol symbol);

  /// A trade of a flood with the stand-ins of [FloodFrames] for its id and time.
  ///
  /// @param variant 0 and up; each has its own price and size
  StreamEvent template(String tradeStream, int variant);

  /// Where the prices stand in its frames.
  PriceMarks prices(StreamEvent.Kind kind);
}
