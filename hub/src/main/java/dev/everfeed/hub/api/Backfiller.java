package dev.everfeed.hub.api;

import java.util.List;
import java.util.Optional;

/// Where backfills are ordered and looked at. Any thread may call it; nothing blocks.
public interface Backfiller {

  /// What came of an order.
  ///
  /// @param joined it was under way already
  record Started(BackfillView backfill, boolean joined) {}

  /// Begins a backfill in the background, or joins the equal one that is under way.
  Started start(BackfillOrder order) throws BackfillRefused;

  /// Those under way and the last ones that have ended, the newest first.
  List<BackfillView> all();

  Optional<BackfillView> find(String id);

  /// Ends one that is under way; what it has brought stays. Empty when there is none by this
  /// id, or no more.
  Optional<BackfillView> cancel(String id);
}
