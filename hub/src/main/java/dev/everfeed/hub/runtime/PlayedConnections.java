package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Event;
import dev.everfeed.hub.record.Recorded;
import dev.everfeed.hub.source.Undecodable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The connections of a recording that is played, and which of them delivers, as it was when it
/// was recorded.
///
/// | a connection                                | delivers                                |
/// |---------------------------------------------|-----------------------------------------|
/// | of which it is recorded                     | from there on                           |
/// | that begins while none delivers             | at once                                 |
/// | that begins beside another                  | when it is recorded, or, where that     |
/// |                                             | never is, when the other closes         |
/// | whose beginning is not in the recording     | at once                                 |
/// | that was held for longer than [#HELD_NANOS] | then: what said so was in a damaged part |
///
/// An earlier Everfeed did not record which one delivers. Where such a one had to have several
/// connections at once for its streams, all deliver, since nothing tells successors from
/// others.
///
/// At most [#MOST] are remembered, or two for each that the streams ask for: those that were
/// heard last. Owned by the tick loop.
final class PlayedConnections {
  static final int MOST = 16;

  /// Longer than any overlap.
  static final long HELD_NANOS = 60_000_000_000L;

  private final Delivered delivered;
  private final boolean several;
  private final int most;

  /// In the order in which they were heard, the last one last.
  private final Map<Integer, Played> connections = new LinkedHashMap<>(16, 0.75f, true) {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Integer, Played> eldest) {
      return size() > most;
    }
  };

  private long begun;

  /// Whether the recording says which connection delivers.
  private boolean told;

  /// @param links connections that its streams ask for at once
  PlayedConnections(Delivered delivered, int links) {
    this.delivered = delivered;
    this.several = links > 1;
    this.most = Math.max(MOST, 2 * links);
  }

  /// One of them. What is not a tick meant something to the recorder, and stands in the
  /// recording.
  private static final class Played extends Delivery {
    final long openedNanos;

    Played(Delivered delivered, long openedNanos) {
      super(delivered);
      this.openedNanos = openedNanos;
    }

    @Override
    public void answered(int requestId, @Nullable String refusal) {}

    @Override
    public void subscribed(int stream) {}

    @Override
    public void refused(int stream, String reason) {}

    @Override
    public void control(Event event) {}
  }

  void opened(Recorded.Opened opened) {
    if (connections.containsKey(opened.connection())) {
      return; // each part of a recording tells which there are
    }
    boolean alone = noneDelivers();
    Played played = begun(opened.connection(), opened.nanos());
    if (alone || (several && !told)) {
      played.deliver();
    }
  }

  void delivers(Recorded.Delivers delivers) {
    told = true;
    Played played = connections.get(delivers.connection());
    if (played == null) {
      played = begun(delivers.connection(), delivers.nanos());
    }
    played.deliver();
  }

  void closed(Recorded.Closed closed) {
    connections.remove(closed.connection());
    if (!told && noneDelivers()) {
      connections.entrySet().stream()
          .min(Map.Entry.comparingByKey())
          .ifPresent(successor -> successor.getValue().deliver());
    }
  }

  /// @throws Undecodable when it is not a message of the venue
  void frame(Recorded.Frame frame) throws Undecodable {
    Played played = connections.get(frame.connection());
    if (played == null) {
      played = begun(frame.connection(), frame.nanos());
      played.deliver();
    } else if (!played.delivers() && frame.nanos() - played.openedNanos > HELD_NANOS) {
      played.deliver();
    }
    played.frame(frame.bytes(), frame.bytes().length, frame.nanos());
  }

  int size() {
    return connections.size();
  }

  /// How many there have been.
  long begun() {
    return begun;
  }

  private Played begun(int connection, long nanos) {
    begun++;
    Played played = new Played(delivered, nanos);
    connections.put(connection, played);
    return played;
  }

  private boolean noneDelivers() {
    return connections.values().stream().noneMatch(Delivery::delivers);
  }
}
