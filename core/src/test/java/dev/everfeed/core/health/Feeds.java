package dev.everfeed.core.health;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// One market seen by several gateways, millisecond by millisecond, and the clock that hears
/// them. What the clock tells is kept as text.
final class Feeds implements PeerClock.Output {
  static final long MILLI = 1_000_000;

  final PeerClock clock;
  final List<String> told = new ArrayList<>();
  final List<Long> toldAtMillis = new ArrayList<>();
  long millis;

  private final int gateways;
  private final Random random = new Random(7);
  private final boolean[] silent;
  private final boolean[] halted;
  private final double[] share;

  Feeds(int streams, int gateways) {
    this(streams, gateways, PeerClockPolicy.USUAL);
  }

  Feeds(int streams, int gateways, PeerClockPolicy policy) {
    this.clock = new PeerClock(streams, gateways, policy);
    this.gateways = gateways;
    this.silent = new boolean[streams * gateways];
    this.halted = new boolean[streams];
    this.share = new double[gateways];
    java.util.Arrays.fill(share, 1);
  }

  /// Every gateway subscribes to every stream.
  static Feeds of(int streams, int gateways) {
    return new Feeds(streams, gateways).subscribed();
  }

  Feeds subscribed() {
    for (int stream = 0; stream < halted.length; stream++) {
      for (int gateway = 0; gateway < gateways; gateway++) {
        clock.subscribed(stream, gateway, millis * MILLI);
      }
    }
    return this;
  }

  Feeds silence(int stream, int gateway) {
    silent[stream * gateways + gateway] = true;
    return this;
  }

  Feeds speak(int stream, int gateway) {
    silent[stream * gateways + gateway] = false;
    return this;
  }

  Feeds halt(int stream, boolean halt) {
    halted[stream] = halt;
    return this;
  }

  /// Of the market's events a gateway passes on only a part.
  Feeds share(int gateway, double part) {
    share[gateway] = part;
    return this;
  }

  /// Lets the market go on: about 50 events a second on each stream, in bursts.
  Feeds run(long forMillis) {
    for (long end = millis + forMillis; millis < end; ) {
      millis++;
      for (int stream = 0; stream < halted.length; stream++) {
        if (!halted[stream] && random.nextInt(40) == 0) {
          int burst = 1 + random.nextInt(3);
          for (int i = 0; i < burst; i++) {
            deal(stream);
          }
        }
      }
      pass();
    }
    return this;
  }

  private void deal(int stream) {
    for (int gateway = 0; gateway < gateways; gateway++) {
      if (!silent[stream * gateways + gateway] && random.nextDouble() < share[gateway]) {
        clock.event(stream, gateway, millis * MILLI);
      }
    }
  }

  /// Nothing happens at all.
  Feeds idle(long forMillis) {
    long end = millis + forMillis;
    while (clock.nextDeadlineNanos() <= end * MILLI) {
      millis = Math.max(millis, clock.nextDeadlineNanos() / MILLI + 1);
      clock.timePassed(millis * MILLI, this);
    }
    millis = end;
    pass();
    return this;
  }

  Feeds event(int stream, int gateway) {
    clock.event(stream, gateway, millis * MILLI);
    return this;
  }

  Feeds events(int stream, int gateway, int count) {
    for (int i = 0; i < count; i++) {
      event(stream, gateway);
      millis++;
      pass();
    }
    return this;
  }

  void pass() {
    if (clock.nextDeadlineNanos() <= millis * MILLI) {
      clock.timePassed(millis * MILLI, this);
    }
  }

  /// When something was told first, in milliseconds since the time given.
  long after(long sinceMillis, String what) {
    for (int i = 0; i < told.size(); i++) {
      if (told.get(i).startsWith(what) && toldAtMillis.get(i) >= sinceMillis) {
        return toldAtMillis.get(i) - sinceMillis;
      }
    }
    throw new AssertionError("nobody told `" + what + "`, only " + told);
  }

  @Override
  public void suspected(int stream, int gateway, long since, int witnesses, int peerEvents) {
    tell("suspected " + stream + "/" + gateway + " by " + witnesses);
  }

  @Override
  public void convicted(int stream, int gateway, long since, int witnesses, int peerEvents) {
    tell("convicted " + stream + "/" + gateway + " by " + witnesses);
  }

  @Override
  public void resumed(int stream, int gateway, long nowNanos) {
    tell("resumed " + stream + "/" + gateway);
  }

  private void tell(String what) {
    told.add(what);
    toldAtMillis.add(millis);
  }
}
