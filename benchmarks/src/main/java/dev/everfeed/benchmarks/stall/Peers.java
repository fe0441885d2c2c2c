package dev.everfeed.benchmarks.stall;

import dev.everfeed.core.health.PeerClock;
import dev.everfeed.core.health.PeerClockPolicy;

/// The hub's own: line 0 against one or two of the others.
final class Peers implements Detector, PeerClock.Output {
  private final PeerClock clock;
  private final int lines;
  private final boolean suspicion;
  private boolean convicts;

  /// @param suspicion whether a suspicion is enough
  Peers(int peers, PeerClockPolicy policy, boolean suspicion) {
    this.lines = 1 + peers;
    this.clock = new PeerClock(1, lines, policy);
    this.suspicion = suspicion;
    for (int line = 0; line < lines; line++) {
      clock.subscribed(0, line, 0);
    }
  }

  @Override
  public void event(int line, long nowNanos) {
    if (line < lines) {
      clock.event(0, line, nowNanos);
      if (line == 0) {
        convicts = false;
      }
    }
  }

  @Override
  public void stoodStill(long slipNanos, long nowNanos) {
    clock.paused(slipNanos, nowNanos);
  }

  @Override
  public long nextDeadlineNanos() {
    return clock.nextDeadlineNanos();
  }

  @Override
  public void timePassed(long nowNanos) {
    clock.timePassed(nowNanos, this);
  }

  @Override
  public boolean convicts() {
    return convicts;
  }

  @Override
  public void suspected(int stream, int gateway, long since, int witnesses, int peerEvents) {
    if (suspicion && witnesses > 0) {
      convicted(stream, gateway, since, witnesses, peerEvents);
    }
  }

  @Override
  public void convicted(int stream, int gateway, long since, int witnesses, int peerEvents) {
    if (stream != PeerClock.WHOLE && gateway == 0) {
      convicts = true;
    }
  }

  @Override
  public void resumed(int stream, int gateway, long nowNanos) {}
}
