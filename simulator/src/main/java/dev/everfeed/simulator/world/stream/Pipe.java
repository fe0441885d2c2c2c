package dev.everfeed.simulator.world.stream;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;

/// One connection with both of its ends: what the venue knows of it, and what we do.
final class Pipe {
  final int number;
  final int gateway;

  /// Its number in its link.
  final int connection;

  /// Of our process that made it.
  final int life;

  // ---- at the venue
  boolean openThere;
  boolean silent;
  final BitSet subscribed = new BitSet();

  /// By stream: the event that was sent last, and the one that is kept back, -1 for none.
  final long[] sent;

  final long[] keptBack;
  long lastWrong = Long.MIN_VALUE / 2;
  long lastArrivalNanos;
  long lastDepartureNanos;

  // ---- here
  boolean openHere = true;
  boolean delivers;
  final BitSet acknowledged = new BitSet();
  final ArrayDeque<Long> requestsNanos = new ArrayDeque<>();

  /// The streams of each request that is not answered, by its id.
  int requestId;

  BitSet requested = new BitSet();

  /// What has come before it delivers: stream and event in turns.
  final ArrayDeque<long[]> unread = new ArrayDeque<>();

  Pipe(int number, int gateway, int connection, int life, int streams, long now) {
    this.number = number;
    this.gateway = gateway;
    this.connection = connection;
    this.life = life;
    this.sent = new long[streams];
    this.keptBack = new long[streams];
    this.lastArrivalNanos = now;
    this.lastDepartureNanos = now;
    Arrays.fill(sent, -1);
    Arrays.fill(keptBack, -1);
  }
}
