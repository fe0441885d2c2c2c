package dev.everfeed.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.hub.api.BackfillOrder;
import dev.everfeed.hub.config.Settings;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `backfill`: fills history in through the hub that runs, or where none does through one of its
/// own; shows how far it is, and tells what came of it.
@Command(
    name = "backfill",
    description = {
      "Fills the store with the history of a symbol, and tells what is missing and why.",
      "The hub that runs does it; where none does, this command opens the store itself."
          + " What is there already is not asked for again: after a stop or a crash the same"
          + " command goes on."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:nothing is missing, or only what no exchange has",
      "1:something is missing, or it did not work",
      "2:wrong usage",
      "73:the data directory cannot be used",
      "78:the configuration has mistakes"
    })
final class BackfillCommand implements Callable<Integer> {
  private static final URI USUAL = URI.create("http://127.0.0.1:8080");
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);
  private static final Duration LINES_EVERY = Duration.ofSeconds(5);

  /// How long the process may take to stop after Ctrl-C.
  private static final Duration STOP_WITHIN = Duration.ofSeconds(15);

  /// What a shell says of a program that Ctrl-C has ended.
  static final int INTERRUPTED = 130;

  /// A hub that does not answer for so many looks in a row is not waited for any longer.
  private static final int SILENT_LOOKS = 60;

  @Option(names = "--symbol", required = true, description = "As in BTC/USDT.")
  private String symbol = "";

  @Option(names = "--interval", required = true, description = "As in 1m, 1h, 1d; 1M is a month.")
  private String interval = "";

  @Option(
      names = "--from",
      required = true,
      description = "The first bar opens then: 2024-01-01 (UTC), or 2024-01-01T12:00:00Z.")
  private String from = "";

  @Option(
      names = "--to",
      description =
          "The last bar opens before; a day alone is its begin. Default: all that is over.")
  private @Nullable String to;

  @Option(
      names = "--exchange",
      paramLabel = "NAMES",
      description =
          "Names with commas between them, or all. Default: the first of the route that lists it.")
  private @Nullable String exchange;

  @Option(
      names = "--again",
      description =
          "Ask for what is in the store already too, and replace it: for bars that were wrong.")
  private boolean again;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The hub's configuration: where it listens, and where it keeps its data.")
  private @Nullable Path config;

  @Option(
      names = "--url",
      description =
          "The hub, which must run (default: that of --config, or http://127.0.0.1:8080).")
  private @Nullable URI url;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before call()
  private CommandSpec spec;

  private final CountDownLatch ended = new CountDownLatch(1);

  @Override
  public Integer call() {
    BackfillOrder order;
    try {
      order = BackfillOrder.parse(symbol, interval, from, to, exchange, again);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
    Settings settings = config == null
        ? Settings.parse("", System.getenv())
        : Settings.load(config, System.getenv());
    Thread hook = stopHook(Thread.currentThread());
    try {
      URI running = url != null ? url : addressOf(settings);
      if (running != null) {
        try (BackfillingHub hub = new BackfillingHub.Running(running)) {
          return follow(hub, order);
        } catch (ConnectException e) {
          if (url != null) {
            return fail("no hub answers at %s; is `./everfeed run` running? Without --url this"
                    .formatted(url)
                + " command opens the store itself");
          }
        }
      }
      try (BackfillingHub own = new BackfillingHub.Own(settings)) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("everfeed: no hub runs, so the store is opened here: "
            + (settings.store().url() == null ? settings.dataDir() : "the configured database"));
        err.flush();
        return follow(own, order);
      }
    } catch (BackfillingHub.RefusedException e) {
      spec.commandLine().getErr().println("everfeed: " + e.getMessage());
      return e.mistaken ? 2 : 1;
    } catch (IOException e) {
      return fail(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      return INTERRUPTED;
    } finally {
      ended.countDown();
      remove(hook);
    }
  }

  /// Null when the configured hub has no address that is known before it runs.
  private @Nullable URI addressOf(Settings settings) {
    if (config == null) {
      return USUAL;
    }
    int port = settings.http().port();
    String host = settings.http().host();
    boolean any = host.equals("0.0.0.0") || host.equals("::") || host.equals("[::]");
    String named = any ? "127.0.0.1" : host.contains(":") ? "[%s]".formatted(host) : host;
    return port == 0 ? null : URI.create("http://%s:%d".formatted(named, port));
  }

  private int follow(BackfillingHub hub, BackfillOrder order)
      throws IOException, InterruptedException, BackfillingHub.RefusedException {
    PrintWriter err = spec.commandLine().getErr();
    JsonNode seen = hub.start(order);
    String id = seen.path("id").asText();
    BackfillProgress progress = new BackfillProgress();
    Shown shown = new Shown(err, isTerminal());
    try {
      int silent = 0;
      while (!isOver(seen)) {
        shown.show(progress.lines(seen, System.nanoTime(), shown.terminal), System.nanoTime());
        Thread.sleep(LOOK_EVERY);
        try {
          seen = hub.look(id);
          silent = 0;
        } catch (IOException e) {
          if (++silent >= SILENT_LOOKS) {
            throw e;
          }
        }
      }
    } catch (InterruptedException e) {
      err.println("%neverfeed: %s".formatted(hub.afterwards(id)));
      err.flush();
      return INTERRUPTED; // closing in order needs a thread that may wait
    }
    shown.last(progress.lines(seen, System.nanoTime(), shown.terminal));
    BackfillReport report = new BackfillReport(seen);
    report.print(spec.commandLine().getOut());
    return report.isWhole() ? 0 : 1;
  }

  private static boolean isOver(JsonNode seen) {
    return switch (seen.path("state").asText()) {
      case "done", "cancelled", "failed" -> true;
      default -> false;
    };
  }

  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /// Lines that are drawn over again on a terminal, and anew every few seconds elsewhere.
  private static final class Shown {
    private final PrintWriter err;
    final boolean terminal;
    private int drawn;
    private long saidAtNanos;
    private List<String> said = List.of();

    Shown(PrintWriter err, boolean terminal) {
      this.err = err;
      this.terminal = terminal;
    }

    void show(List<String> lines, long nowNanos) {
      if (terminal) {
        draw(lines);
      } else if (said.isEmpty() || nowNanos - saidAtNanos >= LINES_EVERY.toNanos()) {
        say(lines, nowNanos);
      }
    }

    void last(List<String> lines) {
      if (terminal) {
        draw(lines);
      } else {
        say(lines, 0);
      }
    }

    private void say(List<String> lines, long nowNanos) {
      if (!lines.equals(said)) {
        lines.forEach(err::println);
        err.flush();
      }
      said = lines;
      saidAtNanos = nowNanos;
    }

    /// Moves up to the first line drawn before, and clears each line as it is drawn again.
    private void draw(List<String> lines) {
      StringBuilder text = new StringBuilder();
      if (drawn > 0) {
        text.append("\u001b[").append(drawn).append('A');
      }
      lines.forEach(line -> text.append("\r\u001b[2K").append(line).append('\n'));
      err.print(text.append("\u001b[J"));
      err.flush();
      drawn = lines.size();
    }
  }

  /// Ctrl-C ends the following, says how to go on, and stops a hub of our own in order.
  private Thread stopHook(Thread following) {
    Thread hook = new Thread(
        () -> {
          following.interrupt();
          try {
            if (!ended.await(STOP_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
              System.err.println("everfeed: did not stop within " + STOP_WITHIN);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        },
        "stop");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      following.interrupt(); // asked to stop while it was starting
    }
    return hook;
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending, and the hook is what it waits for
    }
  }

  private int fail(String message) {
    spec.commandLine().getErr().println("everfeed: " + message);
    return 1;
  }
}
