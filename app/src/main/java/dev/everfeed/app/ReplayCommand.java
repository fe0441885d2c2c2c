package dev.everfeed.app;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.time.Rfc3339;
import dev.everfeed.hub.config.Durations;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.record.RecordingException;
import dev.everfeed.hub.record.RecordingHeader;
import dev.everfeed.hub.record.RecordingReader;
import dev.everfeed.hub.runtime.Hub;
import dev.everfeed.hub.runtime.Playback;
import dev.everfeed.hub.telemetry.Logging;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/// `replay`: a hub that publishes a recording, for programs that read it as they read the
/// present.
@Command(
    name = "replay",
    description = {
      "Publishes a recording as it happened, on the hub's own addresses: no network, no database.",
      "What is published has the recording's times, and a gateway that ends with _recorded."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:all that was recorded was published, or it was stopped",
      "1:something of the recording is damaged, or could not be played; the rest was published",
      "2:wrong usage, or a file is not there",
      "65:a file is no recording that this Everfeed can read",
      "69:an address is taken"
    })
final class ReplayCommand implements Callable<Integer> {
  private static final int UNDECODABLE = 65;

  /// For readers to take the last messages, before an ending hub closes their connections.
  private static final long FOR_READERS_SECONDS = 1;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "The parts of one recording in any order, or a folder that holds only them.")
  private List<Path> files = List.of();

  @Option(
      names = "--speed",
      paramLabel = "X",
      defaultValue = "1",
      converter = SpeedOfText.class,
      description =
          "Times the speed of the recording, 0.001 to 1000000, or max (default: ${DEFAULT-VALUE}). A reader that is too slow for it is told what it missed.")
  private double speed = 1;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      defaultValue = "0",
      converter = WaitOfText.class,
      description = "Begin this much later, for readers to connect, as in 5s.")
  private Duration wait = Duration.ZERO;

  @Option(
      names = "--port",
      defaultValue = "8080",
      description =
          "Of HTTP and WebSocket, 0 for a free one; ZeroMQ has the next (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(names = "--exit", description = "End when all is published, instead of at Ctrl-C.")
  private boolean exit;

  @Option(names = "--log", paramLabel = "FORMAT", description = "text or json (ECS).")
  private @Nullable String log;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before call()
  private CommandSpec spec;

  private final AtomicBoolean told = new AtomicBoolean();

  @Override
  public Integer call() throws InterruptedException {
    for (Path file : files) {
      if (!Files.isReadable(file)) {
        return fail(2, "replay: %s does not exist, or cannot be read".formatted(file));
      }
    }
    try (Playback playback = new Playback(RecordingReader.open(files), speed, wait);
        RunningUntilStopped running = new RunningUntilStopped()) {
      Hub hub = running.closing(Hub.playing(settings(playback.header()), playback));
      welcome(hub, playback.header());
      playback.onEnded(() -> {
        tell(playback.progress());
        if (exit) {
          CompletableFuture.delayedExecutor(FOR_READERS_SECONDS, TimeUnit.SECONDS)
              .execute(running::stop);
        }
      });
      running.await(() -> {
        if (!told.get()) {
          say("Stopped after %,d frames.".formatted(playback.progress().frames()));
        }
      });
      return playback.progress().damaged() ? 1 : 0;
    } catch (RecordingException e) {
      return fail(UNDECODABLE, String.valueOf(e.getMessage()));
    }
  }

  /// A hub that asks no source and keeps nothing.
  private Settings settings(RecordingHeader header) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.remove("DATABASE_URL");
    if (log != null) {
      environment.put("EVERFEED_LOG_FORMAT", log);
    }
    String off = Settings.SOURCES.stream()
        .map(source -> "  %s: {enabled: false}".formatted(source))
        .collect(Collectors.joining("\n"));
    Settings settings = Settings.parse(
        """
        http: {port: %d}
        store: {enabled: false}
        symbols: [%s]
        sources:
        %s
        stream: {sources: [%s], channels: [%s], intervals: [%s]}
        """.formatted(
            port,
            joined(header.streams().stream()
                .map(stream -> "\"" + stream.symbol() + "\"")
                .toList()),
            off,
            header.source(),
            joined(
                header.streams().stream().map(stream -> stream.channel().text()).toList()),
            joined(header.streams().stream()
                .map(Stream::interval)
                .filter(Objects::nonNull)
                .map(Interval::text)
                .toList())),
        environment);
    Logging.configure(settings.log().format(), settings.log().level());
    return settings;
  }

  private static String joined(List<String> texts) {
    return texts.stream().distinct().collect(Collectors.joining(", "));
  }

  private void welcome(Hub hub, RecordingHeader header) {
    say("""

        Everfeed replays %s: what %s sent from %s on, %s%s.
          streams  %s
          read     ws://127.0.0.1:%d/v1/stream%s
        Ctrl-C stops it.
        """.formatted(
            header.id(),
            header.source(),
            Rfc3339.format(header.startedAt()),
            speed == Playback.MAX_SPEED
                ? "as fast as it goes"
                : "%s times as fast".formatted(number(speed)),
            wait.isZero() ? "" : ", beginning in " + Durations.format(wait),
            header.streams().stream().limit(6).map(Stream::name).collect(Collectors.joining(", "))
                + (header.streams().size() > 6 ? ", …" : ""),
            hub.port(),
            hub.zeromqPort() < 0 ? "" : ", and ZeroMQ at tcp://127.0.0.1:" + hub.zeromqPort()));
  }

  private void tell(Playback.Progress progress) {
    told.set(true);
    double recorded = progress.recorded().toNanos() / 1e9;
    double took = progress.took().toNanos() / 1e9;
    say("Replayed %,d frames of %.1f s in %.1f s: %,d events published, %,d gaps of %,d trades%s.%s"
        .formatted(
            progress.frames(),
            recorded,
            took,
            progress.published(),
            progress.gaps(),
            progress.missing(),
            progress.unreadable() == 0
                ? ""
                : ", %,d frames that cannot be read".formatted(progress.unreadable()),
            exit ? "" : " The hub remembers the last of it until Ctrl-C."));
    progress
        .remarks()
        .forEach(remark -> spec.commandLine().getErr().println("everfeed: " + remark));
    spec.commandLine().getErr().flush();
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  private void say(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(text);
    out.flush();
  }

  private int fail(int status, String message) {
    spec.commandLine().getErr().println("everfeed: " + message);
    return status;
  }

  static final class SpeedOfText implements ITypeConverter<Double> {
    private static final double MOST = 1e6;

    @Override
    public Double convert(String text) {
      if (text.equals("max")) {
        return Playback.MAX_SPEED;
      }
      try {
        double speed = Double.parseDouble(text);
        if (speed >= Playback.MIN_SPEED && speed <= MOST) {
          return speed;
        }
      } catch (NumberFormatException e) {
        throw wrong(text, e);
      }
      throw wrong(text, null);
    }

    private static TypeConversionException wrong(
        String text, @Nullable NumberFormatException cause) {
      TypeConversionException wrong = new TypeConversionException(
          "must be 0.001 to 1000000, as in 0.5 or 10, or max, was " + text);
      if (cause != null) {
        wrong.initCause(cause);
      }
      return wrong;
    }
  }

  static final class WaitOfText implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return Durations.parse(text)
          .orElseThrow(() -> new TypeConversionException(
              "must be a length of time like 500ms, 5s, 1m, was " + text));
    }
  }
}
