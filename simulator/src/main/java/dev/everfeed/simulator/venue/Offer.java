package dev.everfeed.simulator.venue;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one [VenueServer] serves.
///
/// @param name under which faults are ordered: that of the venue, or of a line of it
/// @param streams what the venue tells over WebSocket; null when nothing
/// @param session played there in place of the market, if not null
/// @param limit of stream connections at a time
/// @param recordings tried in order
record Offer(
    String name,
    Venue venue,
    @Nullable StreamVenue streams,
    @Nullable Session session,
    ConnectionLimit limit,
    List<Recording> recordings) {
  Offer {
    recordings = List.copyOf(recordings);
  }
}
