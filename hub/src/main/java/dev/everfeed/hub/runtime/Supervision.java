package dev.everfeed.hub.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the supervisor, the program that started this process and starts it again (systemd, a
/// unit of `Type=notify`), how the hub is: that it serves, a line for people, a sign of life as
/// often as it is wanted, and that it stops.
///
/// There is a sign of life only while every loop of the hub runs and gets to the end of what it
/// does: one that hangs, waits for something, or throws each time is silent, and the supervisor
/// ends the process when there was no sign for as long as it allows. Half of that is what a loop
/// may be silent. Where nobody supervises (no `NOTIFY_SOCKET`), nothing is done. Runs on a thread
/// of its own, `supervision`.
public final class Supervision implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.supervision");

  /// How often the line for people is looked at, and what has not been taken is said again.
  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

  /// Who is supervised.
  interface Supervised {
    /// How long ago all of it was last known to work.
    Duration silence();

    /// How it is, in one line.
    String status();
  }

  private final @Nullable NotifySocket socket;

  /// Null where no signs of life are wanted.
  private final @Nullable Duration wanted;

  private final Supervised supervised;
  private final StopSignal stop = new StopSignal();
  private @Nullable Thread thread;
  private boolean told;
  private boolean silent;
  private boolean unheard;
  private String status = "";

  private Supervision(
      @Nullable NotifySocket socket, @Nullable Duration wanted, Supervised supervised) {
    this.socket = socket;
    this.wanted = wanted;
    this.supervised = supervised;
  }

  /// Begins to tell. The hub serves already.
  ///
  /// @param environment of the process: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`
  public static Supervision of(Hub hub, Map<String, String> environment) {
    return of(hub.supervised(), environment);
  }

  static Supervision of(Supervised supervised, Map<String, String> environment) {
    NotifySocket socket = null;
    Duration wanted = null;
    try {
      socket = NotifySocket.of(environment).orElse(null);
      wanted = socket == null ? null : wanted(environment).orElse(null);
    } catch (IllegalArgumentException e) {
      LOG.warn("supervision: the supervisor cannot be told how the hub is: {}", e.getMessage());
    }
    Supervision made = new Supervision(socket, wanted, supervised);
    if (socket != null) {
      made.thread = Thread.ofPlatform().name("supervision").daemon().start(made::run);
    }
    return made;
  }

  /// sd_watchdog_enabled(3).
  private static Optional<Duration> wanted(Map<String, String> environment) {
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    String pid = environment.getOrDefault("WATCHDOG_PID", "");
    boolean another =
        !pid.isEmpty() && !pid.equals(Long.toString(ProcessHandle.current().pid()));
    if (micros.isEmpty() || another) {
      return Optional.empty();
    }
    try {
      long value = Long.parseLong(micros);
      if (value > 0) {
        return Optional.of(Duration.ofNanos(Math.multiplyExact(value, 1_000L)));
      }
    } catch (ArithmeticException | NumberFormatException _) {
      // said below
    }
    throw new IllegalArgumentException(
        "WATCHDOG_USEC must be microseconds, at least 1, was " + micros);
  }

  private void run() {
    Duration every = wanted == null ? LOOK_EVERY : least(wanted.dividedBy(3), LOOK_EVERY);
    while (!stop.isSet()) {
      tell();
      stop.await(every);
    }
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  private void tell() {
    StringBuilder lines = new StringBuilder();
    if (!told) {
      lines.append("READY=1\n");
    }
    boolean alive = isAlive();
    if (wanted != null && alive) {
      lines.append("WATCHDOG=1\n");
    }
    String now = supervised.status();
    if (!alive) {
      now = "no sign of life for %,d ms; ".formatted(supervised.silence().toMillis()) + now;
    }
    if (!now.equals(status)) {
      lines.append("STATUS=").append(now.replace('\n', ' ')).append('\n');
    }
    if (lines.isEmpty() || send(lines.toString())) {
      told = true;
      status = now;
    }
  }

  private boolean isAlive() {
    if (wanted == null) {
      return true;
    }
    Duration limit = wanted.dividedBy(2);
    Duration silence = supervised.silence();
    boolean alive = silence.compareTo(limit) <= 0;
    if (!alive && !silent) {
      LOG.error(
          "supervision: a loop of the hub has not come round for {} ms (limit {} ms); the"
              + " supervisor is not told that the hub lives, and ends it after {} ms without that",
          silence.toMillis(),
          limit.toMillis(),
          wanted.toMillis());
    } else if (alive && silent) {
      LOG.warn("supervision: every loop of the hub comes round again");
    }
    silent = !alive;
    return alive;
  }

  private boolean send(String lines) {
    NotifySocket to = socket;
    if (to == null) {
      return true;
    }
    try {
      to.send(lines);
      unheard = false;
      return true;
    } catch (IOException e) {
      if (!unheard) {
        LOG.warn("supervision: not heard, said again until it is: {}", e.getMessage());
      }
      unheard = true;
      return false;
    }
  }

  /// Tells that the hub stops; before it does. May be called more than once.
  @Override
  public void close() {
    Thread running = thread;
    if (running == null || stop.isSet()) {
      return;
    }
    stop.set();
    try {
      running.join(CLOSE_WITHIN); // it never waits for anybody: nothing comes after the last word
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    send("STOPPING=1\nSTATUS=stopping\n");
  }
}
