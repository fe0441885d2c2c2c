package dev.everfeed.hub.runtime;

import dev.everfeed.hub.api.StreamView;
import java.util.SortedSet;

/// Where the frames of a gateway come from: its venue, or a recording. Owned by the tick loop.
interface GatewayFeed {

  /// Exactly these streams are wanted from now on.
  void want(SortedSet<Integer> streams);

  /// Called ten times a second.
  void timePassed(long nowNanos);

  /// Called every 10 s, to hear whether somebody is there.
  void ping();

  void stop();

  /// What comes over its connections cannot be used: they are closed, and others begun.
  void reconnect(String reason);

  StreamView shown();
}
