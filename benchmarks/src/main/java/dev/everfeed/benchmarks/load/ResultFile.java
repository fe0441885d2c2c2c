package dev.everfeed.benchmarks.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// The measured part of a file in `results`: what stands between its two marks. The words
/// around it are written by hand.
public final class ResultFile {
  private static final String BEGIN = "<!-- measured: begin -->\n";
  private static final String END = "<!-- measured: end -->\n";

  private ResultFile() {}

  /// Prints it as well.
  public static void write(Path file, String measured) throws IOException {
    System.out.println(measured);
    String text = Files.readString(file);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException(file + ": the lines " + BEGIN.strip() + " and " + END.strip()
          + " must stand in it, the measured part goes between them");
    }
    Files.writeString(
        file,
        text.substring(0, begin + BEGIN.length()) + "\n" + measured + "\n" + text.substring(end));
  }

  /// What was measured where.
  ///
  /// @param loadBefore what other programs kept busy when it began, from [#load()]
  public static String conditions(String commit, String loadBefore, String command)
      throws IOException {
    return String.format(
        Locale.ROOT,
        "Commit %s · %d cores, %s %s · JDK %s (%s) · load average of the machine %s before, %s"
            + " after · `%s`%n%n",
        commit,
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        Runtime.version(),
        System.getProperty("java.vm.name"),
        loadBefore,
        load(),
        command);
  }

  /// Load average over one minute, or `unknown`.
  public static String load() throws IOException {
    Path file = Path.of("/proc/loadavg");
    return Files.exists(file) ? Files.readString(file).split(" ")[0] : "unknown";
  }
}
