package dev.everfeed.simulator.venue;

import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// What a fault makes of the events of a venue before anybody is told: the same for all
/// connections. Faults of whole connections are [StreamServer]'s.
///
/// Owned by the event loop of its [VenueServer].
final class StreamFaults {
  /// Events that may wait while the venue is slow.
  private static final int MOST_WAITING = 100_000;

  /// What each second of a lag adds.
  private static final long LAG_PER_SECOND_MILLIS = 100;

  /// How far back the last event of a frozen stream is looked for: a busy stream is not asked
  /// for an hour.
  private static final long[] LOOK_BACK_MILLIS = {2_000, 120_000, 3_600_000};

  private final StreamVenue venue;
  private final Queue<Late> late = new ArrayDeque<>();
  private final Map<String, StreamEvent> held = new LinkedHashMap<>();
  private final Map<String, Optional<StreamEvent>> frozen = new LinkedHashMap<>();
  private @Nullable FaultInForce fault;
  private @Nullable String gapStream;
  private long left;
  private boolean replaced;

  private record Late(long dueMillis, StreamEvent event) {}

  StreamFaults(StreamVenue venue) {
    this.venue = venue;
  }

  void begin(FaultInForce now) {
    fault = now;
    Integer count = now.order().count();
    left = count != null ? count : now.kind() == FaultKind.GAP ? 1 : Long.MAX_VALUE;
    gapStream = null;
    frozen.clear();
    replaced = true;
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

  /// Whether the fault in force is of that kind and hurts that stream.
  boolean hurts(String stream, FaultKind kind) {
    FaultInForce now = fault;
    return now != null && now.kind() == kind && concerns(stream, now);
  }

  /// Whether nothing is told of the stream.
  boolean isDry(String stream) {
    return is(FaultKind.STALL) || hurts(stream, FaultKind.SILENT);
  }

  /// Up to when a new subscription is told of the stream at once, or [StreamTalk#NOTHING].
  long upToMillis(String stream, long otherwise) {
    FaultInForce now = fault;
    if (hurts(stream, FaultKind.SILENT)) {
      return StreamTalk.NOTHING;
    }
    return now != null && hurts(stream, FaultKind.FROZEN) ? now.since().toEpochMilli() : otherwise;
  }

  /// How many trades of a flood are to be left out now; a gap is done then.
  long dropsOfFlood(String stream) {
    if (!hurts(stream, FaultKind.GAP)) {
      return 0;
    }
    long drops = left;
    left = 0;
    return drops;
  }

  /// The moment up to which a flood has come through.
  long floodedUpToMillis(String stream, long nowMillis) {
    FaultInForce now = fault;
    if (now != null && hurts(stream, FaultKind.LAG)) {
      long since = now.since().toEpochMilli();
      return since + Math.max(0, nowMillis - since) * 1_000 / (1_000 + lagPerSecondMillis(now));
    }
    return nowMillis - delayMillis();
  }

  private static long lagPerSecondMillis(FaultInForce lag) {
    return lag.delayMillisOr(LAG_PER_SECOND_MILLIS);
  }

  private boolean concerns(String stream, FaultInForce now) {
    FaultOrder order = now.order();
    if (!order.isPartial()) {
      return true;
    }
    StreamVenue.Subject subject = venue.subject(stream);
    return subject != null
        && (order.symbol() == null || order.symbol().equals(subject.symbol()))
        && (order.channel() == null || order.channel() == subject.channel());
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
    release(told);
    replaced = false;
    for (StreamEvent event : happened) {
      FaultInForce now = fault;
      if (now == null || left == 0 || !concerns(event.stream(), now)) {
        release(told);
        told.add(event);
      } else if (makesLate(now)) {
        late.add(new Late(dueMillis(event, now, nowMillis), event));
      } else {
        hurt(event, now, told);
      }
    }
    release(told);
    while (!late.isEmpty() && late.element().dueMillis() <= nowMillis) {
      told.add(late.remove().event());
    }
    return told;
  }

  private static boolean makesLate(FaultInForce now) {
    return now.kind() == FaultKind.SLOW || now.kind() == FaultKind.LAG;
  }

  private static long dueMillis(StreamEvent event, FaultInForce now, long nowMillis) {
    if (now.kind() == FaultKind.SLOW) {
      return nowMillis + now.delayMillisOr(FaultyAnswers.SLOW_MILLIS);
    }
    long sinceMillis = Math.max(0, event.timeMillis() - now.since().toEpochMilli());
    return event.timeMillis() + sinceMillis * lagPerSecondMillis(now) / 1_000;
  }

  /// Whether more waits than can be kept; it is thrown away then.
  boolean isTooLate() {
    boolean tooLate = late.size() > MOST_WAITING;
    if (tooLate) {
      late.clear();
    }
    return tooLate;
  }

  private void hurt(StreamEvent event, FaultInForce now, List<StreamEvent> told) {
    boolean heartbeat = event.kind() == StreamEvent.Kind.HEARTBEAT;
    switch (now.kind()) {
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
      case FROZEN -> {
        long since = now.since().toEpochMilli();
        frozen.computeIfAbsent(event.stream(), of -> last(of, since)).ifPresent(told::add);
      }
      default -> told.add(event);
    }
  }

  /// The last event of a stream up to that moment.
  private Optional<StreamEvent> last(String stream, long upToMillis) {
    List<StreamEvent> before = new ArrayList<>();
    for (long back : LOOK_BACK_MILLIS) {
      venue.happen(stream, upToMillis - back, upToMillis, before);
      if (!before.isEmpty()) {
        return Optional.of(before.getLast());
      }
    }
    return Optional.empty();
  }

  /// What was held back for a change of places that does not come, and what waits for a fault
  /// that is over.
  private void release(List<StreamEvent> told) {
    if (!held.isEmpty() && (!is(FaultKind.REORDER) || left == 0)) {
      told.addAll(held.values());
      held.clear();
    }
    FaultInForce now = fault;
    if (!late.isEmpty() && (now == null || replaced || !makesLate(now))) {
      late.forEach(waiting -> told.add(waiting.event()));
      late.clear();
    }
  }
}
