package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.Link;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.time.Rfc3339;
import dev.everfeed.hub.api.StreamView;
import dev.everfeed.hub.publish.Gateway;
import dev.everfeed.hub.record.Recorded;
import dev.everfeed.hub.record.RecordingException;
import dev.everfeed.hub.record.RecordingHeader;
import dev.everfeed.hub.record.RecordingReader;
import dev.everfeed.hub.source.FrameDecoder;
import dev.everfeed.hub.source.FrameSink;
import dev.everfeed.hub.source.KnownSources;
import dev.everfeed.hub.source.StreamSource;
import dev.everfeed.hub.source.Undecodable;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Plays a recording to a hub in place of its venue's sockets: the same frames in the same
/// order, through the same decoder and engine, at the pace of the recording times a speed.
///
/// What is published has the recording's own `received_at`, and a gateway of its own name,
/// `binance_recorded`, by which it is told from the present. A thread reads and keeps the time;
/// the frames themselves are taken on the tick loop.
public final class Playback implements AutoCloseable {
  /// As fast as it goes.
  public static final double MAX_SPEED = Double.POSITIVE_INFINITY;

  private static final Logger LOG = LoggerFactory.getLogger("everfeed.playback");

  /// Frames that the loop takes in one turn.
  private static final int BATCH = 256;

  /// Turns that may wait for the loop.
  private static final int TURNS = 2;

  private static final long LOOK_MILLIS = 100;
  private static final long LONGEST_NAP_NANOS = 3_600_000_000_000L;

  private final RecordingReader recording;
  private final RecordingHeader header;
  private final double speed;
  private final Duration wait;
  private final StreamSource source;
  private final Gateway gateway;
  private final long startedAtNanos;
  private final StopSignal stop = new StopSignal();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Semaphore turns = new Semaphore(TURNS);
  private final List<Runnable> whenEnded = new ArrayList<>();
  private @Nullable Feed feed;
  private boolean begun;
  private volatile Progress progress =
      new Progress(0, 0, Duration.ZERO, Duration.ZERO, 0, 0, 0, false, List.of());

  // of the loop
  private long playedNanos;

  /// How far it is.
  ///
  /// @param frames     played
  /// @param unreadable of them
  /// @param recorded   the time of the recording that they took
  /// @param took       the time that playing them took
  /// @param published  events, and `gaps` in dense ids that lack `missing` trades
  /// @param damaged    whether something of the recording could not be read
  /// @param remarks    what that was, and what the recording does not have, once it has ended
  public record Progress(
      long frames,
      long unreadable,
      Duration recorded,
      Duration took,
      long published,
      long gaps,
      long missing,
      boolean damaged,
      List<String> remarks) {}

  /// @param recording is closed with it
  /// @param speed     above 0; [#MAX_SPEED] for no pauses
  /// @param wait      from the hub's start to the first frame, for readers to connect
  /// @throws RecordingException when this Everfeed does not know the recording's source
  public Playback(RecordingReader recording, double speed, Duration wait)
      throws RecordingException {
    if (!(speed > 0) || wait.isNegative()) {
      throw new IllegalArgumentException(
          "a speed is above 0 and a wait not below, were %s and %s".formatted(speed, wait));
    }
    this.recording = recording;
    this.header = recording.header();
    this.speed = speed;
    this.wait = wait;
    this.source = KnownSources.stream(header.source().name())
        .orElseThrow(() ->
            new RecordingException("replay: %s is of %s, to which this Everfeed does not listen"
                .formatted(header.id(), header.source())));
    this.gateway =
        new Gateway(header.source().name() + "_recorded", header.source(), source.exchange());
    Instant began = header.startedAt();
    this.startedAtNanos = began.getEpochSecond() * 1_000_000_000L + began.getNano();
  }

  public RecordingHeader header() {
    return header;
  }

  public Progress progress() {
    return progress;
  }

