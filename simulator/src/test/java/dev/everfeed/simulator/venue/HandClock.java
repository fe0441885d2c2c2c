package dev.everfeed.simulator.venue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// A clock that moves because the test moves it.
final class HandClock implements InstantSource {
  static final Instant START = Instant.parse("2026-03-04T05:06:07.890Z");

  private volatile Instant now = START;

  void advance(Duration by) {
    now = now.plus(by);
  }

  @Override
  public Instant instant() {
    return now;
  }
}
