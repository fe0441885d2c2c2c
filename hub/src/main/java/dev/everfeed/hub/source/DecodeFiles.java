package dev.everfeed.hub.source;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.publish.CanonicalJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What `everfeed decode` does: recorded payloads in, canonical lines out (wire/CANONICAL.md).
public final class DecodeFiles {
  /// Every file was decoded.
  public static final int OK = 0;

  /// The command line is wrong, or a file cannot be read.
  public static final int USAGE = 2;

  /// The bytes of at least one file are not a message of that source and kind (`EX_DATAERR` of
  /// sysexits.h).
  public static final int DATA = 65;

  /// Longest file that is read into memory at once.
  private static final long FILE_MAX_BYTES = 256L << 20;

  private DecodeFiles() {}

  /// Decodes all files in order, also after one that cannot be; of such a file only its error
  /// line is printed.
  ///
  /// @param symbol   as typed, or null
  /// @param interval as typed, or null
  /// @param batch    as typed: symbols separated by commas, or null
  /// @param out      takes the lines, each with a line feed
  /// @param err      takes what is wrong with the command line
  /// @return [#OK], [#USAGE] or [#DATA]
  public static int run(
      String source,
      String kind,
      List<String> files,
      @Nullable String symbol,
      @Nullable String interval,
      @Nullable String batch,
      Appendable out,
      Appendable err)
      throws IOException {
    List<String> mistakes = new ArrayList<>();
    Optional<WireDecoder> decoder = KnownSources.decoder(source);
    if (decoder.isEmpty()) {
      mistakes.add("no source \"%s\", there are %s"
          .formatted(source, String.join(" ", KnownSources.wires())));
    } else if (!decoder.get().kinds().contains(kind)) {
      mistakes.add("%s has no kind \"%s\", there are %s"
          .formatted(source, kind, String.join(" ", decoder.get().kinds())));
    }
    DecodeContext context = context(symbol, interval, batch, mistakes);
    if (files.isEmpty()) {
      mistakes.add("no file given");
    }
    for (String file : files) {
      mistakeOf(file).ifPresent(mistakes::add);
    }
    if (!mistakes.isEmpty() || decoder.isEmpty()) {
      for (String mistake : mistakes) {
        err.append("decode: ").append(mistake).append('\n');
      }
      return USAGE;
    }
    int status = OK;
    for (String file : files) {
      byte[] bytes = Files.readAllBytes(Path.of(file));
      try {
        StringBuilder lines = new StringBuilder();
        for (Event event : decoder.get().decode(kind, bytes, context)) {
          CanonicalJson.append(lines, event);
          lines.append('\n');
        }
        out.append(lines);
      } catch (Undecodable e) {
        out.append(CanonicalJson.errorLine(file, e.offset(), e.reason())).append('\n');
        status = DATA;
      } catch (IllegalArgumentException e) {
        err.append("decode: ").append(e.getMessage()).append('\n');
        return USAGE;
      }
    }
    return status;
  }

  private static DecodeContext context(
      @Nullable String symbol,
      @Nullable String interval,
      @Nullable String batch,
      List<String> mistakes) {
    Symbol ofSymbol = symbol == null ? null : symbol(symbol, "--symbol", mistakes);
    Interval ofInterval = null;
    if (interval != null) {
      ofInterval = Interval.parse(interval).orElse(null);
      if (ofInterval == null) {
        mistakes.add(
            "--interval must be one of %s, was \"%s\"".formatted(Interval.all(), interval));
      }
    }
    List<Symbol> ofBatch = new ArrayList<>();
    if (batch != null) {
      for (String item : batch.split(",", -1)) {
        Symbol one = symbol(item.strip(), "--batch", mistakes);
        if (one != null) {
          ofBatch.add(one);
        }
      }
    }
    return new DecodeContext(ofSymbol, ofInterval, ofBatch);
  }

  private static @Nullable Symbol symbol(String text, String option, List<String> mistakes) {
    try {
      return Symbol.of(text);
    } catch (IllegalArgumentException e) {
      mistakes.add(option + ": " + e.getMessage());
      return null;
    }
  }

  private static Optional<String> mistakeOf(String file) throws IOException {
    try {
      Path path = Path.of(file);
      if (!Files.isReadable(path) || Files.isDirectory(path)) {
        return Optional.of("cannot read the file " + file);
      }
      long size = Files.size(path);
      return size > FILE_MAX_BYTES
          ? Optional.of(
              "%s has %,d bytes, at most %,d are read".formatted(file, size, FILE_MAX_BYTES))
          : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.of("not a file name: " + e.getMessage());
    }
  }
}
