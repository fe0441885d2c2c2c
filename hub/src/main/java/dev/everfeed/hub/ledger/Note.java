package dev.everfeed.hub.ledger;

/// What the tick loop tells a [Ledger]. Streams and gateways are numbers of [LedgerStreams],
/// times milliseconds since 1970.
sealed interface Note {

  /// Ids of a stream go on from this one, and not from those before.
  record Began(int stream, int gateway, long firstId, long at) implements Note {}

  /// Everything up to these ids was published, or told to be missing before.
  record Reached(int[] streams, long[] ids, long at) implements Note {}

  /// Is asked for, and what comes behind waits.
  record Asked(int stream, int gateway, long firstId, long lastId, Gap.Kind kind, long at)
      implements Note {}

  /// Did not come, and is not waited for.
  record Missing(int stream, int gateway, long firstId, long lastId, Gap.Kind kind, long at)
      implements Note {}
}
