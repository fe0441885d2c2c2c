package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.time.Rfc3339;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.publish.Publisher;
import dev.everfeed.hub.record.RecordingException;
import dev.everfeed.hub.record.RecordingHeader;
import dev.everfeed.hub.record.RecordingWriter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens to one source as a hub does, and records what goes over its sockets. The engine runs
/// along and counts gaps; what it publishes nobody reads.
///
/// | thread        | runs                                    |
/// |---------------|-----------------------------------------|
/// | an event loop | [StreamLoop]: sockets, decoding, engine |
/// | `recorder`    | [RecordingTap]: packing and writing     |
public final class FrameRecorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.record");
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(3);
  private static final Duration WRITE_WITHIN = Duration.ofSeconds(20);
  private static final long LOG_BYTES = 1 << 20;

  private final HubClock clock;
  private final Vertx vertx;
  private final StreamLoop loop;
  private final RecordingTap tap;
  private final RecordingWriter writer;
  private final Thread thread;
  private final String id;
  private volatile long endedNanos = -1;
  private boolean closed;

  /// What was recorded.
  ///
  /// @param frames      of the venue, without those that were lost
  /// @param frameBytes  of all frames that came
  /// @param fileBytes   of the files that are there
  /// @param connections that were opened
  /// @param gaps        holes in dense ids, and `missing` what they lack: of what came
  /// @param state       of the gateway, and why
  /// @param failure     why it ended by itself, or null
  public record Summary(
      String id,
      Duration lasted,
      long frames,
      long frameBytes,
      long lost,
      long fileBytes,
      int parts,
      long deletedParts,
      long connections,
      long gaps,
      long missing,
      long unreadable,
      String state,
      @Nullable String failure) {}

  private FrameRecorder(
      StreamPlan.Line line,
      List<Stream> streams,
      Path out,
      RecordingWriter.Limits limits,
      Runnable onEnd)
      throws RecordingException {
    this.clock = new HubClock();
    Instant second = clock.startedAt().truncatedTo(ChronoUnit.SECONDS);
    this.id = line.source().id() + "-" + Rfc3339.format(second).replaceAll("[-:]", "");
    this.writer = new RecordingWriter(
        out,
        new RecordingHeader(
            id,
            1,
            line.source().id(),
            line.source().exchange(),
            withoutUser(line.url(), path(line, streams)),
            streams,
            clock.startedAt()),
        limits);
    this.tap = new RecordingTap(clock, writer, onEnd);
    StreamPlan plan = StreamPlan.of(new Streams(streams), line);
    Publisher publisher = new Publisher(plan.streams(), List.of(line.gateway()), 1, LOG_BYTES);
    this.vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
    Context context = vertx.getOrCreateContext();
    this.loop = new StreamLoop(
        vertx,
        context,
        clock,
        plan,
        publisher,
        RandomGenerator.getDefault(),
        StreamLoop.Refills.NONE,
        tap,
        StandingBook.none(plan, clock),
        null);
    this.thread = Thread.ofPlatform().name("recorder").daemon().unstarted(tap);
  }

  /// Below which all connections are.
  private static String path(StreamPlan.Line line, List<Stream> streams) {
    List<String> paths = streams.stream().map(line.source()::path).distinct().toList();
    return paths.size() == 1 ? paths.getFirst() : "";
  }

  private static String withoutUser(URI url, String path) {
    String root = url.getPath() == null ? "" : url.getPath();
    return "%s://%s%s%s%s"
        .formatted(
            url.getScheme(),
            url.getHost(),
            url.getPort() < 0 ? "" : ":" + url.getPort(),
            root.endsWith("/") ? root.substring(0, root.length() - 1) : root,
            path);
  }

  /// Begins: the file is there when this returns, and the connection is on its way.
  ///
  /// @param settings where the source is
  /// @param source   that streams
  /// @param url      of its WebSocket server instead; null for that of the settings
  /// @param streams  that it offers
  /// @param out      as in [RecordingWriter]
  /// @param onEnd    called once if it ends by itself, by a full disk for example
  /// @throws RecordingException when the file cannot be made
  public static FrameRecorder start(
      Settings settings,
      SourceId source,
      @Nullable URI url,
      List<Stream> streams,
      Path out,
      RecordingWriter.Limits limits,
      Runnable onEnd)
      throws RecordingException {
    StreamPlan.Line line = StreamPlan.line(source, settings.source(source));
    if (url != null) {
      line = new StreamPlan.Line(line.gateway(), line.source(), url, line.plan(), null);
    }
    FrameRecorder recorder = new FrameRecorder(line, streams, out, limits, onEnd);
    recorder.thread.start();
    recorder.loop.start();
    return recorder;
  }

  public Summary summary() {
    StreamLoop.Shown shown = loop.shown();
    long until = endedNanos < 0 ? clock.nanos() : endedNanos;
    RecordingWriter.Written written = writer.written();
    long lost = tap.lost();
    return new Summary(
        id,
        Duration.ofNanos(until),
        tap.received() - lost,
        tap.receivedBytes(),
        lost,
        written.bytes(),
        written.parts(),
        written.deletedParts(),
        tap.opened(),
        shown.gaps(),
        shown.missing(),
        shown.gateways().getFirst().unreadable(),
        tap.state(),
        tap.failure());
  }

  /// Closes the sockets, writes what has come, and syncs it. Idempotent.
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    endedNanos = clock.nanos();
    try {
      loop.stop()
          .toCompletionStage()
          .toCompletableFuture()
          .get(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn(
          "record: the sockets did not close within {}, left alone: {}",
          CLOSE_WITHIN,
          e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    tap.finish();
    boolean interrupted = Thread.interrupted(); // what has come is written all the same
    try {
      if (!thread.join(WRITE_WITHIN)) {
        LOG.warn("record: the disk did not take what was left within {}", WRITE_WITHIN);
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    vertx.close();
  }
}
