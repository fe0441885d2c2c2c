package dev.everfeed.hub.store;

import dev.everfeed.hub.store.EmbeddedServerException.Reason;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The server's programs, unpacked once from the archive that this build carries.
///
/// They stand in `binaries-VERSION-CRC` beside the data, where CRC is the archive's: another
/// archive gets another folder. A folder by that name is whole, since it gets its name last.
///
/// @param version as the server says it itself, `18.6`
record ServerBinaries(Path folder, String version) {
  private static final Logger log = LoggerFactory.getLogger(ServerBinaries.class);
  private static final String UNFINISHED = "unpacking";
  private static final Pattern FOLDER = Pattern.compile("binaries-([0-9][0-9.a-z]*)-[0-9a-f]{8}");
  private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\S+)");
  private static final Duration VERSION_WITHIN = Duration.ofSeconds(30);

  Path program(String name) {
    return folder.resolve("bin").resolve(name);
  }

  /// `18`: data of one major version are readable by all its minor ones.
  String major() {
    return version.split("\\.", 2)[0];
  }

  /// The archive for a machine, by the words of Java's `os.name` and `os.arch`.
  ///
  /// @throws EmbeddedServerException if this build has none
  static URL archive(String osName, String osArch) throws EmbeddedServerException {
    String os = osName.toLowerCase(Locale.ROOT).startsWith("mac")
        ? "darwin"
        : osName.toLowerCase(Locale.ROOT);
    String arch = switch (osArch.toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64" -> "x86_64";
      case "aarch64", "arm64" -> "arm_64";
      default -> osArch.toLowerCase(Locale.ROOT);
    };
    String name = "postgres-%s-%s.txz".formatted(os, arch);
    URL found = ServerBinaries.class.getResource("/" + name);
    if (found == null) {
      throw new EmbeddedServerException(
          Reason.UNSUPPORTED_PLATFORM,
          ("embedded PostgreSQL: this build carries none for %s on %s (no %s in it). Set store.url"
                  + " to a PostgreSQL of your own, 14 or newer, or build on this machine.")
              .formatted(osName, osArch, name));
    }
    return found;
  }

  /// Finds the unpacked programs, or unpacks them.
  ///
  /// @param parent the folder to stand in; nobody else works in it at the same time
  static ServerBinaries unpack(URL archive, Path parent)
      throws EmbeddedServerException, InterruptedException {
    Path unfinished = parent.resolve(UNFINISHED);
    try {
      String identity = identity(archive);
      try (DirectoryStream<Path> folders =
          Files.newDirectoryStream(parent, "binaries-*-" + identity)) {
        for (Path folder : folders) {
          Matcher name = FOLDER.matcher(folder.getFileName().toString());
          if (name.matches()) {
            return new ServerBinaries(folder, name.group(1));
          }
        }
      }
      Folders.delete(unfinished);
      Folders.create(unfinished, Folders.READABLE);
      try (InputStream in = archive.openStream()) {
        extract(in, unfinished);
      }
      String version = askVersion(unfinished);
      Path folder = parent.resolve("binaries-%s-%s".formatted(version, identity));
      Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
      Folders.sync(parent);
      log.info("embedded PostgreSQL {}: unpacked to {}", version, folder);
      return new ServerBinaries(folder, version);
    } catch (IOException failure) {
      throw new EmbeddedServerException(
          Reason.FAILED,
          "embedded PostgreSQL: cannot be unpacked in %s (needs about 80 MB): %s"
              .formatted(parent, Folders.cause(failure)),
          failure);
    } finally {
      try {
        // A disk that it has filled is not left full.
        Folders.delete(unfinished);
      } catch (IOException failure) {
        log.warn("embedded PostgreSQL: {} stays: {}", unfinished, Folders.cause(failure));
      }
    }
  }

  /// Deletes what other releases have unpacked.
  void deleteOthers() throws IOException {
    try (DirectoryStream<Path> folders =
        Files.newDirectoryStream(folder.resolveSibling("."), "binaries-*")) {
      for (Path other : folders) {
        if (!other.getFileName().equals(folder.getFileName())) {
          Folders.delete(other.normalize());
        }
      }
    }
  }

  /// Which archive it is: the CRC-32 that a jar's directory has of it anyway, as 8 hexadecimal
  /// digits. It tells one release from another and guards against nothing: the archive has check
  /// sums of its own. A digest of 15 MB would cost each start 0.2 s to 0.7 s.
  private static String identity(URL archive) throws IOException {
    URLConnection connection = archive.openConnection();
    if (connection instanceof JarURLConnection jar) {
      JarEntry entry = jar.getJarEntry();
      if (entry != null && entry.getCrc() >= 0) {
        return HexFormat.of().toHexDigits((int) entry.getCrc());
      }
    }
    CRC32 crc = new CRC32();
    try (CheckedInputStream in = new CheckedInputStream(connection.getInputStream(), crc)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  /// Asking also shows that the programs can be executed here.
  private static String askVersion(Path unfinished)
      throws IOException, InterruptedException, EmbeddedServerException {
    Path server = unfinished.resolve("bin").resolve("postgres");
    String seen;
    try {
      ServerCommand.Result result =
          ServerCommand.run(List.of(server.toString(), "-V"), VERSION_WITHIN);
      Matcher version = VERSION.matcher(result.output());
      if (result.succeeded() && version.find()) {
        return version.group(1);
      }
      seen = "exit %d, %s".formatted(result.exit(), result.output());
    } catch (IOException failure) {
      seen = String.valueOf(failure.getMessage());
    }
    throw new EmbeddedServerException(
        Reason.FAILED,
        ("embedded PostgreSQL: %s cannot be executed (%s). Is the folder on a file system mounted"
                + " noexec, or is the C library not the one it was built for (it needs glibc)?"
                + " Choose another data folder, or set store.url.")
            .formatted(server, seen));
  }

  /// Unpacks a tar in xz. Refuses entries that would leave the folder and what is no file,
  /// folder or link.
  static void extract(InputStream in, Path folder) throws IOException {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(in)))) {
      for (TarArchiveEntry entry; (entry = next(tar)) != null; ) {
        Path target = inside(folder, folder.resolve(entry.getName()), entry);
        if (entry.isDirectory()) {
          Files.createDirectories(target);
          Files.setPosixFilePermissions(target, Folders.READABLE);
          continue;
        }
        Path parent = target.getParent();
        if (parent != null && !Files.isDirectory(parent)) {
          Files.createDirectories(parent);
          Files.setPosixFilePermissions(parent, Folders.READABLE);
        }
        if (entry.isSymbolicLink()) {
          Path link = Path.of(entry.getLinkName());
          inside(folder, target.resolveSibling(link), entry);
          Files.createSymbolicLink(target, link);
        } else if (entry.isLink()) {
          Files.createLink(target, inside(folder, folder.resolve(entry.getLinkName()), entry));
        } else if (entry.getLinkFlag() == TarConstants.LF_NORMAL
            || entry.getLinkFlag() == TarConstants.LF_OLDNORM) {
          write(tar, target);
          Files.setPosixFilePermissions(target, permissions(entry.getMode()));
        } else {
          throw new IOException(
              "the archive's entry %s is no file, folder or link".formatted(entry.getName()));
        }
      }
    }
  }

  private static @Nullable TarArchiveEntry next(TarArchiveInputStream tar) throws IOException {
    return tar.getNextEntry();
  }

  private static Path inside(Path folder, Path target, TarArchiveEntry entry) throws IOException {
    Path normalized = target.normalize();
    if (!normalized.startsWith(folder.normalize())) {
      throw new IOException("the archive's entry %s leaves the folder".formatted(entry.getName()));
    }
    return normalized;
  }

  private static void write(InputStream in, Path target) throws IOException {
    try (FileChannel channel =
            FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        OutputStream out = Channels.newOutputStream(channel)) {
      in.transferTo(out);
      // The folder's name will say that all of it is there: also after a power failure.
      channel.force(false);
    }
  }

  /// The archive's own, and readable by whoever the server runs as.
  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.of(
        PosixFilePermission.OWNER_READ,
        PosixFilePermission.OWNER_WRITE,
        PosixFilePermission.GROUP_READ,
        PosixFilePermission.OTHERS_READ);
    if ((mode & 0100) != 0) {
      permissions.add(PosixFilePermission.OWNER_EXECUTE);
      permissions.add(PosixFilePermission.GROUP_EXECUTE);
      permissions.add(PosixFilePermission.OTHERS_EXECUTE);
    }
    return permissions;
  }
}
