package dev.everfeed.app;

import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.fault.ConsoleClient;
import dev.everfeed.simulator.fault.ConsoleRefused;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/// `everfeed fault SOURCE KIND`: makes one simulated venue or line fail, through the console of
/// a running demonstration. Real sources cannot be reached this way.
///
/// Exit status 0 when the fault is in force, 1 when the console says no or does not answer, 2
/// for wrong usage.
@Command(
    name = "fault",
    description =
        "Make a simulated venue or one line of it fail; a new fault replaces the one in force there.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the fault is in force",
      "1:the console refused, or no demo is running",
      "2:wrong usage"
    })
final class FaultCommand implements Callable<Integer> {
  static final String CONSOLE = "http://127.0.0.1:8090";

  /// Set by picocli before the call.
  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "SOURCE",
      completionCandidates = VenueNames.class,
      description = "A simulated venue or line, in the demo: ${COMPLETION-CANDIDATES}")
  private String source = "";

  @Parameters(
      index = "1",
      paramLabel = "KIND",
      converter = KindOfWord.class,
      completionCandidates = KindWords.class,
      description = "One of: ${COMPLETION-CANDIDATES}")
  private @Nullable FaultKind kind;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = TimeOfText.class,
      description = "Heal by itself after this time: 250ms, 30s, 2m, 1h.")
  private @Nullable Duration lasting;

  @Option(
      names = "--delay",
      paramLabel = "TIME",
      converter = TimeOfText.class,
      description =
          "For slow: how late (default 2s). For skew: how far its clock is ahead (default 1h). For endless: time between bytes. For shutdown: when it closes (default 10s). For lag: what each second adds (default 100ms).")
  private @Nullable Duration delay;

  @Option(
      names = "--count",
      paramLabel = "N",
      converter = CountOfText.class,
      description =
          "For gap, duplicate, reorder, garbage and giant: how many frames (gap, garbage and giant: default 1).")
  private @Nullable Integer count;

  @Option(
      names = "--symbol",
      paramLabel = "SYMBOL",
      converter = SymbolOfText.class,
      description =
          "Of the streams of this symbol alone: BTC/USDT. For: wrong-price, frozen, silent, duplicate, reorder, gap, lag, halt.")
  private @Nullable Symbol symbol;

  @Option(
      names = "--channel",
      paramLabel = "CHANNEL",
      converter = ChannelOfWord.class,
      completionCandidates = ChannelWords.class,
      description =
          "Of this channel alone: ${COMPLETION-CANDIDATES}. For the same kinds but gap and halt.")
  private FaultOrder.@Nullable Channel channel;

  @Option(
      names = "--console",
      paramLabel = "URL",
      defaultValue = CONSOLE,
      description = "Console of the simulated venues (default: ${DEFAULT-VALUE}).")
  private URI console = URI.create(CONSOLE);

  @Override
  public Integer call() {
    FaultKind chosen = kind;
    if (chosen == null) {
      throw new IllegalStateException("picocli called the command without its KIND");
    }
    FaultOrder order;
    try {
      order = new FaultOrder(chosen, lasting, delay, count, symbol, channel);
    } catch (IllegalArgumentException mistake) {
      throw new ParameterException(spec.commandLine(), "--" + mistake.getMessage(), mistake);
    }
    try (var client = new ConsoleClient(console)) {
      spec.commandLine().getOut().println(client.fault(source, order).line());
      return 0;
    } catch (ConsoleRefused e) {
      spec.commandLine().getErr().println("fault: " + e.getMessage());
      return 1;
    }
  }

  static final class VenueNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return DemoCommand.SERVERS.names().iterator();
    }
  }

  static final class KindOfWord implements ITypeConverter<FaultKind> {
    @Override
    public FaultKind convert(String word) {
      return FaultKind.parse(word)
          .orElseThrow(() -> new TypeConversionException(
              "must be one of %s, was %s".formatted(FaultKind.all(), word)));
    }
  }

  static final class KindWords implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(FaultKind.values()).map(FaultKind::word).iterator();
    }
  }

  static final class SymbolOfText implements ITypeConverter<Symbol> {
    @Override
    public Symbol convert(String text) {
      try {
        return Symbol.of(text);
      } catch (IllegalArgumentException mistake) {
        throw new TypeConversionException(mistake.getMessage());
      }
    }
  }

  static final class ChannelOfWord implements ITypeConverter<FaultOrder.Channel> {
    @Override
    public FaultOrder.Channel convert(String word) {
      return FaultOrder.Channel.parse(word)
          .orElseThrow(() -> new TypeConversionException(
              "must be one of %s, was %s".formatted(FaultOrder.Channel.all(), word)));
    }
  }

  static final class ChannelWords implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(FaultOrder.Channel.values())
          .map(FaultOrder.Channel::word)
          .iterator();
    }
  }

  static final class CountOfText implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (!text.matches("[1-9][0-9]{0,8}") || Integer.parseInt(text) > FaultOrder.MOST) {
        throw new TypeConversionException(
            "must be 1 to %d, was %s".formatted(FaultOrder.MOST, text));
      }
      return Integer.valueOf(text);
    }
  }

  /// Up to the bound that a [FaultOrder] allows, so that its mistakes are usage too.
  static final class TimeOfText implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return FaultOrder.duration(text)
          .filter(time -> time.isPositive() && time.compareTo(FaultOrder.LONGEST) <= 0)
          .orElseThrow(() -> new TypeConversionException(
              "must be like 250ms, 30s, 2m, 1h and at most 24h, was " + text));
    }
  }
}
