package dev.everfeed.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Shows a hub's status again and again until somebody ends it: in place on a terminal, one
/// after the other elsewhere. A hub that is gone is said so, and waited for.
final class StatusWatch {
  /// A hub that does not answer for so long is shown as gone; it is asked again at once.
  private static final Duration ANSWER = Duration.ofSeconds(2);

  private static final int UNCUT = 100_000;

  private final URI url;
  private final Duration every;
  private final PrintWriter out;
  private final StatusPage page;
  private StatusSource.@Nullable Told told;
  private @Nullable String silence;
  private @Nullable Instant silentSince;

  StatusWatch(URI url, Duration every, PrintWriter out) {
    this.url = url;
    this.every = every;
    this.out = out;
    this.page = new StatusPage(url);
  }

  /// Returns when nobody takes what is written any more.
  void run(boolean inPlace, boolean colour) throws InterruptedException {
    try (StatusSource source = new StatusSource(url, ANSWER)) {
      if (!inPlace) {
        do {
          ask(source);
        } while (print() && pause());
        return;
      }
      try (Terminal terminal = new Terminal(out, colour)) {
        do {
          ask(source);
        } while (draw(terminal) && pause());
      }
    }
  }

  private void ask(StatusSource source) throws InterruptedException {
    try {
      told = source.ask();
      silence = null;
      silentSince = null;
    } catch (IOException e) {
      silence = switch (e) {
        case ConnectException _ -> "no connection is accepted there";
        case HttpTimeoutException _ -> "it takes more than %d s".formatted(ANSWER.toSeconds());
        default -> String.valueOf(e.getMessage());
      };
      if (silentSince == null) {
        silentSince = told == null ? Instant.now() : told.at();
      }
    }
  }

  private boolean draw(Terminal terminal) {
    Terminal.Size size = Terminal.size();
    // a cursor behind the last column stays on it, and erasing the rest of the line takes what
    // is written there
    int width = size.width() - 1;
    return terminal.draw(
        page.lines(told, silence, silentSince, Instant.now(), width, size.height()));
  }

  private boolean print() {
    List<StatusPage.Line> lines =
        page.lines(told, silence, silentSince, Instant.now(), UNCUT, UNCUT);
    lines.forEach(line -> out.println(line.text()));
    out.println();
    return Terminal.isTaken(out);
  }

  private boolean pause() throws InterruptedException {
    Thread.sleep(every);
    return true;
  }
}