  /// Calls back when everything is published, at once when it is; on any thread.
  public void onEnded(Runnable callback) {
    synchronized (whenEnded) {
      if (ended.getCount() > 0) {
        whenEnded.add(callback);
        return;
      }
    }
    callback.run();
  }

  /// What the health page says.
  String notice() {
    return "what is published is a recording, not the present: %s, begun %s"
        .formatted(header.id(), Rfc3339.format(header.startedAt()));
  }

  StreamPlan plan() {
    return new StreamPlan(
        new Streams(header.streams()),
        List.of(new StreamPlan.Line(gateway, source, URI.create(header.url()))));
  }

  GatewayFeed feed(int number, StreamPlan.Line line, StreamLoop loop) {
    Feed made = new Feed(number, line, loop);
    feed = made;
    return made;
  }

  /// When the frame that is being taken was received, nanoseconds of the epoch. On the loop.
  long receivedAtNanos() {
    return startedAtNanos + playedNanos;
  }

  /// When something recorded is due.
  ///
  /// @param beganNanos of the playing; `firstNanos` and `nanos` are the recording's
  static long dueNanos(long beganNanos, long firstNanos, long nanos, double speed) {
    long since = Math.max(0, nanos - firstNanos);
    return beganNanos + (long) (since / speed);
  }

  synchronized void begin(StreamLoop loop, HubClock clock) {
    if (begun) {
      return; // closed before
    }
    begun = true;
    Feed into = feed;
    if (into == null) {
      throw new IllegalStateException("the loop was made without this playback");
    }
    Thread.ofPlatform().name("playback").daemon().start(() -> play(loop, into, clock));
  }

  private void play(StreamLoop loop, Feed into, HubClock clock) {
    stop.await(wait);
    long began = clock.nanos();
    long first = Long.MIN_VALUE;
    List<Recorded> batch = new ArrayList<>();
    String failure = null;
    try (recording) {
      Recorded next = recording.next();
      while (next != null && !stop.isSet()) {
        // a state that a part begins with is older than the part
        if (first == Long.MIN_VALUE && !(next instanceof Recorded.Became)) {
          first = next.nanos();
        }
        long due = first == Long.MIN_VALUE ? began : dueNanos(began, first, next.nanos(), speed);
        boolean later = due > clock.nanos();
        if (batch.size() >= BATCH || (later && !batch.isEmpty())) {
          hand(batch, into, loop);
          batch = new ArrayList<>();
        }
        for (long left = due - clock.nanos();
            left > 0 && !stop.isSet();
            left = due - clock.nanos()) {
          stop.await(Duration.ofNanos(Math.min(left, LONGEST_NAP_NANOS)));
        }
        batch.add(next);
        next = recording.next();
      }
      hand(batch, into, loop);
    } catch (RecordingException e) {
      failure = e.getMessage();
    }
    List<String> remarks = new ArrayList<>(recording.remarks());
    if (failure != null) {
      remarks.add(failure);
    }
    remarks.forEach(remark -> LOG.warn("{}", remark));
    Duration took = Duration.ofNanos(clock.nanos() - began);
    boolean damaged = failure != null || recording.isDamaged();
    if (stop.isSet()) {
      return; // the hub ends, and so did its loop
    }
    loop.onLoop(() -> {
      into.ended(took, damaged, remarks);
      end();
    });
  }

