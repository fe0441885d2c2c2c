package dev.everfeed.hub.source;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Tick;
import org.jspecify.annotations.Nullable;

/// Takes what the frames of a connection carry.
public interface FrameSink {

  /// An event of a stream. The tick is the decoder's, and valid until this returns.
  void tick(Tick tick);

  /// The newest trade that the venue says there is, though it may not have come: it proves a gap
  /// at the end of a dense channel.
  void newest(int stream, long tradeId);

  /// The venue's answer to one of our requests.
  ///
  /// @param requestId as it was given to [StreamSource#subscribe]
  /// @param refusal   null when it was accepted
  void answered(int requestId, @Nullable String refusal);

  /// A stream is subscribed now, says a venue whose answers name streams and not requests, or one
  /// whose refusal of a request names what is there already.
  void subscribed(int stream);

  /// A stream is not given, says a venue whose refusals name streams. Where it answers requests,
  /// [#answered] follows.
  void refused(int stream, String reason);

  /// A heartbeat, an error, a status: everything that is not a tick.
  void control(Event event);
}
