package dev.everfeed.hub.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends processes of the server that works on one data folder, and nobody else's.
///
/// @param nanos monotonic time
record ServerEnding(Path data, ServerBinaries binaries, ServerAccount account, LongSupplier nanos) {
  private static final Logger log = LoggerFactory.getLogger(ServerEnding.class);

  /// How long clients' transactions may be rolled back and a checkpoint written.
  static final Duration FAST_WITHIN = Duration.ofSeconds(15);

  /// A server that does not answer is given less: it has shown that it does not listen.
  static final Duration DEAF_WITHIN = Duration.ofSeconds(3);

  private static final Duration IMMEDIATE_WITHIN = Duration.ofSeconds(5);
  private static final Duration SIGNAL_WITHIN = Duration.ofSeconds(10);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  /// Ends a server of ours: fast, then immediately, then by force.
  void end(long pid, Duration fastWithin) throws InterruptedException {
    if (endedAfter("INT", pid, fastWithin)) {
      return;
    }
    log.warn("embedded PostgreSQL: process {} has not stopped, it is told to stop at once", pid);
    if (endedAfter("QUIT", pid, IMMEDIATE_WITHIN)) {
      return;
    }
    log.warn("embedded PostgreSQL: process {} has not stopped, it is killed", pid);
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    awaitEnd(pid, IMMEDIATE_WITHIN);
    endLeftovers();
  }

  private boolean endedAfter(String signal, long pid, Duration within) throws InterruptedException {
    if (!new PostmasterFile(pid, 0, "").isServerOf(data)) {
      return true;
    }
    // Java itself can only send TERM, which waits for every client, and KILL.
    List<String> command = account.command(
        List.of(binaries.program("pg_ctl").toString(), "kill", signal, Long.toString(pid)));
    try {
      ServerCommand.Result result = ServerCommand.run(command, SIGNAL_WITHIN);
      if (!result.succeeded()) {
        log.warn(
            "embedded PostgreSQL: signal {} to process {}: exit {}, {}",
            signal,
            pid,
            result.exit(),
            result.output());
      }
    } catch (IOException failure) {
      log.warn("embedded PostgreSQL: signal {} to process {}: {}", signal, pid, failure.toString());
    }
    return awaitEnd(pid, within);
  }

  private boolean awaitEnd(long pid, Duration within) throws InterruptedException {
    long deadline = nanos.getAsLong() + within.toNanos();
    while (PostmasterFile.isAlive(pid)) {
      if (nanos.getAsLong() >= deadline) {
        return false;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException("while waiting for the end of process " + pid);
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
    return true;
  }

  /// Ends what a killed server has left: processes that go on with one statement until it is
  /// done, and hold the shared memory that the next server would be afraid of.
  void endLeftovers() {
    ProcessHandle.allProcesses()
        .filter(process -> {
          try {
            return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/cwd"))
                .equals(data);
          } catch (IOException notOursToSee) {
            return false;
          }
        })
        .filter(process -> process
            .info()
            .command()
            .filter(program -> program.endsWith("/postgres"))
            .isPresent())
        .forEach(process -> {
          log.warn("embedded PostgreSQL: process {} of a killed server is ended", process.pid());
          process.destroyForcibly();
        });
  }
}