  /// Waits while the loop has enough to do.
  private void hand(List<Recorded> batch, Feed into, StreamLoop loop) {
    try {
      while (!turns.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        if (stop.isSet()) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    loop.onLoop(() -> {
      try {
        if (!stop.isSet()) {
          batch.forEach(into::take);
        }
      } finally {
        turns.release();
      }
    });
  }

  private void end() {
    List<Runnable> callbacks;
    synchronized (whenEnded) {
      ended.countDown();
      callbacks = List.copyOf(whenEnded);
    }
    callbacks.forEach(Runnable::run);
  }

  /// Plays nothing more. The thread that reads closes the recording, where there is one.
  @Override
  public synchronized void close() {
    stop.set();
    if (!begun) {
      begun = true;
      try {
        recording.close();
      } catch (RecordingException e) {
        LOG.warn("{}", e.getMessage());
      }
    }
  }

  /// The gateway. Owned by the tick loop.
  private final class Feed implements GatewayFeed, FrameSink {
    private final int number;
    private final StreamPlan.Line line;
    private final StreamLoop loop;
    private final Map<Integer, FrameDecoder> decoders = new HashMap<>();
    private Link.State state = Link.State.DISCONNECTED;
    private String reason = "the recording has not begun";
    private long sinceNanos;
    private long frames;
    private long unreadable;
    private long connects;
    private long firstNanos = -1;
    private long lastFrameNanos = -1;

    Feed(int number, StreamPlan.Line line, StreamLoop loop) {
      this.number = number;
      this.line = line;
      this.loop = loop;
    }

    void take(Recorded recorded) {
      playedNanos = recorded.nanos();
      switch (recorded) {
        case Recorded.Frame frame -> frame(frame);
        case Recorded.Opened opened -> {
          connects++;
          decoders.put(opened.connection(), line.source().decoder(loop.streams()));
        }
        case Recorded.Closed closed -> decoders.remove(closed.connection());
        case Recorded.Became was -> became(stateOf(was.to()), was.reason());
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
      FrameDecoder decoder =
          decoders.computeIfAbsent(frame.connection(), _ -> line.source().decoder(loop.streams()));
      try {
        decoder.decode(frame.bytes(), 0, frame.bytes().length, this);
      } catch (Undecodable e) {
        unreadable++;
      }
      if (frames % BATCH == 0) {
        progress = progressOf(Duration.ZERO, false, List.of());
      }
    }

    private void became(Link.State next, String why) {
      if (next == state) {
        return;
      }
      loop.happened(
          GatewayStream.STATUS_CHANGE, GatewayStream.changeOfState(gateway.id(), state, next, why));
      state = next;
      reason = why;
      sinceNanos = loop.nanos();
      loop.tellWhoDelivers();
    }

    private static Link.State stateOf(String name) {
      for (Link.State known : Link.State.values()) {
        if (known.name().equals(name)) {
          return known;
        }
      }
      return Link.State.DISCONNECTED; // one of a later Everfeed; none of them is healthy
    }

    void ended(Duration took, boolean damaged, List<String> remarks) {
      became(Link.State.DISCONNECTED, "the recording has ended");
      reason = "the recording has ended";
      progress = progressOf(took, damaged, remarks);
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

    @Override
    public void want(SortedSet<Integer> streams) {
      // all that was recorded comes
    }

    @Override
    public void timePassed(long nowNanos) {
      // its time is the recording's
    }

    @Override
    public void ping() {
      // nobody is there
    }

    @Override
    public void stop() {
      close();
    }

    @Override
    public StreamView shown() {
      List<Stream> all = header.streams();
      return new StreamView(
          gateway.id(),
          gateway.source(),
          number + 1,
          state,
          reason,
          sinceNanos,
          all.size(),
          all.stream().map(stream -> stream.channel().text()).distinct().toList(),
          all.stream().map(stream -> stream.symbol().text()).distinct().toList(),
          frames,
          lastFrameNanos,
          Math.max(0, connects - 1),
          unreadable,
          null,
          -1);
    }

    @Override
    public void tick(Tick tick) {
      loop.tick(number, tick);
    }

    @Override
    public void newest(int stream, long tradeId) {
      loop.newest(number, stream, tradeId);
    }

    @Override
    public void answered(int requestId, @Nullable String refusal) {
      // of a request that was made when it was recorded
    }

    @Override
    public void subscribed(int stream) {
      // as above
    }

    @Override
    public void control(Event event) {
      // what it meant for the connection stands in the recording
    }
  }
}
