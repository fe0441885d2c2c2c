package dev.everfeed.simulator.venue;

import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// One connection's conversation with a venue: what it subscribed to and how it is answered.
///
/// Knows nothing of sockets. Owned by the event loop of its [VenueServer].
interface StreamTalk {
  /// In place of a moment: nothing is told of the stream, not what it was before either.
  long NOTHING = Long.MIN_VALUE;

  /// What the connection has subscribed to, in that order, in the venue's notation. Names that
  /// the venue took without knowing them are here too.
  Set<String> streams();

  /// What the venue says to a new connection before it is asked anything.
  default List<String> greeting(long nowMillis) {
    return List.of();
  }

  /// What the venue says to a message, in order: the acknowledgement first, then what a new
  /// subscription begins with.
  ///
  /// @param upToMillis by stream: what happened up to then has been sent, what comes after
  ///     follows; or [#NOTHING]
  List<String> hear(String message, long nowMillis, ToLongFunction<String> upToMillis);

  /// The frame that tells this connection of an event; null where it is not told.
  @Nullable
  String tell(StreamEvent event);

  /// A recorded frame as this connection would have got it.
  default String replayed(String recorded) {
    return recorded;
  }

  /// What the venue says before it closes connections for maintenance; empty where it says
  /// nothing.
  List<String> farewell(long nowMillis);
}
