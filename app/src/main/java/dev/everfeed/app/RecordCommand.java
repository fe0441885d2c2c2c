package dev.everfeed.app;

import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.config.Durations;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.record.RecordingException;
import dev.everfeed.hub.record.RecordingWriter;
import dev.everfeed.hub.runtime.FrameRecorder;
import dev.everfeed.hub.source.KnownSources;
import dev.everfeed.hub.source.StreamSource;
import dev.everfeed.hub.telemetry.Logging;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/// `record`: listens to one source as the hub does, and writes down what goes over its sockets.
@Command(
    name = "record",
    description = {
      "Records what comes over a source's sockets, byte for byte and with both clocks.",
      "`everfeed replay` plays it again. docs/recording.md has the format."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:recorded, until Ctrl-C or the end of --for",
      "1:nothing came, or it ended by itself, because the file or the disk is full",
      "2:wrong usage",
      "73:nothing can be written to --out",
      "78:the configuration has mistakes"
    })
final class RecordCommand implements Callable<Integer> {
  private static final String OUT = "everfeed-recordings";

  @Option(
      names = "--source",
      required = true,
      paramLabel = "NAME",
      description = "One that streams, as in binance; any other name lists them.")
  private String source = "";

  @Option(
      names = "--symbol",
      required = true,
      split = ",",
      paramLabel = "S",
      description = "As in BTC/USDT; several with commas between them.")
  private List<String> symbols = List.of();

  @Option(
      names = "--channel",
      split = ",",
      paramLabel = "NAME",
      description = "trade, quote, bar, with commas between them (default: all that it has).")
  private List<String> channels = List.of();

