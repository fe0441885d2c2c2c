package dev.everfeed.app;

import dev.everfeed.hub.source.DecodeFiles;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `everfeed decode SOURCE KIND FILE…`
@NullMarked
@Command(
    name = "decode",
    mixinStandardHelpOptions = true,
    description =
        "Print recorded payloads of a source as canonical events, one JSON object a line.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:every file was decoded",
      "2:the command line is wrong, or a file cannot be read",
      "65:the bytes of a file are not a message of that source and kind"
    })
final class DecodeCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "SOURCE", description = "Such as binance.")
  private String source = "";

  @Parameters(
      index = "1",
      paramLabel = "KIND",
      description = "Such as rest_bars; an unknown one is answered with the list.")
  private String kind = "";

  @Parameters(index = "2..*", arity = "1..*", paramLabel = "FILE", description = "Payloads.")
  private List<String> files = List.of();

  @Option(
      names = "--symbol",
      paramLabel = "S",
      description = "The symbol that was asked for, such as BTC/USDT.")
  private @Nullable String symbol;

  @Option(
      names = "--interval",
      paramLabel = "I",
      description = "The interval of bars that was asked for, such as 1h.")
  private @Nullable String interval;

  @Option(
      names = "--batch",
      paramLabel = "LIST",
      description = "All symbols that were asked for together, separated by commas.")
  private @Nullable String batch;

  /// Writes UTF-8 whatever the terminal's encoding is: the lines are JSON.
  @Override
  public Integer call() throws IOException {
    Writer out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    try {
      return DecodeFiles.run(source, kind, files, symbol, interval, batch, out, System.err);
    } finally {
      out.flush();
    }
  }
}
