package dev.everfeed.simulator.venue;

import dev.everfeed.simulator.fault.FaultKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// What a fault makes of the events of a venue before anybody is told: the same for all
/// connections. Faults of whole connections are [StreamServer]'s.
///
/// Owned by the event loop of its [VenueServer].
final class StreamFaults {
  /// Events that may wait while the venue is slow.
  private static final int MOST_WAITING = 100_000;
  private final StreamVenue venue;
  private final Queue<Late> late = new ArrayDeque<>();
  private final Map<String, StreamEvent> held = new LinkedHashMap<>();
  private @Nullable FaultInForce fault;
  private @Nullable String gapStream;
  private long left;

  private record Late(long dueMillis, StreamEvent event) {}

  StreamFaults(StreamVenue venue) {
    this.venue = venue;
  }

  void begin(FaultInForce now) {
    fault = now;
    Integer count = now.order().count();
    left = count != null ? count : now.kind() == FaultKind.GAP ? 1 : Long.MAX_VALUE;
    gapStream = null;
  }

  void heal() {
    fault = null;
  }

  boolean is(FaultKind kind) {
    return fault != null && fault.kind() == kind;
  }

  @Nullable
  FaultInForce inForce() {
    return fault;
  }

  /// Whether the fault has done all that was ordered, and is over.
  boolean isDone() {
    return left == 0;
  }

  /// How many trades of a flood are to be left out now; a gap is done then.
  long dropsOfFlood() {
    if (!is(FaultKind.GAP)) {
      return 0;
    }
    long drops = left;
    left = 0;
    return drops;
  }

  /// How long an answer takes.
  long delayMillis() {
    FaultInForce now = fault;
    return now != null && now.kind() == FaultKind.SLOW
        ? now.delayMillisOr(FaultyAnswers.SLOW_MILLIS)
        : 0;
  }

  /// What is told in place of what happened, in order.
  List<StreamEvent> told(List<StreamEvent> happened, long nowMillis) {
    List<StreamEvent> told = new ArrayList<>(happened.size());
    long delay = delayMillis();
    for (StreamEvent event : happened) {
      if (delay > 0) {
        late.add(new Late(nowMillis + delay, event));
      } else if (fault == null || left == 0) {
        release(told);
        told.add(event);
      } else {
        hurt(event, fault.kind(), told);
      }
    }
    if (delay == 0) {
      release(told);
    }
    while (!late.isEmpty() && late.element().dueMillis() <= nowMillis) {
      told.add(late.remove().event());
    }
    return told;
  }

  /// Whether more waits than can be kept; it is thrown away then.
  boolean isTooLate() {
    boolean tooLate = late.size() > MOST_WAITING;
    if (tooLate) {
      late.clear();
    }
    return tooLate;
  }

  private void hurt(StreamEvent event, FaultKind kind, List<StreamEvent> told) {
    boolean heartbeat = event.kind() == StreamEvent.Kind.HEARTBEAT;
    switch (kind) {
      case STALL -> {}
      case SILENT -> {
        if (heartbeat) {
          told.add(event);
        }
      }
      case GAP -> {
        if (event.kind() == StreamEvent.Kind.TRADE
            && (gapStream == null || gapStream.equals(event.stream()))) {
          gapStream = event.stream();
          left--;
        } else {
          told.add(event);
        }
      }
      case DUPLICATE -> {
        told.add(event);
        if (!heartbeat) {
          told.add(event);
          left--;
        }
      }
      case REORDER -> {
        StreamEvent before = heartbeat ? null : held.remove(event.stream());
        if (heartbeat) {
          told.add(event);
        } else if (before == null) {
          held.put(event.stream(), event);
        } else {
          told.add(event);
          told.add(before);
          left--;
        }
      }
      case WRONG_PRICE -> {
        byte[] lie = WrongPrices.timesTen(
            event.data().getBytes(StandardCharsets.UTF_8), venue.prices(event.kind()));
        told.add(event.with(new String(lie, StandardCharsets.UTF_8)));
      }
      default -> told.add(event);
    }
  }

  /// What was held back for a change of places that does not come, and what was late.
  private void release(List<StreamEvent> told) {
    if (!held.isEmpty() && (!is(FaultKind.REORDER) || left == 0)) {
      told.addAll(held.values());
      held.clear();
    }
    if (!late.isEmpty()) {
      late.forEach(waiting -> told.add(waiting.event()));
      late.clear();
    }
  }
}