  @Option(
      names = "--interval",
      split = ",",
      defaultValue = "1m",
      paramLabel = "I",
      description = "Of bars, as in 1m,1h (default: ${DEFAULT-VALUE}).")
  private List<String> intervals = List.of();

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = LengthOfText.class,
      description = "End after this time, as in 30s, 10m, 8h (default: at Ctrl-C).")
  private @Nullable Duration lasting;

  @Option(
      names = "--max",
      paramLabel = "SIZE",
      defaultValue = "1GiB",
      converter = SizeOfText.class,
      description =
          "Of all its files, at least 16MiB (default: ${DEFAULT-VALUE}). In a folder the oldest part then makes room; one file ends when it is full.")
  private long max;

  @Option(
      names = "--out",
      paramLabel = "DIR|FILE",
      defaultValue = OUT,
      description =
          "A folder for the parts, or one file that ends with .ndjson.gz and is not there yet (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of(OUT);

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The hub's configuration: where the source is.")
  private @Nullable Path config;

  @Option(
      names = "--url",
      description =
          "Of the source's WebSocket server, as in ws://127.0.0.1:8091 (default: the configured one, or the vendor's own).")
  private @Nullable URI url;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before call()
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    StreamSource from = KnownSources.stream(source)
        .orElseThrow(() -> wrong("--source must be one that streams (%s), was %s"
            .formatted(
                KnownSources.names().stream()
                    .filter(name -> KnownSources.stream(name).isPresent())
                    .collect(Collectors.joining(", ")),
                source)));
    List<Stream> streams = streams(from);
    URI server = url == null ? null : server(url, from, streams);
    Settings settings = config == null
        ? Settings.parse("", System.getenv())
        : Settings.load(config, System.getenv());
    Logging.configure(settings.log().format(), settings.log().level());
    FrameRecorder recorder;
    try (RunningUntilStopped running = new RunningUntilStopped()) {
      recorder = running.closing(FrameRecorder.start(
          settings,
          new SourceId(source),
          server,
          streams,
          out,
          RecordingWriter.Limits.of(max),
          running::stop));
      say("Recording %s of %s to %s, at most %s%s. %s ends it."
          .formatted(
              streams.size() <= 6
                  ? streams.stream().map(Stream::name).collect(Collectors.joining(", "))
                  : "%d streams".formatted(streams.size()),
              source,
              RecordingWriter.isFile(out) ? out : out.resolve(recorder.summary().id() + ".*"),
              size(max),
              lasting == null ? "" : " and " + Durations.format(lasting),
              "Ctrl-C"));
      Runnable lastWords = () -> tell(recorder.summary());
      if (lasting == null) {
        running.await(lastWords);
      } else {
        running.await(lasting, lastWords);
      }
    } catch (RecordingException e) {
      spec.commandLine().getErr().println("everfeed: " + e.getMessage());
      return Everfeed.NO_STORAGE;
    }
    FrameRecorder.Summary summary = recorder.summary();
    return summary.failure() == null && summary.frames() > 0 ? 0 : 1;
  }

  private List<Stream> streams(StreamSource from) {
    List<Channel> wanted = channels.isEmpty()
        ? Arrays.stream(Channel.values())
            .filter(channel -> from.proofs().containsKey(channel))
            .toList()
        : channels.stream().map(this::channel).distinct().toList();
    List<Stream> streams = new ArrayList<>();
    for (String text : symbols) {
      Symbol symbol = symbol(text);
      for (Channel channel : wanted) {
        switch (channel) {
          case TRADE -> streams.add(Stream.trades(symbol));
          case QUOTE -> streams.add(Stream.quotes(symbol));
          case BAR -> intervals.forEach(name -> streams.add(Stream.bars(symbol, interval(name))));
        }
      }
    }
    for (Stream stream : streams) {
      if (!from.offers(stream)) {
        throw wrong("%s does not stream %s; it has the channels %s"
            .formatted(
                source,
                stream,
                from.proofs().keySet().stream()
                    .map(Channel::text)
                    .sorted()
                    .collect(Collectors.joining(", "))));
      }
    }
    return streams.stream().distinct().toList();
  }

  private Channel channel(String text) {
    return Arrays.stream(Channel.values())
        .filter(channel -> channel.text().equals(text))
        .findFirst()
        .orElseThrow(() -> wrong("--channel must be trade, quote or bar, was " + text));
  }

  private Interval interval(String text) {
    return Interval.parse(text)
        .orElseThrow(
            () -> wrong("--interval must be one of %s, was %s".formatted(Interval.all(), text)));
  }

  private Symbol symbol(String text) {
    try {
      Symbol symbol = Symbol.of(text);
      if (symbol.base().isPresent()
          && symbol.quote().filter(quote -> !quote.isEmpty()).isPresent()
          && text.equals(text.toUpperCase(Locale.ROOT))) {
        return symbol;
      }
    } catch (IllegalArgumentException e) {
      throw wrong("--symbol must be BASE/QUOTE: " + e.getMessage());
    }
    throw wrong("--symbol must be BASE/QUOTE in upper case, was " + text);
  }

  /// The source puts its path behind; an address that has it already means the same.
  private URI server(URI given, StreamSource from, List<Stream> streams) {
    String text = given.toString().replaceFirst("^http", "ws");
    for (String path : streams.stream().map(from::path).distinct().toList()) {
      if (path.length() > 1 && text.endsWith(path)) {
        text = text.substring(0, text.length() - path.length());
      }
    }
    URI server = URI.create(text);
    boolean socket = "ws".equals(server.getScheme()) || "wss".equals(server.getScheme());
    if (!socket || server.getHost() == null) {
      throw wrong("--url must be like ws://127.0.0.1:8091, was " + given);
    }
    return server;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private void tell(FrameRecorder.Summary summary) {
    long lost = summary.lost();
    say("Recorded %,d frames (%s, packed %s) in %.1f s over %d %s; %,d lost%s."
        .formatted(
            summary.frames(),
            size(summary.frameBytes()),
            size(summary.fileBytes()),
            summary.lasted().toMillis() / 1e3,
            summary.connections(),
            summary.connections() == 1 ? "connection" : "connections",
            lost,
            lost == 0
                ? ""
                : summary.failure() == null
                    ? " because the disk was too slow, which the recording says"
                    : ", most of them because it ended before the venue did"));
    if (summary.gaps() > 0) {
      say("Gaps: %,d; trades of the venue that did not come: %,d."
          .formatted(summary.gaps(), summary.missing()));
    }
    if (summary.unreadable() > 0) {
      say("%,d frames are no messages of %s; they are in the recording too."
          .formatted(summary.unreadable(), source));
    }
    if (summary.deletedParts() > 0) {
      say("%,d old parts made room.".formatted(summary.deletedParts()));
    }
    String failure = summary.failure();
    if (failure != null) {
      spec.commandLine().getErr().println("everfeed: " + failure);
    } else if (summary.frames() == 0) {
      spec.commandLine()
          .getErr()
          .println(
              "everfeed: nothing came from %s; it was last %s".formatted(source, summary.state()));
    } else {
      say("./everfeed replay %s"
          .formatted(RecordingWriter.isFile(out) ? out : out.resolve(summary.id() + ".*")));
    }
  }

  private void say(String line) {
    PrintWriter to = spec.commandLine().getOut();
    to.println(line);
    to.flush();
  }

  /// `3.2 MiB`.
  static String size(long bytes) {
    if (bytes < 1_024) {
      return bytes + " B";
    }
    String[] units = {"KiB", "MiB", "GiB", "TiB"};
    double value = bytes / 1_024.0;
    int unit = 0;
    while (value >= 1_024 && unit < units.length - 1) {
      value /= 1_024;
      unit++;
    }
    String text = "%.1f".formatted(value);
    return (text.endsWith(".0") ? text.substring(0, text.length() - 2) : text) + " " + units[unit];
  }

  static final class LengthOfText implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return Durations.parse(text)
          .filter(Duration::isPositive)
          .orElseThrow(() -> new TypeConversionException(
              "must be a length of time above 0, like 250ms, 30s, 10m, 8h, was " + text));
    }
  }

  static final class SizeOfText implements ITypeConverter<Long> {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(MiB|GiB)");

    @Override
    public Long convert(String text) {
      Matcher size = SIZE.matcher(text);
      if (size.matches()) {
        long bytes = Long.parseLong(size.group(1)) << (size.group(2).equals("MiB") ? 20 : 30);
        if (bytes >= RecordingWriter.Limits.LEAST) {
          return bytes;
        }
      }
      throw new TypeConversionException(
          "must be like 500MiB or 2GiB and at least 16MiB, was " + text);
    }
  }
}
