package dev.everfeed.simulator.venue;

import java.time.Instant;
import java.util.OptionalLong;

/// One venue's side of its contract: a request in, the venue's own bytes out.
///
/// Knows nothing of sockets and faults. Owned by the event loop of its [VenueServer].
interface Venue {
  /// The source's name: `binance`.
  String name();

  /// @param now wall time, for limits that count per minute
  /// @param dataTime the moment whose prices are told; equals `now` unless the venue is frozen
  Answer answer(Ask ask, Instant now, Instant dataTime);

  /// Whether a path tells that the venue is up, rather than what it trades.
  boolean isProbe(String path);

  /// The venue's own way to say that it has been asked too often.
  ///
  /// @param status 429, or 418 for a ban
  Answer tooOften(int status, OptionalLong retryAfterSeconds, Instant now);

  /// The venue's own way to fail.
  ///
  /// @param status 500 to 504
  Answer broken(int status);

  /// What the venue has counted against its limit in the running minute.
  long weightUsed(Instant now);

  /// Where the prices stand in its answers.
  PriceMarks prices();
}
