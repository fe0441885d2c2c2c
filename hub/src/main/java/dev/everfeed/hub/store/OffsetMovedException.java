package dev.everfeed.hub.store;

import java.io.Serial;
import java.util.OptionalLong;
import java.util.UUID;

/// The database has this journal up to another place than the writer thought: somebody else has
/// drained it, or the database was brought back to an earlier state. Nothing was written. Go on
/// from [#stored()].
public final class OffsetMovedException extends Exception {
  @Serial
  private static final long serialVersionUID = 1;

  private final long expected;
  private final boolean known;
  private final long stored;

  OffsetMovedException(UUID journal, long expected, OptionalLong stored) {
    super(
        "journal %s: to be written from position %d on, but the database has %s; nothing was written"
            .formatted(
                journal,
                expected,
                stored.isPresent() ? "it up to " + stored.getAsLong() : "never seen it"));
    this.expected = expected;
    known = stored.isPresent();
    this.stored = stored.orElse(0);
  }

  /// Where the writer wanted to begin.
  public long expected() {
    return expected;
  }

  /// Where the next entry for the database is, or empty when it does not know the journal: then
  /// [StoreWriter#begin].
  public OptionalLong stored() {
    return known ? OptionalLong.of(stored) : OptionalLong.empty();
  }
}
