package dev.everfeed.hub.store;

import dev.everfeed.hub.config.Secret;
import dev.everfeed.hub.store.EmbeddedServerException.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The server's data folder (`data`, PostgreSQL calls it a cluster) and the password to it.
///
/// Made once, under another name, and given its name when it is whole: a power failure in
/// between leaves nothing half-made. A folder that is not ours to read is never touched.
final class DatabaseCluster {
  private static final Logger log = LoggerFactory.getLogger(DatabaseCluster.class);

  /// The one user of the server.
  static final String USER = "everfeed";

  /// Takes a second or less on an idle disk (`EmbeddedServerTest`).
  private static final Duration INITDB_WITHIN = Duration.ofMinutes(3);

  private static final int PASSWORD_BYTES = 32;

  /// What an owner may change in `postgresql.conf`. What the hub relies on is given at the start
  /// (see [EmbeddedServer]).
  private static final String SETTINGS = """

      # Everfeed's own, written when this folder was made; yours to change.
      shared_buffers = 64MB
      max_connections = 40
      jit = off
      timezone = 'UTC'
      log_timezone = 'UTC'
      # Start, stop, recovery and what is fatal. A refused row is told to the hub, not to the log.
      log_min_messages = log
      log_checkpoints = off
      """;

  private final Path folder;
  private final Path data;
  private final Path making;
  private final Path passwordFile;

  DatabaseCluster(Path folder) {
    this.folder = folder;
    this.data = folder.resolve("data");
    this.making = folder.resolve("data-making");
    this.passwordFile = folder.resolve("password");
  }

  Path data() {
    return data;
  }

  /// @throws EmbeddedServerException if there are data that these programs cannot read
  void check(ServerBinaries binaries) throws EmbeddedServerException, IOException {
    if (!Files.exists(data)) {
      return;
    }
    Path versionFile = data.resolve("PG_VERSION");
    if (!Files.exists(versionFile)) {
      try {
        // What a mount point or a hand has left is no obstacle while it is empty.
        Files.delete(data);
        return;
      } catch (DirectoryNotEmptyException somebodys) {
        throw new EmbeddedServerException(
            Reason.FOREIGN_DATA,
            ("embedded PostgreSQL: %s is no database (it has no PG_VERSION) and not empty; it was"
                    + " not touched. Move it away, or choose another data folder.")
                .formatted(data),
            somebodys);
      }
    }
    String version = Files.readString(versionFile).strip();
    if (!version.equals(binaries.major())) {
      throw new EmbeddedServerException(
          Reason.FOREIGN_DATA,
          ("embedded PostgreSQL: %s was written by PostgreSQL %s, this release of the hub carries"
                  + " %s, which cannot read it; it was not touched. Run the release that wrote it,"
                  + " dump its database with pg_dump, and restore the dump into the new one; or"
                  + " run a PostgreSQL %s of your own on it and set store.url.")
              .formatted(data, version, binaries.version(), version));
    }
    if (!Files.exists(passwordFile)) {
      throw new EmbeddedServerException(
          Reason.FOREIGN_DATA,
          "embedded PostgreSQL: %s is missing, and %s cannot be used without it. Put it back."
              .formatted(passwordFile, data));
    }
  }

  /// Makes the data if there are none.
  void make(ServerBinaries binaries, ServerAccount account)
      throws EmbeddedServerException, IOException, InterruptedException {
    if (Files.exists(data)) {
      account.own(data);
      return;
    }
    if (!Files.exists(passwordFile)) {
      writePassword();
    }
    Folders.delete(making);
    Folders.create(making, Folders.PASSABLE);
    Path target = making.resolve("data");
    Folders.create(target, Folders.PRIVATE);
    // initdb reads it as the account that it runs as.
    Path copy = making.resolve("password");
    Files.createFile(
        copy, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(copy, password().reveal() + "\n");
    account.own(copy);
    account.own(target);
    ServerCommand.Result result = ServerCommand.run(
        account.command(List.of(
            binaries.program("initdb").toString(),
            "-D",
            target.toString(),
            "-U",
            USER,
            "--pwfile=" + copy,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--data-checksums",
            "--no-instructions")),
        INITDB_WITHIN);
    if (!result.succeeded()) {
      throw new EmbeddedServerException(
          Reason.FAILED,
          "embedded PostgreSQL: no database could be made in %s (initdb as %s, exit %d): %s"
              .formatted(target, account.label(), result.exit(), result.output()));
    }
    try (FileChannel settings = FileChannel.open(
        target.resolve("postgresql.conf"), StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      settings.write(StandardCharsets.UTF_8.encode(SETTINGS));
      settings.force(true);
    }
    Files.move(target, data, StandardCopyOption.ATOMIC_MOVE);
    Folders.sync(folder);
    Folders.delete(making);
    log.info(
        "embedded PostgreSQL {}: made a database in {}, as {}",
        binaries.version(),
        data,
        account.label());
  }

  Secret password() throws IOException {
    return new Secret(Files.readString(passwordFile).strip());
  }

  private void writePassword() throws IOException {
    byte[] random = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(random);
    Path unfinished = passwordFile.resolveSibling("password-making");
    Files.deleteIfExists(unfinished);
    Files.createFile(
        unfinished,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
      channel.write(StandardCharsets.UTF_8.encode(
          Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n"));
      channel.force(true);
    }
    Files.move(unfinished, passwordFile, StandardCopyOption.ATOMIC_MOVE);
    Folders.sync(folder);
  }
}
