package dev.everfeed.simulator.venue;

/// Something that happened at a venue and that subscribers of one stream are told.
///
/// @param stream in the venue's own notation: `btcusdt@trade`
/// @param timeMillis when the venue sends it, since the epoch
/// @param data the venue's JSON, without what a connection may wrap around it
record StreamEvent(String stream, Kind kind, long timeMillis, String data) {
  enum Kind {
    TRADE,
    QUOTE,
    BAR,
    /// A sign of life that goes on when nothing trades.
    HEARTBEAT
  }

  StreamEvent with(String other) {
    return new StreamEvent(stream, kind, timeMillis, other);
  }
}
