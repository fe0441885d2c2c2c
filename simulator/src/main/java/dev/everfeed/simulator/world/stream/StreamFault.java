package dev.everfeed.simulator.world.stream;

/// Something wrong for a while.
///
/// @param where a gateway, or for what a venue does a venue
/// @param salt  decides the details: which stream, how likely
record StreamFault(Kind kind, int where, long fromNanos, long toNanos, long salt) {

  enum Kind {
    /// A gateway's connections bring nothing more; pings go on.
    SILENT,
    /// One stream of them.
    STREAM_SILENT,
    /// Whatever is connected meanwhile is acknowledged and never brings anything.
    SILENT_FROM_BEGINNING,
    /// The same values again and again.
    FROZEN,
    /// Nothing comes, not even a ping.
    BLACKHOLE,
    /// The connection is closed once.
    CLOSE,
    /// And again whenever there is one.
    FLAPPING,
    REFUSE,
    /// The handshake never ends.
    HANG,
    /// Some events are lost on this line.
    GAP,
    DUPLICATES,
    REORDER,
    /// Data come later and later.
    LAG,
    /// Some come some 100 ms late.
    SPIKES,
    /// Single events have ids far from all others.
    WRONG_IDS,
    /// Prices that are far from the others'.
    WRONG_PRICE,
    /// Some subscriptions are refused.
    SUBSCRIPTION_REFUSED,
    /// Subscriptions are not answered.
    NO_ANSWER,

    /// Nothing is traded at a venue.
    HALT,
    /// A venue sends some events to nobody; asked for, it has them.
    LOST_BY_VENUE,
    /// A venue begins to count anew.
    COUNTS_ANEW,
    /// A venue does not list a contract any more.
    DELISTED,
    /// A venue's answers fail or are odd.
    REST,
    /// A venue announces that it will close all connections, and does.
    MAINTENANCE,
    /// All connections of a venue end at once.
    MASS_DISCONNECT;

    boolean isOfVenue() {
      return compareTo(HALT) >= 0;
    }

    /// What may make a gateway look silent or wrong.
    boolean accuses() {
      return this != HALT && this != COUNTS_ANEW && this != REST;
    }
  }
}
