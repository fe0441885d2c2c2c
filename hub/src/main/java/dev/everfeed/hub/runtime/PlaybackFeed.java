package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.Link;
import dev.everfeed.core.model.Stream;
import dev.everfeed.hub.api.StreamView;
import dev.everfeed.hub.record.Recorded;
import dev.everfeed.hub.record.RecordingHeader;
import dev.everfeed.hub.runtime.Playback.Progress;
import dev.everfeed.hub.source.Undecodable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The gateway of a recording that is played: takes what was recorded, in order. Owned by the
/// tick loop.
final class PlaybackFeed implements GatewayFeed {
  /// Characters of a recorded reason, which is for people; the rest is left out.
  static final int REASON_MAX = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger("everfeed.playback");
  private static final String ENDED = "the recording has ended";

  private final int number;
  private final StreamPlan.Line line;
  private final StreamLoop loop;
  private final RecordingHeader header;
  private final Runnable onStop;
  private final PlayedConnections connections;
  private Link.State state = Link.State.DISCONNECTED;
  private long frames;
  private long unreadable;
  private long firstNanos = -1;
  private long playedNanos;
  private long lastFrameNanos = -1;
  private long failures;
  private @Nullable String firstFailure;
  private boolean ended;
  private volatile Progress progress = Progress.NONE;

  /// @param onStop called when the loop ends
  PlaybackFeed(
      int number, StreamPlan.Line line, StreamLoop loop, RecordingHeader header, Runnable onStop) {
    this.number = number;
    this.line = line;
    this.loop = loop;
    this.header = header;
    this.onStop = onStop;
    this.connections = new PlayedConnections(
        new Delivered(number, loop, () -> line.source().decoder(loop.streams())),
        line.source().connections(header.streams()));
  }

  /// For any thread; at most 100 ms old.
  Progress progress() {
    return progress;
  }

  /// What cannot be taken is counted and left out; it costs nothing that follows.
  void take(List<Recorded> batch) {
    for (Recorded recorded : batch) {
      try {
        take(recorded);
      } catch (RuntimeException | Error e) {
        failures++;
        if (firstFailure == null) {
          firstFailure = bounded("at mono %d: %s".formatted(playedNanos, e));
          LOG.warn("{}: cannot be played and is left out: {}", header.id(), firstFailure, e);
        }
      }
    }
  }

  private void take(Recorded recorded) {
    playedNanos = Math.max(playedNanos, recorded.nanos());
    switch (recorded) {
      case Recorded.Frame frame -> frame(frame);
      case Recorded.Opened opened -> connections.opened(opened);
      case Recorded.Delivers delivers -> connections.delivers(delivers);
      case Recorded.Closed closed -> connections.closed(closed);
      case Recorded.Became was -> became(stateOf(was.to()), bounded(was.reason()));
      case Recorded.Lost lost ->
        LOG.warn(
            "{}: {} frames are not in the recording, the recorder's disk was too slow",
            header.id(),
            lost.frames());
      case Recorded.Sent _, Recorded.Ended _ -> {
        // said by us, and at the end of it all: nothing to publish
      }
    }
  }

  private void frame(Recorded.Frame frame) {
    frames++;
    lastFrameNanos = loop.nanos();
    if (firstNanos < 0) {
      firstNanos = frame.nanos();
    }
    try {
      connections.frame(frame);
    } catch (Undecodable e) {
      unreadable++;
    }
  }

  private void became(Link.State next, String why) {
    if (next == state) {
      return;
    }
    state = next;
    loop.linked(number, next, why);
    if (next == Link.State.HEALTHY) {
      for (int stream = 0; stream < loop.streams().size(); stream++) {
        loop.subscribed(number, stream);
      }
    }
  }

  private static Link.State stateOf(String name) {
    for (Link.State known : Link.State.values()) {
      if (known.name().equals(name)) {
        return known;
      }
    }
    return Link.State.DISCONNECTED; // one of a later Everfeed; none of them is healthy
  }

  private static String bounded(String text) {
    if (text.length() <= REASON_MAX) {
      return text;
    }
    int end = REASON_MAX - 1;
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
  }

  void ended(Duration took, boolean damaged, List<String> remarks) {
    ended = true;
    List<String> all = new ArrayList<>(remarks);
    if (failures > 0) {
      all.add("replay: of %s %,d %s could not be played; the first: %s"
          .formatted(header.id(), failures, failures == 1 ? "line" : "lines", firstFailure));
    }
    progress = progressOf(took, damaged || failures > 0, all);
    became(Link.State.DISCONNECTED, ENDED);
  }

  private Progress progressOf(Duration took, boolean damaged, List<String> remarks) {
    StreamLoop.Shown all = loop.look();
    return new Progress(
        frames,
        unreadable,
        Duration.ofNanos(firstNanos < 0 ? 0 : playedNanos - firstNanos),
        took,
        all.published(),
        all.gaps(),
        all.missing(),
        damaged,
        List.copyOf(remarks));
  }

  private void renew() {
    if (!ended && frames != progress.frames()) {
      progress = progressOf(Duration.ZERO, false, List.of());
    }
  }

  @Override
  public void want(SortedSet<Integer> streams) {
    // all that was recorded comes
  }

  @Override
  public void timePassed(long nowNanos) {
    renew(); // its time is the recording's
  }

  @Override
  public void ping() {
    // nobody is there
  }

  @Override
  public void stop() {
    renew();
    onStop.run();
  }

  @Override
  public void reconnect(String reason) {
    // what was recorded does not change
  }

  @Override
  public StreamView shown() {
    List<Stream> all = header.streams();
    return loop.view(
        number,
        all.size(),
        all.stream().map(stream -> stream.channel().text()).distinct().toList(),
        all.stream().map(stream -> stream.symbol().text()).distinct().toList(),
        frames,
        lastFrameNanos,
        Math.max(0, connections.begun() - 1),
        unreadable,
        null,
        -1);
  }
}
