package dev.everfeed.hub.store;

import dev.everfeed.hub.config.Secret;
import dev.everfeed.hub.store.EmbeddedServerException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL of the hub's own, for who has none: unpacked from this build, made on the first
/// start, started, watched and stopped.
///
/// Its folder is the hub's alone: the hub's lock on its data directory ([DataDirectory]) is
/// what keeps two of these apart. It listens on 127.0.0.1 only, on a port that was free, and
/// lets in who knows the password in `password`, which only the hub's user can read. A server
/// whose hub was killed goes on; the next start takes it over.
///
/// ```
/// FOLDER/data/                     PostgreSQL's own (PGDATA)
/// FOLDER/password                  32 random bytes, base64url, mode 0600
/// FOLDER/binaries-VERSION-SHA8/    the programs
/// FOLDER/server.log, server.log.1  what the server says; see boundLog()
/// ```
///
/// One thread calls at a time; the calls are synchronized, and block.
public final class EmbeddedServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedServer.class);

  /// Enough for the recovery after a crash: a checkpoint is at most 5 minutes or 1 GB of WAL
  /// away.
  public static final Duration START_WITHIN = Duration.ofSeconds(60);

  /// How long clients' transactions may be rolled back and a checkpoint written.
  private static final Duration STOP_FAST_WITHIN = Duration.ofSeconds(15);

  /// A server that does not answer is given less: it has shown that it does not listen.
  private static final Duration STOP_DEAF_WITHIN = Duration.ofSeconds(3);

  private static final Duration STOP_IMMEDIATE_WITHIN = Duration.ofSeconds(5);
  private static final Duration SIGNAL_WITHIN = Duration.ofSeconds(10);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);
  private static final Duration REPORT_EVERY = Duration.ofSeconds(5);
  private static final int PORTS_TRIED = 3;

  private static final String MAINTENANCE = "postgres";
  private static final String DATABASE = "everfeed";

  private final Path given;
  private final LongSupplier nanos;
  private @Nullable Running running;

  /// The port of the last start: a restarted server has the same address if it can.
  private int lastPort;

  private record Running(
      Path data,
      ServerBinaries binaries,
      ServerAccount account,
      ServerLog log,
      ProcessHandle process,
      CompletableFuture<Void> exited,
      DatabaseAddress address) {}

  /// @param folder `DATA/postgres`, made if it is not there
  /// @param nanos  monotonic time
  public EmbeddedServer(Path folder, LongSupplier nanos) {
    this.given = folder;
    this.nanos = nanos;
  }

  /// Makes what is missing and starts the server, or takes over the one that runs. When it
  /// returns, the database `everfeed` answers.
  ///
  /// @param within from the server's start to its first answer; [#START_WITHIN] if nothing else
  ///     is asked for. Unpacking and initdb, once, have bounds of their own.
  /// @return [#address]
  public synchronized DatabaseAddress start(Duration within)
      throws EmbeddedServerException, InterruptedException {
    if (running != null && !running.exited.isDone()) {
      return running.address;
    }
    running = null;
    try {
      Folders.create(given, Folders.PRIVATE);
      Path folder = given.toRealPath();
      boolean root = ServerAccount.ownUid(folder) == 0;
      Files.setPosixFilePermissions(folder, root ? Folders.PASSABLE : Folders.PRIVATE);
      ServerLog serverLog = new ServerLog(folder.resolve("server.log"));
      serverLog.bound();
      ServerBinaries binaries = ServerBinaries.unpack(
          ServerBinaries.archive(System.getProperty("os.name"), System.getProperty("os.arch")),
          folder);
      DatabaseCluster cluster = new DatabaseCluster(folder);
      cluster.check(binaries);
      ServerAccount account =
          ServerAccount.choose(folder, binaries.program("postgres"), cluster.data());
      Running found = takeOver(cluster, binaries, account, serverLog);
      if (found == null) {
        cluster.make(binaries, account);
        found = launch(cluster, binaries, account, serverLog, within);
      }
      running = found;
      binaries.deleteOthers();
      return found.address;
    } catch (IOException failure) {
      throw new EmbeddedServerException(
          Reason.FAILED,
          "embedded PostgreSQL in %s: %s".formatted(given, Folders.cause(failure)),
          failure);
    }
  }

  /// Where the server that was started is reached.
  public synchronized DatabaseAddress address() {
    return started().address;
  }

  /// Completes when the server that was started has ended, whoever ended it. [#start] then
  /// starts it again, at the same port unless somebody else has taken it meanwhile.
  public synchronized CompletableFuture<Void> exited() {
    return started().exited.copy();
  }

  /// The process of the server that was started.
  synchronized ProcessHandle process() {
    return started().process;
  }

  private Running started() {
    if (running == null) {
      throw new IllegalStateException("the embedded server in " + given + " was not started");
    }
    return running;
  }

  /// Keeps `server.log` within its bound; to be called now and then, once a minute say.
  public synchronized void boundLog() {
    try {
      if (running != null) {
        running.log.bound();
      }
    } catch (IOException failure) {
      log.warn("embedded PostgreSQL: its log was not shortened: {}", Folders.cause(failure));
    }
  }

  /// Ends the server: clients are dropped, their transactions rolled back and a checkpoint
  /// written within 15 s, else it is ended at once and recovers at its next start. Does nothing
  /// if it does not run.
  public synchronized void stop() throws InterruptedException {
    Running server = running;
    running = null;
    if (server != null) {
      end(server.data, server.binaries, server.account, server.process.pid(), STOP_FAST_WITHIN);
    }
  }

  /// As [#stop]; an interrupt is kept for the caller and makes the end an immediate one.
  @Override
  public void close() {
    try {
      stop();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable Running takeOver(
      DatabaseCluster cluster, ServerBinaries binaries, ServerAccount account, ServerLog serverLog)
      throws IOException, InterruptedException {
    Path data = cluster.data();
    Optional<PostmasterFile> file = PostmasterFile.read(data);
    if (file.isEmpty() || !PostmasterFile.isAlive(file.get().pid())) {
      return null;
    }
    long pid = file.get().pid();
    if (!file.get().isServerOf(data)) {
      log.info(
          "embedded PostgreSQL: {}/postmaster.pid names process {}, which is another program;"
              + " left alone",
          data,
          pid);
      PostmasterFile.disown(data);
      return null;
    }
    String refusal;
    try {
      if (file.get().ready()) {
        DatabaseAddress address = addressAt(file.get().port(), cluster.password());
        refusal = confirm(address, data, binaries);
        if (refusal == null) {
          ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
          log.info(
              "embedded PostgreSQL {}: took over process {}, left by a hub that was killed; {}",
              binaries.version(),
              pid,
              address.describe());
          return running(data, binaries, account, serverLog, process, address);
        }
      } else {
        refusal = "it says it is " + file.get().status();
      }
    } catch (SQLException failure) {
      refusal = DatabaseCheck.explain(failure).sentence();
    }
    log.warn("embedded PostgreSQL: process {} of {} is replaced: {}", pid, data, refusal);
    end(data, binaries, account, pid, STOP_DEAF_WITHIN);
    return null;
  }

  private Running running(
      Path data,
      ServerBinaries binaries,
      ServerAccount account,
      ServerLog serverLog,
      ProcessHandle process,
      DatabaseAddress address) {
    lastPort = address.hosts().getFirst().port();
    CompletableFuture<Void> exited = process.onExit().thenAccept(_ -> {});
    return new Running(data, binaries, account, serverLog, process, exited, address);
  }

  private static DatabaseAddress addressAt(int port, Secret password) {
    return DatabaseAddress.local(port, DATABASE, DatabaseCluster.USER, password);
  }

  /// Asks a server who it is, and makes the database if it is not there.
  ///
  /// @return why it is not the one we want, or null
  private static @Nullable String confirm(
      DatabaseAddress address, Path data, ServerBinaries binaries) throws SQLException {
    try (Connection connection = address.withDatabase(MAINTENANCE).connect();
        Statement statement = connection.createStatement()) {
      try (ResultSet answer = statement.executeQuery(
          "select current_setting('server_version'), current_setting('data_directory'),"
              + " exists (select from pg_database where datname = '" + DATABASE + "')")) {
        answer.next();
        String version = answer.getString(1);
        if (!version.equals(binaries.version())) {
          return "it is version %s, ours is %s".formatted(version, binaries.version());
        }
        if (!answer.getString(2).equals(data.toString())) {
          return "its data are in " + answer.getString(2);
        }
        if (answer.getBoolean(3)) {
          return null;
        }
      }
      statement.execute("create database " + DATABASE);
      return null;
    }
  }

  private Running launch(
      DatabaseCluster cluster,
      ServerBinaries binaries,
      ServerAccount account,
      ServerLog serverLog,
      Duration within)
      throws IOException, EmbeddedServerException, InterruptedException {
    long deadline = nanos.getAsLong() + within.toNanos();
    String refusal = "";
    for (int attempt = 1; ; attempt++) {
      int port = attempt == 1 && lastPort != 0 ? lastPort : freePort();
      long logFrom = serverLog.size();
      Process process = ServerCommand.builder(command(cluster.data(), binaries, account, port))
          .redirectErrorStream(true)
          .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
          .redirectOutput(ProcessBuilder.Redirect.appendTo(serverLog.file().toFile()))
          .start();
      boolean kept = false;
      try {
        Running ready =
            awaitReady(cluster, binaries, account, serverLog, process, logFrom, deadline);
        if (ready != null) {
          kept = true;
          return ready;
        }
      } finally {
        if (!kept) {
          // Recovers at the next start; nobody has been told that anything was written.
          process.destroyForcibly();
        }
      }
      refusal = serverLog.tailAfter(logFrom);
      boolean portTaken = refusal.contains("Address already in use") && attempt < PORTS_TRIED;
      boolean leftovers = refusal.contains("is still in use");
      if (!portTaken && !leftovers || nanos.getAsLong() >= deadline) {
        throw new EmbeddedServerException(
            Reason.FAILED,
            "embedded PostgreSQL %s: it ended while starting on %s, as %s; the end of %s: %s"
                .formatted(
                    binaries.version(),
                    cluster.data(),
                    account.label(),
                    serverLog.file(),
                    refusal));
      }
      if (leftovers) {
        endLeftovers(cluster.data());
        LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      }
    }
  }

  /// @return null if it has ended
  private @Nullable Running awaitReady(
      DatabaseCluster cluster,
      ServerBinaries binaries,
      ServerAccount account,
      ServerLog serverLog,
      Process process,
      long logFrom,
      long deadline)
      throws IOException, EmbeddedServerException, InterruptedException {
    long started = nanos.getAsLong();
    long reportAt = started + REPORT_EVERY.toNanos();
    while (!process.waitFor(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
      long now = nanos.getAsLong();
      Optional<PostmasterFile> file = PostmasterFile.read(cluster.data());
      if (file.isPresent() && file.get().pid() == process.pid() && file.get().ready()) {
        DatabaseAddress address = addressAt(file.get().port(), cluster.password());
        try {
          String refusal = confirm(address, cluster.data(), binaries);
          if (refusal != null) {
            throw failed(address, refusal);
          }
        } catch (SQLException failure) {
          throw failed(address, DatabaseCheck.explain(failure).sentence());
        }
        log.info(
            "embedded PostgreSQL {}: process {}, as {}, ready after {} ms; {}",
            binaries.version(),
            process.pid(),
            account.label(),
            (nanos.getAsLong() - started) / 1_000_000,
            address.describe());
        return running(cluster.data(), binaries, account, serverLog, process.toHandle(), address);
      }
      if (now >= deadline) {
        String tail = serverLog.tailAfter(logFrom);
        end(cluster.data(), binaries, account, process.pid(), STOP_DEAF_WITHIN);
        throw new EmbeddedServerException(
            Reason.FAILED,
            ("embedded PostgreSQL %s: not ready after %d s on %s; stopped. The end of %s: %s")
                .formatted(
                    binaries.version(),
                    (now - started) / 1_000_000_000,
                    cluster.data(),
                    serverLog.file(),
                    tail));
      }
      if (now >= reportAt) {
        reportAt = now + REPORT_EVERY.toNanos();
        log.info(
            "embedded PostgreSQL: not ready yet after {} s; it last said: {}",
            (now - started) / 1_000_000_000,
            serverLog.lastLine());
      }
    }
    return null;
  }

  private static EmbeddedServerException failed(DatabaseAddress address, String refusal) {
    return new EmbeddedServerException(
        Reason.FAILED,
        "embedded PostgreSQL: started, but not usable at %s: %s"
            .formatted(address.describe(), refusal));
  }

  private static List<String> command(
      Path data, ServerBinaries binaries, ServerAccount account, int port) {
    List<String> server = new ArrayList<>();
    // A terminal's Ctrl-C is for the hub, which has things to write before its database stops.
    if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
      server.add("/usr/bin/setsid");
    }
    server.addAll(List.of(binaries.program("postgres").toString(), "-D", data.toString()));
    for (String setting : List.of(
        "listen_addresses=127.0.0.1",
        "port=" + port,
        "unix_socket_directories=",
        "logging_collector=off",
        "log_destination=stderr",
        "fsync=on",
        "synchronous_commit=on",
        "full_page_writes=on")) {
      server.add("-c");
      server.add(setting);
    }
    return account.command(server);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
      return socket.getLocalPort();
    }
  }

  /// Ends a server of ours: fast, then immediately, then by force.
  private void end(
      Path data, ServerBinaries binaries, ServerAccount account, long pid, Duration fastWithin)
      throws InterruptedException {
    if (endedAfter("INT", data, binaries, account, pid, fastWithin)) {
      return;
    }
    log.warn("embedded PostgreSQL: process {} has not stopped, it is told to stop at once", pid);
    if (endedAfter("QUIT", data, binaries, account, pid, STOP_IMMEDIATE_WITHIN)) {
      return;
    }
    log.warn("embedded PostgreSQL: process {} has not stopped, it is killed", pid);
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    awaitEnd(pid, STOP_IMMEDIATE_WITHIN);
    endLeftovers(data);
  }

  private boolean endedAfter(
      String signal,
      Path data,
      ServerBinaries binaries,
      ServerAccount account,
      long pid,
      Duration within)
      throws InterruptedException {
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
  private static void endLeftovers(Path data) {
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
