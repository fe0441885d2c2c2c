package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Streams;
import dev.everfeed.core.time.Rfc3339;
import dev.everfeed.hub.publish.Gateway;
import dev.everfeed.hub.record.Recorded;
import dev.everfeed.hub.record.RecordingException;
import dev.everfeed.hub.record.RecordingHeader;
import dev.everfeed.hub.record.RecordingReader;
import dev.everfeed.hub.source.KnownSources;
import dev.everfeed.hub.source.StreamSource;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

  /// Slower than this nobody waits for: a minute takes most of a day.
  public static final double MIN_SPEED = 0.001;

  private static final Logger LOG = LoggerFactory.getLogger("everfeed.playback");

  /// Things that the loop takes in one turn,
  private static final int BATCH = 256;

  /// and bytes of them, or one that is longer.
  static final int BATCH_BYTES = 1 << 20;

  /// Turns that may wait for the loop.
  private static final int TURNS = 2;

  private static final long LOOK_MILLIS = 100;
  private static final long LONGEST_NAP_NANOS = 3_600_000_000_000L;

  /// Gives what was recorded, in order; null when there is nothing more.
  interface Reading {
    @Nullable
    Recorded next() throws RecordingException;
  }

  private final RecordingReader recording;
  private final Reading reading;
  private final RecordingHeader header;
  private final double speed;
  private final Duration wait;
  private final StreamSource source;
  private final Gateway gateway;
  private final StopSignal stop = new StopSignal();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Semaphore turns = new Semaphore(TURNS);
  private final List<Runnable> whenEnded = new ArrayList<>();
  private volatile @Nullable PlaybackFeed feed;
  private boolean begun;

  /// How far it is.
  ///
  /// @param frames     played
  /// @param unreadable of them
  /// @param recorded   the time of the recording that they took
  /// @param took       the time that playing them took
  /// @param published  events, and `gaps` in dense ids that lack `missing` trades
  /// @param damaged    whether something of the recording could not be read or played
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
      List<String> remarks) {
    static final Progress NONE =
        new Progress(0, 0, Duration.ZERO, Duration.ZERO, 0, 0, 0, false, List.of());
  }

  /// @param recording is closed with it
  /// @param speed     from [#MIN_SPEED] on; [#MAX_SPEED] for no pauses
  /// @param wait      from the hub's start to the first frame, for readers to connect
  /// @throws RecordingException when this Everfeed does not know the recording's source
  public Playback(RecordingReader recording, double speed, Duration wait)
      throws RecordingException {
    this(recording, recording::next, speed, wait);
  }

  /// @param reading what is played; the rest is asked of the recording
  Playback(RecordingReader recording, Reading reading, double speed, Duration wait)
      throws RecordingException {
    if (!(speed >= MIN_SPEED) || wait.isNegative()) {
      throw new IllegalArgumentException(
          "a speed is at least %s and a wait not below 0, were %s and %s"
              .formatted(MIN_SPEED, speed, wait));
    }
    this.recording = recording;
    this.reading = reading;
    this.header = recording.header();
    this.speed = speed;
    this.wait = wait;
    this.source = KnownSources.stream(header.source().name())
        .orElseThrow(() ->
            new RecordingException("replay: %s is of %s, to which this Everfeed does not listen"
                .formatted(header.id(), header.source())));
    this.gateway =
        new Gateway(header.source().name() + "_recorded", header.source(), source.exchange());
  }

  public RecordingHeader header() {
    return header;
  }

  public Progress progress() {
    PlaybackFeed from = feed;
    return from == null ? Progress.NONE : from.progress();
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
    return StreamPlan.of(
        new Streams(header.streams()),
        new StreamPlan.Line(
            gateway,
            source,
            URI.create(header.url()),
            StreamPlan.plan(gateway, source.rules(), null, List.of()),
            null));
  }

  GatewayFeed feed(int number, StreamPlan.Line line, StreamLoop loop) {
    PlaybackFeed made = new PlaybackFeed(number, line, loop, header, this::close);
    feed = made;
    return made;
  }

  /// When something recorded is due; the end of all time where that is beyond it.
  ///
  /// @param beganNanos of the playing; `firstNanos` and `nanos` are the recording's
  static long dueNanos(long beganNanos, long firstNanos, long nanos, double speed) {
    if (nanos <= firstNanos) {
      return beganNanos;
    }
    long since = nanos - firstNanos;
    long wait = (long) ((since < 0 ? Long.MAX_VALUE : since) / speed); // saturates
    return wait > Long.MAX_VALUE - Math.max(0, beganNanos) ? Long.MAX_VALUE : beganNanos + wait;
  }

  synchronized void begin(StreamLoop loop, HubClock clock) {
    if (begun) {
      return; // closed before
    }
    begun = true;
    PlaybackFeed into = feed;
    if (into == null) {
      throw new IllegalStateException("the loop was made without this playback");
    }
    Thread.ofPlatform().name("playback").daemon().start(() -> play(loop, into, clock));
  }

  private void play(StreamLoop loop, PlaybackFeed into, HubClock clock) {
    stop.await(wait);
    long began = clock.nanos();
    List<String> remarks = new ArrayList<>();
    boolean damaged = true;
    try (recording) {
      try {
        read(loop, into, clock, began);
        damaged = recording.isDamaged();
      } finally {
        remarks.addAll(recording.remarks()); // once closed it says that it was not ended in order
      }
    } catch (RecordingException e) {
      damaged = true;
      remarks.add(String.valueOf(e.getMessage()));
    } catch (Throwable e) { // a thread of its own: nobody else would end the playing
      damaged = true;
      LOG.error("{}: playing it failed", header.id(), e);
      remarks.add("replay: playing %s failed, and ends here: %s".formatted(header.id(), e));
    }
    remarks.forEach(remark -> LOG.warn("{}", remark));
    if (stop.isSet()) {
      return; // the hub ends, and so did its loop
    }
    Duration took = Duration.ofNanos(clock.nanos() - began);
    boolean incomplete = damaged;
    loop.onLoop(() -> {
      try {
        into.ended(took, incomplete, remarks);
      } finally {
        end();
      }
    });
  }

  /// Hands the loop what is due, when it is.
  private void read(StreamLoop loop, PlaybackFeed into, HubClock clock, long began)
      throws RecordingException {
    long first = Long.MIN_VALUE;
    List<Recorded> batch = new ArrayList<>();
    long bytes = 0;
    try {
      for (Recorded next = reading.next(); next != null && !stop.isSet(); next = reading.next()) {
        // a state that a part begins with is older than the part
        if (first == Long.MIN_VALUE && !(next instanceof Recorded.Became)) {
          first = next.nanos();
        }
        long due = first == Long.MIN_VALUE ? began : dueNanos(began, first, next.nanos(), speed);
        boolean later = due > clock.nanos();
        boolean full = batch.size() >= BATCH || bytes + bytesOf(next) > BATCH_BYTES;
        if (!batch.isEmpty() && (full || later)) {
          hand(batch, into, loop);
          batch = new ArrayList<>();
          bytes = 0;
        }
        for (long left = due - clock.nanos();
            left > 0 && !stop.isSet();
            left = due - clock.nanos()) {
          stop.await(Duration.ofNanos(Math.min(left, LONGEST_NAP_NANOS)));
        }
        batch.add(next);
        bytes += bytesOf(next);
      }
    } finally {
      hand(batch, into, loop); // also what came before a failure
    }
  }

  private static long bytesOf(Recorded recorded) {
    return switch (recorded) {
      case Recorded.Frame frame -> frame.bytes().length;
      case Recorded.Sent sent -> sent.text().length();
      case Recorded.Closed closed -> closed.reason().length();
      case Recorded.Became became -> became.reason().length();
      default -> 0;
    };
  }

  /// Waits while the loop has enough to do.
  private void hand(List<Recorded> batch, PlaybackFeed into, StreamLoop loop) {
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
          into.take(batch);
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
}
