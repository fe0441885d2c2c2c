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
/// FOLDER/binaries-VERSION-CRC/     the programs
/// FOLDER/server.log, server.log.1  what the server says; see boundLog()
/// ```
///
/// One thread calls at a time; the calls are synchronized, and block.
public final class EmbeddedServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedServer.class);

  /// Enough for the recovery after a crash: a checkpoint is at most 5 minutes or 1 GB of WAL
  /// away.
  public static final Duration START_WITHIN = Duration.ofSeconds(60);

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

  /// What is started, from where and as whom.
  private record Installation(
      DatabaseCluster cluster, ServerBinaries binaries, ServerAccount account, ServerLog log) {
    Path data() {
      return cluster.data();
    }
  }

  private record Running(
      Installation installation,
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
      Installation installation = new Installation(cluster, binaries, account, serverLog);
      Running found = takeOver(installation);
      if (found == null) {
        cluster.make(binaries, account);
        found = launch(installation, within);
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

  /// Where the server in a folder is reached that somebody else has started; empty when none
  /// runs there. Changes nothing.
  ///
  /// @throws IOException when the folder cannot be read, by somebody who may not know the
  ///     password for example
  public static Optional<DatabaseAddress> find(Path folder) throws IOException {
    DatabaseCluster cluster = new DatabaseCluster(folder.toRealPath());
    Optional<PostmasterFile> file = PostmasterFile.read(cluster.data());
    return file.isPresent()
            && file.get().ready()
            && PostmasterFile.isAlive(file.get().pid())
        ? Optional.of(addressAt(file.get().port(), cluster.password()))
        : Optional.empty();
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
        running.installation.log.bound();
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
      ending(server.installation).end(server.process.pid(), ServerEnding.FAST_WITHIN);
    }
  }

  /// As [#stop]. If the caller is interrupted meanwhile, the server is killed, which costs a
  /// recovery at the next start and no row, and the interrupt is kept.
  @Override
  public synchronized void close() {
    Running server = running;
    boolean interrupted = Thread.interrupted();
    try {
      stop();
    } catch (InterruptedException whileStopping) {
      interrupted = true;
      if (server != null) {
        server.process.destroyForcibly();
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private @Nullable Running takeOver(Installation installation)
      throws IOException, InterruptedException {
    Path data = installation.data();
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
      return null;
    }
    String refusal;
    try {
      if (file.get().ready()) {
        DatabaseAddress address = addressAt(file.get().port(), installation.cluster.password());
        refusal = confirm(address, installation);
        if (refusal == null) {
          ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
          log.info(
              "embedded PostgreSQL {}: took over process {}, left by a hub that was killed; {}",
              installation.binaries.version(),
              pid,
              address.describe());
          return running(installation, process, address);
        }
      } else {
        refusal = "it says it is " + file.get().status();
      }
    } catch (SQLException failure) {
      refusal = DatabaseCheck.explain(failure).sentence();
    }
    log.warn("embedded PostgreSQL: process {} of {} is replaced: {}", pid, data, refusal);
    ending(installation).end(pid, ServerEnding.DEAF_WITHIN);
    return null;
  }

  private Running running(
      Installation installation, ProcessHandle process, DatabaseAddress address) {
    lastPort = address.hosts().getFirst().port();
    CompletableFuture<Void> exited = process.onExit().thenAccept(_ -> {});
    return new Running(installation, process, exited, address);
  }

  private static DatabaseAddress addressAt(int port, Secret password) {
    return DatabaseAddress.local(port, DATABASE, DatabaseCluster.USER, password);
  }

  /// Asks a server who it is, and makes the database if it is not there.
  ///
  /// @return why it is not the one we want, or null
  private static @Nullable String confirm(DatabaseAddress address, Installation installation)
      throws SQLException {
    try (Connection connection = address.withDatabase(MAINTENANCE).connect();
        Statement statement = connection.createStatement()) {
      try (ResultSet answer = statement.executeQuery(
          "select current_setting('server_version'), current_setting('data_directory'),"
              + " exists (select from pg_database where datname = '" + DATABASE + "')")) {
        answer.next();
        String version = answer.getString(1);
        if (!version.equals(installation.binaries.version())) {
          return "it is version %s, ours is %s".formatted(version, installation.binaries.version());
        }
        if (!answer.getString(2).equals(installation.data().toString())) {
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

  private Running launch(Installation installation, Duration within)
      throws IOException, EmbeddedServerException, InterruptedException {
    long deadline = nanos.getAsLong() + within.toNanos();
    String refusal = "";
    for (int attempt = 1; ; attempt++) {
      int port = attempt == 1 && lastPort != 0 ? lastPort : freePort();
      PostmasterFile.disown(installation.data());
      long logFrom = installation.log.size();
      Process process = ServerCommand.builder(command(installation, port))
          .redirectErrorStream(true)
          .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
          .redirectOutput(
              ProcessBuilder.Redirect.appendTo(installation.log.file().toFile()))
          .start();
      boolean kept = false;
      try {
        Running ready = awaitReady(installation, process, logFrom, deadline);
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
      refusal = installation.log.tailAfter(logFrom);
      boolean portTaken = refusal.contains("Address already in use") && attempt < PORTS_TRIED;
      boolean leftovers = refusal.contains("is still in use");
      if ((!portTaken && !leftovers) || nanos.getAsLong() >= deadline) {
        throw new EmbeddedServerException(
            Reason.FAILED,
            "embedded PostgreSQL %s: it ended while starting on %s, as %s; the end of %s: %s"
                .formatted(
                    installation.binaries.version(),
                    installation.data(),
                    installation.account.label(),
                    installation.log.file(),
                    refusal));
      }
      if (leftovers) {
        ending(installation).endLeftovers();
        LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      }
    }
  }

  /// @return null if it has ended
  private @Nullable Running awaitReady(
      Installation installation, Process process, long logFrom, long deadline)
      throws IOException, EmbeddedServerException, InterruptedException {
    long started = nanos.getAsLong();
    long reportAt = started + REPORT_EVERY.toNanos();
    while (!process.waitFor(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
      long now = nanos.getAsLong();
      Optional<PostmasterFile> file = PostmasterFile.read(installation.data());
      if (file.isPresent() && file.get().pid() == process.pid() && file.get().ready()) {
        DatabaseAddress address = addressAt(file.get().port(), installation.cluster.password());
        try {
          String refusal = confirm(address, installation);
          if (refusal != null) {
            throw failed(address, refusal);
          }
        } catch (SQLException failure) {
          throw failed(address, DatabaseCheck.explain(failure).sentence());
        }
        log.info(
            "embedded PostgreSQL {}: process {}, as {}, ready after {} ms; {}",
            installation.binaries.version(),
            process.pid(),
            installation.account.label(),
            (nanos.getAsLong() - started) / 1_000_000,
            address.describe());
        return running(installation, process.toHandle(), address);
      }
      if (now >= deadline) {
        String tail = installation.log.tailAfter(logFrom);
        ending(installation).end(process.pid(), ServerEnding.DEAF_WITHIN);
        throw new EmbeddedServerException(
            Reason.FAILED,
            "embedded PostgreSQL %s: not ready after %d s on %s; stopped. The end of %s: %s"
                .formatted(
                    installation.binaries.version(),
                    (now - started) / 1_000_000_000,
                    installation.data(),
                    installation.log.file(),
                    tail));
      }
      if (now >= reportAt) {
        reportAt = now + REPORT_EVERY.toNanos();
        log.info(
            "embedded PostgreSQL: not ready yet after {} s; it last said: {}",
            (now - started) / 1_000_000_000,
            installation.log.lastLine());
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

  private static List<String> command(Installation installation, int port) {
    List<String> server = new ArrayList<>();
    // A terminal's Ctrl-C is for the hub, which has things to write before its database stops.
    if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
      server.add("/usr/bin/setsid");
    }
    server.addAll(List.of(
        installation.binaries.program("postgres").toString(),
        "-D",
        installation.data().toString()));
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
    return installation.account.command(server);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
      return socket.getLocalPort();
    }
  }

  private ServerEnding ending(Installation installation) {
    return new ServerEnding(
        installation.data(), installation.binaries, installation.account, nanos);
  }
}
