package dev.everfeed.simulator.venue;

import dev.everfeed.simulator.fault.FaultKind;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The flood of one venue, if there is one, poured into all connections that subscribed to its
/// stream. While it lasts the market's own trades of that stream are not told. Of the faults of
/// frames, `gap`, `stall`, `silent`, `slow`, `lag` and `frozen` hold for it.
///
/// Owned by the event loop of its [VenueServer].
final class Floods {
  /// More than that leaves in the next turn.
  private static final int MOST_PER_WRITE = 8_192;

  /// A connection with more than that unsent is left out until its reader has read.
  private static final long FULL_BYTES = 4L * 1_024 * 1_024;

  private final Vertx vertx;
  private final StreamVenue venue;
  private final LongSupplier clock;
  private final Set<StreamConnection> connections;
  private final StreamFaults faults;
  private final Map<StreamConnection, Cursor> cursors = new LinkedHashMap<>();
  private @Nullable Flood flood;
  private @Nullable String stream;
  private long timer = -1;

  private static final class Cursor {
    final FloodFrames frames;
    long nextId;

    Cursor(FloodFrames frames, long nextId) {
      this.frames = frames;
      this.nextId = nextId;
    }
  }

  Floods(
      Vertx vertx,
      StreamVenue venue,
      LongSupplier clock,
      Set<StreamConnection> connections,
      StreamFaults faults) {
    this.vertx = vertx;
    this.venue = venue;
    this.clock = clock;
    this.connections = connections;
    this.faults = faults;
  }

  /// Replaces the one before it.
  void begin(Flood next, String ofStream) {
    end();
    flood = next;
    stream = ofStream;
    connections.forEach(connection -> join(connection, next.startMillis()));
    timer = vertx.setPeriodic(1, _ -> pour(next, ofStream));
  }

  /// The connection is told what is due after that moment, if it has subscribed.
  void join(StreamConnection connection, long sinceMillis) {
    Flood now = flood;
    String of = stream;
    if (now != null && of != null && connection.talk().streams().contains(of)) {
      cursors.computeIfAbsent(
          connection,
          _ -> new Cursor(
              frames(connection.talk(), of), now.dueId(Math.max(sinceMillis, now.startMillis()))));
    }
  }

  void end() {
    flood = null;
    stream = null;
    cursors.clear();
    if (timer >= 0) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }

  boolean covers(String of) {
    return of.equals(stream);
  }

  void forget(StreamConnection connection) {
    cursors.remove(connection);
  }

  private void pour(Flood of, String ofStream) {
    long due = of.dueId(faults.floodedUpToMillis(ofStream, clock.getAsLong()));
    boolean dry = faults.isDry(ofStream);
    long lost = faults.dropsOfFlood(ofStream);
    long repeated = repeatedId(of, ofStream);
    for (Map.Entry<StreamConnection, Cursor> entry : cursors.entrySet()) {
      StreamConnection connection = entry.getKey();
      Cursor cursor = entry.getValue();
      if (!connection.talk().streams().contains(ofStream)) {
        cursor.nextId = due; // It has unsubscribed; it may come back.
        continue;
      }
      if (dry) {
        cursor.nextId = due;
        continue;
      }
      cursor.nextId += lost;
      if (Channels.unsentBytes(connection.http()) > FULL_BYTES) {
        continue;
      }
      long end = Math.min(due, cursor.nextId + MOST_PER_WRITE);
      if (cursor.nextId < end && !connection.ended()) {
        for (; cursor.nextId < end; cursor.nextId++) {
          long id = repeated == 0 ? cursor.nextId : repeated;
          if (id > of.firstId()) {
            cursor.frames.append(connection.frames(), id, of.dueMillis(id));
          }
        }
        connection.flush();
      }
    }
  }

  /// The trade that a frozen venue tells for each that is due; 0 when it is not frozen.
  private long repeatedId(Flood of, String ofStream) {
    FaultInForce fault = faults.inForce();
    return fault != null && faults.hurts(ofStream, FaultKind.FROZEN)
        ? Math.max(of.firstId(), of.dueId(fault.since().toEpochMilli()) - 1)
        : 0;
  }

  private FloodFrames frames(StreamTalk talk, String ofStream) {
    return new FloodFrames(variant -> {
      String frame = talk.tell(venue.template(ofStream, variant));
      if (frame == null) {
        throw new IllegalStateException("a subscriber is not told of " + ofStream);
      }
      return frame;
    });
  }
}
