package dev.everfeed.app;

import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Locale;

/// The terminal at standard output, taken over for a page that is drawn anew in its place.
///
/// The page has the alternate screen and no cursor (xterm's control sequences, modes 1049 and
/// 25); both are given back by [#close], also when the process is ended by Ctrl-C, SIGTERM or
/// SIGHUP. What was on the screen before is there again then.
final class Terminal implements AutoCloseable {
  /// Lines and columns.
  record Size(int height, int width) {}

  private static final Size USUAL = new Size(24, 80);
  private static final int STANDARD_OUTPUT = 1;
  private static final String ESCAPE = "\u001b[";

  /// `ioctl`'s request for the size, of Linux and of macOS (sys/ttycom.h).
  private static final long TIOCGWINSZ =
      System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac")
          ? 0x40087468L
          : 0x5413L;

  private final PrintWriter out;
  private final boolean colour;
  private final Thread hook = new Thread(this::restore, "terminal");
  private boolean restored;

  /// Takes the screen.
  Terminal(PrintWriter out, boolean colour) {
    this.out = out;
    this.colour = colour;
    Runtime.getRuntime().addShutdownHook(hook);
    out.print(ESCAPE + "?1049h" + ESCAPE + "?25l");
    out.flush();
  }

  /// Whether standard output is a terminal; standard input need not be one.
  @SuppressWarnings("restricted") // one call that reads
  static boolean isThere() {
    Linker linker = Linker.nativeLinker();
    var isatty = linker.defaultLookup().find("isatty");
    if (isatty.isEmpty()) {
      return false;
    }
    try {
      return (int) linker
              .downcallHandle(
                  isatty.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
              .invokeExact(STANDARD_OUTPUT)
          == 1;
    } catch (Throwable _) { // MethodHandle's own signature
      return false;
    }
  }

  /// As it is now: it changes when somebody pulls at the window.
  @SuppressWarnings("restricted") // one call that reads
  static Size size() {
    Linker linker = Linker.nativeLinker();
    var ioctl = linker.defaultLookup().find("ioctl");
    if (ioctl.isEmpty()) {
      return USUAL;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment winsize = arena.allocate(4 * Short.BYTES); // rows, columns, two of pixels
      int failed = (int) linker
          .downcallHandle(
              ioctl.get(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.ADDRESS),
              Linker.Option.firstVariadicArg(2))
          .invokeExact(STANDARD_OUTPUT, TIOCGWINSZ, winsize);
      int height = Short.toUnsignedInt(winsize.get(ValueLayout.JAVA_SHORT, 0));
      int width = Short.toUnsignedInt(winsize.get(ValueLayout.JAVA_SHORT, Short.BYTES));
      return failed != 0 || height == 0 || width == 0 ? USUAL : new Size(height, width);
    } catch (Throwable _) { // MethodHandle's own signature
      return USUAL;
    }
  }

  /// Draws a page over the one before; does nothing once the screen was given back.
  ///
  /// @return false when nobody takes what is written any more
  synchronized boolean draw(List<StatusPage.Line> lines) {
    if (restored) {
      return false;
    }
    StringBuilder page = new StringBuilder(ESCAPE).append('H');
    for (int i = 0; i < lines.size(); i++) {
      StatusPage.Line line = lines.get(i);
      String code = colour ? code(line.tone()) : "";
      page.append(i == 0 ? "" : "\r\n").append(code).append(line.text());
      page.append(code.isEmpty() ? "" : ESCAPE + "0m").append(ESCAPE).append('K');
    }
    out.print(page.append(ESCAPE).append('J'));
    return isTaken(out);
  }

  /// Whether somebody still takes what is written. A writer over [System#out] does not hear of a
  /// broken pipe, which that stream keeps to itself.
  static boolean isTaken(PrintWriter out) {
    return !out.checkError() && !System.out.checkError();
  }

  private static String code(StatusPage.Tone tone) {
    return switch (tone) {
      case PLAIN -> "";
      case HEAD -> ESCAPE + "1m";
      case WARN -> ESCAPE + "33m";
      case BAD -> ESCAPE + "31m";
      case OLD -> ESCAPE + "2m";
    };
  }

  private synchronized void restore() {
    if (!restored) {
      restored = true;
      out.print(ESCAPE + "?25h" + ESCAPE + "?1049l");
      out.flush();
    }
  }

  @Override
  public void close() {
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      return; // the process ends, and the hook has run or runs
    }
  }
}
